"""The worker: moves everything once, whatever happens to it, and holds no key."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from screener import audit
from screener.board import board
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import iterate_submissions
from screener.follow_up.service import Edit
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.submissions import inbox
from screener.submissions import queries
from screener.submissions.envelope import SealedSubmission
from screener.submissions.reference import derive_reference
from screener.worker.loop import Worker
from tests.support.submissions import NOON
from tests.support.submissions import sealed

SCREENER = Path(sys.executable).with_name("screener")


def posted(settings: Settings, number: int) -> list[SealedSubmission]:
    engine = connect(settings.inbox, may="write")
    sent = [sealed(each) for each in range(number)]
    with writing(engine) as connection:
        connection.execute(sa.insert(inbox.INBOX), [inbox.to_row(one) for one in sent])
    return sent


def kept_in(settings: Settings) -> list[StoredSubmission]:
    with reading(connect(settings.store, may="read")) as connection:
        return list(iterate_submissions(connection))


def received_events(settings: Settings) -> list[str]:
    query = sa.select(audit.EVENTS.c.subject).where(audit.EVENTS.c.action == "worker:submission:received")
    with reading(connect(settings.store, may="read")) as connection:
        assert audit.verify(connection).whole
        return list(connection.scalars(query.order_by(audit.EVENTS.c.seq)))


def test_a_round_moves_all_with_follow_up_audit_and_heartbeat(any_deployment: Settings, time_machine) -> None:  # type: ignore[no-untyped-def]
    time_machine.move_to(NOON, tick=False)
    sent = posted(any_deployment, 120)

    assert Worker(any_deployment).run_once() == 120

    kept = kept_in(any_deployment)
    assert {each.envelope.id for each in kept} == {one.envelope.id for one in sent}
    assert [each.arrival for each in kept] == list(range(1, 121))
    assert {each.state for each in kept} == {"new"}
    assert received_events(any_deployment) == [each.reference for each in kept]
    assert inbox.fetch_batch(connect(any_deployment.inbox, may="write"), 1) == []
    assert board.read_board(connect(any_deployment.board, may="read")).heartbeat_at == NOON


def test_a_page_that_comes_again_after_it_was_moved_is_dropped(any_deployment: Settings) -> None:
    (one,) = posted(any_deployment, 1)
    worker = Worker(any_deployment)
    worker.run_once()
    inbox.add_submission(connect(any_deployment.inbox, may="write"), one)

    assert worker.run_once() == 0

    assert len(kept_in(any_deployment)) == 1
    assert received_events(any_deployment) == [derive_reference(one.envelope.id)]


def test_a_worker_that_dies_between_keeping_and_removing_does_no_harm(
    any_deployment: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(any_deployment, 3)

    def dies(engine: sa.Engine, ids: list[bytes]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(inbox, "delete_submissions", dies)
        Worker(any_deployment).run_once()

    assert Worker(any_deployment).run_once() == 0
    assert [each.arrival for each in kept_in(any_deployment)] == [1, 2, 3]
    assert len(received_events(any_deployment)) == 3


def test_workers_at_once_move_each_submission_once(any_deployment: Settings, at_once: Callable[..., None]) -> None:
    posted(any_deployment, 200)

    at_once(lambda number: Worker(any_deployment).run_once(), 4)

    assert [each.arrival for each in kept_in(any_deployment)] == list(range(1, 201))
    assert len(set(received_events(any_deployment))) == 200


def test_the_served_words_are_kept_once(any_deployment: Settings) -> None:
    Worker(any_deployment).run_once()
    Worker(any_deployment).run_once()

    with reading(connect(any_deployment.store, may="read")) as connection:
        kept = [one.content for one in queries.list_wordings(connection)]
        assert audit.verify(connection).events == len(kept)
    assert {content["wording"]["locale"] for content in kept} == set(list_locales(any_deployment.study))
    assert all(content["study"]["questions"] for content in kept)


def test_a_study_file_that_cannot_be_read_stops_no_submission(deployment: Settings, tmp_path: Path) -> None:
    posted(deployment, 2)
    broken = deployment.model_copy(update={"study": tmp_path})

    assert Worker(broken).run_once() == 2


def test_without_its_store_a_round_says_so_and_nothing_is_lost(deployment: Settings) -> None:
    posted(deployment, 2)
    store = deployment.data / "store.db"
    store.rename(deployment.data / "elsewhere.db")

    with pytest.raises(UnavailableError):
        Worker(deployment).run_once()

    (deployment.data / "elsewhere.db").rename(store)
    assert Worker(deployment).run_once() == 2


def test_killed_again_and_again_it_loses_and_doubles_nothing(deployment: Settings) -> None:
    sent = posted(deployment, 1500)
    chance = random.Random(11)  # noqa: S311 - it chooses when to kill
    environment = {"SCREENER_DATA": str(deployment.data), "PATH": "/usr/bin:/bin"}
    kills = 0
    for _ in range(12):
        process = subprocess.Popen([SCREENER, "worker"], env=environment, stderr=subprocess.DEVNULL)
        while not kept_in(deployment) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL

    done = subprocess.run([SCREENER, "worker", "--once"], env=environment, check=True, capture_output=True, text=True)

    assert kills == 12
    assert done.stdout.startswith("Moved ")
    kept = kept_in(deployment)
    assert sorted(each.envelope.id for each in kept) == sorted(one.envelope.id for one in sent)
    assert [each.arrival for each in kept] == list(range(1, 1501))
    assert received_events(deployment) == [each.reference for each in kept]


def test_told_to_stop_it_ends_in_order(deployment: Settings) -> None:
    environment = {"SCREENER_DATA": str(deployment.data), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen([SCREENER, "worker"], env=environment, stderr=subprocess.PIPE)
    until = time.monotonic() + 300
    while board.read_board(connect(deployment.board, may="read")).heartbeat_at is None:
        assert time.monotonic() < until, "no heartbeat"
        time.sleep(0.05)

    process.terminate()
    _, said = process.communicate(timeout=300)

    assert (process.returncode, said) == (0, b"")


def test_it_never_loads_what_could_open_a_box() -> None:
    program = (
        "import sys, screener.worker.loop, screener.cli.store; "
        "print([name for name in sys.modules if name.startswith('screener.sealing')])"
    )

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert "screener.sealing.box" in loaded
    for name in ("open", "keys", "protection", "key_backup", "proof"):
        assert f"screener.sealing.{name}'" not in loaded


def test_an_erased_submission_does_not_come_back(any_deployment: Settings) -> None:
    (one,) = posted(any_deployment, 1)
    Worker(any_deployment).run_once()
    with writing(connect(any_deployment.store, may="write")) as connection:
        erase_on_request(connection, Edit(one.envelope.id, 1, "cli", NOON))
    inbox.add_submission(connect(any_deployment.inbox, may="write"), one)

    assert Worker(any_deployment).run_once() == 0

    assert kept_in(any_deployment)[0].contact_box is None

"""The privacy page's promise: what nobody works on is erased after the study's retention period, by age alone."""

from datetime import timedelta

import sqlalchemy as sa

from screener import audit
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up.models import FollowUp
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import iterate_submissions
from screener.settings import Settings
from screener.study.loader import load_study
from screener.submissions import inbox
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference
from screener.worker.loop import Worker
from tests.support.submissions import NOON
from tests.support.submissions import sealed


def kept_in(settings: Settings) -> list[StoredSubmission]:
    with reading(connect(settings.store, may="read")) as connection:
        return list(iterate_submissions(connection))


def moved_at(settings: Settings, number: int) -> str:
    """One submission, sent and moved now; its reference."""
    one = sealed(number)
    inbox.add_submission(connect(settings.inbox, may="write"), one)
    Worker(settings).run_once()
    return derive_reference(one.envelope.id)


def test_what_nobody_worked_on_for_the_period_is_erased(any_deployment: Settings, time_machine) -> None:  # type: ignore[no-untyped-def]
    days = load_study(any_deployment.study).retention.days
    time_machine.move_to(NOON, tick=False)
    old, worked_on = moved_at(any_deployment, 1), moved_at(any_deployment, 2)
    time_machine.move_to(NOON + timedelta(days=days - 1), tick=False)
    with writing(connect(any_deployment.store, may="write")) as connection:
        second = sa.select(Submission.id).where(Submission.reference == worked_on).scalar_subquery()
        change = sa.update(FollowUp).where(FollowUp.submission_id == second)
        connection.execute(change.values(state="trying_to_reach", changed_at=NOON + timedelta(days=days - 1)))
    Worker(any_deployment).run_once()
    assert all(kept.contact_box for kept in kept_in(any_deployment))

    time_machine.move_to(NOON + timedelta(days=days, seconds=1), tick=False)
    Worker(any_deployment).run_once()

    first, second_kept = kept_in(any_deployment)
    assert (first.contact_box, first.answers_box, first.state) == (None, None, "new")
    assert (second_kept.contact_box, second_kept.state) == (b"contact 2", "trying_to_reach")
    with reading(connect(any_deployment.store, may="read")) as connection:
        assert audit.has_event(connection, action="worker:submission:erased", subject=old)
        assert not audit.has_event(connection, action="worker:submission:erased", subject=worked_on)
        assert audit.verify(connection).whole


def test_a_worker_that_runs_on_looks_once_an_hour(deployment: Settings, time_machine) -> None:  # type: ignore[no-untyped-def]
    time_machine.move_to(NOON, tick=False)
    worker = Worker(deployment)
    moved_at(deployment, 1)
    worker.run_once()
    late = NOON + timedelta(days=181)

    time_machine.move_to(late, tick=False)
    worker.run_once()
    assert [kept.erased_at for kept in kept_in(deployment)] == [late]
    inbox.add_submission(connect(deployment.inbox, may="write"), sealed(2))
    worker.run_once()
    time_machine.move_to(late + timedelta(days=181), tick=False)
    worker.run_once()

    assert [kept.erased_at for kept in kept_in(deployment)] == [late, late + timedelta(days=181)]


def test_more_than_a_batch_is_erased_in_one_go_and_from_the_files(deployment: Settings, time_machine) -> None:  # type: ignore[no-untyped-def]
    time_machine.move_to(NOON, tick=False)
    engine = connect(deployment.inbox, may="write")
    for number in range(120):
        inbox.add_submission(engine, sealed(9000 + number))
    Worker(deployment).run_once()
    assert any(b"contact 9" in path.read_bytes() for path in deployment.data.glob("store.db*"))

    time_machine.move_to(NOON + timedelta(days=400), tick=False)
    Worker(deployment).run_once()

    assert all(kept.erased_at for kept in kept_in(deployment))
    for path in deployment.data.glob("*.db*"):
        assert b"contact 9" not in path.read_bytes(), path.name


def test_a_study_file_with_a_mistake_erases_nothing(deployment: Settings, time_machine, tmp_path) -> None:  # type: ignore[no-untyped-def]
    time_machine.move_to(NOON, tick=False)
    moved_at(deployment, 1)
    broken = deployment.model_copy(update={"study": tmp_path})

    time_machine.move_to(NOON + timedelta(days=400), tick=False)
    Worker(broken).run_once()

    assert kept_in(deployment)[0].contact_box == b"contact 1"

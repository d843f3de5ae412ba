"""The audit trail as files, and what a restore does again from them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from screener import audit
from screener import clock
from screener.audit_files import HEAD_FILE
from screener.audit_files import export_trail
from screener.audit_files import list_trail_files
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up import service
from screener.follow_up.contact_permission import list_stopped_channels
from screener.follow_up.queries import find_submissions
from screener.follow_up.service import Edit
from screener.operations.erasure import erase_by_reference
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AuditActor
from screener.staff.models import DeskSession
from screener.staff.models import Invitation
from screener.staff.sessions import list_open_sessions
from screener.submissions import inbox
from screener.submissions.reference import derive_reference
from screener.worker.context import open_job_context
from screener.worker.loop import Worker
from screener.worker.reminders import export_audit_trail
from tests.support.archives import brought_back
from tests.support.archives import made
from tests.support.submissions import sealed

BY = AuditActor("desk", "lead@example.org")


def receives(settings: Settings, number: int) -> str:
    one = sealed(number)
    inbox.add_submission(connect(settings.inbox, may="write"), one)
    return derive_reference(one.envelope.id)


def joins(settings: Settings, name: str) -> str:
    email = f"{name}@example.org"
    with writing(connect(settings.store, may="write")) as connection:
        rights = accounts.parse_rights(["coordinator"], ["en"])
        code = invitations.create_invitation(connection, name, email, rights, by=BY, at=clock.now())
        invitations.accept_invitation(connection, code, "a hash", by="desk", at=clock.now())
    return email


def stops(settings: Settings, reference: str, *, undone: bool = False) -> None:
    """What the desk writes when a coordinator stops texts, and takes it back."""
    with writing(connect(settings.store, may="write")) as connection:
        for change in ("stop", "undo") if undone else ("stop",):
            (row,) = find_submissions(connection, reference)
            edit = Edit(row.envelope.id, row.version, "ada", clock.now())
            if change == "stop":
                service.stop_channel(connection, edit, "text")
                audit.record(
                    connection,
                    actor="a",
                    action="desk:channel:stopped",
                    subject=reference,
                    detail={"channel": "text"},
                )
            else:
                service.undo_last_change(connection, edit)
                audit.record(connection, actor="a", action="desk:change:undone", subject=reference)


def exported(settings: Settings, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    export_trail(connect(settings.store, may="write"), folder, actor="ada", source="cli")
    return folder


def test_what_was_erased_stopped_and_disabled_since_is_done_again(
    any_deployment: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    kept, erased, stopped, undone = (receives(any_deployment, number) for number in range(4))
    ada, bea = joins(any_deployment, "ada"), joins(any_deployment, "bea")
    Worker(any_deployment).run_once()
    waiting = receives(any_deployment, 5)
    archive = made(any_deployment, tmp_path / "all.screener")
    exported(any_deployment, tmp_path / "trail")
    for reference in (erased, waiting):
        erase_by_reference(any_deployment, reference, reason="on request", actor="ada")
    stops(any_deployment, stopped)
    stops(any_deployment, undone, undone=True)
    with writing(connect(any_deployment.store, may="write")) as connection:
        accounts.disable_account(
            connection, accounts.get_account_by_email(connection, ada), heir=None, by=BY, at=clock.now()
        )
        accounts.set_password(
            connection, accounts.get_account_by_email(connection, bea), "another hash", by=BY, at=clock.now()
        )
    exported(any_deployment, tmp_path / "trail")

    report = brought_back(empty_deployment, archive, trail=[tmp_path / "trail"])

    with reading(connect(empty_deployment.store, may="read")) as connection:
        found = {reference: find_submissions(connection, reference) for reference in (kept, erased, stopped, undone)}
        blocked = [bool(list_stopped_channels(connection, found[one][0].envelope.id)) for one in (stopped, undone)]
        disabled = [not accounts.get_account_by_email(connection, email).active for email in (ada, bea)]
        events = set(connection.scalars(sa.select(audit.EVENTS.c.action)))
        assert audit.verify(connection).whole
    assert [found[one][0].erased_at is None for one in (kept, erased)] == [True, False]
    assert found[erased][0].contact_box is None
    assert not inbox.fetch_batch(connect(empty_deployment.inbox, may="read"), 9)
    assert blocked == [True, False]
    assert disabled == [True, False]
    said = " ".join(report.sentences)
    assert "2 erased, 1 stopped, 1 accounts disabled" in said
    assert "bea@example.org: changed a password" in said
    assert events >= {"cli:trail:replayed", "cli:submission:erased", "cli:channel:stopped", "cli:account:disabled"}


def test_a_restore_without_a_trail_says_what_it_cannot_know(
    deployment: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    report = brought_back(empty_deployment, made(deployment, tmp_path / "all.screener"))

    assert any("without --trail this cannot be known" in sentence for sentence in report.sentences)


@pytest.mark.attack
def test_sessions_and_invitations_of_before_do_not_come_back(
    deployment: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    ada = joins(deployment, "ada")
    with writing(connect(deployment.store, may="write")) as connection:
        before = accounts.get_account_by_email(connection, ada)
        code = invitations.renew_invitation(connection, before, by=BY, at=clock.now())
        session = {
            "id_hash": "a" * 64,
            "account_id": before.id,
            "begun_at": clock.now(),
            "seen_at": clock.now(),
            "proven_at": clock.now(),
            "second_factor": True,
            "seal": "b" * 64,
        }
        connection.execute(sa.insert(DeskSession).values(session))
        assert list_open_sessions(connection, before.id, at=clock.now())

    brought_back(empty_deployment, made(deployment, tmp_path / "all.screener"))

    with reading(connect(empty_deployment.store, may="read")) as connection:
        assert not list_open_sessions(connection, before.id, at=clock.now())
        assert invitations.find_invitation(connection, code, at=clock.now()) is None
        assert connection.scalar(sa.select(sa.func.count()).select_from(Invitation)) == 2


def _first(folder: Path) -> Path:
    return list_trail_files(folder)[0]


def changed(folder: Path) -> None:
    path = list_trail_files(folder)[1]
    path.write_bytes(path.read_bytes().replace(b'"cli:submission:erased"', b'"cli:submission:claimed"'))


def without_a_line(folder: Path) -> None:
    path = list_trail_files(folder)[1]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def of_another_site(folder: Path) -> None:
    lines = [json.loads(line) for line in _first(folder).read_bytes().splitlines()]
    list_trail_files(folder)[1].unlink()
    head = audit.START
    for event in lines:
        event |= {"previous_hash": head, "actor": "theirs"}
        head = event["hash"] = audit.hash_event([event[column.name] for column in audit.EVENTS.columns])
    _first(folder).write_text("".join(json.dumps(event) + "\n" for event in lines))


def no_json(folder: Path) -> None:
    _first(folder).write_text("hello\n")


def one_missing(folder: Path) -> None:
    _first(folder).unlink()


@pytest.mark.attack
@pytest.mark.parametrize("harm", [changed, without_a_line, of_another_site, no_json, one_missing])
def test_a_trail_that_was_changed_cut_or_is_not_ours_restores_nothing(
    deployment: Settings, empty_deployment: Settings, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    reference = receives(deployment, 1)
    Worker(deployment).run_once()
    archive = made(deployment, tmp_path / "all.screener")
    folder = exported(deployment, tmp_path / "trail")
    erase_by_reference(deployment, reference, reason="on request", actor="ada")
    exported(deployment, folder)
    harm(folder)

    with pytest.raises(UserError):
        brought_back(empty_deployment, archive, trail=[folder])

    assert not list(empty_deployment.data.glob("keys/**/*.*"))
    with reading(connect(empty_deployment.store, may="read")) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(audit.EVENTS)) == 0


def test_each_export_goes_on_where_the_last_one_ended(any_deployment: Settings, tmp_path: Path) -> None:
    receives(any_deployment, 1)
    Worker(any_deployment).run_once()
    folder = exported(any_deployment, tmp_path / "trail")
    receives(any_deployment, 2)
    Worker(any_deployment).run_once()
    (folder / HEAD_FILE).unlink()

    exported(any_deployment, folder)

    lines = [json.loads(line) for path in list_trail_files(folder) for line in path.read_bytes().splitlines()]
    assert len(list_trail_files(folder)) == 2
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    number, _, head = (folder / HEAD_FILE).read_text().strip().partition(":")
    with reading(connect(any_deployment.store, may="read")) as connection:
        assert audit.verify(connection, anchor=(int(number), head)).whole
    assert (int(number), head) == (lines[-1]["seq"], lines[-1]["hash"])
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.attack
def test_a_store_that_does_not_go_on_where_the_files_end_is_not_written_behind_them(
    deployment: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    archive = made(deployment, tmp_path / "all.screener")
    receives(deployment, 1)
    Worker(deployment).run_once()
    folder = exported(deployment, tmp_path / "trail")
    brought_back(empty_deployment, archive)
    before = sorted(path.read_bytes() for path in folder.iterdir())

    with pytest.raises(UserError, match="is not in this store"):
        exported(empty_deployment, folder)

    assert sorted(path.read_bytes() for path in folder.iterdir()) == before


@pytest.mark.attack
def test_a_chain_that_was_changed_is_not_exported_as_if_it_were_whole(deployment: Settings, tmp_path: Path) -> None:
    receives(deployment, 1)
    Worker(deployment).run_once()
    with connect(deployment.store, may="write").connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        connection.exec_driver_sql("UPDATE audit_event SET actor = 'nobody' WHERE seq = 1")
        connection.commit()

    with pytest.raises(UserError, match="Event 1 was changed"):
        exported(deployment, tmp_path / "trail")

    assert list((tmp_path / "trail").iterdir()) == []


def test_the_worker_exports_the_trail_once_a_day(deployment: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "trail"
    folder.mkdir()
    context = open_job_context(deployment.model_copy(update={"audit_folder": folder}))
    receives(deployment, 1)
    Worker(deployment).run_once()

    with time_machine.travel(clock.now(), tick=False) as moved:
        for hours, files in ((0, 1), (1, 1), (23, 2)):
            moved.shift(hours * 3600)
            export_audit_trail(context)
            assert len(list_trail_files(folder)) == files


def test_a_folder_that_is_gone_is_a_reason_to_wait(deployment: Settings, tmp_path: Path) -> None:
    context = open_job_context(deployment.model_copy(update={"audit_folder": tmp_path / "gone"}))

    with pytest.raises(UnavailableError):
        export_audit_trail(context)

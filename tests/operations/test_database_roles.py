"""The walls on PostgreSQL: each role can do its work and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from screener import audit
from screener import clock
from screener.board import board
from screener.cli.main import cli
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up import service as follow_up
from screener.follow_up.contact_permission import list_stopped_channels
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.models import FollowUp
from screener.follow_up.receipt import receive_submission
from screener.follow_up.service import Edit
from screener.follow_up.service import StateChange
from screener.operations import database_roles as roles
from screener.operations import migrate
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.submissions import inbox
from screener.submissions.reference import derive_reference
from screener.worker.loop import Worker
from tests.desk.test_every_route import DEEDS
from tests.support.desk_app import DeskApp
from tests.support.public_client import PublicClient
from tests.support.submissions import sealed

OF_THE_DESK = (
    "submission",
    "follow_up",
    "follow_up_event",
    "contact_attempt",
    "note",
    "stopped_channel",
    "audit_event",
)


def acting_as(role: str, settings: Settings) -> Settings:
    """The deployment as a process sees it whose connections have only *role*'s rights."""
    urls = {
        name: sa.make_url(url).update_query_dict({"options": f"-c role={role}"}).render_as_string(hide_password=False)
        for name, url in (
            ("inbox_url", settings.inbox),
            ("board_url", settings.board),
            ("database_url", settings.store),
        )
    }
    return settings.model_copy(update=urls)


def refused(url: str, statement: str) -> bool:
    with connect(url, may="write").connect() as connection:
        try:
            connection.execute(sa.text(statement))
        except sa.exc.ProgrammingError as error:
            assert "permission denied" in str(error.orig)
            return True
    return False


@pytest.fixture
def walled(postgres_deployment: Settings) -> Settings:
    roles.apply_grants(postgres_deployment)
    roles.apply_grants(postgres_deployment)
    return postgres_deployment


def test_the_public_role_adds_and_reads_the_board(walled: Settings) -> None:
    public = acting_as(roles.PUBLIC, walled)
    engine = connect(public.inbox, may="add")
    one = sealed()

    inbox.probe_writable(engine)
    assert [inbox.add_submission(engine, one), inbox.add_submission(engine, one)] == [True, False]
    assert board.read_board(connect(public.board, may="read")).intake_status == "not_ready"
    with pytest.raises(UnavailableError):
        inbox.fetch_batch(engine, 1)


def test_the_whole_way_of_a_form_needs_no_more_than_the_public_role(walled: Settings) -> None:
    app = create_public_app(acting_as(roles.PUBLIC, walled))
    visitor = PublicClient(app)
    check = visitor.checks(dep_told="1")

    first, second = visitor.sends(check), visitor.sends(check)

    app.extensions["screener.intake"].close()
    assert (first.status, second.reference) == (200, first.reference)
    assert Worker(acting_as(roles.WORKER, walled)).run_once() == 1


def test_the_whole_desk_needs_no_more_than_its_role(walled: Settings, tmp_path: Path) -> None:
    """What coordinators do, and the export, the trail, the team and signing out, and what the worker does for it."""
    inbox.add_submission(connect(walled.inbox, may="write"), one := sealed())
    house = DeskApp(acting_as(roles.DESK, walled))
    ada = house.hires("Ada Coordinator", roles="coordinator,study_lead,administrator")
    worker = Worker(acting_as(roles.WORKER, walled).model_copy(update={"data": tmp_path}))
    assert worker.run_once() == 1
    reference = derive_reference(one.envelope.id)

    for verb, typed in DEEDS.items():
        if verb not in ("assign", "claim"):
            assert ada.does(reference, verb, **typed).status == 200, verb
    page = ada.opens("/export")
    archive = ada.client.post("/export", data={**page.filled("export"), "purpose": "first calls"}, buffered=True)
    invited = ada.posts(ada.opens("/team"), "team", name="Bea", email="bea@example.org", role="coordinator")
    trail = ada.opens("/audit")
    left = ada.posts(ada.opens("/account"), "sign-out")

    house.close()
    assert len(list((tmp_path / "letters").glob("*.eml"))) == 1
    assert archive.data.startswith(b"PK")
    assert (invited.status, trail.status, left.status) == (200, 200, 200)
    with reading(connect(walled.store, may="read")) as connection:
        assert audit.verify(connection).whole


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (roles.PUBLIC, "SELECT 1 FROM inbox"),
        (roles.PUBLIC, "DELETE FROM inbox"),
        (roles.PUBLIC, "UPDATE inbox SET locale = 'en'"),
        (roles.PUBLIC, "UPDATE intake_status SET status = 'open'"),
        (roles.PUBLIC, "DELETE FROM heartbeat"),
        (roles.PUBLIC, "SELECT 1 FROM submission"),
        (roles.PUBLIC, "SELECT 1 FROM audit_event"),
        (roles.PUBLIC, "INSERT INTO submission (id) VALUES ('x')"),
        (roles.WORKER, "UPDATE submission SET locale = 'en'"),
        (roles.WORKER, "DELETE FROM submission"),
        (roles.WORKER, "UPDATE account SET active = FALSE"),
        (roles.WORKER, "UPDATE audit_event SET actor = 'eve'"),
        (roles.WORKER, "UPDATE intake_status SET status = 'open'"),
        (roles.WORKER, "SELECT password FROM account"),
        (roles.WORKER, "SELECT tf_totp_secret FROM account"),
        (roles.WORKER, "UPDATE account SET role_names = 'administrator'"),
        (roles.WORKER, "SELECT 1 FROM invitation"),
        (roles.DESK, "DELETE FROM account"),
        (roles.DESK, "SELECT 1 FROM inbox"),
        (roles.DESK, "DELETE FROM submission"),
        (roles.DESK, "DELETE FROM audit_event"),
        (roles.DESK, "TRUNCATE audit_event"),
        (roles.DESK, "UPDATE follow_up_event SET kind = 'x'"),
        (roles.DESK, "DELETE FROM follow_up_event"),
        (roles.DESK, "UPDATE contact_attempt SET outcome = 'x'"),
        (roles.DESK, "DELETE FROM note"),
        (roles.DESK, "DELETE FROM stopped_channel"),
        (roles.WORKER, "SELECT 1 FROM contact_attempt"),
        (roles.WORKER, "INSERT INTO note (version) VALUES (2)"),
        (roles.DESK, "UPDATE heartbeat SET process = 'x'"),
    ],
)
def test_what_is_not_a_role_s_work_is_refused(walled: Settings, role: str, statement: str) -> None:
    assert refused(acting_as(role, walled).store, statement)


def test_the_worker_role_runs_every_job_unrefused(walled: Settings, time_machine) -> None:  # type: ignore[no-untyped-def]
    """A refused job would raise; what its role erases, ``retention/test_attack_roles`` tries."""
    inbox.add_submission(connect(walled.inbox, may="write"), sealed())

    assert Worker(acting_as(roles.WORKER, walled)).run_once() == 1
    time_machine.move_to(clock.now() + timedelta(days=181))
    assert Worker(acting_as(roles.WORKER, walled)).run_once() == 0


def test_the_desk_role_does_the_commands_of_the_staff(walled: Settings, tmp_path: Path) -> None:
    app = create_public_app(acting_as(roles.PUBLIC, walled))
    reference = PublicClient(app).tells(name_pref="Invented Desk").reference
    app.extensions["screener.intake"].close()
    Worker(acting_as(roles.WORKER, walled)).run_once()
    desk = acting_as(roles.DESK, walled)
    version = load_wording(walled.study, load_study(walled.study), "en").version
    dates = ("--on", "2026-11-01", "--until", "2099-10-31")

    for command in (
        ("keys", "prove"),
        ("intake", "paused", "--reason", "test"),
        ("wording", "approve", "--locale", "en", "--irb", "Example IRB", "--number", "1", *dates),
        ("export", "--profile", "spreadsheet", "--purpose", "test", "--out", str(tmp_path / "interest.csv")),
        ("verify-export", str(tmp_path / "interest.csv")),
        ("erase", reference, "--reason", "on request"),
        ("audit", "verify"),
    ):
        done = CliRunner().invoke(cli, command, obj=desk)
        assert (done.exit_code, done.exception) == (0, None), f"{command}: {done.output} {done.exception}"

    assert version in board.read_board(connect(walled.board, may="read")).approvals[0].wording_version


def test_the_desk_role_does_all_its_work_on_follow_ups(walled: Settings) -> None:
    one = sealed()
    with writing(connect(walled.store, may="write")) as connection:
        receive_submission(connection, one, at=clock.now())
    steps = (
        follow_up.claim,
        lambda connection, doing: follow_up.write_note(connection, doing, b"box"),
        lambda connection, doing: follow_up.log_attempt(
            connection, doing, channel="call", outcome="asked_to_stop", change=StateChange("reached")
        ),
        follow_up.undo_last_change,
        erase_on_request,
    )

    store = connect(acting_as(roles.DESK, walled).store, may="write")
    for version, step in enumerate(steps, start=1):
        with writing(store) as connection:
            step(connection, Edit(one.envelope.id, version, "a" * 32, clock.now()))

    with reading(store) as connection:
        assert list_stopped_channels(connection, one.envelope.id) == {}
        assert connection.scalar(sa.select(FollowUp.state)) == "withdrew"


def test_the_processes_can_look_whether_the_tables_fit_them(walled: Settings) -> None:
    migrate.check_schema(acting_as(roles.WORKER, walled))
    migrate.check_schema(acting_as(roles.DESK, walled), migrate.STORE, migrate.BOARD)


def test_sqlite_has_no_roles_and_says_so(deployment: Settings) -> None:
    with pytest.raises(UserError, match="owners instead of roles"):
        roles.apply_grants(deployment)


def test_the_script_names_every_table(deployment: Settings) -> None:
    script = roles.grant_script()

    for table in (*inbox.METADATA.tables, *board.METADATA.tables, *OF_THE_DESK):
        assert f"ON {table} TO" in script

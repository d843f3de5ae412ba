"""The head of the audit trail leaves the store by itself: daily, and in every email to a study lead."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from screener import audit
from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.mail import outbox
from screener.mail.messages.arrived import FormsArrived
from screener.mail.messages.audit_head_refused import AuditHeadRefused
from screener.mail.models import QueuedMessage
from screener.settings import Settings
from screener.settings import load_settings
from screener.staff.models import Account
from screener.worker.audit_head import send_audit_head
from screener.worker.context import open_job_context
from tests.mail.test_delivery import text_of
from tests.support.mail_server import MailServer
from tests.support.mail_server import hire

OUTSIDE = "archive@example.org"


def runs(settings: Settings, target: str) -> None:
    send_audit_head(open_job_context(settings.model_copy(update={"audit_head_to": target})))


def trail_with_an_event(settings: Settings) -> str:
    with writing(connect(settings.store, may="write")) as connection:
        audit.record(connection, actor="ada", action="test:thing:done")
        return audit.read_head(connection)


def actions(settings: Settings) -> list[str]:
    with reading(connect(settings.store, may="read")) as connection:
        return [event.action for event in audit.newest(connection, limit=50)]


def appoint(settings: Settings, role: str) -> str:
    """The id of an account with this role."""
    hire(settings, "vera")
    with writing(connect(settings.store, may="write")) as connection:
        connection.execute(sa.update(Account).values(role_names=role))
        return str(connection.scalar(sa.select(Account.id)))


def test_a_file_gets_one_line_a_day_that_audit_verify_takes(
    deployment: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = trail_with_an_event(deployment)
    file = tmp_path / "heads.txt"
    today = clock.now()

    for days in (0, 0, 1):
        monkeypatch.setattr("screener.clock.now", lambda days=days: today + timedelta(days=days))
        runs(deployment, str(file))

    lines = file.read_text().splitlines()
    assert len(lines) == 2
    assert lines[0].endswith(f" {head}")
    number, _, digest = lines[0].split()[1].partition(":")
    with reading(connect(deployment.store, may="read")) as connection:
        assert audit.verify(connection, anchor=(int(number), digest)).whole
    assert actions(deployment).count("worker:audit_head:sent") == 2


def test_an_address_outside_gets_the_head_by_email(deployment: Settings, mail: MailServer) -> None:
    settings = deployment.model_copy(update={"smtp_url": SecretStr(mail.url)})
    head = trail_with_an_event(settings)

    for _ in range(2):
        runs(settings, OUTSIDE)

    (email,) = mail.taken
    assert email["To"] == OUTSIDE
    assert text_of(email).count(head) == 2


def test_a_refusal_is_told_once_a_day_and_tried_again(deployment: Settings, tmp_path: Path) -> None:
    lead = appoint(deployment, "study_lead")
    file = tmp_path / "away" / "heads.txt"

    for _ in range(2):
        runs(deployment, str(file))
    told = actions(deployment).count("worker:audit_head:refused")
    file.parent.mkdir()
    runs(deployment, str(file))

    with reading(connect(deployment.store, may="read")) as connection:
        kinds = connection.execute(sa.select(QueuedMessage.kind, QueuedMessage.account_id)).all()
    assert (told, [tuple(row) for row in kinds]) == (1, [(AuditHeadRefused.kind, lead)])
    assert len(file.read_text().splitlines()) == 1


def test_without_the_setting_nothing_leaves(deployment: Settings) -> None:
    runs(deployment, "")

    assert actions(deployment) == []


@pytest.mark.parametrize(("role", "carries"), [("study_lead,coordinator", True), ("coordinator", False)])
def test_an_email_to_a_study_lead_carries_the_head(deployment: Settings, role: str, carries: bool) -> None:
    account = appoint(deployment, role)
    first = trail_with_an_event(deployment)
    engine = connect(deployment.store, may="write")

    with writing(engine) as connection:
        outbox.enqueue(connection, FormsArrived(), account, at=clock.now())
    later = trail_with_an_event(deployment)
    with writing(engine) as connection:
        outbox.enqueue(connection, FormsArrived(), account, at=clock.now())
        facts = connection.scalar(sa.select(QueuedMessage.facts))

    assert facts == {"number": 2, "reference": "", **({"audit_head": later} if carries else {})}
    assert first != later


@pytest.mark.parametrize("target", ["heads.txt", "two@example.org, three@example.org", "/heads\n", "nobody"])
def test_a_target_that_is_neither_address_nor_whole_path_is_refused(target: str) -> None:
    with pytest.raises(UserError, match="SCREENER_AUDIT_HEAD_TO"):
        load_settings({"SCREENER_AUDIT_HEAD_TO": target})

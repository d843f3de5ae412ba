"""The emails that the software sends, each as it is composed, in every way in which it can read. All go to staff."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from email.message import EmailMessage

from screener.mail.compose import compose_email
from screener.mail.message import Message
from screener.mail.messages.access_change import AccessChanged
from screener.mail.messages.approval_ends import ApprovalEnds
from screener.mail.messages.arrived import FormsArrived
from screener.mail.messages.audit_head import AuditHead
from screener.mail.messages.audit_head_refused import AuditHeadRefused
from screener.mail.messages.closed_alone import ClosedAlone
from screener.mail.messages.disk_space_low import DiskSpaceLow
from screener.mail.messages.drill_due import DrillDue
from screener.mail.messages.erasure_stopped import ErasureStopped
from screener.mail.messages.erasures_announced import ErasuresAnnounced
from screener.mail.messages.failed_sign_ins import FailedSignIns
from screener.mail.messages.failed_sign_ins import Whose
from screener.mail.messages.many_arrivals import ManyArrivals
from screener.mail.outbox import LeasedMessage
from screener.packet.renderer import EXAMPLE_REFERENCE
from screener.settings import Settings
from screener.staff.models import AccessKind
from screener.staff.models import AccessState
from screener.study.wording import Wording

TO = "A coordinator <coordinator@example.org>"
#: When each kind of message is sent.
SENT_WHEN = {
    FormsArrived.kind: "When forms have come, to the member of staff whose turn it is.",
    AuditHead.kind: "Once a day, to the address outside Screener that the site names, if it names one.",
    AuditHeadRefused.kind: "When that could not be sent, to study leads and administrators; at most once a day.",
    DiskSpaceLow.kind: "When the disk is almost full, to study leads and administrators; at most once a day.",
    DrillDue.kind: "When a backup should be tested, to study leads and administrators; at most once a month.",
    ErasuresAnnounced.kind: "Before forms are erased for their age, to study leads and administrators.",
    ErasureStopped.kind: "When erasing stopped until a person confirms it, to study leads and administrators.",
    ManyArrivals.kind: "When far more forms come than usual, to study leads and administrators; at most once a day.",
    AccessChanged.kind: "When access to the desk changes or is to change: to the person, leads and administrators.",
    ClosedAlone.kind: "When forms were closed as not real without a second person, to study leads and administrators.",
    FailedSignIns.kind: "After many failed attempts to sign in, to the person and administrators; at most once a day.",
    ApprovalEnds.kind: "30, 14 and 7 days before an approval by the IRB ends, and when it is over.",
}


@dataclass(frozen=True)
class ExampleEmail:
    """One email: when it is sent, its subject, and its text."""

    when: str
    subject: str
    text: tuple[str, ...]


def list_example_emails(settings: Settings, words: Wording, at: datetime) -> tuple[ExampleEmail, ...]:
    """Every email, with example facts; the address of the desk is an example, too."""
    example = settings.model_copy(update={"desk_url": "https://desk.example.org"})
    leased = (LeasedMessage("example", TO, one.kind, one.facts(), at, 1) for one in _example_messages(words, at))
    return tuple(_as_example(SENT_WHEN[one.kind], compose_email(one, example)) for one in leased)


def _example_messages(words: Wording, at: datetime) -> Iterator[Message]:
    yield FormsArrived(reference=EXAMPLE_REFERENCE)
    yield FormsArrived(number=3)
    for left in (30, 1, 0, -1):
        last_day = (at + timedelta(days=left)).date()
        yield ApprovalEnds(locale=words.locale, wording_version=words.version, last_day=last_day, days=max(left, 0))
    day = at.date()
    yield DiskSpaceLow(day=day, free_megabytes=300, floor_megabytes=500)
    yield DrillDue(last_day=day, month=at.year * 100 + at.month)
    yield ErasuresAnnounced(number=3, undecided=1, first_day=day)
    yield ErasureStopped(stop=1, cause="retention", number=3)
    yield ManyArrivals(day=day, number=420, usual=7)
    for whose in Whose:
        yield FailedSignIns(attempts=20, day=day, whose=whose)
        for step in AccessState:
            yield AccessChanged(change=AccessKind.LINK, step=step, whose=whose, last_day=day)
    yield ClosedAlone(number=3)
    yield AuditHead(audit_head=f"1:{'0' * 64}")
    yield AuditHeadRefused(day=day)


def _as_example(when: str, email: EmailMessage) -> ExampleEmail:
    part = email.get_body(("plain",))
    text = str(part.get_content()) if part else ""
    return ExampleEmail(when, str(email["Subject"]), tuple(line for line in text.splitlines() if line.strip()))

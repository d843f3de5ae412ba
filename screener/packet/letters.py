"""The letters that the software sends, each as it is composed, in every way in which it can read. All go to staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from email.message import EmailMessage

from screener.mail.messages import compose
from screener.mail.models import APPROVAL_ENDS
from screener.mail.models import ARRIVED
from screener.mail.outbox import Owed
from screener.packet.renderer import REFERENCE
from screener.settings import Settings
from screener.study.wording import Wording

TO = "A coordinator <coordinator@example.org>"
#: When each kind is sent, by the kinds that the templates have.
WHEN = {
    ARRIVED: "When forms have come, to the member of staff whose turn it is.",
    APPROVAL_ENDS: "30, 14 and 7 days before an approval by the IRB ends, and when it is over.",
}


@dataclass(frozen=True)
class Letter:
    """One letter: when it is sent, its subject, and its text."""

    when: str
    subject: str
    text: tuple[str, ...]


def letters(settings: Settings, words: Wording, at: datetime) -> tuple[Letter, ...]:
    """Every letter, with facts that are examples; the address of the desk is one, too."""
    example = settings.model_copy(update={"desk_url": "https://desk.example.org"})
    return tuple(
        _letter(WHEN[kind], compose(owed, example)) for kind, shapes in _owed(words, at).items() for owed in shapes
    )


def _owed(words: Wording, at: datetime) -> Mapping[str, tuple[Owed, ...]]:
    form = Owed("example", TO, REFERENCE, 1, at, 1)
    ends = replace(form, kind=APPROVAL_ENDS, locale=words.locale, wording_version=words.version)
    days = (30, 1, 0, -1)
    return {
        ARRIVED: (form, replace(form, reference="", number=3)),
        APPROVAL_ENDS: tuple(replace(ends, last_day=(at + timedelta(days=left)).date()) for left in days),
    }


def _letter(when: str, message: EmailMessage) -> Letter:
    text = message.get_body(("plain",))
    said = str(text.get_content()) if text else ""
    return Letter(when, str(message["Subject"]), tuple(line for line in said.splitlines() if line.strip()))

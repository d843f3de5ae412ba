"""All the text of one form in one locale, as the templates read it: ``w.pages.start.heading``.

Every sentence has a place of its own here, and there is no other place for one. So a wording with a gap
or with a sentence too many is refused at the start, and no page shows half a text. Nothing here can hold a rule about
an answer.

A field that is marked ``INTERFACE`` is interface text; every other one is approved by an IRB, and the version is the
hash of those. A release that needs a new approved sentence gives it as ``Sentence | None = None``, and its template
leaves it out where it is None: then a folder that an IRB approved before keeps its version, and its page.
"""

from collections.abc import Mapping
from typing import Annotated
from typing import Any
from typing import Literal
from typing import get_args

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator
from pydantic_core import PydanticCustomError

from screener.study.approved_content import INTERFACE
from screener.study.approved_content import REVIEW
from screener.typed_text import has_control_characters

#: Why the form would be closed in production: the sentences of the development banner.
ClosedReason = Literal[
    "keys", "wording", "inbox", "heartbeat", "status", "placeholders", "proof", "coordinator", "disk"
]
CLOSED_REASONS: tuple[ClosedReason, ...] = get_args(ClosedReason)
#: The source, a draft of a translation, or a translation that a translator reviewed.
WordingStatus = Literal["source", "draft", "reviewed"]


def _one_line(text: str) -> str:
    if text != text.strip() or has_control_characters(text):
        raise PydanticCustomError("one_line", "must be one line, with no blanks at its ends")
    return text


def _not_empty(text: str) -> str:
    if not text:
        raise PydanticCustomError("empty", "must say something")
    return text


SingleLine = Annotated[str, AfterValidator(_one_line)]
Sentence = Annotated[SingleLine, AfterValidator(_not_empty)]
InterfaceText = Annotated[Sentence, INTERFACE]
#: Paragraphs; one that begins with ``## `` is a heading, with ``- `` an item of a list.
Paragraphs = tuple[Sentence, ...]


class WordingPart(BaseModel):
    """A part of a wording; an unknown key is a fault, and so is a missing one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class PageWording(WordingPart):
    """The text of one page. *title* is shown in the browser's tab and history, so it does not name the topic."""

    title: Sentence
    heading: Sentence
    body: Paragraphs

    @property
    def shown(self) -> Paragraphs:
        """All paragraphs of the page."""
        return self.body


class CommonWording(WordingPart):
    """The frame that all pages share, and the words that stand at many fields."""

    site_header: Sentence
    #: What a search engine or a messenger shows of a link; as quiet as a title.
    description: Sentence
    skip_link: InterfaceText
    quick_exit: Sentence
    quick_exit_note: Sentence
    language: InterfaceText
    #: Above a translation that no qualified person has reviewed; such a page is shown in development only.
    draft: InterfaceText
    #: Beside a notice, when staff last checked that it is still true.
    checked: Sentence
    needed: InterfaceText
    skip_question: Sentence
    select_blank: Sentence
    leave_blank: InterfaceText
    error_prefix: InterfaceText
    try_again: InterfaceText
    #: The buttons that lead from step to step.
    next: InterfaceText
    back: InterfaceText
    preview_title: InterfaceText
    preview_lead: InterfaceText
    footer_label: InterfaceText
    footer_start: InterfaceText
    footer_about: InterfaceText
    footer_privacy: InterfaceText
    footer_accessibility: InterfaceText


class CrisisWording(WordingPart):
    """The crisis lines: the same on every page, for every participant."""

    number: Sentence
    heading: Sentence
    lines: Paragraphs
    #: The words of the two links that dial and write to the number.
    call: Sentence
    text: Sentence


class StartActions(WordingPart):
    start: Sentence
    contact: Sentence
    about: Sentence


class StartWording(PageWording):
    actions: Annotated[StartActions, INTERFACE]


class AboutActions(WordingPart):
    registry: Sentence


class AboutWording(PageWording):
    """The page about the study: what the public registry says, and where to read it."""

    actions: Annotated[AboutActions, INTERFACE]


class StepWording(PageWording):
    """One of the steps of the form; *step* is its progress line."""

    step: InterfaceText


class QuestionsWording(StepWording):
    skip: InterfaceText


class CheckActions(WordingPart):
    #: On the button that leads to this page.
    check: InterfaceText
    #: Approved, because approved sentences name it: "When you press Send".
    send: Sentence
    change: InterfaceText
    leave: Sentence


class CheckWording(StepWording):
    blank: Sentence
    actions: CheckActions


class ReceivedActions(WordingPart):
    print: Sentence


class ReceivedWording(PageWording):
    actions: Annotated[ReceivedActions, INTERFACE]


class PrivacyWording(PageWording):
    #: That a form with an appointment is kept until after it; an approved folder of 0.1.0 has no such section.
    appointment: Paragraphs = ()

    @property
    def shown(self) -> Paragraphs:
        """All paragraphs of the page, with the section about appointments last."""
        return self.body + self.appointment


class PageWordings(WordingPart):
    start: StartWording
    about: AboutWording
    questions: QuestionsWording
    contact: StepWording
    permission: StepWording
    check: CheckWording
    received: ReceivedWording
    privacy: PrivacyWording
    accessibility: PageWording

    def __getitem__(self, name: str) -> PageWording:
        page: PageWording = getattr(self, name)
        return page


class NoticeWordings(WordingPart):
    """What stands there instead of the form, or above it, when the site is not taking people."""

    waitlist: PageWording
    paused: PageWording
    closed: PageWording
    not_ready: PageWording
    grace: PageWording

    def __getitem__(self, name: str) -> PageWording:
        notice: PageWording = getattr(self, name)
        return notice


class ErrorMessages(WordingPart):
    """Error messages: what cannot be read, and never that an answer was the wrong one."""

    title: Sentence
    lead: Sentence
    age: Sentence
    choice: Sentence
    name: Sentence
    route: Sentence
    email: Sentence
    phone: Sentence
    permission: Sentence
    long: Sentence
    token: Sentence
    busy: Sentence
    characters: Sentence
    repeated: Sentence


class ErrorPageWordings(WordingPart):
    not_found: PageWording
    method: PageWording
    too_large: PageWording
    header: PageWording
    wrong_type: PageWording
    busy: PageWording
    failed: PageWording
    unavailable: PageWording
    unreachable: PageWording

    def __getitem__(self, name: str) -> PageWording:
        page: PageWording = getattr(self, name)
        return page


class FieldWording(WordingPart):
    """The label of one field, its hint, and the label of each code."""

    label: Sentence
    hint: SingleLine
    options: dict[str, Sentence] = {}


class LocaleWording(WordingPart):
    """What a wording file holds, with the site's facts filled in."""

    locale: Sentence
    #: The language's own name for itself.
    name: Sentence
    direction: Literal["ltr", "rtl"]
    #: Whether these words are the source, a draft of a translation, or a reviewed one.
    status: Annotated[WordingStatus, REVIEW]
    common: CommonWording
    crisis: CrisisWording
    pages: PageWordings
    notices: NoticeWordings
    errors: Annotated[ErrorMessages, INTERFACE]
    error_pages: Annotated[ErrorPageWordings, INTERFACE]
    fields: dict[str, FieldWording]
    preview: Annotated[dict[ClosedReason, Sentence], INTERFACE]

    @field_validator("preview")
    @classmethod
    def _every_reason_has_words(cls, preview: dict[ClosedReason, str]) -> dict[ClosedReason, str]:
        if missing := [reason for reason in CLOSED_REASONS if reason not in preview]:
            raise PydanticCustomError("unsaid", f"has no sentence for {', '.join(missing)}")
        return preview


class Wording(LocaleWording):
    """One locale as it is served, with the version that an IRB approves."""

    #: 64 hexadecimal digits: SHA-256 of *content*.
    version: str
    #: What an IRB approves: the sentences of the form, and the facts of the study that shape it.
    content: Mapping[str, Any] = Field(exclude=True, repr=False)
    #: The same of the interface text, which changes without a new approval.
    interface_version: str
    #: What its translation is, apart from the wording's.
    interface_status: WordingStatus

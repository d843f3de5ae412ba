"""What a study file may say: which questions, which site, which promises. And nothing that judges.

Every model forbids unknown keys, and none has a key for a rule: ``exclude_if``, ``score``, ``min`` or
``required`` have nowhere to live, so "we make no decision" is a fact about this file. A question has a
kind and codes; what an answer means is for the study team.
"""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from typing import Annotated
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints
from pydantic import field_validator
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from screener.study.approved_content import LOOKED_AT
from screener.study.approved_content import STAFF

#: The fields that every study's form has beside its questions, and their codes. The form builds them;
#: they stand here because a wording has to have words for them.
REACH: Mapping[str, tuple[str, ...]] = {
    "name_pref": (),
    "phone": (),
    "email": (),
    "how_contact": ("1", "2", "3", "4"),
    "sms_ok": ("0", "1"),
    "voicemail": ("0", "1", "2"),
    "when_call": ("1", "2", "3", "4", "5"),
    "time_zone": ("1", "2", "3", "4", "5", "6", "7", "8"),
    "lang": ("en", "es", "yue", "cmn", "fil", "vi", "ase", "other"),
    "access": ("1", "2", "3", "4", "5", "6"),
    "access_text": (),
    "adult_self": ("0", "1"),
}
#: The permission that belongs to a module of its own: to hear of other studies.
FUTURE = "future"
FUTURE_OK: Mapping[str, tuple[str, ...]] = {"future_ok": ("0", "1")}
#: What stands on a page beside the questions.
_ON_PAGES = {"main", "crisis", "exit", "print", "preview", "notice", "summary", "languages", "more"}
_ON_PAGES |= {"questions", "contact", "permission", "check"}
_IN_THE_FORM = {"answers", "at", "carried", "data", "errors", "made", "meta", "minted", "parts", "posted", "says"}
_IN_THE_FORM |= {"signed", "skip", "skipped", "source", "step", "then", "trapped"}
_IN_WTFORMS = {"form_errors", "hidden_tag", "is_submitted", "populate_obj", "post_process", "process"}
_IN_WTFORMS |= {"unreadable", "validate", "validate_on_submit", "wording"}
#: A question of one of these names would take the place of something else.
TAKEN = frozenset({*REACH, *FUTURE_OK, "token", "leave_blank", "unread"} | _ON_PAGES | _IN_THE_FORM | _IN_WTFORMS)

Fact = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(.*\S)?$")]
Days = Annotated[int, Field(ge=1, le=3660)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,8}$")]
#: What a link may say of the place where it stood; as long as the envelope has room for.
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=32)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https://[^\s\"'<>]+$")]
#: The source of a link that says nothing, and of one that says what the study does not know.
DIRECT, OTHER = "direct", "other"
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)]


class Strict(BaseModel):
    """A part of a study file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Question(Strict):
    """One thing that is asked; anybody may leave it blank, and blank needs no code."""

    id: Name
    kind: Literal["choice", "choices", "whole_number"]
    options: tuple[Code, ...] = ()
    #: The module that switches it on or off; without one it is always asked.
    module: Name | None = None

    @model_validator(mode="after")
    def _has_codes_that_fit_its_kind(self) -> "Question":
        if self.id in TAKEN:
            raise PydanticCustomError("taken", "has an id that the form uses for something else; take another")
        if (self.kind == "whole_number") == bool(self.options):
            raise PydanticCustomError("codes", "has a kind and options that do not fit: a whole number has none")
        if twice := _twice(self.options):
            raise PydanticCustomError("twice", f"has the code {twice} twice")
        return self


class Module(Strict):
    """A group of questions that a study may leave out; off unless an IRB has said otherwise."""

    on: bool
    description: Annotated[Fact, STAFF]


class Site(Strict):
    """Who the participant writes to. A fact that nobody has filled in yet begins with ``[``, and says so."""

    name: Fact
    address: Fact
    phone: Fact
    #: The same number as a link (``tel:+1…``); empty as long as there is none.
    phone_link: Annotated[str, StringConstraints(pattern=r"^(tel:\+?[0-9][0-9-]{2,30})?$")]
    investigator: Fact
    irb_name: Fact
    #: Whom the desk shows when somebody is worried about a participant; on no public page.
    on_call: Annotated[Fact, STAFF]


class Registry(Strict):
    """What the public list of studies says of this one."""

    url: WebAddress
    #: When the list was last compared with this; None: never.
    checked_on: Annotated[date | None, LOOKED_AT] = None
    sponsor: Fact
    phase: Fact
    places: Annotated[int, Field(ge=1)]
    countries: Annotated[int, Field(ge=1)]


class Clocks(Strict):
    """What the pages promise about time."""

    #: Within how many work days the team tries to reach everyone.
    reply_days: Annotated[int, Field(ge=1, le=60)]


class Retention(Strict):
    """How long what is kept stays, in days."""

    #: After the last work on a submission; the longest period that applies to any of them.
    days: Days
    #: How much longer a backup copy may exist.
    backup_days: Days


class Routing(Strict):
    """Who is told of a submission. A rule sees the envelope; there is none that could see an answer."""

    #: One after the other: who speaks the language wanted for the call, and whose turn it is.
    by: tuple[Literal["language", "turn"], ...] = ("language", "turn")


class Study(Strict):
    """One study as its folder describes it."""

    #: What boxes are bound to; never changes once the form has been open.
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    registry_id: Fact
    #: For staff; on no public page.
    title: Annotated[Fact, STAFF]
    #: Where the button leads that leaves the page at once.
    quick_exit: WebAddress
    #: The labels that a link to the form may carry.
    sources: Annotated[tuple[Label, ...], STAFF] = ()
    registry: Registry
    modules: dict[Name, Module]
    site: Site
    clocks: Clocks
    retention: Retention
    routing: Annotated[Routing, STAFF] = Routing()
    #: In the order of the page.
    questions: tuple[Question, ...]

    @field_validator("questions")
    @classmethod
    def _ids_differ(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        if twice := _twice(question.id for question in questions):
            raise PydanticCustomError("twice", f"has the id {twice} twice")
        return questions

    @field_validator("sources")
    @classmethod
    def _labels_differ(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        if twice := _twice((*sources, DIRECT, OTHER)):
            raise PydanticCustomError("twice", f"has the label {twice} twice, or it means something else already")
        return sources

    @model_validator(mode="after")
    def _modules_are_there(self) -> "Study":
        named = {question.module for question in self.questions if question.module} | {FUTURE}
        if missing := sorted(named - self.modules.keys()):
            raise PydanticCustomError("module", f"modules has no [modules.{missing[0]}], which the form needs")
        return self

    def source(self, label: str) -> str:
        """What the envelope says of a link that carried *label*."""
        if label in ("", DIRECT):
            return DIRECT
        return label if label in self.sources else OTHER

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that are on, in the order of the page; the same for everybody."""
        return tuple(
            question for question in self.questions if question.module is None or self.modules[question.module].on
        )

    def placeholders(self) -> tuple[str, ...]:
        """The key paths of the site facts that nobody has filled in yet."""
        facts: Mapping[str, str] = self.site.model_dump()
        left = [f"site.{name}" for name, fact in facts.items() if fact.startswith("[")]
        return (*left, *(() if self.registry.checked_on else ("registry.checked_on",)))

    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """Every field that may have words, and its codes: all questions, asked or not, and ours."""
        return {question.id: question.options for question in self.questions} | dict(REACH) | dict(FUTURE_OK)

    def shown(self) -> frozenset[str]:
        """The fields that are on the page."""
        future = FUTURE_OK if self.modules[FUTURE].on else {}
        return frozenset((*(question.id for question in self.asked), *REACH, *future))


def _twice(names: Iterable[str]) -> str:
    """A name that stands there more than once, or nothing."""
    return next((name for name, times in Counter(names).items() if times > 1), "")

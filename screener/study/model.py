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

from screener.study import contact_fields
from screener.study.approved_content import LOOKED_AT
from screener.study.approved_content import STAFF
from screener.study.contact_fields import ContactField

#: The form's other inputs. A question's id names its input and identifies its element on the page, so it may be
#: neither one of these nor one of the page's own ids; ``tests/study`` compares both with the form and the templates.
PAGE_INPUTS = frozenset({"token", "leave_blank", "unread", "step", "then", "skip", "source"})
PAGE_IDS = frozenset({"main", "crisis", "exit", "print", "preview", "notice", "summary", "languages", "more"})

Fact = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(.*\S)?$")]
Days = Annotated[int, Field(ge=1, le=3660)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,8}$")]
#: What a link may say of the place where it stood; as long as the envelope has room for.
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=32)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https://[^\s\"'<>]+$")]
#: The source of a link without a label, and of one whose label the study does not list.
DIRECT, OTHER = "direct", "other"
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)]


class StrictModel(BaseModel):
    """A part of a study file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Question(StrictModel):
    """One question; every participant may leave it blank, and blank needs no code."""

    id: Name
    kind: Literal["choice", "choices", "whole_number"]
    options: tuple[Code, ...] = ()
    #: The module that switches it on or off; without one it is always asked.
    module: Name | None = None

    @model_validator(mode="after")
    def _has_codes_that_fit_its_kind(self) -> "Question":
        if self.id in {*PAGE_INPUTS, *PAGE_IDS, *contact_fields.contact_field_codes()}:
            raise PydanticCustomError("taken", "has an id that the form uses for something else; take another")
        if (self.kind == "whole_number") == bool(self.options):
            raise PydanticCustomError("codes", "has a kind and options that do not fit: a whole number has none")
        if twice := _twice(self.options):
            raise PydanticCustomError("twice", f"has the code {twice} twice")
        return self


class StudyModule(StrictModel):
    """A group of questions that a study may leave out; off unless an IRB has approved it."""

    on: bool
    description: Annotated[Fact, STAFF]


class Site(StrictModel):
    """Who the participant writes to. A fact that is not filled in yet begins with ``[``, and says so."""

    name: Fact
    address: Fact
    phone: Fact
    #: The same number as a link (``tel:+1…``); empty as long as there is none.
    phone_link: Annotated[str, StringConstraints(pattern=r"^(tel:\+?[0-9][0-9-]{2,30})?$")]
    investigator: Fact
    irb_name: Fact
    #: The contact that the desk shows for a safety concern about a participant; on no public page.
    on_call: Annotated[Fact, STAFF]


class TrialRegistry(StrictModel):
    """The entry of this study in the public registry."""

    url: WebAddress
    #: When the list was last compared with this; None: never.
    checked_on: Annotated[date | None, LOOKED_AT] = None
    sponsor: Fact
    phase: Fact
    places: Annotated[int, Field(ge=1)]
    countries: Annotated[int, Field(ge=1)]


class ResponseTimes(StrictModel):
    """What the pages promise about time."""

    #: Within how many work days the team tries to reach everyone.
    reply_days: Annotated[int, Field(ge=1, le=60)]


class RetentionPeriods(StrictModel):
    """How long what is kept stays, in days."""

    #: After the last work on a submission; the longest period that applies to any of them.
    days: Days
    #: How much longer a backup copy may exist.
    backup_days: Days


class RoutingRules(StrictModel):
    """Routing rules: who is assigned a submission. A rule sees the envelope, and none could see an answer."""

    #: One after the other: who speaks the language wanted for the call, and whose turn it is.
    by: tuple[Literal["language", "turn"], ...] = ("language", "turn")


class Study(StrictModel):
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
    registry: TrialRegistry
    modules: dict[Name, StudyModule]
    site: Site
    clocks: ResponseTimes
    retention: RetentionPeriods
    routing: Annotated[RoutingRules, STAFF] = RoutingRules()
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
        named = {question.module for question in self.questions if question.module} | {contact_fields.FUTURE}
        if missing := sorted(named - self.modules.keys()):
            raise PydanticCustomError("module", f"modules has no [modules.{missing[0]}], which the form needs")
        return self

    def source(self, label: str) -> str:
        """The source that the envelope records for a link with *label*."""
        if label in ("", DIRECT):
            return DIRECT
        return label if label in self.sources else OTHER

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that are on, in the order of the page; the same for every participant."""
        return tuple(question for question in self.questions if question.module is None or self._is_on(question.module))

    def placeholders(self) -> tuple[str, ...]:
        """The key paths of the site facts that are not filled in yet."""
        facts: Mapping[str, str] = self.site.model_dump()
        left = [f"site.{name}" for name, fact in facts.items() if fact.startswith("[")]
        return (*left, *(() if self.registry.checked_on else ("registry.checked_on",)))

    @property
    def contact_fields(self) -> tuple[ContactField, ...]:
        """The contact fields that are on, in the order of the form."""
        return tuple(field for field in contact_fields.CONTACT_FIELDS if not field.module or self._is_on(field.module))

    def _is_on(self, module: str) -> bool:
        return module in self.modules and self.modules[module].on

    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """Every field that may have words, and its codes: all questions and contact fields, asked or not."""
        return {
            **{question.id: question.options for question in self.questions},
            **contact_fields.contact_field_codes(),
        }

    def shown(self) -> frozenset[str]:
        """The fields that are on the page."""
        return frozenset([each.id for each in self.asked] + [each.id for each in self.contact_fields])


def _twice(names: Iterable[str]) -> str:
    """A name that stands there more than once, or nothing."""
    return next((name for name, times in Counter(names).items() if times > 1), "")

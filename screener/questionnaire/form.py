"""The form: the study's questions, how to reach the person, and their OK; a step each, and one form.

The questions are built from the study's data, once per locale, at the start of the process; the fields
below are the same for every study. Nothing is stored before the last page is sent, so what was typed
travels in the pages, and each POST, the last one too, is read by this one form: a hidden value is input.
"""

from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import ClassVar

from flask_wtf import FlaskForm

from screener.questionnaire.fields import AnyOf
from screener.questionnaire.fields import OneOf
from screener.questionnaire.fields import PickList
from screener.questionnaire.fields import Text
from screener.questionnaire.fields import Tick
from screener.questionnaire.fields import WholeNumber
from screener.questionnaire.fields import agreed
from screener.questionnaire.fields import given
from screener.questionnaire.fields import looks_addressed
from screener.questionnaire.fields import looks_dialled
from screener.questionnaire.fields import one_way_given
from screener.questionnaire.page_token import Keys
from screener.questionnaire.page_token import OneTimeToken
from screener.questionnaire.page_token import Token
from screener.questionnaire.page_token import mint
from screener.questionnaire.post_body import UNREAD
from screener.questionnaire.post_body import Posted
from screener.study.model import FUTURE
from screener.study.model import REACH
from screener.study.model import Question
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions.payload import FieldValue

STAMP = "token"
#: A field that people do not see and leave blank; programs that fill in everything fill it in.
TRAP = "leave_blank"
#: What a page says of itself: which step it is, whether the check page comes next (a change), whether the questions
#: are left out, and where the link to the form stood.
STEP, THEN, SKIP, SOURCE = "step", "then", "skip", "source"
#: The steps in their order, and where each one is.
STEPS = {"questions": "interest", "contact": "contact", "permission": "permission"}
CHECK = "check"
CONTACT = (
    "name_pref",
    "phone",
    "email",
    "how_contact",
    "sms_ok",
    "voicemail",
    "when_call",
    "time_zone",
    "lang",
    "access",
    "access_text",
)
PERMISSION = ("adult_self", "future_ok")


class InterestForm(FlaskForm):
    """One form of one locale; ``interest_form`` adds the questions and the wording."""

    wording: ClassVar[Wording]
    questions: ClassVar[tuple[str, ...]]
    made: ClassVar[dict[Any, Any]]

    class Meta:
        csrf = True
        csrf_class = OneTimeToken
        csrf_field_name = STAMP

        def get_translations(self, form: Any) -> None:
            return None

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            """A field made once and copied for each form; making one anew costs ten times as much."""
            made = form.made.get(unbound_field)
            if made is None:
                return unbound_field.bind(form=form, **options)
            field = object.__new__(type(made))
            field.__dict__.update(made.__dict__, _form=form, meta=self)
            return field

    name_pref = Text(80, validators=[given])
    phone = Text(40, validators=[one_way_given, looks_dialled])
    email = Text(254, validators=[one_way_given, looks_addressed])
    how_contact = OneOf(REACH["how_contact"])
    sms_ok = Tick()
    voicemail = OneOf(REACH["voicemail"])
    when_call = AnyOf(REACH["when_call"])
    time_zone = PickList(REACH["time_zone"])
    lang = PickList(REACH["lang"])
    access = AnyOf(REACH["access"])
    access_text = Text(120)
    adult_self = Tick(validators=[agreed])

    def __init__(self, posted: Posted, keys: Keys, at: datetime) -> None:
        self.posted = posted
        self.unreadable = posted.unreadable
        self.at = at
        #: The token that the page carried, once it has been read.
        self.signed: Token | None = None
        #: Whether a program filled in what people leave blank.
        self.trapped = any(value for name, value in posted.pairs if name == TRAP)
        said = dict(posted.pairs)
        self.step = said[STEP] if said.get(STEP) in (*STEPS, CHECK) else ""
        self.then = CHECK if said.get(THEN) == CHECK else ""
        self.skipped = SKIP in said
        self.source = said.get(SOURCE, "")
        super().__init__(formdata=posted.values(), meta={"csrf_context": keys})

    def says(self, message: str) -> str:
        """The sentence of our wording for an error."""
        return str(getattr(self.wording.errors, message))

    def minted(self) -> str:
        """A fresh token for a page whose own cannot be read."""
        return mint(self.meta.csrf_context, self.at)

    def parts(self) -> Mapping[str, list[Any]]:
        """The fields of each step, in their order."""
        named = zip(STEPS, (self.questions, CONTACT, PERMISSION), strict=True)
        return {step: self._named(names) for step, names in named}

    def carried(self, step: str, *, told: bool) -> tuple[tuple[str, str], ...]:
        """What the page of *step* carries on unseen: every pair of the other steps as it was sent, a *Skip* too.

        What could not be read stays named, until the person is *told* beside the field. Whoever skips all questions
        is asked about none of them again: an answer there that could not be read is left out.
        """
        left_out = {name for name in self.questions if self.skipped and name in self.errors}
        elsewhere = {field.short_name for name, fields in self.parts().items() if name != step for field in fields}
        if step != "questions":
            elsewhere.add(TRAP)
        elsewhere -= left_out
        pairs = [pair for pair in self.posted.pairs if pair[0] in elsewhere]
        named = self.unreadable & elsewhere if told else self.unreadable - left_out
        return (*pairs, *((UNREAD, name) for name in sorted(named)))

    def _named(self, names: tuple[str, ...]) -> list[Any]:
        return [self._fields[name] for name in names if name in self._fields]

    def answers(self) -> Mapping[str, FieldValue]:
        """What the person says about themselves."""
        return {field.short_name: _value(field) for field in self._named(self.questions)}

    def contact(self) -> Mapping[str, FieldValue]:
        """Who the person is, how to reach them, and their OK."""
        return {field.short_name: _value(field) for field in self._named(CONTACT + PERMISSION)}


def _value(field: Any) -> FieldValue:
    return field.in_order() if isinstance(field, AnyOf) else str(field.data)


def _question(question: Question) -> Any:
    if question.kind == "whole_number":
        return WholeNumber()
    return OneOf(question.options) if question.kind == "choice" else AnyOf(question.options)


def interest_form(study: Study, wording: Wording) -> type[InterestForm]:
    """The form of *wording*'s locale, with the questions that *study* asks."""
    asked = {question.id: _question(question) for question in study.asked}
    if study.modules[FUTURE].on:
        asked["future_ok"] = Tick()
    facts = {"wording": wording, "questions": tuple(question.id for question in study.asked), "made": {}}
    form: type[InterestForm] = type("InterestForm", (InterestForm,), {**asked, **facts})
    _make_once(form)
    return form


def _make_once(form: type[InterestForm]) -> None:
    """Keep one of each field, from a form that nobody filled in: a copy must carry nobody's answers."""
    blank = blank_form(form)
    form.made.update({unbound: blank._fields[name] for name, unbound in form._unbound_fields or ()})
    for field in form.made.values():
        field._form = None


class _NoKeys:
    current = b""
    previous: tuple[bytes, ...] = ()


def blank_form(form: type[InterestForm]) -> InterestForm:
    """The form as nobody has filled it in; its token is worth nothing."""
    return form(Posted(()), _NoKeys(), datetime.fromtimestamp(0, UTC))


def our_names(form: type[InterestForm]) -> Mapping[bytes, str]:
    """The names that a page of ours may send, as the bytes that they are sent as."""
    names = (*form.questions, *CONTACT, *PERMISSION, STAMP, TRAP, UNREAD, STEP, THEN, SKIP, SOURCE)
    return {name.encode(): name for name in names}

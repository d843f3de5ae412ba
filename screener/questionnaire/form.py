"""The interest form: the study's questions, how to reach the participant, and their permission; one form a step.

The steps are built from the study and the table of contact fields, once per locale, at the start of the process.
Nothing is stored before the last page is sent, so what was typed travels in the pages, and each POST, the last one
too, is read by all steps: a hidden value is input.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import Any

from wtforms import Form
from wtforms.form import BaseForm

from screener.questionnaire.field_cache import CachingMeta
from screener.questionnaire.fields import MultipleChoiceField
from screener.questionnaire.fields import build_contact_field
from screener.questionnaire.fields import build_question_field
from screener.questionnaire.page_token import OneTimeToken
from screener.questionnaire.page_token import SigningKeys
from screener.questionnaire.page_token import Token
from screener.questionnaire.page_token import mint_token
from screener.questionnaire.post_body import UNREADABLE
from screener.questionnaire.post_body import ParsedBody
from screener.study import contact_fields
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions.payload import FieldValue

#: The field with the page's one-time token.
NONCE_FIELD = "token"
#: A field that people do not see and leave blank; programs that fill in everything fill it in.
HONEYPOT = "leave_blank"
#: What a page says of itself: which step it is, whether the check page comes next (a change), whether the questions
#: are skipped, and where the link to the form was published.
STEP, THEN, SKIP, SOURCE = "step", "then", "skip", "source"
#: The names that a page sends beside those of the questions and the contact fields.
PAGE_FIELDS = (NONCE_FIELD, HONEYPOT, UNREADABLE, STEP, THEN, SKIP, SOURCE)
#: The steps in their order, and the last part of each one's address.
STEP_PATHS = {"questions": "interest", "contact": "contact", "permission": "permission"}
CHECK = "check"


class StepForm(BaseForm):
    """The fields of one step, under the names that a page sends them by.

    A ``BaseForm`` makes no attributes of its fields, so a question's id can hide nothing of the form's.
    """

    def __init__(self, definition: "FormDefinition", step: str, body: ParsedBody) -> None:
        self.unreadable = body.unreadable
        self._errors = definition.wording.errors
        super().__init__(definition.steps[step], meta=definition.meta)
        self.process(body.to_multidict())

    def error_message(self, key: str) -> str:
        """The sentence of the wording for an error."""
        return str(getattr(self._errors, key))


class InterestForm(Form):
    """One POST (or none yet): a form for each step, and what the page says of itself with its one-time token."""

    class Meta:
        csrf = True
        csrf_class = OneTimeToken
        csrf_field_name = NONCE_FIELD

        def get_translations(self, form: Any) -> None:
            return None

    def __init__(self, definition: "FormDefinition", body: ParsedBody, keys: SigningKeys, now: datetime) -> None:
        self.wording = definition.wording
        self.body = body
        self.now = now
        #: The token that the page carried, once it has been verified.
        self.verified_token: Token | None = None
        #: Whether a program filled in what people leave blank.
        self.is_honeypot_filled = any(value for name, value in body.pairs if name == HONEYPOT)
        sent = dict(body.pairs)
        self.step = sent[STEP] if sent.get(STEP) in (*STEP_PATHS, CHECK) else ""
        self.then = CHECK if sent.get(THEN) == CHECK else ""
        self.is_skipping_questions = SKIP in sent
        self.source = sent.get(SOURCE, "")
        super().__init__(formdata=body.to_multidict(), meta={"csrf_context": keys})
        self.steps = {step: StepForm(definition, step, body) for step in definition.steps}

    @property
    def current_token(self) -> str:
        """The token for the next page: the one that came, or a fresh one if that cannot be verified."""
        return str(self[NONCE_FIELD].current_token)

    def mint_token(self) -> str:
        """A fresh token, for a page whose own cannot be verified."""
        return mint_token(self.meta.csrf_context, self.now)

    def error_message(self, key: str) -> str:
        """The sentence of the wording for an error."""
        return str(getattr(self.wording.errors, key))

    def validate(self) -> bool:
        """Validate the token and every step."""
        return all([super().validate(), *(step.validate() for step in self.steps.values())])

    @property
    def token_errors(self) -> tuple[str, ...]:
        """What cannot be verified of the token."""
        return tuple(self[NONCE_FIELD].errors)

    @property
    def invalid_steps(self) -> tuple[str, ...]:
        """The steps, in their order, in which something could not be read."""
        return tuple(name for name, step in self.steps.items() if step.errors)

    def hidden_pairs(self, step: str, *, reported: bool) -> tuple[tuple[str, str], ...]:
        """What the page of *step* carries hidden: every pair of the other steps as it was sent, and a *Skip*.

        What could not be read stays named, until it is *reported* beside its field. A person who skips all questions
        is asked none of them again: an answer there that could not be read is left out.
        """
        left_out = set(self.steps["questions"].errors) if self.is_skipping_questions else set()
        elsewhere = {each.short_name for name, form in self.steps.items() if name != step for each in form}
        if step != "questions":
            elsewhere.add(HONEYPOT)
        elsewhere -= left_out
        pairs = [pair for pair in self.body.pairs if pair[0] in elsewhere]
        unreadable = self.body.unreadable
        named = unreadable & elsewhere if reported else unreadable - left_out
        return (*pairs, *((UNREADABLE, name) for name in sorted(named)))

    def answers(self) -> Mapping[str, FieldValue]:
        """The answers compartment: the study's questions."""
        return self._values("questions")

    def contact(self) -> Mapping[str, FieldValue]:
        """The contact compartment: how to reach the participant, and their permission."""
        return {**self._values("contact"), **self._values("permission")}

    def _values(self, step: str) -> Mapping[str, FieldValue]:
        return {
            each.short_name: each.in_order() if isinstance(each, MultipleChoiceField) else str(each.data)
            for each in self.steps[step]
        }


@dataclass(frozen=True)
class FormDefinition:
    """The form of one locale: its wording, and the unbound fields of each step."""

    wording: Wording
    steps: Mapping[str, Mapping[str, Any]]
    meta: CachingMeta = field(default_factory=CachingMeta)

    def load(self, body: ParsedBody, keys: SigningKeys, now: datetime) -> InterestForm:
        """The form as a page sent it; not yet validated."""
        return InterestForm(self, body, keys, now)

    def blank(self) -> InterestForm:
        """The form before anything is filled in; its token is worth nothing."""
        return self.load(ParsedBody(()), _NoKeys(), datetime.fromtimestamp(0, UTC))

    def field_names(self) -> Mapping[bytes, str]:
        """The names that a page may send, by the bytes that they are sent as."""
        # All contact fields: a page may come from before a module was switched off.
        names = (*self.steps["questions"], *contact_fields.contact_field_codes(), *PAGE_FIELDS)
        return {name.encode(): name for name in names}


class _NoKeys:
    current = b""
    previous: tuple[bytes, ...] = ()


def define_form(study: Study, wording: Wording) -> FormDefinition:
    """The form of *wording*'s locale: the questions that *study* asks, and its contact fields."""
    steps: dict[str, dict[str, Any]] = {step: {} for step in STEP_PATHS}
    steps["questions"] = {question.id: build_question_field(question) for question in study.asked}
    for each in study.contact_fields:
        steps[each.step][each.id] = build_contact_field(each)
    return FormDefinition(wording, steps)

"""The view model of the form: plain data for the templates, with the sentences of the wording in it.

The templates loop over these and do not call WTForms' widgets: rendering the form with widgets takes
fifteen times as long as everything else in a request.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screener.questionnaire.form import CHECK
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.form import FormDefinition
from screener.questionnaire.form import InterestForm
from screener.study.wording import Wording

#: The attributes of a text input, by its format. ``nickname`` and not ``name``: the page asks for a name that is
#: safe to say, and a browser would fill in the full one. The e-mail field is no ``type=email``: browsers
#: rewrite what is typed there (blanks, domains in other scripts), and nothing may be changed silently.
INPUT_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "": {"type": "text", "autocomplete": "off"},
    "nickname": {"type": "text", "autocomplete": "nickname"},
    "phone": {"type": "tel", "autocomplete": "tel"},
    "email": {
        "type": "text",
        "inputmode": "email",
        "autocomplete": "email",
        "autocapitalize": "none",
        "spellcheck": "false",
    },
    "whole_number": {"type": "text", "inputmode": "numeric", "autocomplete": "off"},
}


@dataclass(frozen=True)
class OptionView:
    """One answer that can be chosen."""

    id: str
    code: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class FieldView:
    """One field as a page shows it."""

    id: str
    kind: str
    label: str
    hint: str
    #: As in ``ContactField.required``: ``no``, ``yes`` or ``either``.
    required: str
    value: str
    options: tuple[OptionView, ...]
    error: str
    attributes: Mapping[str, str]

    @property
    def anchor(self) -> str:
        """The id of its first control, for links from the error summary and the check page."""
        return self.options[0].id if self.options and self.kind in ("choice", "choices") else self.id

    @property
    def described_by(self) -> str:
        """The ids of its hint and its error, as far as it has them."""
        parts = (f"{self.id}-hint" if self.hint else "", f"{self.id}-error" if self.error else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class AnswerView:
    """One field as the check page repeats it: the question, the words of the answers, and where to change them."""

    label: str
    answers: tuple[str, ...]
    anchor: str


def list_fields(form: InterestForm, step: str, *, show_errors: bool) -> tuple[FieldView, ...]:
    """The fields of *step* in the order of its page."""
    return tuple(_view_field(field, form.wording, show_errors=show_errors) for field in form.steps[step])


def _view_field(field: Any, wording: Wording, *, show_errors: bool) -> FieldView:
    words = wording.fields[field.short_name]
    return FieldView(
        id=field.short_name,
        kind=field.kind,
        label=words.label,
        hint=words.hint,
        required=field.required,
        value=field.data if isinstance(field.data, str) else "",
        options=tuple(_view_options(field, words.options, wording.common.skip_question)),
        error=field.errors[0] if show_errors and field.errors else "",
        attributes=INPUT_ATTRIBUTES[field.format],
    )


def _view_options(field: Any, labels: Mapping[str, str], skip: str) -> list[OptionView]:
    """Its answers; *skip* comes last in a list of radio buttons, and is never preselected."""
    if field.kind not in ("choice", "choices", "select"):
        return []
    codes = [choice.value for choice in field.choices]
    sent = field.raw_data or ()
    return [
        OptionView(f"{field.short_name}-{code or 'skip'}", code, labels[code] if code else skip, code in sent)
        for code in codes
    ]


def list_errors(fields: tuple[FieldView, ...]) -> list[FieldView]:
    """The entries of the error summary; a sentence that is shown beside phone and email appears there once."""
    found: dict[str, FieldView] = {}
    for field in fields:
        if field.error:
            found.setdefault(field.error if field.required == "either" else field.id, field)
    return list(found.values())


def step_context(
    form: InterestForm, step: str, then: str, *, failed: bool = False, show_errors: bool = True
) -> Mapping[str, Any]:
    """The context of *step*'s template with everything that was typed; *then* returns a change to the check page."""
    fields = list_fields(form, step, show_errors=failed and show_errors)
    return {
        **_step_frame(step, then, fields),
        "errors": list_errors(fields),
        "sentences": form.token_errors if failed else (),
        "failed": failed,
        "honeypot": "1" if form.is_honeypot_filled else "",
        "pairs": form.hidden_pairs(step, reported=failed and show_errors),
        "insert": form.current_token,
    }


def blank_step_context(definition: FormDefinition, step: str) -> Mapping[str, Any]:
    """The context of *step*'s template before anything is filled in; its page is cached without a token."""
    fields = list_fields(definition.blank(), step, show_errors=False)
    blank = {"errors": (), "sentences": (), "failed": False, "honeypot": "", "pairs": ()}
    return {"key": step, **_step_frame(step, "", fields), **blank}


def _step_frame(step: str, then: str, fields: tuple[FieldView, ...]) -> Mapping[str, Any]:
    """What every page of *step* shows, and where its buttons lead."""
    order = (*STEP_PATHS, CHECK)
    index = order.index(step)
    return {
        "name": step,
        "fields": fields,
        "then": then,
        "forward": STEP_PATHS.get(then or order[index + 1], CHECK),
        "backward": STEP_PATHS[order[index - 1]] if index and not then else "",
    }


def check_context(form: InterestForm, *alert: str) -> Mapping[str, Any]:
    """The context of the check page: every answer, under an *alert* if there is one."""
    return {
        "answers": list_answers(form),
        "addresses": STEP_PATHS,
        "pairs": form.hidden_pairs(CHECK, reported=False),
        "token": form.current_token,
        "alert": alert,
    }


def list_answers(form: InterestForm) -> tuple[tuple[str, tuple[AnswerView, ...]], ...]:
    """Every answer by step, in the words that the participant read."""
    return tuple((step, tuple(_view_answers(form, step))) for step in form.steps)


def _view_answers(form: InterestForm, step: str) -> Iterator[AnswerView]:
    for view in list_fields(form, step, show_errors=False):
        yield AnswerView(view.label, _answer_words(form, step, view.id), view.anchor)


def _answer_words(form: InterestForm, step: str, name: str) -> tuple[str, ...]:
    field, options = form.steps[step][name], form.wording.fields[name].options
    if field.is_blank():
        return ()
    if field.kind == "choices":
        return tuple(options[code] for code in field.in_order())
    return (options[field.data] if field.kind in ("choice", "select", "tick") else field.data,)

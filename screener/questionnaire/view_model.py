"""What a page shows of the form: plain facts for the templates, with the words of the wording in them.

The templates loop over these and ask WTForms' widgets for nothing: drawing the form with widgets costs
fifteen times as much as everything else in a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screener.questionnaire.fields import TICKED
from screener.questionnaire.form import CHECK
from screener.questionnaire.form import STAMP
from screener.questionnaire.form import STEPS
from screener.questionnaire.form import InterestForm
from screener.questionnaire.form import blank_form
from screener.study.wording import Wording

#: What a browser may know of a field. ``nickname`` and not ``name``: the page asks for a name that is
#: safe to say, and a browser would fill in the full one. The e-mail field is no ``type=email``: browsers
#: rewrite what is typed there (blanks, domains in other scripts), and nothing may be changed silently.
BROWSER: Mapping[str, Mapping[str, str]] = {
    "name_pref": {"type": "text", "autocomplete": "nickname"},
    "phone": {"type": "tel", "autocomplete": "tel"},
    "email": {
        "type": "text",
        "inputmode": "email",
        "autocomplete": "email",
        "autocapitalize": "none",
        "spellcheck": "false",
    },
}
NUMBER = {"type": "text", "inputmode": "numeric", "autocomplete": "off"}
TEXT = {"type": "text", "autocomplete": "off"}
#: One of these is asked for, and said beside both.
ONE_OF_TWO = frozenset(("phone", "email"))
NEEDED = frozenset(("name_pref", "adult_self"))


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen."""

    id: str
    code: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """One field as a page shows it."""

    id: str
    kind: str
    label: str
    hint: str
    needed: bool
    value: str
    options: tuple[Option, ...]
    error: str
    browser: Mapping[str, str]

    @property
    def anchor(self) -> str:
        """The id of the first thing in it that can be filled in; where a link from an error leads."""
        return self.options[0].id if self.options and self.kind in ("choice", "choices") else self.id

    @property
    def described_by(self) -> str:
        """The ids of its hint and its error, as far as there are any."""
        parts = (f"{self.id}-hint" if self.hint else "", f"{self.id}-error" if self.error else "")
        return " ".join(part for part in parts if part)


def rows_of(form: InterestForm, step: str, *, judged: bool) -> tuple[Row, ...]:
    """The fields of *step* in the order of its page; with what could not be read, if the page was *judged*."""
    return tuple(_row(field, form.wording, judged=judged) for field in form.parts()[step])


def _row(field: Any, wording: Wording, *, judged: bool) -> Row:
    words = wording.fields[field.short_name]
    return Row(
        id=field.short_name,
        kind=field.kind,
        label=words.label,
        hint=words.hint,
        needed=field.short_name in NEEDED,
        value=field.data if isinstance(field.data, str) else "",
        options=tuple(_options(field, words.options, wording.common.skip_question)),
        error=field.errors[0] if judged and field.errors else "",
        browser=BROWSER.get(field.short_name, NUMBER if field.kind == "whole_number" else TEXT),
    )


def _options(field: Any, labels: Mapping[str, str], skip: str) -> list[Option]:
    """Its answers; *skip* stands last in a list of radios and is not chosen for anybody."""
    if field.kind not in ("choice", "choices", "select"):
        return []
    codes = [choice.value for choice in field.choices]
    sent = field.raw_data or ()
    return [
        Option(f"{field.short_name}-{code or 'skip'}", code, labels[code] if code else skip, code in sent)
        for code in codes
    ]


def wrong(shown: tuple[Row, ...]) -> list[Row]:
    """What the summary names; a sentence that is said beside phone and email stands there once."""
    found: dict[str, Row] = {}
    for row in shown:
        if row.error:
            found.setdefault(row.error if row.id in ONE_OF_TWO else row.id, row)
    return list(found.values())


def step_facts(step: str, then: str, rows: tuple[Row, ...]) -> Mapping[str, Any]:
    """What the page of *step* shows, and where its buttons lead; *then* goes home to the check page from a change."""
    way = (*STEPS, CHECK)
    here = way.index(step)
    return {
        "name": step,
        "rows": rows,
        "then": then,
        "forward": STEPS.get(then or way[here + 1], CHECK),
        "backward": STEPS[way[here - 1]] if here and not then else "",
    }


def filled(form: InterestForm, step: str, then: str, *, failed: bool = False, judged: bool = True) -> Mapping[str, Any]:
    """The page of *step* with everything that was typed; if it *failed* and was *judged*, with what is unreadable."""
    shown = rows_of(form, step, judged=failed and judged)
    return {
        **step_facts(step, then, shown),
        "wrong": wrong(shown),
        "sentences": form.errors.get(STAMP, ()) if failed else (),
        "failed": failed,
        "trap": "1" if form.trapped else "",
        "pairs": form.carried(step, told=failed and judged),
        "gap": form[STAMP].current_token,
    }


def blank(form: type[InterestForm], step: str) -> Mapping[str, Any]:
    """The page of *step* as nobody has filled it in."""
    shown = rows_of(blank_form(form), step, judged=False)
    nothing = {"wrong": (), "sentences": (), "failed": False, "trap": "", "pairs": ()}
    return {"key": step, **step_facts(step, "", shown), **nothing}


@dataclass(frozen=True)
class Told:
    """One field as the check page repeats it: what was asked, the words of the answer, and where it is changed."""

    label: str
    answers: tuple[str, ...]
    anchor: str


def told(form: InterestForm) -> tuple[tuple[str, tuple[Told, ...]], ...]:
    """Everything that the person said, step by step, in the words that they read."""
    return tuple(
        (
            step,
            tuple(
                Told(row.label, _said(field, form.wording.fields[row.id].options), row.anchor)
                for row, field in zip(rows_of(form, step, judged=False), fields, strict=True)
            ),
        )
        for step, fields in form.parts().items()
    )


def checked(form: InterestForm, *alert: str) -> Mapping[str, Any]:
    """The check page: everything that was said, under an *alert* if there is one."""
    return {
        "told": told(form),
        "addresses": STEPS,
        "pairs": form.carried(CHECK, told=False),
        "token": form[STAMP].current_token,
        "alert": alert,
    }


def _said(field: Any, options: Mapping[str, str]) -> tuple[str, ...]:
    if field.kind == "choices":
        return tuple(options[code] for code in field.in_order())
    if field.kind == "tick":
        return (options[TICKED],) if field.data == TICKED else ()
    if not field.data.strip():
        return ()
    return (options[field.data] if field.kind in ("choice", "select") else field.data,)

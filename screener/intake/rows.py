"""What a page shows of the form: plain facts for the templates, with the words of the wording in them.

The templates loop over these and ask WTForms' widgets for nothing: drawing the form with widgets costs
fifteen times as much as everything else in a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screener.intake.fields import TICKED
from screener.intake.form import TRAP
from screener.intake.form import InterestForm
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


@dataclass(frozen=True)
class Part:
    """One of the three parts of the form, under its name in the wording and in the page."""

    name: str
    rows: tuple[Row, ...]


def parts(form: InterestForm) -> tuple[Part, ...]:
    """The whole form in the order of its page."""
    return tuple(Part(name, tuple(_row(field, form.wording) for field in fields)) for name, fields in form.parts())


def _row(field: Any, wording: Wording) -> Row:
    words = wording.fields[field.short_name]
    return Row(
        id=field.short_name,
        kind=field.kind,
        label=words.label,
        hint=words.hint,
        needed=field.short_name in NEEDED,
        value=field.data if isinstance(field.data, str) else "",
        options=tuple(_options(field, words.options, wording.common.skip_question)),
        error=field.errors[0] if field.errors else "",
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


@dataclass(frozen=True)
class Told:
    """One field as the check page repeats it: what was asked, and the words of the answer."""

    label: str
    answers: tuple[str, ...]


def told(form: InterestForm) -> tuple[tuple[str, tuple[Told, ...]], ...]:
    """Everything that the person said, part by part, in the words that they read."""
    return tuple((name, tuple(_told(field, form.wording) for field in fields)) for name, fields in form.parts())


def _told(field: Any, wording: Wording) -> Told:
    words = wording.fields[field.short_name]
    if field.kind == "choices":
        return Told(words.label, tuple(words.options[code] for code in field.in_order()))
    if field.kind == "tick":
        return Told(words.label, (words.options[TICKED],) if field.data == TICKED else ())
    if not field.data.strip():
        return Told(words.label, ())
    return Told(words.label, (words.options[field.data] if field.kind in ("choice", "select") else field.data,))


def hidden(form: InterestForm) -> tuple[tuple[str, str], ...]:
    """What the check page carries on: every answer as it was sent, a *Skip* too."""
    pairs: list[tuple[str, str]] = []
    for _, fields in form.parts():
        for field in fields:
            if field.raw_data:
                values = field.in_order() if field.kind == "choices" else (field.data,)
                pairs.extend((field.short_name, value) for value in values)
    if form.trapped:
        pairs.append((TRAP, TICKED))
    return tuple(pairs)

"""The tables of the packet: fields, errors, interface text, retention sentences, and translations beside English."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.form import define_form
from screener.study import contact_fields
from screener.study.approved_content import interface_content
from screener.study.model import Study
from screener.study.wording import LocaleWording
from screener.study.wording import Wording
from screener.study.wording_files import read_wording_source
from screener.study_checks.sentences import PLACEHOLDER
from screener.study_checks.sentences import is_inside
from screener.study_checks.sentences import mark_of
from screener.study_checks.sentences import sentences_of

#: Where the fields of each step are kept.
BOX_BY_STEP = {
    "questions": "box of answers",
    "contact": "box of contact details",
    "permission": "box of contact details",
}
#: The one choice that is readable, too: the desk assigns a form to a coordinator who speaks the language.
READABLE_FIELDS = frozenset(("lang",))
KIND_LABELS = {
    "choice": "one of these",
    "choices": "any of these",
    "select": "one of a list",
    "text": "text",
    "tick": "a box to tick",
    "whole_number": "a whole number",
}
#: Whether a field must be answered, as the table says it.
REQUIRED = {"yes": "yes", "either": "one of these two", "no": "no"}
#: Placeholders of sentences about retention periods.
RETENTION_PLACEHOLDERS = {"retention_days", "backup_days"}
#: Parts that are about keeping and privacy from the first word to the last.
ABOUT_KEEPING = ("pages.privacy.body", "pages.privacy.appointment", "fields.adult_self", "fields.future_ok")
FIELD = "fields."
#: Beside what each of the errors stands, and when.
ERROR_OCCASIONS = {
    "title": "above the list of what could not be read",
    "lead": "above the list of what could not be read",
    "age": "the age is not one to three digits",
    "choice": "an answer is none of those that the form has",
    "name": "no name was given",
    "route": "neither a telephone number nor an email was given",
    "email": "the email is not written as one",
    "phone": "there is no digit in the telephone number",
    "permission": "the first box is not ticked",
    "long": "a text is longer than there is room for",
    "token": "the page cannot be known as one of ours any more",
    "busy": "nowhere in this release; a page of its own says it",
    "characters": "letters that were sent cannot be read",
    "repeated": "one question was answered more than once",
}


@dataclass(frozen=True)
class OptionRow:
    """One answer that can be chosen, and what is kept of it."""

    code: str
    words: str


@dataclass(frozen=True)
class FieldRow:
    """One field of the form, for the table."""

    id: str
    question: str
    hint: str
    kind: str
    codes: tuple[OptionRow, ...]
    needed: str
    kept: str


@dataclass(frozen=True)
class ErrorRow:
    """One error message of the form, and when it is shown."""

    words: str
    when: str


@dataclass(frozen=True)
class SentencePair:
    """One sentence in both languages; where both have a list of another length, either may be empty."""

    path: str
    english: str
    words: str


def list_field_rows(study: Study, words: Wording) -> tuple[FieldRow, ...]:
    """Every field that the form asks, in its order."""
    steps = define_form(study, words).blank().steps
    return tuple(_field(one, words, step) for step in STEP_PATHS for one in steps[step])


def _field(one: Any, words: Wording, step: str) -> FieldRow:
    name, text = one.short_name, words.fields[one.short_name]
    return FieldRow(
        id=name,
        question=text.label,
        hint=text.hint,
        kind=KIND_LABELS[one.kind],
        codes=tuple(OptionRow(code, label) for code, label in text.options.items()),
        needed=REQUIRED[one.required],
        kept=BOX_BY_STEP[step] + (", and readable" if name in READABLE_FIELDS else ""),
    )


def list_module_rows(study: Study) -> tuple[tuple[str, bool, str], ...]:
    """Each module: its name, whether it is on, and what it asks."""
    asked = {name: [one.id for one in study.questions if one.module == name] for name in study.modules}
    for field in contact_fields.CONTACT_FIELDS:
        if field.module in asked:
            asked[field.module].append(field.id)
    return tuple(
        (name, module.on, f"{module.description} ({', '.join(asked[name])})") for name, module in study.modules.items()
    )


def list_error_rows(words: Wording) -> tuple[ErrorRow, ...]:
    """Every error that a field can have."""
    return tuple(ErrorRow(sentence, ERROR_OCCASIONS[name]) for name, sentence in words.errors.model_dump().items())


def list_retention_rows(folder: Path, study: Study, words: Wording) -> tuple[tuple[str, str], ...]:
    """Every sentence on how long something is kept, who may read it, and how it is erased; with its place."""
    raw = sentences_of(read_wording_source(folder, words.locale).merged())
    parts = [part for part in ABOUT_KEEPING if not part.startswith(FIELD) or part.removeprefix(FIELD) in study.shown()]
    named = {path for path, sentence in raw.items() if RETENTION_PLACEHOLDERS & set(PLACEHOLDER.findall(sentence))}
    whole = sentences_of(_served(words))
    return tuple(
        (path, sentence.removeprefix(mark_of(sentence)))
        for path, sentence in whole.items()
        if path in named or any(is_inside(path, part) for part in parts)
        if not path.endswith((".0", ".1"))
    )


def list_translation_rows(english: Wording, words: Wording) -> tuple[SentencePair, ...]:
    """Every sentence of *words* beside the English one."""
    theirs, ours = sentences_of(_served(english)), sentences_of(_served(words))
    paths = [*theirs, *(path for path in ours if path not in theirs)]
    return tuple(
        SentencePair(path, _plain(theirs.get(path, "")), _plain(ours.get(path, "")))
        for path in sorted(paths, key=lambda path: _place(path, paths))
    )


def list_interface_rows(words: Wording) -> tuple[tuple[str, str], ...]:
    """Every sentence of the interface text that people can read, with its place."""
    found = sentences_of({key: part for key, part in interface_content(words).items() if key != "preview"})
    return tuple((path, _plain(sentence)) for path, sentence in found.items())


def _plain(sentence: str) -> str:
    return sentence.removeprefix(mark_of(sentence))


def _place(path: str, paths: list[str]) -> tuple[int, int]:
    """A paragraph that only one of the two has stands beside the others of its list."""
    listed = path.rpartition("[")[0]
    first = next((place for place, one in enumerate(paths) if listed and one.startswith(f"{listed}[")), -1)
    return (first, paths.index(path)) if first >= 0 else (paths.index(path), 0)


def _served(words: Wording) -> Mapping[str, Any]:
    """What people can read of *words*: not the preview, which stands nowhere in production."""
    return words.model_dump(mode="json", include=set(LocaleWording.model_fields) - {"preview"})

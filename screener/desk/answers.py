"""Answers as the person gave them, worded by the wording that is kept with its version."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screener.desk.words import plain
from screener.submissions.payload import FieldValue


@dataclass(frozen=True)
class AnsweredQuestion:
    """One question as the person read it, and what they chose or typed; no answers where they left it blank."""

    label: str
    hint: str
    answers: tuple[str, ...]


def label_answers(answers: Mapping[str, FieldValue], content: Mapping[str, Any] | None) -> tuple[AnsweredQuestion, ...]:
    """Label *answers* in the order of the page with the wording in *content*.

    An answer for which it has no label stands as it was sent. Every question that was asked is there, answered or not:
    leaving one out would tell something.
    """
    return tuple(_label_answers(answers, content))


def _label_answers(answers: Mapping[str, FieldValue], content: Mapping[str, Any] | None) -> Iterator[AnsweredQuestion]:
    fields = content["wording"]["fields"] if content else {}
    asked = [question["id"] for question in content["study"]["questions"]] if content else []
    for name in sorted(answers, key=lambda name: asked.index(name) if name in asked else len(asked)):
        field, value = fields.get(name, {}), answers[name]
        codes = value if isinstance(value, tuple) else (value,) if value.strip() else ()
        options = field.get("options", {})
        label = field.get("label") or plain(name).capitalize()
        yield AnsweredQuestion(label, field.get("hint", ""), tuple(options.get(code, code) for code in codes))

"""What somebody answered, in the very words that they read: from the wording that is kept with their version."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screener.desk.words import plain
from screener.submissions.payload import FieldValue


@dataclass(frozen=True)
class Seen:
    """One question as the person read it, and what they chose or typed; nothing where they left it blank."""

    label: str
    hint: str
    answers: tuple[str, ...]


def in_their_words(answers: Mapping[str, FieldValue], content: Mapping[str, Any] | None) -> tuple[Seen, ...]:
    """*answers* in the order of the page, with the words of *content*; what it has no words for stands as it was sent.

    Every question that was asked is there, answered or not: leaving one out would say something.
    """
    return tuple(_seen(answers, content))


def _seen(answers: Mapping[str, FieldValue], content: Mapping[str, Any] | None) -> Iterator[Seen]:
    words = content["wording"]["fields"] if content else {}
    asked = [question["id"] for question in content["study"]["questions"]] if content else []
    for name in sorted(answers, key=lambda name: asked.index(name) if name in asked else len(asked)):
        said, value = words.get(name, {}), answers[name]
        codes = value if isinstance(value, tuple) else (value,) if value.strip() else ()
        options = said.get("options", {})
        label = said.get("label") or plain(name).capitalize()
        yield Seen(label, said.get("hint", ""), tuple(options.get(code, code) for code in codes))

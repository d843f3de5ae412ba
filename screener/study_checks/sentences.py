"""Every sentence of a wording file by its key path, whatever pages the file has.

The lint and the book of translations walk a file with this and name no page, so that a page which comes
or goes takes nothing with it. The sentences are as the file has them, with their ``{placeholders}``: what is
judged and what is translated does not depend on a site's name or telephone number.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The keys at the top of a wording file, and the number that sentences name by ``{crisis_number}``.
NO_SENTENCES = {"locale", "name", "direction", "status", "crisis.number"}
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
MARKS = ("## ", "- ")


@dataclass(frozen=True)
class WordingFault:
    """One thing to mend in a wording file: where, what stands there, what is wrong, and what to do."""

    path: str
    sentence: str
    wrong: str
    do: str

    def __str__(self) -> str:
        text = f': "{self.sentence}"' if self.sentence else ""
        return f"{self.path} {self.wrong}{text}. {self.do}"


def sentences_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Key path to sentence, in the order of the file, without empty ones."""
    return {path: text for path, text in _walk(data, "") if text and path not in NO_SENTENCES}


def _walk(part: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield from _walk(value, f"{path}.{key}" if path else str(key))
    elif isinstance(part, (list, tuple)):
        for number, value in enumerate(part, start=1):
            yield from _walk(value, f"{path}[{number}]")
    elif isinstance(part, str):
        yield path, part


def is_inside(path: str, part: str) -> bool:
    """Whether *path* is *part* of the file, or in it: ``pages.start.body[3]`` is in ``pages.start``."""
    return path == part or path.startswith((f"{part}.", f"{part}["))


def mark_of(sentence: str) -> str:
    """What makes *sentence* a heading or an item of a list; nothing for a paragraph."""
    return next((mark for mark in MARKS if sentence.startswith(mark)), "")

"""Compare two wording contents sentence by sentence: what a reviewer has to read again, and no more.

Plain data in, plain data out. A content is what the version of a wording is the hash of, fresh or as the store kept it,
so the order of its keys says nothing; the order of its lists does.
"""

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from screener.study.wording_files import is_interface

#: Where one sentence ends and the next begins; a short word with a capital, as "Dr." or "Sra.", ends none.
BETWEEN = re.compile(r"(?<=[.?!])(?<!\b[A-Z][a-z]\.)(?<!\b[A-Z][a-z]{2}\.)(?=\s)|(?<=[。？！])")


@dataclass(frozen=True)
class WordingChange:
    """One sentence or fact that is another one now."""

    #: Its file and its place there, from 1: ``wording.pages.start.body[3]``, ``study.questions[dep_now].kind``.
    path: str
    #: Empty when it is new.
    before: str
    #: Empty when it is gone.
    after: str


def list_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[WordingChange, ...]:
    """What changed from the content *old* to *new*, in the order of *new*; what is gone comes last in its table."""
    found = tuple(_tables(old, new, ""))
    formats = {"errors" in one["wording"] for one in (old, new) if "wording" in one}
    return tuple(change for change in found if not _is_of_the_interface(change)) if len(formats) > 1 else found


def _is_of_the_interface(change: WordingChange) -> bool:
    """Of a content in format 1, which has the interface text, beside one that has not."""
    return is_interface(change.path.removeprefix("wording."))


def split_paragraph(text: str) -> list[str]:
    """The sentences of one paragraph; put together they are that paragraph again."""
    return [part for part in BETWEEN.split(text) if part]


def count_sentences(content: Mapping[str, Any]) -> int:
    """The number of sentences, headings and labels in the wording of *content*."""
    return sum(len(split_paragraph(change.after)) for change in list_changes({}, {"wording": content["wording"]}))


def _between(old: Any, new: Any, path: str) -> Iterator[WordingChange]:
    """The changes at one place; None stands for what is not there."""
    there = [one for one in (old, new) if one is not None]
    if all(isinstance(one, Mapping) for one in there):
        yield from _tables(old or {}, new or {}, path)
    elif all(_is_list_of(str, one) for one in there):
        yield from _paragraphs(old or (), new or (), path)
    elif all(_is_list_of(Mapping, one) for one in there):
        yield from _rows(old or (), new or (), path)
    else:
        yield from _texts(_told(old), _told(new), path)


def _is_list_of(kind: Any, value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(one, kind) for one in value)


def _tables(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[WordingChange]:
    for key in _all(old, new):
        yield from _between(old.get(key), new.get(key), f"{path}.{key}" if path else key)


def _rows(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], path: str) -> Iterator[WordingChange]:
    """Rows go by their ids, as a person finds them in the file; a new order is a change of its own."""
    before, after = ({str(row.get("id", place)): row for place, row in enumerate(rows, 1)} for rows in (old, new))
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield WordingChange(path, ", ".join(before), ", ".join(after))
    for name in _all(before, after):
        yield from _between(before.get(name), after.get(name), f"{path}[{name}]")


def _paragraphs(old: Sequence[str], new: Sequence[str], path: str) -> Iterator[WordingChange]:
    """A paragraph that came or went does not make those around it new."""
    for kind, first, last, begin, end in _steps(old, new):
        if kind != "equal":
            pairs = zip_longest(old[first:last], new[begin:end], fillvalue="")
            for step, (before, after) in enumerate(pairs, 1):
                yield from _texts(before, after, f"{path}[{(begin if after else first) + step}]")


def _texts(before: str, after: str, path: str) -> Iterator[WordingChange]:
    """The sentences that differ; a paragraph that is new or gone is reported as a whole."""
    if before and after:
        was, now = split_paragraph(before), split_paragraph(after)
        for kind, first, last, begin, end in _steps(was, now):
            if kind != "equal":
                yield WordingChange(path, "".join(was[first:last]).strip(), "".join(now[begin:end]).strip())
    elif before != after:
        yield WordingChange(path, before, after)


def _steps(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, list(old), list(new), autojunk=False).get_opcodes()


def _all(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [*new, *(key for key in old if key not in new)]


def _told(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)

"""What ``screener wording diff`` compares with, and how it says what changed."""

import re
import textwrap
from collections.abc import Iterator

import sqlalchemy as sa

from screener.errors import UserError
from screener.study.wording import Wording
from screener.study_checks.diff import changes
from screener.study_checks.diff import how_many_sentences
from screener.submissions import queries
from screener.submissions.queries import StoredWording

#: What may stand for a version: enough of its beginning that two are hardly ever alike.
BEGINNING = re.compile(r"[0-9a-f]{8,64}")
#: How much of a version is said where nobody has to compare it.
SHORT = 12
#: Signs a line.
WIDTH = 100


def named(connection: sa.Connection, beginning: str, locale: str | None) -> StoredWording:
    """The kept version that begins so, in *locale* if one is named. Raises *UserError* unless it is exactly one."""
    if not BEGINNING.fullmatch(beginning.lower()):
        raise UserError(
            "A version is named by 8 to 64 of its first digits (0-9, a-f); `screener wording list` says it."
        )
    found = queries.list_wordings(connection, version=beginning.lower())
    if len(found) > 1:
        raise UserError("Several versions begin like that; give more of its digits.")
    if not found:
        raise UserError(f"No version that begins like that was kept. The store has: {_kept(connection)}.")
    if locale not in (None, found[0].locale):
        raise UserError(f"That version is one of {found[0].locale}; ask for --locale {found[0].locale}.")
    return found[0]


def approved_last(connection: sa.Connection, locale: str) -> StoredWording | None:
    """The words of *locale* whose approval was recorded last."""
    versions = [one.wording_version for one in queries.list_approvals(connection) if one.locale == locale]
    return queries.list_wordings(connection, version=versions[-1])[0] if versions else None


def compared(words: Wording, before: StoredWording | None) -> Iterator[str]:
    """What changed from *before* to *words*, in lines to print."""
    yield f"{words.locale}  {words.version[:SHORT]}"
    if before is None:
        number = how_many_sentences(words.content)
        yield f"    No version of {words.locale} was approved yet: everything is new ({number} sentences)."
        return
    found = changes(before.content, words.content)
    if not found:
        yield f"    Nothing changed since version {before.version[:SHORT]}."
        return
    yield f"    {len(found)} change{'' if len(found) == 1 else 's'} since version {before.version[:SHORT]}:"
    for change in found:
        yield f"\n    {change.path}"
        yield from _wrapped("-", change.before)
        yield from _wrapped("+", change.after)


def _kept(connection: sa.Connection) -> str:
    kept = queries.list_wordings(connection)
    return ", ".join(f"{one.version[:SHORT]} ({one.locale})" for one in kept) or "no version yet"


def _wrapped(mark: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=f"      {mark} ", subsequent_indent=" " * 8, break_on_hyphens=False
    )

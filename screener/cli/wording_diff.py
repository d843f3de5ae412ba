"""The output of ``screener wording diff``: which version is compared with, and what changed since."""

import re
import textwrap
from collections.abc import Iterator

import sqlalchemy as sa

from screener.errors import UserError
from screener.study.wording import Wording
from screener.study_checks.diff import count_sentences
from screener.study_checks.diff import list_changes
from screener.submissions import queries
from screener.submissions.queries import StoredWording

#: How a version may be abbreviated: two that begin alike are very unlikely.
VERSION_PREFIX = re.compile(r"[0-9a-f]{8,64}")
#: Digits of a version where it need not be compared.
SHORT_VERSION = 12
#: Characters of a line.
LINE_WIDTH = 100


def find_version(connection: sa.Connection, prefix: str, locale: str | None) -> StoredWording:
    """Return the stored version that begins with *prefix*, in *locale* if given. Raises *UserError* unless one does."""
    if not VERSION_PREFIX.fullmatch(prefix.lower()):
        raise UserError("Name a version by 8 to 64 of its first digits (0-9, a-f); `screener wording list` shows it.")
    found = queries.list_wordings(connection, version=prefix.lower())
    if len(found) > 1:
        raise UserError("Several versions begin like that; give more of its digits.")
    if not found:
        raise UserError(f"No stored version begins like that. The store has: {_list_versions(connection)}.")
    if locale not in (None, found[0].locale):
        raise UserError(f"That version is for {found[0].locale}; ask for --locale {found[0].locale}.")
    return found[0]


def find_last_approved(connection: sa.Connection, locale: str) -> StoredWording | None:
    """Return the words of *locale* whose approval was recorded last."""
    versions = [one.wording_version for one in queries.list_approvals(connection) if one.locale == locale]
    return queries.list_wordings(connection, version=versions[-1])[0] if versions else None


def format_changes(words: Wording, before: StoredWording | None) -> Iterator[str]:
    """Yield what changed from *before* to *words*, in lines to print."""
    yield f"{words.locale}  {words.version[:SHORT_VERSION]}"
    if before is None:
        number = count_sentences(words.content)
        yield f"    No version of {words.locale} was approved yet: everything is new ({number} sentences)."
        return
    found = list_changes(before.content, words.content)
    if not found:
        yield f"    Nothing changed since version {before.version[:SHORT_VERSION]}."
        return
    yield f"    {len(found)} change{'' if len(found) == 1 else 's'} since version {before.version[:SHORT_VERSION]}:"
    for change in found:
        yield f"\n    {change.path}"
        yield from _wrap("-", change.before)
        yield from _wrap("+", change.after)


def _list_versions(connection: sa.Connection) -> str:
    stored = queries.list_wordings(connection)
    return ", ".join(f"{one.version[:SHORT_VERSION]} ({one.locale})" for one in stored) or "no version yet"


def _wrap(mark: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, LINE_WIDTH, initial_indent=f"      {mark} ", subsequent_indent=" " * 8, break_on_hyphens=False
    )

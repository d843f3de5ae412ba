"""Escape cells that a spreadsheet would run as a formula (CSV injection), so that they can be read back exactly.

A spreadsheet runs a cell that begins with ``=``, and some of them one that begins with ``+``, ``-``, ``@``, a
full-width form of these, or with blanks before it. Such a cell gets one apostrophe in front. A value that begins
with an apostrophe gets one too: so *take one leading apostrophe off* undoes the escape for every text there is.
"""

import unicodedata

#: First characters (after blanks and control characters) that some spreadsheet acts on.
RISKY = frozenset("=+-@|%＝＋－＠")  # noqa: RUF001 (the full-width forms are meant)
#: First characters that are escaped whatever follows them.
RISKY_FIRST = frozenset("'\t\r\n\0")
#: Control and format characters, and every kind of blank: what a spreadsheet may skip before it looks.
_SKIPPED = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def escape_formula(value: str) -> str:
    """Return *value* as a cell that every spreadsheet takes for text."""
    return f"'{value}" if _is_risky(value) else value


def unescape_formula(cell: str) -> str:
    """Return the value that ``escape_formula`` made *cell* from."""
    return cell[1:] if cell.startswith("'") else cell


def _is_risky(value: str) -> bool:
    if not value or value[0].isalnum():
        return False
    if value[0] in RISKY_FIRST:
        return True
    first = next((each for each in value if unicodedata.category(each) not in _SKIPPED), "")
    return first in RISKY

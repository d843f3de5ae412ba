"""What a browser would send with a form: the fields as they stand, and what changes when a person types.

WebTest was tried for this (``docs/decisions.md``): it follows no ``formaction``, on which the public form's buttons go.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from bs4 import Tag

Pairs = list[tuple[str, str]]
Typed = Mapping[str, str | Sequence[str]]


def read_pairs(form: Tag) -> Pairs:
    """Return the names and values that a browser would send with *form* if it was left as it stands."""
    return [pair for field in form.select("input[name], select[name], textarea[name]") for pair in _pairs_of(field)]


def replace_values(pairs: Iterable[tuple[str, str]], typed: Typed) -> Pairs:
    """Return *pairs* with what was *typed* in place of what stood there; a list gives one pair for each value."""
    new = [(name, one) for name, value in typed.items() for one in ([value] if isinstance(value, str) else value)]
    return [(name, value) for name, value in pairs if name not in typed] + new


def _pairs_of(field: Tag) -> Pairs:
    name, kind = str(field["name"]), field.get("type")
    if kind in ("submit", "button") or (kind in ("radio", "checkbox") and not field.has_attr("checked")):
        return []
    if field.name == "textarea":
        return [(name, field.get_text().replace("\r\n", "\n").removeprefix("\n"))]
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        return [(name, str(chosen["value"]) if chosen else "")]
    return [(name, str(field.get("value", "on" if kind in ("radio", "checkbox") else "")))]

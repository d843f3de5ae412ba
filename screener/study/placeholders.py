"""Fill the placeholders of the sentences with the site's facts, once, when the wording is loaded.

So an unknown ``{placeholder}`` is found at the start and not by a participant, and the version covers the very
sentence that a person agrees to (it names the site).
"""

import re
from collections.abc import Mapping
from typing import Any

from screener.study.faults import key_path
from screener.study.model import Study

#: What stands in braces; a brace that belongs to nothing is found too.
BRACES = re.compile(r"\{([a-z_]+)\}|[{}]")
#: Filled in when a page is rendered, and in these places only. The reference must stand in its places.
REFERENCE_PLACES = ("pages.received.body", "notices.grace.body")
FILLED_WHEN_RENDERED = {"reference": REFERENCE_PLACES, "detail": ("preview",), "checked_on": ("common.checked",)}


def placeholder_facts(study: Study, crisis_number: str) -> Mapping[str, str]:
    """What each placeholder stands for."""
    return {
        "site_name": study.site.name,
        "site_phone": study.site.phone,
        "site_address": study.site.address,
        "investigator": study.site.investigator,
        "irb_name": study.site.irb_name,
        "registry_id": study.registry_id,
        "sponsor": study.registry.sponsor,
        "phase": study.registry.phase,
        "places": str(study.registry.places),
        "countries": str(study.registry.countries),
        "reply_days": str(study.clocks.reply_days),
        "retention_days": str(study.retention.days),
        "backup_days": str(study.retention.backup_days),
        "crisis_number": crisis_number,
    }


def fill_placeholders(data: Any, known: Mapping[str, str], faults: list[str], at: tuple[int | str, ...] = ()) -> Any:
    """*data* with its sentences filled in and its lists made unchangeable; *faults* gets what cannot be filled."""
    if isinstance(data, dict):
        return {key: fill_placeholders(value, known, faults, (*at, key)) for key, value in data.items()}
    if isinstance(data, list):
        return tuple(fill_placeholders(value, known, faults, (*at, index)) for index, value in enumerate(data))
    if isinstance(data, str) and BRACES.search(data):
        return _sentence(data, known, faults, key_path(at, None))
    return data


def _sentence(text: str, known: Mapping[str, str], faults: list[str], path: str) -> str:
    def fact(found: re.Match[str]) -> str:
        name = found[1]
        if name in known:
            return known[name]
        if name is None:
            faults.append(f"{path} has a brace that belongs to nothing")
        elif not path.startswith(FILLED_WHEN_RENDERED.get(name, ())):
            names = f" (known: {', '.join(sorted(known))})" if known else ""
            faults.append(f"{path} says {{{name}}}, which stands for nothing here{names}")
        return found[0]

    return BRACES.sub(fact, text)


def find_missing_references(data: Mapping[str, Any]) -> list[str]:
    """Faults of pages that have to give the reference and do not."""
    faults = []
    for path in REFERENCE_PLACES:
        part: Any = data
        for step in path.split("."):
            part = part.get(step) if isinstance(part, Mapping) else None
        if isinstance(part, tuple) and not any("{reference}" in str(text) for text in part):
            faults.append(f"{path} must say {{reference}}, because people need it to have their form erased")
    return faults

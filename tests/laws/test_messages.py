"""A message holds the facts that its kind allows and nothing else: no code, no name, no contact detail, no answer."""

import re
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

import pytest
from pydantic import Field
from pydantic import ValidationError

from screener.mail.kinds import MESSAGE_KINDS
from screener.mail.kinds import TEMPLATE_FILES
from screener.mail.message import Message
from screener.settings import ROOT

#: Words in a key that say that its value is about a person, or opens something.
FORBIDDEN_KEYS = re.compile(
    r"answer|birth|code|contact|email|link|mail|name|note|number_to|password|person|phone|secret|text|to(?:_|$)|token|url"
)
#: What no field may take: names, contact details, codes of the lengths that we make, free text.
FORBIDDEN_VALUES = (
    "Ana Example",
    "Vera",
    "陳美玲",
    "ana@example.org",
    "(415) 555-0134",
    "+14155550134",
    "123456",
    "0123456789abcdef0123456789abcdef",
    "q3Jx0V5m2bqk8T1nH7yZ4w",
    "https://desk.example.org/invitation/q3Jx0V5m2bqk8T1nH7yZ4w",
    "https://desk.example.org/invitation#q3Jx0V5m2bqk8T1nH7yZ4w",
    "I take medicine for sleep.",
)
EXAMPLES: Mapping[str, dict[str, object]] = {
    "arrived": {"number": 1, "reference": "2222-2222-2222-2"},
    "closed_alone": {"number": 3},
    "access_change": {"change": "link", "step": "waiting", "whose": "own", "last_day": "2026-12-01"},
    "failed_sign_ins": {"attempts": 20, "day": "2026-11-24", "whose": "own"},
    "audit_head": {"audit_head": f"5120:{'a' * 64}"},
    "audit_head_refused": {"day": "2026-11-28", "audit_head": f"5120:{'a' * 64}"},
    "disk_space_low": {"day": "2026-11-28", "free_megabytes": 12, "floor_megabytes": 500},
    "many_arrivals": {"day": "2026-11-28", "number": 420, "usual": 7},
    "approval_ends": {"locale": "en", "wording_version": "a" * 64, "last_day": "2027-10-31", "days": 14},
    "erasures_announced": {"number": 3, "undecided": 1, "first_day": "2027-10-31"},
    "erasure_stopped": {"stop": 1, "cause": "clock_ahead", "number": 0},
    "drill_due": {"last_day": "2027-10-31", "month": 202810},
}


def faults_of(kind: type[Message], example: Mapping[str, object]) -> list[str]:
    """What is wrong with the facts of *kind*: a key that should not be, a type that is open, a value that goes in."""
    faults = []
    for key, field in kind.model_fields.items():
        if FORBIDDEN_KEYS.search(key):
            faults.append(f"{key} is named like something about a person")
        if field.annotation not in (int, date, str):
            faults.append(f"{key} is neither a number, nor a date, nor a string of one pattern")
        faults += [f"{key} takes {value!r}" for value in FORBIDDEN_VALUES if takes(kind, example, key, value)]
    return faults


def takes(kind: type[Message], example: Mapping[str, object], key: str, value: object) -> bool:
    try:
        kind.model_validate({**example, key: value})
    except ValidationError:
        return False
    return True


def test_the_facts_of_each_kind_can_hold_nothing_about_a_person() -> None:
    assert set(EXAMPLES) == set(MESSAGE_KINDS)

    assert {name: faults for name, kind in MESSAGE_KINDS.items() if (faults := faults_of(kind, EXAMPLES[name]))} == {}


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
def test_a_kind_takes_its_facts_and_no_other_key(kind: str) -> None:
    assert MESSAGE_KINDS[kind].model_validate(EXAMPLES[kind]).facts() == EXAMPLES[kind]
    for key in ("name", "phone", "code", "anything"):
        assert not takes(MESSAGE_KINDS[kind], EXAMPLES[kind], key, "x")


class Receipt(Message):
    """A kind with every fault that the law looks for."""

    kind: ClassVar[str] = "receipt"
    first_name: str = Field(default="", pattern="^[0-9]*$")
    where: str = Field(default="", max_length=40)
    more: dict[str, str] = Field(default={})
    count: int = 0


def test_the_law_finds_a_planted_fault() -> None:
    found = "\n".join(faults_of(Receipt, {}))

    assert "first_name is named like something about a person" in found
    assert "where takes 'ana@example.org'" in found
    assert "more is neither" in found
    assert "count takes '123456'" in found


def test_each_kind_has_its_three_templates_and_no_template_is_left_over() -> None:
    folder = ROOT / "templates" / "email"

    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    assert files == {f"{kind}/{name}" for kind in MESSAGE_KINDS for name in TEMPLATE_FILES}

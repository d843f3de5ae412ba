"""What goes into the two boxes: values as they were sent, to bytes and back, exactly.

Values are packed as JSON in the order of the form. Nothing is trimmed, repaired or made into a number here: the
text that a person typed is the text that the desk reads.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: Text, a whole number as typed, the code of a choice (empty: left blank), "1" or "0" of a tick; or the codes
#: of a question that takes several, in the order of the study.
FieldValue = str | tuple[str, ...]


@dataclass(frozen=True)
class ContactField:
    """A field of the contact compartment: the same for every study, so it stands in code."""

    id: str
    kind: Literal["text", "choice", "choices", "tick"]
    codes: tuple[str, ...] = ()


#: How to reach the person, and their OK, in the order of the form.
CONTACT_FIELDS = (
    ContactField("name_pref", "text"),
    ContactField("phone", "text"),
    ContactField("email", "text"),
    ContactField("how_contact", "choice", ("1", "2", "3", "4")),
    ContactField("sms_ok", "tick", ("0", "1")),
    ContactField("voicemail", "choice", ("0", "1", "2")),
    ContactField("when_call", "choices", ("1", "2", "3", "4", "5")),
    ContactField("time_zone", "choice", ("1", "2", "3", "4", "5", "6", "7", "8")),
    ContactField("lang", "choice", ("en", "es", "yue", "cmn", "fil", "vi", "ase", "other")),
    ContactField("access", "choices", ("1", "2", "3", "4", "5", "6")),
    ContactField("access_text", "text"),
    ContactField("adult_self", "tick", ("0", "1")),
    ContactField("future_ok", "tick", ("0", "1")),
)


def pack(values: Mapping[str, FieldValue]) -> bytes:
    """*values* as the bytes of a compartment."""
    return json.dumps(dict(values), ensure_ascii=False, separators=(",", ":")).encode()


def unpack(data: bytes) -> dict[str, FieldValue]:
    """The values of a compartment, as they were packed."""
    values: dict[str, str | list[str]] = json.loads(data)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def canonical(contact: Mapping[str, FieldValue], answers: Mapping[str, FieldValue]) -> bytes:
    """Both compartments as one run of bytes, whatever order their keys came in: what an id is made of."""
    return json.dumps({"contact": dict(contact), "answers": dict(answers)}, sort_keys=True).encode()

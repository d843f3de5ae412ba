"""The payload of the two boxes: serialize values to bytes and back, exactly as they were sent.

Values are packed as JSON in the order of the form. Nothing is trimmed, repaired or made into a number here: the
text that a person typed is the text that the desk reads.
"""

import json
from collections.abc import Mapping

#: Text, a whole number as typed, the code of a choice (empty: left blank), "1" or "0" of a tick; or the codes
#: of a question that takes several, in the order of the study.
FieldValue = str | tuple[str, ...]


def pack_values(values: Mapping[str, FieldValue]) -> bytes:
    """Serialize the *values* of a compartment."""
    return json.dumps(dict(values), ensure_ascii=False, separators=(",", ":")).encode()


def unpack_values(data: bytes) -> dict[str, FieldValue]:
    """Deserialize the values of a compartment."""
    values: dict[str, str | list[str]] = json.loads(data)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def canonical_bytes(contact: Mapping[str, FieldValue], answers: Mapping[str, FieldValue]) -> bytes:
    """Serialize both compartments for the id, in an order that does not depend on the order of their keys."""
    return json.dumps({"contact": dict(contact), "answers": dict(answers)}, sort_keys=True).encode()

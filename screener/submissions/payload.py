"""What goes into the two boxes: values as they were sent, to bytes and back, exactly.

Values are packed as JSON in the order of the form. Nothing is trimmed, repaired or made into a number here: the
text that a person typed is the text that the desk reads.
"""

import json
from collections.abc import Mapping

#: Text, a whole number as typed, the code of a choice (empty: left blank), "1" or "0" of a tick; or the codes
#: of a question that takes several, in the order of the study.
FieldValue = str | tuple[str, ...]


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

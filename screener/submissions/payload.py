"""The payload of the two boxes: serialize values to bytes and back, exactly as they were sent.

Values are packed as JSON in the order of the form. Nothing is trimmed, repaired or made into a number here: the
text that a person typed is the text that the desk reads.

    2 (1 byte) | length of the proof (1) | proof | JSON            since release 2
    JSON                                                           release 1
"""

import json
from collections.abc import Mapping

#: Text, a whole number as typed, the code of a choice (empty: left blank), "1" or "0" of a tick; or the codes
#: of a question that takes several, in the order of the study.
FieldValue = str | tuple[str, ...]


_WITH_PROOF = 2


def pack_values(values: Mapping[str, FieldValue], proof: bytes = b"") -> bytes:
    """Serialize the *values* of a compartment, behind the *proof* of ``content_proof`` if it has one."""
    packed = json.dumps(dict(values), ensure_ascii=False, separators=(",", ":")).encode()
    return bytes((_WITH_PROOF, len(proof))) + proof + packed if proof else packed


def unpack_values(data: bytes) -> dict[str, FieldValue]:
    """Deserialize the values of a compartment. Raises *ValueError* for anything that *pack_values* does not make."""
    try:
        values = json.loads(data[2 + data[1] :] if data[:1] == bytes((_WITH_PROOF,)) else data)
    except (IndexError, RecursionError):
        raise ValueError("this is no payload") from None
    if not isinstance(values, dict):
        raise ValueError("this is no payload")
    return {name: _field_value(value) for name, value in values.items()}


def _field_value(value: object) -> FieldValue:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise ValueError("this is no payload")


def unpack_proof(data: bytes) -> bytes:
    """The proof before the values; empty in a payload of release 1."""
    return data[2 : 2 + data[1]] if len(data) > 1 and data[0] == _WITH_PROOF else b""


def canonical_bytes(contact: Mapping[str, FieldValue], answers: Mapping[str, FieldValue]) -> bytes:
    """Serialize both compartments for the id of release 1, in an order that does not depend on that of their keys."""
    return json.dumps({"contact": dict(contact), "answers": dict(answers)}, sort_keys=True).encode()

"""Which keys of a study and its wording an IRB approves, and their hash: the wording version.

Approved is what participants read, answer and are promised. Each field of the two models is approved unless it is
marked otherwise here, so a new key has to be decided upon. A key at its default stays outside the hash, too: a release
may add an optional key, and no approved form gets another version by it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class NotApproved:
    """Marks a field that may change without a new approval (``Annotated[…, NotApproved(…)]``)."""

    why: str


#: Navigation, errors and accessible names; ``screener/study/interface`` has it.
INTERFACE = NotApproved("interface text, which comes with Screener")
STAFF = NotApproved("no participant reads it, and nothing is promised by it")
LOOKED_AT = NotApproved("the day of the last look at a list that is not ours; shown, and it moves on")
#: A translation becomes "reviewed" by a review of the very version that the word would change.
REVIEW = NotApproved("what is known of a review of these words")


def approved_content(value: Any) -> Any:
    """The approved part of a model, as JSON has it: without marked fields, and without keys at their defaults."""
    if isinstance(value, BaseModel):
        return {
            name: approved_content(getattr(value, name))
            for name, field in type(value).model_fields.items()
            if not _marks(field) and getattr(value, name) != field.default
        }
    return _mapped(value, approved_content)


def interface_content(value: Any) -> Any:
    """The interface text in a model, in its place; nothing for a part that has none."""
    if not isinstance(value, BaseModel):
        return {}
    found = {}
    for name, field in type(value).model_fields.items():
        one = getattr(value, name)
        if part := _whole(one) if INTERFACE in _marks(field) else interface_content(one):
            found[name] = part
    return found


@cache
def interface_paths(model: type[BaseModel], at: str = "") -> frozenset[str]:
    """The key paths in *model* that are interface text, such as ``errors`` or ``common.skip_link``."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if INTERFACE in _marks(field):
            found.add(f"{at}{name}")
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= interface_paths(kind, f"{at}{name}.")
    return frozenset(found)


def canonical_json(content: Mapping[str, Any]) -> str:
    """*content* as JSON that is the same for the same content, whatever the layout of the files."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(content: Mapping[str, Any]) -> str:
    """The SHA-256 of *content*, as 64 hexadecimal digits: its version, for ever."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _marks(field: FieldInfo) -> list[NotApproved]:
    return [mark for mark in field.metadata if isinstance(mark, NotApproved)]


def _whole(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else _mapped(value, _whole)


def _mapped(value: Any, function: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: function(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [function(one) for one in value]
    return value

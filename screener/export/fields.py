"""What was ever asked: the fields that become columns, with the words that go into the codebook.

A submission may have been sent under a wording that asked what the study asks no longer. So the fields are those
of the study as it is now, in the order of the form, and after them whatever a wording in the store asked besides.
A code that was taken off a question keeps its place there: codes never change what they mean.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any

from screener.sealing.seal import ANSWERS
from screener.sealing.seal import CONTACT
from screener.study.model import FUTURE
from screener.study.model import FUTURE_OK
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions.payload import CONTACT_FIELDS

#: The kind of a question that takes several answers.
CHOICES = "choices"


@dataclass(frozen=True)
class Field:
    """One field of the form: its codes, and the words that a person saw there."""

    compartment: str
    id: str
    kind: str
    codes: tuple[str, ...]
    label: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes_several(self) -> bool:
        return self.kind == CHOICES


def vocabulary(study: Study, wording: Wording, kept: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    """All fields: what *study* asks in the words of *wording*, then what only the *kept* contents asked."""
    found: dict[tuple[str, str, bool], Field] = {}
    for each in (*_asked_now(study, wording), *(old for content in kept for old in _asked_once(content))):
        key = (each.compartment, each.id, each.takes_several)
        found[key] = _joined(found[key], each) if key in found else each
    by_compartment = sorted(found.values(), key=lambda each: (CONTACT, ANSWERS).index(each.compartment))
    return tuple(by_compartment)


def _joined(known: Field, older: Field) -> Field:
    """*known*, with the codes that only *older* had."""
    codes = tuple(dict.fromkeys(known.codes + older.codes))
    return replace(known, codes=codes, options={**older.options, **known.options})


def _asked_now(study: Study, wording: Wording) -> Iterator[Field]:
    words = {name: (each.label, each.options) for name, each in wording.fields.items()}
    for each in CONTACT_FIELDS:
        if each.id in study.shown():
            yield Field(CONTACT, each.id, each.kind, each.codes, *words[each.id])
    for question in study.asked:
        yield Field(ANSWERS, question.id, question.kind, question.options, *words[question.id])


def _asked_once(content: Mapping[str, Any]) -> Iterator[Field]:
    """The fields of a wording as the store keeps it for ever."""
    study, words = content["study"], content["wording"]["fields"]
    on = {name for name, module in study["modules"].items() if module["on"]}
    for each in CONTACT_FIELDS:
        if each.id in words and (each.id not in FUTURE_OK or FUTURE in on):
            yield Field(
                CONTACT, each.id, each.kind, each.codes, words[each.id]["label"], words[each.id].get("options", {})
            )
    for question in study["questions"]:
        if question.get("module") is None or question["module"] in on:
            said = words[question["id"]]
            codes = tuple(question.get("options", ()))
            yield Field(ANSWERS, question["id"], question["kind"], codes, said["label"], said.get("options", {}))

"""The fields of an export: everything that was ever asked, with the words for the codebook.

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
from screener.study import contact_fields
from screener.study.model import Study
from screener.study.wording import Wording

#: The kind of a question that takes several answers.
CHOICES = "choices"


@dataclass(frozen=True)
class ExportField:
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


def collect_export_fields(study: Study, wording: Wording, kept: Iterable[Mapping[str, Any]]) -> tuple[ExportField, ...]:
    """Return all fields: what *study* asks in the words of *wording*, then what only the *kept* contents asked."""
    found: dict[tuple[str, str, bool], ExportField] = {}
    for each in (
        *_list_current_fields(study, wording),
        *(old for content in kept for old in _list_former_fields(content)),
    ):
        key = (each.compartment, each.id, each.takes_several)
        found[key] = _merge_codes(found[key], each) if key in found else each
    by_compartment = sorted(found.values(), key=lambda each: (CONTACT, ANSWERS).index(each.compartment))
    return tuple(by_compartment)


def _merge_codes(known: ExportField, older: ExportField) -> ExportField:
    """Return *known* with the codes that only *older* had."""
    codes = tuple(dict.fromkeys(known.codes + older.codes))
    return replace(known, codes=codes, options={**older.options, **known.options})


def _list_current_fields(study: Study, wording: Wording) -> Iterator[ExportField]:
    words = {name: (each.label, each.options) for name, each in wording.fields.items()}
    for each in study.contact_fields:
        yield ExportField(CONTACT, each.id, each.kind, each.codes, *words[each.id])
    for question in study.asked:
        yield ExportField(ANSWERS, question.id, question.kind, question.options, *words[question.id])


def _list_former_fields(content: Mapping[str, Any]) -> Iterator[ExportField]:
    """Yield the fields of a wording, of which the store keeps the *content* for ever."""
    study, words = content["study"], content["wording"]["fields"]
    on = {name for name, module in study["modules"].items() if module["on"]}
    for each in contact_fields.CONTACT_FIELDS:
        if each.id in words and (not each.module or each.module in on):
            yield ExportField(
                CONTACT, each.id, each.kind, each.codes, words[each.id]["label"], words[each.id].get("options", {})
            )
    for question in study["questions"]:
        if question.get("module") is None or question["module"] in on:
            texts = words[question["id"]]
            codes = tuple(question.get("options", ()))
            yield ExportField(
                ANSWERS, question["id"], question["kind"], codes, texts["label"], texts.get("options", {})
            )

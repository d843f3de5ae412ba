"""From a study folder to a study and its wordings, or to one message that names everything to mend.

A folder holds ``study.toml`` and one ``wording.<locale>.toml`` for each language. It is read strictly:
what a file says and Screener does not know is a fault, never ignored, because an ignored line is a
sentence that is never shown or a rule that is believed and never applied.
"""

import json
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from screener.errors import UserError
from screener.sealing.box import ANSWERS
from screener.sealing.box import BUCKETS
from screener.sealing.box import pad_plaintext
from screener.study import wording_files
from screener.study.approved_content import approved_content
from screener.study.approved_content import content_hash
from screener.study.approved_content import interface_content
from screener.study.faults import require_valid
from screener.study.faults import validate_model
from screener.study.model import Study
from screener.study.placeholders import fill_placeholders
from screener.study.placeholders import find_missing_references
from screener.study.placeholders import placeholder_facts
from screener.study.wording import LocaleWording
from screener.study.wording import Wording

STUDY_FILE = "study.toml"
#: In format 1 these are no part of the hash; any other key of the file is.
NOT_IN_FORMAT_1 = {"status", "preview"}


def load_study(folder: Path) -> Study:
    """The study in *folder*. Raises *UserError* that names the file and every key path to mend."""
    path = folder / STUDY_FILE
    faults: list[str] = []
    study = validate_model(Study, fill_placeholders(wording_files.read_toml(path), {}, faults), faults)
    if study is not None and pad_plaintext(_longest_answers(study), ANSWERS) is None:
        most = ", ".join(f"{size:,}" for size in BUCKETS[ANSWERS])
        faults.append(f"questions has more than fits into one box ({most} bytes for all answers together)")
    return require_valid(study, lambda _: path, faults)


def load_wording(folder: Path, study: Study, locale: str) -> Wording:
    """The wording of *locale*, with the site's facts filled in. Raises *UserError* like *load_study*."""
    source = wording_files.read_wording_source(folder, locale)
    faults: list[str] = []
    known = placeholder_facts(study, _crisis_number(source.wording))
    data = fill_placeholders(source.merged(), known, faults)
    words = validate_model(LocaleWording, data, faults)
    faults += find_missing_references(data)
    faults += _fields_that_do_not_fit(data.get("fields"), study)
    if words is not None and words.locale != locale:
        faults.append(f'locale must be "{locale}", as the name of the file says')
    seen = require_valid(words, source.path_of, faults)
    content = _content(source.format, fill_placeholders(source.wording, known, []), seen, study)
    return Wording(
        **dict(seen),
        version=content_hash(content),
        content=content,
        interface_version=content_hash(interface_content(seen)),
        interface_status=source.interface_status,
    )


def list_locales(folder: Path) -> tuple[str, ...]:
    """The locales that *folder* has words for. Raises *UserError* when it has none, or a file of no such name."""
    found = []
    for path in sorted(folder.glob("wording.*")):
        named = wording_files.WORDING_FILE.fullmatch(path.name)
        if not named:
            raise UserError(f"{path} is not named like wording.en.toml or wording.zh-Hant.toml; rename or remove it.")
        found.append(named[1])
    if not found:
        raise UserError(f"{folder} has no wording.<locale>.toml; set SCREENER_STUDY to a folder that has one.")
    return tuple(found)


def _content(number: int, data: Mapping[str, Any], words: LocaleWording, study: Study) -> dict[str, Any]:
    """What the version of a wording is the hash of, by the rule of its format.

    Format 1 hashed every key of the file but two, and wrote down the defaults that release 1 knew.
    """
    of_study = approved_content(study)
    if number == wording_files.TWO_FILES:
        return {"study": of_study, "wording": approved_content(words)}
    questions = [{"options": [], "module": None, **question} for question in of_study["questions"]]
    fields = {name: {"options": {}, **field} for name, field in data["fields"].items()}
    kept = {key: value for key, value in data.items() if key not in NOT_IN_FORMAT_1}
    return {"study": {**of_study, "questions": questions}, "wording": {**kept, "fields": fields}}


def _crisis_number(raw: Mapping[str, Any]) -> str:
    crisis = raw.get("crisis")
    return str(crisis.get("number", "")) if isinstance(crisis, dict) else ""


def _longest_answers(study: Study) -> bytes:
    """Answers as long as any can be, in the form in which they are packed; modules may be switched on later."""
    longest = {
        question.id: list(question.options) if question.kind == "choices" else max((*question.options, "000"), key=len)
        for question in study.questions
    }
    return json.dumps(longest).encode()


def _fields_that_do_not_fit(fields: Any, study: Study) -> Iterator[str]:
    """Faults between the words and the study: words missing, or words for nothing that is asked."""
    if not isinstance(fields, dict):
        return
    for name in sorted(study.shown() - fields.keys()):
        yield f"fields.{name} is missing, and the form asks it"
    for name, words in fields.items():
        codes = study.fields().get(name)
        options = words.get("options", {}) if isinstance(words, dict) else None
        if codes is None:
            yield f"fields.{name} has words for a field that the study does not have"
        elif isinstance(options, dict):
            yield from (f"fields.{name}.options.{code} is missing" for code in codes if code not in options)
            yield from (f"fields.{name}.options.{code} has words for no code" for code in options if code not in codes)

"""From a study folder to a study and its wordings, or to one message that names everything to mend.

A folder holds ``study.toml`` and one ``wording.<locale>.toml`` for each language. It is read strictly:
what a file says and Screener does not know is a fault, never ignored, because an ignored line is a
sentence that nobody reads or a rule that somebody believes in.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from screener.errors import UserError
from screener.sealing.box import ANSWERS
from screener.sealing.box import BUCKETS
from screener.sealing.box import pad_plaintext
from screener.study.faults import validated
from screener.study.faults import whole
from screener.study.model import Study
from screener.study.placeholders import facts
from screener.study.placeholders import filled
from screener.study.placeholders import unsaid
from screener.study.wording import Wording
from screener.study.wording import Words

STUDY_FILE = "study.toml"
WORDING_FILE = re.compile(r"wording\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.toml")
#: Free to change without a new approval: what is for staff, and when somebody last looked at the public list.
FOR_STAFF: Any = {
    "title": True,
    "sources": True,
    "registry": {"checked_on": True},
    "routing": True,
    "site": {"on_call": True},
    "modules": {"__all__": {"description": True}},
}
#: Neither is this: no participant reads the preview, and a translation becomes "reviewed" by a review of
#: the very version that the word would change.
NOT_SEEN = {"version", "status", "preview"}


def load_study(folder: Path) -> Study:
    """The study in *folder*. Raises *UserError* that names the file and every key path to mend."""
    path = folder / STUDY_FILE
    faults: list[str] = []
    study = validated(Study, filled(read_toml(path), {}, faults), faults)
    if study is not None and pad_plaintext(_longest_answers(study), ANSWERS) is None:
        most = ", ".join(f"{size:,}" for size in BUCKETS[ANSWERS])
        faults.append(f"questions has more than fits into one box ({most} bytes for all answers together)")
    return whole(study, path, faults)


def load_wording(folder: Path, study: Study, locale: str) -> Wording:
    """The wording of *locale*, with the site's facts filled in. Raises *UserError* like *load_study*."""
    path = folder / f"wording.{locale}.toml"
    raw = read_toml(path)
    faults: list[str] = []
    data = filled(raw, facts(study, _crisis_number(raw)), faults)
    words = validated(Words, data, faults)
    faults += unsaid(data)
    faults += _fields_that_do_not_fit(data.get("fields"), study)
    if words is not None and words.locale != locale:
        faults.append(f'locale must be "{locale}", as the name of the file says')
    seen = whole(words, path, faults)
    return Wording(**dict(seen), version=wording_version(seen, study))


def locales(folder: Path) -> tuple[str, ...]:
    """The locales that *folder* has words for. Raises *UserError* when it has none, or a file of no such name."""
    found = []
    for path in sorted(folder.glob("wording.*")):
        named = WORDING_FILE.fullmatch(path.name)
        if not named:
            raise UserError(f"{path} is not named like wording.en.toml or wording.zh-Hant.toml; rename or remove it.")
        found.append(named[1])
    if not found:
        raise UserError(f"{folder} has no wording.<locale>.toml; set SCREENER_STUDY to a folder that has one.")
    return tuple(found)


def content_of(wording: Words, study: Study) -> dict[str, Any]:
    """What a person saw, for ever: every sentence of the form, and the facts of the study that shape it."""
    return {
        "study": study.model_dump(mode="json", exclude=FOR_STAFF),
        "wording": wording.model_dump(mode="json", exclude=NOT_SEEN),
    }


def canonical(content: Mapping[str, Any]) -> str:
    """*content* as text that is the same for the same content, whatever the layout of the files."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def wording_version(wording: Words, study: Study) -> str:
    """The name of that content, for ever: its SHA-256."""
    return hashlib.sha256(canonical(content_of(wording, study)).encode()).hexdigest()


def read_toml(path: Path) -> dict[str, Any]:
    """What the file at *path* says. Raises *UserError* that says why it cannot be read, and in which line."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing; set SCREENER_STUDY to a folder that has it.") from None
    except OSError:
        raise UserError(f"{path} cannot be read; check its owner and its mode.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(f"{path}, line {line}: this is not UTF-8; save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        line_named = re.match(r"line \d+", place)
        where = line_named[0] if line_named else "last line"
        raise UserError(f"{path}, {where}: {reason[:1].lower()}{reason[1:]}; mend the TOML there.") from None


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

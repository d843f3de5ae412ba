"""The files that one locale is read from: the approved wording of the study, and the interface text of the program.

Format 2 keeps them apart. ``wording.<locale>.toml`` in the study's folder says ``format = 2`` and has what an IRB
approves; ``interface/interface.<locale>.toml`` of this package has the interface text, of which the study's folder may
say some keys in its own words, in a file of the same name.

Format 1, of release 1, has no ``format`` and one file with everything. It is read by its old rule for ever, so that an
approved form stays open: interface text that it lacks comes from the program, and keys that the program no longer knows
are ignored.
"""

import copy
import re
import tomllib
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from typing import get_args

from pydantic import ValidationError

from screener.errors import UserError
from screener.study.approved_content import interface_paths
from screener.study.wording import LocaleWording
from screener.study.wording import WordingStatus

SOURCE = "en"
#: The interface text that comes with Screener.
INTERFACE_FOLDER = Path(__file__).with_name("interface")
ONE_FILE, TWO_FILES = 1, 2
WORDING_FILE = re.compile(r"wording\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.toml")
#: The keys at the top of an interface file.
_HEAD = ("locale", "status")


@dataclass(frozen=True)
class WordingSource:
    """The text of one locale as its files have it, before the facts of the site are filled in."""

    path: Path
    format: int
    #: The data of the wording file; in format 1, all the text.
    wording: Mapping[str, Any]
    #: The interface text: the program's in English, under the program's in this locale, under the study folder's.
    interface: Mapping[str, Any]
    #: The file in which a fault of the interface text is mended.
    interface_path: Path
    interface_status: WordingStatus
    #: Whether the program or the folder has interface text in this locale; else it is English.
    has_interface: bool

    def merged(self) -> dict[str, Any]:
        """All the text of the locale, as one table."""
        merged = merge_tables(self.interface, self.wording)
        return _without_unknown_keys(merged) if self.format == ONE_FILE else merged

    def path_of(self, key_path: str) -> Path:
        """The file that has the sentence at *key_path*."""
        return self.interface_path if self.format == TWO_FILES and is_interface(key_path) else self.path


def read_wording_source(folder: Path, locale: str) -> WordingSource:
    """The text of *locale* for the study in *folder*. Raises *UserError* for a file that cannot be read or used."""
    path = folder / f"wording.{locale}.toml"
    wording = read_toml(path)
    number = wording.pop("format", ONE_FILE)
    if number not in (ONE_FILE, TWO_FILES):
        raise UserError(
            f"{path} is of format {number!r}, and this release reads formats 1 and 2: install the release that the "
            "file was written for, or one after it."
        )
    if number == TWO_FILES:
        _refuse(path, filter(is_interface, _leaves(wording)), f"is interface text: move it to interface.{locale}.toml")
    shipped, ours = INTERFACE_FOLDER / f"interface.{locale}.toml", folder / f"interface.{locale}.toml"
    files = [file for file in (shipped, ours) if file.exists()]
    tables = [_read_once(INTERFACE_FOLDER / f"interface.{SOURCE}.toml")]
    tables += [read_interface(file) if file == ours else _read_once(file) for file in files]
    return WordingSource(
        path=path,
        format=number,
        wording=wording,
        interface=merge_tables(*map(without_head, tables)),
        interface_path=ours if ours.exists() or not files else shipped,
        interface_status=wording.get("status", "draft") if number == ONE_FILE else _status(tables[1:]),
        has_interface=bool(files) or number == ONE_FILE,
    )


def read_interface(path: Path) -> dict[str, Any]:
    """Read the interface file at *path*. Raises *UserError* for a key that is no interface text."""
    data = read_toml(path)
    locale = path.name.split(".")[1]
    if data.get("locale") != locale or data.get("status") not in get_args(WordingStatus):
        raise UserError(f'{path} needs locale = "{locale}" and status = "draft" or "reviewed" at its top.')
    strange = (one for one in _leaves(without_head(data)) if not is_interface(one))
    _refuse(path, strange, "is no interface text: what an IRB approves is in the wording file")
    return data


@cache
def _read_once(path: Path) -> Mapping[str, Any]:
    """The interface file at *path*, which comes with the program and does not change while it runs."""
    return read_interface(path)


def _status(files: Sequence[Mapping[str, Any]]) -> WordingStatus:
    """The review status of the last of the *files*; a draft, when all of it is in English."""
    status: WordingStatus = files[-1]["status"] if files else "draft"
    return status


def without_head(data: Mapping[str, Any]) -> dict[str, Any]:
    """*data* of an interface file without the keys at its top."""
    return {key: value for key, value in data.items() if key not in _HEAD}


def merge_tables(*tables: Mapping[str, Any]) -> dict[str, Any]:
    """One table of all keys; of two values for a key, the later one."""
    merged: dict[str, Any] = {}
    for table in tables:
        for key, value in table.items():
            both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
            merged[key] = merge_tables(merged[key], value) if both else value
    return merged


def is_interface(key_path: str) -> bool:
    """Whether the sentence at *key_path* is interface text."""
    beginnings = {key_path[: end.start()] for end in re.finditer(r"[.[]|$", key_path)}
    return not interface_paths(LocaleWording).isdisjoint(beginnings)


def read_toml(path: Path) -> dict[str, Any]:
    """Read the TOML file at *path*. Raises *UserError* with the reason and the line."""
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


def _refuse(path: Path, key_paths: Iterable[str], reason: str) -> None:
    if faults := "; ".join(f"{key_path} {reason}" for key_path in key_paths):
        raise UserError(f"{path} cannot be used: {faults}. Mend the file and start again.")


def _leaves(data: Mapping[str, Any], at: str = "") -> Iterator[str]:
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{at}{key}.")
        else:
            yield f"{at}{key}"


def _without_unknown_keys(data: Mapping[str, Any]) -> dict[str, Any]:
    """*data* without the keys that the model of the words does not have."""
    kept = copy.deepcopy(dict(data))
    try:
        LocaleWording.model_validate(kept)
    except ValidationError as error:
        for fault in error.errors():
            *path, last = (step for step in fault["loc"] if step != "[key]")
            if fault["type"] == "extra_forbidden" or fault["loc"][-1] == "[key]":
                table: Any = kept
                for step in path:
                    table = table[step]
                table.pop(last, None)
    return kept

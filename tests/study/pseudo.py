"""English as no translation will be harder to lay out: longer by two fifths, accented, and bracketed at both ends.

A page that shows a sentence without its closing bracket has cut it, and one that shows no accents has a sentence of
its own. Nobody reads this: it is made in a copied study folder, never shipped, and the lint has no lists for it.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from screener.study.wording_files import INTERFACE_FOLDER
from screener.study_checks.sentences import NO_SENTENCES
from screener.study_checks.sentences import PLACEHOLDER
from screener.study_checks.sentences import mark_of

#: English of a region for private use, which is what pseudo-languages go by; a valid BCP 47 tag.
LOCALE = "en-XA"
LONGER = 0.4
ACCENTED = str.maketrans("aceinouyACEINOUY", "áçéíñóúýÁÇÉÍÑÓÚÝ")
#: What makes a sentence longer; its words can be broken, as those of a language can.
FILLING = "ẋẋẋẋ "


def pseudo(sentence: str) -> str:
    """*sentence* with accents, brackets and two fifths more; its placeholders and its mark stay as they are."""
    mark = mark_of(sentence)
    text = sentence.removeprefix(mark)
    parts = PLACEHOLDER.split(text)
    accented = [f"{{{part}}}" if number % 2 else part.translate(ACCENTED) for number, part in enumerate(parts)]
    more = round(LONGER * len(text))
    filling = (FILLING * (more // len(FILLING) + 1))[:more].rstrip()
    return f"{mark}[{''.join(accented)} {filling}]"


def write_pseudo(folder: Path, status: str = "draft") -> Path:
    """The files ``wording.en-XA.toml`` and ``interface.en-XA.toml`` in *folder*; gives the first."""
    path = folder / f"wording.{LOCALE}.toml"
    _write(folder / "wording.en.toml", path, locale=LOCALE, name=pseudo("Pseudo"), status=status)
    interface = INTERFACE_FOLDER / "interface.en.toml"
    _write(interface, folder / f"interface.{LOCALE}.toml", locale=LOCALE, status=status)
    return path


def _write(english: Path, path: Path, **head: str) -> None:
    data = tomllib.loads(english.read_text(encoding="utf-8")) | head
    path.write_text("\n".join(_lines(data, "")), encoding="utf-8")


def _lines(table: Mapping[str, Any], at: str) -> list[str]:
    """*table* as TOML: its own keys first, then the tables in it."""
    lines = [f"[{at}]"] if at else []
    lines += [f"{key} = {_value(value, f'{at}.{key}')}" for key, value in table.items() if not isinstance(value, dict)]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += _lines(value, f"{at}.{key}" if at else key)
    return lines


def _value(value: int | str | list[str], path: str) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return json.dumps([pseudo(text) for text in value], ensure_ascii=False)
    kept = not value or path.removeprefix(".") in NO_SENTENCES
    return json.dumps(value if kept else pseudo(value), ensure_ascii=False)

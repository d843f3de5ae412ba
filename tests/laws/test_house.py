"""The tree stays readable: no drawers, no suppression without its reason, no requirement that nothing needs."""

import re
from pathlib import Path

import pytest

from screener.settings import PACKAGE
from screener.settings import ROOT

DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "base", "stuff"}
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover)(?P<rest>.*)")
REASONED = re.compile(r"(: [A-Z]+[0-9]+.{10,}|\[[a-z-]+\].*)")
CODE = sorted([*PACKAGE.rglob("*.py"), ROOT / "wsgi.py"])
#: What is installed to be run, and not to be imported.
RUN = {"flit-core", "gunicorn", "honcho", "tzdata"}
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "beautifulsoup4": "bs4",
    "email-validator": "email_validator",
    "flask-security-too": "flask_security",
    "flask-wtf": "flask_wtf",
    "psycopg[binary]": "postgresql+psycopg",
}


def test_no_module_is_a_drawer() -> None:
    folders = [path.parent for path in CODE]

    assert {path.stem for path in [*CODE, *folders]} & DRAWERS == set()


def test_package_files_are_empty_but_for_what_they_are_for() -> None:
    """A room is entered by its modules; a package file that imports makes every import load everything."""
    for path in PACKAGE.rglob("__init__.py"):
        assert "import" not in path.read_text(encoding="utf-8").split('"""')[-1], path


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_leaves_nothing_for_later(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 300
    assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text)


def test_suppressions_are_few_and_say_why() -> None:
    lines = [line for path in CODE for line in path.read_text(encoding="utf-8").splitlines()]
    found = [match for line in lines if (match := SUPPRESSION.search(line))]

    assert len(found) <= 2 * len(lines) / 1000 + 1
    assert [one.group() for one in found if not REASONED.match(one["rest"])] == []


def test_what_is_required_is_needed() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in CODE)
    required = re.findall(r"^([a-z][^\s#]*)$", (ROOT / "requirements.in").read_text(encoding="utf-8"), re.MULTILINE)
    imported = {name: IMPORTED_AS.get(name, name) for name in set(required) - RUN}

    assert [
        name for name, module in imported.items() if not re.search(rf"(import |from |\"){re.escape(module)}", code)
    ] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pinned_requirement_is_checked_by_its_hash_and_names_no_host(name: str) -> None:
    pins = re.split(r"^(?=[a-z])", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert pins
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin or "://" in pin] == []

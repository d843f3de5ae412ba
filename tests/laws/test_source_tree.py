"""The tree stays readable: modules are named for what they hold, suppressions give a reason, requirements are used."""

import ast
import re

from screener.settings import PACKAGE
from screener.settings import ROOT

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "base", "stuff"}
LATER = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
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


def test_no_module_has_a_name_that_says_nothing() -> None:
    folders = [path.parent for path in CODE]

    assert {path.stem for path in [*CODE, *folders]} & VAGUE_NAMES == set()


def test_package_files_import_nothing() -> None:
    """Otherwise an import of one module would load every module of its package."""
    for path in PACKAGE.rglob("__init__.py"):
        assert "import" not in path.read_text(encoding="utf-8").split('"""')[-1], path


def test_files_are_short_and_leave_nothing_for_later() -> None:
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in CODE}

    assert [path for path, text in texts.items() if len(text.splitlines()) > 300] == []
    assert [path for path, text in texts.items() if LATER.search(text)] == []


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


def test_every_pinned_requirement_is_checked_by_its_hash_and_names_no_host() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        pins = re.split(r"^(?=[a-z])", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

        assert pins, name
        assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin or "://" in pin] == []


#: View functions carry their endpoint's name, and gunicorn looks its hook up by name.
SHARED_NAMES = {"assign", "claim", "record", "when_ready"}


def test_a_public_name_is_defined_in_one_module_only() -> None:
    modules: dict[str, set[str]] = {}
    for path in CODE:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                modules.setdefault(node.name, set()).add(path.relative_to(ROOT).as_posix())

    shared = {name: sorted(where) for name, where in modules.items() if len(where) > 1}
    assert {name: where for name, where in shared.items() if name not in SHARED_NAMES} == {}

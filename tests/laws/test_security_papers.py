"""What the security papers call a test is one: a name that leads nowhere would be a promise that nothing holds."""

import ast
import re

import pytest

from screener.settings import ROOT

PAPERS = ("docs/security.md", "docs/threat-model.md")
#: ``auth/test_sign_in::test_a_code_is_taken_once``, or the module alone.
NAME = re.compile(r"`((?:[a-z_]+/)*test_[a-z_]+)(?:::(test_[a-z0-9_]+))?`")
#: How many a paper has at least; a reading that finds none would hold nothing.
AT_LEAST = {"docs/security.md": 80, "docs/threat-model.md": 30}


def names_of_tests(module: str) -> set[str] | None:
    """The tests of a module under ``tests/``; None where there is no such module."""
    path = ROOT / "tests" / f"{module}.py"
    if not path.exists():
        return None
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def lost_names(text: str) -> list[str]:
    """The names in *text* that are no tests."""
    return [
        f"{module}::{test}"
        for module, test in NAME.findall(text)
        if (known := names_of_tests(module)) is None or (test and test not in known)
    ]


@pytest.mark.parametrize("paper", PAPERS)
def test_every_test_that_a_paper_names_is_there(paper: str) -> None:
    text = (ROOT / paper).read_text(encoding="utf-8")

    assert len(NAME.findall(text)) >= AT_LEAST[paper]
    assert lost_names(text) == []


def rows_without_a_test(text: str) -> list[str]:
    """What can be taken, by the table of the threat model, and is tried by no test."""
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [row.split(" | ")[0] for row in rows if not NAME.search(row)]


def test_each_row_of_the_threat_model_is_tried() -> None:
    text = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")

    assert rows_without_a_test(text) == []
    assert rows_without_a_test(f"{text}\n| a planted row | everything | nothing | - |") == ["| a planted row"]


def test_a_name_that_leads_nowhere_is_found() -> None:
    here = "laws/test_security_papers"

    assert lost_names(f"`{here}::test_a_name_that_leads_nowhere_is_found` `{here}`") == []
    assert lost_names(f"`{here}::test_of_nothing` `laws/test_nothing`") == [
        f"{here}::test_of_nothing",
        "laws/test_nothing::",
    ]

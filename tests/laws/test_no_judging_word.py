"""No name of ours, no page and no wording says that somebody is or is not fit for the study."""

import ast
import re
from collections.abc import Iterator

from screener.settings import PACKAGE
from screener.settings import ROOT

#: Words that judge, as the beginnings or wholes of words.
JUDGING = re.compile(
    r"(?<![a-z])(in)?eligib|(?<![a-z])(dis)?qualif|(?<![a-z])screen[\s_-]*fail"
    r"|(?<![a-z])scor(e|es|ed|er|ing)(?![a-z])|(?<![a-z])(mis)?match(es|ed|ing)?(?![a-z])|(?<![a-z])priorit"
)
#: Names that other people's libraries gave to things that judge nobody.
NOT_OURS = {"best_match", "Match", "match"}
PLANTED = ("is_eligible = 1", "def score(): ...", "class PriorityQueue: ...", "f(matches=1)", "row.screen_failed")
SHOWN = sorted([*ROOT.glob("templates/**/*.*"), *PACKAGE.glob("study/**/*.toml"), *PACKAGE.glob("static/*.*")])


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """Every name in *source* with its line: what is defined, bound, asked for and passed by name."""
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield line, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield line, name
            case ast.keyword(arg=str(name)) | ast.alias(asname=str(name)):
                yield line, name


def judging(source: str) -> list[str]:
    spaced = ((line, name, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()) for line, name in identifiers(source))
    return [f"line {line}: {name}" for line, name, words in spaced if name not in NOT_OURS and JUDGING.search(words)]


def test_no_name_in_the_code_judges() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): judging(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
    }

    assert {path: names for path, names in found.items() if names} == {}


def test_nothing_that_people_see_judges() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in SHOWN
        for line in path.read_text(encoding="utf-8").splitlines()
        if JUDGING.search(line.lower())
    ]

    assert SHOWN
    assert found == []


def test_this_law_bites() -> None:
    for planted in PLANTED:
        assert judging(planted), planted
    assert JUDGING.search("you do not qualify for this study")
    assert not JUDGING.search("a fullmatch underscored by nobody")

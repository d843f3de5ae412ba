"""What people type is normalized by ``screener.typed_text`` alone, which looks at raw length first."""

import ast
from collections.abc import Iterator

import pytest

from screener.settings import PACKAGE

#: What normalizes a text or judges its characters, as a call in the code would name it.
NORMALIZERS = {"normalize", "is_normalized", "isprintable", "casefold", "NFC", "NFD", "NFKC", "NFKD"}
PLACE = "typed_text.py"


def normalizing(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.alias(name=name) | ast.Constant(value=str(name)) if name in NORMALIZERS:
                yield f"{name} in line {node.lineno}"
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=" "), attr="join"), args=[ast.Call(func=split, args=[])]
            ):
                if isinstance(split, ast.Attribute) and split.attr == "split":
                    yield f"blanks in line {node.lineno}"
            case ast.Constant(value=str(text) | bytes(text)) if "\x00-" in str(text):
                yield f"control characters in line {node.lineno}"


@pytest.mark.parametrize(
    "source",
    [
        "unicodedata.normalize(form, text)",
        "from unicodedata import normalize",
        "text.isprintable()",
        "text.casefold()",
        "' '.join(text.split())",
        r'CONTROL = re.compile("[\x00-\x1f]")',
    ],
)
def test_a_second_place_that_normalizes_is_found(source: str) -> None:
    assert list(normalizing(ast.parse(source)))


def test_one_module_normalizes_what_is_typed() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): faults
        for path in PACKAGE.rglob("*.py")
        if (faults := list(normalizing(ast.parse(path.read_text(encoding="utf-8")))))
    }

    assert found.pop(PLACE)
    assert found == {}

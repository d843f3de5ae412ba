"""Each log call has a constant event and keys of the list, so that no value can slip into the text of a line."""

import ast
from collections.abc import Iterator

from screener.logs import ALLOWED_KEYS
from screener.settings import PACKAGE

LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}


def offences(source: str, name: str) -> Iterator[str]:
    """The log calls in *source* whose event is not one constant text, or whose keys are not on the list."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
            continue
        if ast.unparse(node.func.value).rpartition(".")[2] not in ("log", "logger", "error_log"):
            continue
        place = f"{name}:{node.lineno}"
        if len(node.args) != 1 or not isinstance(node.args[0], ast.Constant):
            yield f"{place} has an event that is not one constant text"
        for keyword in node.keywords:
            if keyword.arg != "extra" or not isinstance(keyword.value, ast.Dict):
                yield f"{place} passes {keyword.arg}"
            elif not all(map(is_allowed, keyword.value.keys, keyword.value.values)):
                yield f"{place} has a key that is not on the list"


def is_allowed(key: ast.expr | None, value: ast.expr) -> bool:
    """Whether an item of ``extra`` is an allowed key, or what ``describe_defect`` gives."""
    if key is None:
        return ast.unparse(value).startswith("describe_defect(")
    return isinstance(key, ast.Constant) and key.value in ALLOWED_KEYS


def test_every_log_call_has_a_constant_event_and_allowed_keys() -> None:
    sources = {path.relative_to(PACKAGE): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}

    assert [found for path, source in sources.items() for found in offences(source, str(path))] == []
    assert sum("log.warning(" in source for source in sources.values()) > 3


def test_the_law_bites() -> None:
    planted = (
        'log.info("name %s", name)',
        'log.info(f"name {name}")',
        'log.info("name", extra={"name": name})',
        'log.info("name", extra=values)',
        'log.info("name", extra={**values})',
        'log.error("failed", exc_info=True)',
        "self.log.info(str(error))",
    )

    assert [line for line in planted if not list(offences(line, "planted"))] == []
    assert list(offences('log.info("moved", extra={"count": 1, **describe_defect(error)})', "fine")) == []

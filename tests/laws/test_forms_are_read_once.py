"""The body of a POST is read by the form layer and by the questionnaire's strict reader, and by no view."""

import ast
from collections.abc import Iterator
from pathlib import Path

from screener.settings import PACKAGE

#: What of a request holds the body of a POST.
BODY = {"form", "values", "files", "data", "json", "stream", "get_data", "get_json"}
READERS = {"web/forms.py", "questionnaire/post_body.py"}


def reads_of_a_body(tree: ast.AST) -> Iterator[int]:
    """The lines that reach for the body of Flask's ``request``, under any name that it was imported as."""
    names = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "flask"
        for name in node.names
        if name.name == "request"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in BODY:
            owner = node.value
            if (isinstance(owner, ast.Name) and owner.id in names) or (
                isinstance(owner, ast.Attribute) and owner.attr == "request"
            ):
                yield node.lineno


def modules_that_read_a_body(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if any(reads_of_a_body(ast.parse(path.read_text(encoding="utf-8"))))
    }


def test_only_the_form_layer_reads_the_body_of_a_post() -> None:
    assert modules_that_read_a_body(PACKAGE) - READERS == set()


def test_this_law_would_notice(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("from flask import request\nx = request.form.get('x')\n")
    (tmp_path / "renamed.py").write_text("from flask import request as asked\nx = asked.values['x']\n")
    (tmp_path / "module.py").write_text("import flask\nx = flask.request.get_data()\n")
    (tmp_path / "query.py").write_text("from flask import request\nx = request.args['x']\n")

    assert modules_that_read_a_body(tmp_path) == {"plain.py", "renamed.py", "module.py"}

"""The public routes are those of this table; a route that an edit or a lost import drops fails here."""

import ast
from pathlib import Path

import pytest

from screener import public_app
from screener.public_app import create_public_app
from screener.settings import Settings

LOCALE = "/<any(en,es,fil,vi,zh-Hant):locale>"
#: Method and address → endpoint.
ROUTES = {
    "GET /": "redirect_to_locale",
    "GET /.well-known/security.txt": "security_contact",
    f"GET {LOCALE}": "intake.redirect_to_start",
    f"GET {LOCALE}/": "intake.start",
    f"GET {LOCALE}/about": "intake.about",
    f"GET {LOCALE}/accessibility": "intake.accessibility",
    f"GET {LOCALE}/check": "intake.check_too_early",
    f"GET {LOCALE}/contact": "intake.contact",
    f"GET {LOCALE}/interest": "intake.questions",
    f"GET {LOCALE}/permission": "intake.permission_too_early",
    f"GET {LOCALE}/privacy": "intake.privacy",
    f"GET {LOCALE}/received": "intake.received_too_early",
    f"POST {LOCALE}/check": "intake.check",
    f"POST {LOCALE}/contact": "intake.submit_to_contact",
    f"POST {LOCALE}/interest": "intake.submit_to_questions",
    f"POST {LOCALE}/permission": "intake.submit_to_permission",
    f"POST {LOCALE}/received": "intake.received",
}
#: What Flask and Werkzeug offer to read a body with; ``questionnaire.post_body`` alone uses them.
BODY_READERS = {"form", "values", "files", "json", "get_json", "get_data", "data", "stream", "input_stream"}
PUBLIC = ("intake", "questionnaire", "public_app.py", "web/locales.py", "web/app.py")


def test_every_route_of_the_table_is_there_and_no_other(deployment: Settings) -> None:
    app = create_public_app(deployment)

    routes = {
        f"{method} {rule.rule.replace(chr(34), '')}": rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert routes == ROUTES


@pytest.mark.parametrize("source", ["request.form['phone']", "request.get_data()", "flask.request.values"])
def test_a_body_that_is_read_by_hand_is_found(source: str) -> None:
    assert body_readers(ast.parse(source))


def test_only_post_body_reads_the_body_of_a_request() -> None:
    root = Path(public_app.__file__).parent
    files = [
        file for name in PUBLIC for file in ([root / name] if name.endswith(".py") else (root / name).glob("*.py"))
    ]

    found = [
        f"{file.relative_to(root)}:{line}"
        for file in files
        if file.name != "post_body.py"
        for line in body_readers(ast.parse(file.read_text(encoding="utf-8")))
    ]

    assert len(files) > 10
    assert found == []


def body_readers(tree: ast.AST) -> list[int]:
    """The lines that read the body of ``request``."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in BODY_READERS
        and ast.unparse(node.value).rpartition(".")[2] == "request"
    ]

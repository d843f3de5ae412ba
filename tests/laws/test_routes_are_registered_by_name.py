"""Routes are registered by name in an application factory: no route depends on the side effect of an import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from screener.auth.sign_in import sign_in_views
from screener.desk_app import create_desk_app
from screener.settings import PACKAGE
from screener.settings import Settings

#: Every route of the desk, by endpoint.
DESK_ROUTES = {
    "sign_in.home": "GET /",
    "sign_in.sign_in_form": "GET /sign-in",
    "sign_in.submit_password": "POST /sign-in",
    "sign_in.submit_code": "POST /sign-in/code",
    "sign_in.submit_first_second_factor": "POST /sign-in/second-factor",
    "sign_in.first_qr_code": "GET /sign-in/second-factor.svg",
    "sign_in.resume": "POST /sign-in/on",
    "sign_in.sign_out": "POST /sign-out",
    "invitation.code_form": "GET /invitation",
    "invitation.submit_invitation_code": "POST /invitation",
    "invitation.submit_invitation_password": "POST /invitation/password",
    "invitation.old_link": "GET /invitation/<code>",
    "invitation.accept_old_link": "POST /invitation/<code>",
    "account.show_account": "GET /account",
    "account.submit_fresh_sign_in": "POST /prove",
    "account.second_factor_form": "GET /account/second-factor",
    "account.second_factor_qr_code": "GET /account/second-factor.svg",
    "account.submit_second_factor": "POST /account/second-factor",
    "account.renew_recovery_codes": "POST /account/recovery-codes",
    "account.change_password": "POST /account/password",
    "account.end_one_session": "POST /account/session",
    "account.end_all_other_sessions": "POST /account/other-sessions",
    "team.list_team": "GET /team",
    "team.invite_member": "POST /team",
    "team.show_member": "GET /team/<account_id>",
    "team.change_member_rights": "POST /team/<account_id>/rights",
    "team.renew_member_link": "POST /team/<account_id>/link",
    "team.reset_member_second_factor": "POST /team/<account_id>/second-factor",
    "team.disable_member": "POST /team/<account_id>/disable",
    "desk.queue": "GET /queue",
    "retention.list_erasures": "GET /to-be-erased",
    "retention.decide_erasure": "POST /to-be-erased",
    "desk.propose": "POST /record/<reference>/propose",
    "spam.list_spam": "GET /spam",
    "spam.propose_forms": "POST /spam/propose",
    "spam.close": "POST /spam/close",
    "spam.return_to_spam": "GET /spam/<any(propose, close):verb>",
    "access.list_access": "GET /access",
    "access.confirm_access": "POST /access/<change_id>/confirm",
    "access.refuse_access": "POST /access/<change_id>/refuse",
    "access.make_access_link": "POST /access/<change_id>/link",
    "desk.claim_next": "POST /queue/claim",
    "desk.find": "POST /find",
    "desk.record": "GET /record/<reference>",
    "desk.back": "GET /record/<reference>"
    "/<any(answers, claim, assign, attempt, note, move, propose, stop, undo, erase):verb>",
    "desk.answers": "POST /record/<reference>/answers",
    "desk.claim": "POST /record/<reference>/claim",
    "desk.assign": "POST /record/<reference>/assign",
    "desk.attempt": "POST /record/<reference>/attempt",
    "desk.note": "POST /record/<reference>/note",
    "desk.move": "POST /record/<reference>/move",
    "desk.stop": "POST /record/<reference>/stop",
    "desk.undo": "POST /record/<reference>/undo",
    "desk.erase": "POST /record/<reference>/erase",
    "export.show_export": "GET /export",
    "export.download_export": "POST /export",
    "audit.list_events": "GET /audit",
    "audit.search_events": "POST /audit",
}
ROUTE_DECORATORS = {"route", "get", "post", "put", "patch", "delete"}


@pytest.fixture
def app(deployment: Settings) -> Flask:
    return create_desk_app(deployment)


def routes_of(app: Flask) -> dict[str, str]:
    """Method and rule of each endpoint."""
    found = {}
    for rule in app.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        found[rule.endpoint] = f"{' '.join(methods)} {rule.rule}"
    return found


def decorated_elsewhere(tree: ast.Module) -> Iterator[str]:
    """The names of blueprints and applications that a module imports and adds routes to at import time."""
    imported = {
        name.asname or name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names
    }
    for node in tree.body:
        for decorator in getattr(node, "decorator_list", []):
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(call, ast.Attribute) and call.attr in ROUTE_DECORATORS:
                yield from {call.value.id} & imported if isinstance(call.value, ast.Name) else ()


def modules_with_hidden_routes(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if any(decorated_elsewhere(ast.parse(path.read_text(encoding="utf-8"))))
    }


def test_the_desk_has_exactly_these_routes(app: Flask) -> None:
    assert routes_of(app) == DESK_ROUTES


def test_the_table_of_routes_would_notice_a_lost_one(app: Flask) -> None:
    lost = Flask("lost", static_folder=None)
    lost.register_blueprint(sign_in_views)

    assert routes_of(lost) != DESK_ROUTES
    assert set(routes_of(lost)) < set(DESK_ROUTES)


def test_no_module_adds_routes_to_a_blueprint_of_another() -> None:
    assert modules_with_hidden_routes(PACKAGE) == set()


def test_the_law_of_hidden_routes_would_notice(tmp_path: Path) -> None:
    (tmp_path / "hidden.py").write_text("from views import pages\n@pages.get('/lost')\ndef lost(): ...\n")
    (tmp_path / "own.py").write_text("pages = Blueprint('own', __name__)\n@pages.get('/kept')\ndef kept(): ...\n")

    assert modules_with_hidden_routes(tmp_path) == {"hidden.py"}

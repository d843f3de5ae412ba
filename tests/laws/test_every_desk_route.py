"""Every route of the desk says who may come in and what the audit trail will hold; none answers without a mark."""

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from werkzeug.routing import AnyConverter

from screener import audit
from screener.auth.permissions import AUDIT
from screener.auth.permissions import CONFIRM
from screener.auth.permissions import CONTENT
from screener.auth.permissions import EXPORT
from screener.auth.permissions import ROLE_PERMISSIONS
from screener.auth.permissions import SELF
from screener.auth.permissions import TEAM
from screener.db import reading
from screener.settings import Settings
from screener.staff.models import Role
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.submissions import NOON

#: Routes for which nobody needs to be signed in: the ways in, and nothing else.
OPEN = {
    "sign_in.sign_in_form",
    "sign_in.submit_password",
    "sign_in.submit_code",
    "sign_in.submit_first_second_factor",
    "sign_in.first_qr_code",
    "invitation.code_form",
    "invitation.submit_invitation_code",
    "invitation.submit_invitation_password",
    "invitation.old_link",
    "invitation.accept_old_link",
}
#: What takes something away, lets something out, or changes who may come in.
STEPPED_UP = {
    "account.second_factor_form",
    "account.second_factor_qr_code",
    "account.submit_second_factor",
    "account.renew_recovery_codes",
    "account.change_password",
    "team.invite_member",
    "team.change_member_rights",
    "team.renew_member_link",
    "team.reset_member_second_factor",
    "team.disable_member",
    "access.confirm_access",
    "access.refuse_access",
    "access.make_access_link",
}


@pytest.fixture
def house(deployment: Settings, time_machine: time_machine.TimeMachineFixture):  # type: ignore[no-untyped-def]
    time_machine.move_to(NOON.replace(day=24), tick=False)
    made = DeskApp(deployment.model_copy(update={"env": "development"}), time_machine)  # type: ignore[arg-type]
    yield made
    made.close()


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """endpoint, method and an address of each route."""
    said = {
        "account_id": "0" * 32,
        "change_id": "0" * 32,
        "code": "forged",
        "reference": "ABCD-EFGH-JKLM-N",
        "verb": "propose",
    }
    found = []
    for rule in app.url_map.iter_rules():
        listed = {name: kind for name, kind in rule._converters.items() if isinstance(kind, AnyConverter)}
        one_of = {name: min(kind.items) for name, kind in listed.items()}
        address = rule.build({name: one_of.get(name, said[name]) for name in rule.arguments})[1]
        found += [(rule.endpoint, method, address) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return sorted(found)


def test_every_route_carries_a_mark(house: DeskApp) -> None:
    for endpoint, _, _ in routes(house.app):
        view = house.app.view_functions[endpoint]
        assert view.permission in {"", CONTENT, EXPORT, AUDIT, TEAM, CONFIRM, SELF}, endpoint
        assert hasattr(view, "audit_action"), endpoint


def test_only_the_ways_in_are_open_to_all(house: DeskApp) -> None:
    assert {name for name, view in house.app.view_functions.items() if view.permission == ""} == OPEN


def test_changes_of_accounts_want_a_fresh_proof(house: DeskApp) -> None:
    ours = {
        name: view
        for name, view in house.app.view_functions.items()
        if name.startswith(("account.", "team.", "access."))
    }

    assert {name for name, view in ours.items() if getattr(view, "fresh_sign_in", False)} == STEPPED_UP


def test_nobody_is_answered_who_is_not_signed_in(house: DeskApp) -> None:
    for endpoint, method, address in routes(house.app):
        if endpoint not in OPEN:
            answer = DeskUser(house.app).client.open(address, method=method)
            assert (answer.status_code, "Sign in" in answer.text) == (401, True), endpoint


def test_an_administrator_reads_no_content_and_others_no_accounts(house: DeskApp) -> None:
    house.onboards("Zoe", Role.ADMINISTRATOR)
    for role, may in ROLE_PERMISSIONS.items():
        person = house.onboards(role.title().replace("_", ""), role)
        token = str(person.opens("/account").soup.select("[name=csrf_token]")[0]["value"])
        for endpoint, method, address in routes(house.app):
            needed = house.app.view_functions[endpoint].permission
            if needed and needed not in may:
                page = (
                    person.opens(address) if method == "GET" else person.posts_pairs(address, [("csrf_token", token)])
                )
                assert page.status == 403, (role, endpoint)


def test_a_get_changes_nothing(house: DeskApp) -> None:
    person = house.onboards("Zoe", Role.ADMINISTRATOR)
    with reading(house.store) as connection:
        before = connection.scalar(sa.select(sa.func.count()).select_from(audit.EVENTS))

    for endpoint, method, address in routes(house.app):
        if method == "GET" and endpoint.partition(".")[0] in ("sign_in", "account", "team", "access"):
            assert person.opens(address).status in (200, 303, 404)

    with reading(house.store) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(audit.EVENTS)) == before


def test_a_route_without_a_mark_answers_nobody(house: DeskApp) -> None:
    house.app.view_functions["account.show_account"] = lambda: "a page that somebody forgot to mark"

    assert house.onboards("Zoe", Role.ADMINISTRATOR).opens("/account").status == 404

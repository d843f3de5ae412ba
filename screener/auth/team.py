"""The team: who is here, and every change to that. It shows accounts and never content."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint
from flask import Response
from flask import abort
from flask import request

from screener import clock
from screener.auth.context import office
from screener.auth.permissions import TEAM
from screener.auth.permissions import actor
from screener.auth.permissions import needs
from screener.auth.permissions import stepped_up
from screener.auth.rendering import draw
from screener.auth.rendering import lead
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.follow_up.queries import count_open_follow_ups
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import By
from screener.staff.directory import coordinators
from screener.staff.models import COORDINATOR
from screener.staff.models import ROLES
from screener.staff.models import Account

team = Blueprint("team", __name__)
AN_ID = re.compile(r"[0-9a-f]{32}")

Change = Callable[[sa.Connection, Account, By], object]


@team.get("/team")
@needs(TEAM, audits=None)
def everyone() -> Response:
    """Everybody who may sign in, and everybody who once could."""
    return team_page()


@team.post("/team")
@needs(TEAM, audits="desk:account:invited")
@stepped_up
def invite() -> Response:
    """Make an account, and show its link once."""
    now = clock.now()
    try:
        name, email = accounts.name_of(request.form.get("name", "")), accounts.address_of(request.form.get("email", ""))
        rights = _rights()
        with writing(office().store) as connection:
            code = invitations.invite(connection, name, email, rights, by=_by(), at=now)
    except UserError as fault:
        return team_page(str(fault), 422)
    return _link_page(name, email, code)


@team.get("/team/<account_id>")
@needs(TEAM, audits=None)
def one(account_id: str) -> Response:
    """One account, and what can be done with it."""
    return account_page(account_id)


@team.post("/team/<account_id>/rights")
@needs(TEAM, audits="desk:account:changed")
@stepped_up
def rights(account_id: str) -> Response:
    """Give somebody other roles and languages."""
    return _changed(account_id, lambda c, found, by: accounts.change(c, found, _rights(), by=by, at=clock.now()))


@team.post("/team/<account_id>/link")
@needs(TEAM, audits="desk:account:invited_again")
@stepped_up
def link(account_id: str) -> Response:
    """A new link for somebody whose first one lapsed, or who forgot their password."""
    try:
        with writing(office().store) as connection:
            found = _found(connection, account_id)
            code = invitations.invite_again(connection, found, by=_by(), at=clock.now())
    except UserError as fault:
        return account_page(account_id, str(fault), 422)
    return _link_page(found.name, found.email, code)


@team.post("/team/<account_id>/second-factor")
@needs(TEAM, audits="desk:account:second_factor_reset")
@stepped_up
def reset_second_factor(account_id: str) -> Response:
    """Forget somebody's second factor; they set up a new one at the next sign-in."""
    return _changed(account_id, lambda c, found, by: accounts.reset_second_factor(c, found, by=by, at=clock.now()))


@team.post("/team/<account_id>/disable")
@needs(TEAM, audits="desk:account:disabled")
@stepped_up
def disable(account_id: str) -> Response:
    """Let somebody in no more, and give their open follow-ups to somebody else, in one step."""
    heir = request.form.get("heir") or None
    return _changed(account_id, lambda c, found, by: accounts.disable(c, found, heir=heir, by=by, at=clock.now()))


def team_page(error: str = "", status: int = 200) -> Response:
    """The list of everybody, and the form that invites; after a fault with what was typed."""
    with reading(office().store) as connection:
        people = accounts.everyone(connection)
    typed = {
        "name": request.form.get("name", ""),
        "email": request.form.get("email", ""),
        "roles": request.form.getlist("role") or [COORDINATOR],
        "languages": request.form.get("languages", "en"),
    }
    return draw("staff/team.html", status, people=people, roles=ROLES, typed=typed, error=error)


def account_page(account_id: str, error: str = "", status: int = 200) -> Response:
    """One account; after a fault with the sentence that says why."""
    with reading(office().store) as connection:
        found = _found(connection, account_id)
        heirs = [each for each in coordinators(connection) if each.id != account_id]
        open_items = count_open_follow_ups(connection, account_id)
    return draw("staff/member.html", status, member=found, roles=ROLES, heirs=heirs, open_items=open_items, error=error)


def _changed(account_id: str, change: Change) -> Response:
    try:
        with writing(office().store) as connection:
            change(connection, _found(connection, account_id), _by())
    except UserError as fault:
        return account_page(account_id, str(fault), 422)
    return lead(f"/team/{account_id}" if account_id != actor().id else "/")


def _found(connection: sa.Connection, account_id: str) -> Account:
    known = AN_ID.fullmatch(account_id)
    found = accounts.find(connection, Account.id == account_id) if known else None
    return abort(404) if found is None else found


def _rights() -> accounts.Rights:
    spoken = request.form.get("languages", "").replace(",", " ").split()
    return accounts.rights_of(request.form.getlist("role"), spoken)


def _by() -> By:
    return By("desk", actor().email)


def _link_page(name: str, email: str, code: str) -> Response:
    address = f"{office().address}/invitation/{code}"
    return draw("staff/link.html", name=name, email=email, address=address)

"""The team: who is here, and every change to that. It shows accounts and never content."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint
from flask import Response
from flask import abort

from screener import clock
from screener.auth.context import office
from screener.auth.forms import DisableForm
from screener.auth.forms import InviteForm
from screener.auth.forms import RightsForm
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
from screener.staff.models import Account
from screener.web.forms import AccessibleForm

team = Blueprint("team", __name__)
AN_ID = re.compile(r"[0-9a-f]{32}")

Change = Callable[[sa.Connection, Account, By], object]


@team.get("/team")
@needs(TEAM, audits=None)
def everyone() -> Response:
    """Everybody who may sign in, and everybody who once could."""
    return team_page(InviteForm(formdata=None))


@team.post("/team")
@needs(TEAM, audits="desk:account:invited")
@stepped_up
def invite() -> Response:
    """Make an account, and show its link once."""
    form = InviteForm()
    if not form.validate():
        return team_page(form)
    name, email = accounts.name_of(form.name.data), accounts.address_of(form.email.data)
    try:
        with writing(office().store) as connection:
            code = invitations.invite(connection, name, email, form.rights(), by=_by(), at=clock.now())
    except UserError as fault:
        form.add_error(str(fault), "email")
        return team_page(form)
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
    form = RightsForm()
    return _changed(
        account_id, form, lambda c, found, by: accounts.change(c, found, form.rights(), by=by, at=clock.now())
    )


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
        form = AccessibleForm()
        form.add_error(str(fault))
        return account_page(account_id, form)
    return _link_page(found.name, found.email, code)


@team.post("/team/<account_id>/second-factor")
@needs(TEAM, audits="desk:account:second_factor_reset")
@stepped_up
def reset_second_factor(account_id: str) -> Response:
    """Forget somebody's second factor; they set up a new one at the next sign-in."""
    return _changed(
        account_id,
        AccessibleForm(),
        lambda c, found, by: accounts.reset_second_factor(c, found, by=by, at=clock.now()),
    )


@team.post("/team/<account_id>/disable")
@needs(TEAM, audits="desk:account:disabled")
@stepped_up
def disable(account_id: str) -> Response:
    """Let somebody in no more, and give their open follow-ups to somebody else, in one step."""
    form = DisableForm()
    with reading(office().store) as connection:
        _offer_heirs(connection, form, _found(connection, account_id).id)
    heir = form.heir.data or None
    return _changed(account_id, form, lambda c, found, by: accounts.disable(c, found, heir=heir, by=by, at=clock.now()))


def team_page(form: InviteForm) -> Response:
    """The list of everybody, and the *form* that invites."""
    with reading(office().store) as connection:
        people = accounts.everyone(connection)
    return draw("staff/team.html", 422 if form.errors else 200, people=people, form=form)


def account_page(account_id: str, posted: AccessibleForm | None = None) -> Response:
    """One account, and the forms that change it; the one that was *posted* comes back with its errors."""
    with reading(office().store) as connection:
        found = _found(connection, account_id)
        kept = {"role": found.role_names.split(","), "languages": found.languages.replace(",", " ")}
        rights = posted if isinstance(posted, RightsForm) else RightsForm(formdata=None, data=kept)
        leaving = posted if isinstance(posted, DisableForm) else DisableForm(formdata=None)
        _offer_heirs(connection, leaving, account_id)
    form = posted or rights
    return draw(
        "staff/member.html", 422 if form.errors else 200, member=found, form=form, rights=rights, leaving=leaving
    )


def _offer_heirs(connection: sa.Connection, form: DisableForm, account_id: str) -> None:
    heirs = [(each.id, each.name) for each in coordinators(connection) if each.id != account_id]
    form.offer(heirs, count_open_follow_ups(connection, account_id))


def _changed(account_id: str, form: AccessibleForm, change: Change) -> Response:
    if not form.validate():
        return account_page(account_id, form)
    try:
        with writing(office().store) as connection:
            change(connection, _found(connection, account_id), _by())
    except UserError as fault:
        form.add_error(str(fault))
        return account_page(account_id, form)
    return lead(f"/team/{account_id}" if account_id != actor().id else "/")


def _found(connection: sa.Connection, account_id: str) -> Account:
    known = AN_ID.fullmatch(account_id)
    found = accounts.find(connection, Account.id == account_id) if known else None
    return abort(404) if found is None else found


def _by() -> By:
    return By("desk", actor().email)


def _link_page(name: str, email: str, code: str) -> Response:
    address = f"{office().address}/invitation/{code}"
    return draw("staff/link.html", name=name, email=email, address=address)

"""The views of an invitation: its code, then a password; the second factor follows.

A link has the code behind ``#``, which a browser does not send, so that no address, log or Referer holds it. A small
script puts it into the field and takes it out of the address; without script it is pasted or typed.
"""

from flask import Blueprint
from werkzeug.wrappers import Response

from screener import clock
from screener.auth import flask_security
from screener.auth import forms
from screener.auth.context import auth_context
from screener.auth.permissions import allow_anonymous
from screener.auth.rendering import render_staff_page
from screener.auth.sign_in import check_rate_limit
from screener.auth.sign_in import continue_with_second_factor
from screener.db import reading
from screener.db import writing
from screener.staff import invitations

NOT_VALID = (
    "This code does not work. An invitation works once, within 72 hours. If you have used it already, sign in; if not, "
    "ask an administrator for a new link."
)

invitation_views = Blueprint("invitation", __name__)


@invitation_views.get("/invitation")
@allow_anonymous
def code_form() -> Response:
    """Ask for the code; opening a link changes nothing."""
    return render_invitation_code(forms.InvitationCodeForm(formdata=None))


@invitation_views.post("/invitation")
@allow_anonymous
def submit_invitation_code() -> Response:
    """Show whom the invitation is for, and ask for a password."""
    form = forms.InvitationCodeForm()
    check_rate_limit()
    if not form.validate():
        return render_invitation_code(form)
    code = invitations.parse_invitation_code(form.code.data)
    invitee = _find_invitee(code)
    if invitee is None:
        form.add_error(NOT_VALID, "code")
        return render_invitation_code(form)
    return _render_password_form(invitee, code)


@invitation_views.get("/invitation/<code>")
@allow_anonymous
def old_link(code: str) -> Response:
    """Answer a link of release 0.1.0, which has the code in its path: as if it had been typed."""
    invitee = _find_invitee(code)
    if invitee is None:
        return render_staff_page("staff/no_invitation.html", 404)
    return _render_password_form(invitee, code)


@invitation_views.post("/invitation/password")
@allow_anonymous
def submit_invitation_password() -> Response:
    """Accept the invitation with a password, which confirms the address; then continue with the second factor."""
    return _accept(forms.InvitationCodeForm().code.data or "")


@invitation_views.post("/invitation/<code>")
@allow_anonymous
def accept_old_link(code: str) -> Response:
    """Answer a page of release 0.1.0 that was still open."""
    return _accept(code)


def render_invitation_code(form: forms.InvitationCodeForm, *, status: int = 0) -> Response:
    """Render the page that asks for the code, with *form* and its errors."""
    return render_staff_page("staff/invitation_code.html", status or (422 if form.errors else 200), form=form)


def _accept(code: str) -> Response:
    now = clock.now()
    check_rate_limit()
    invitee = _find_invitee(code)
    if invitee is None:
        return render_staff_page("staff/no_invitation.html", 404)
    form = forms.InvitationPasswordForm(email=invitee.email, name=invitee.name)
    if not form.validate():
        return _render_password_form(invitee, code, form)
    password_hash = flask_security.make_password_hash(form.password.data)
    with writing(auth_context().store) as connection:
        account = invitations.accept_invitation(connection, code, password_hash, by="desk", at=now)
    if account is None:
        return render_staff_page("staff/no_invitation.html", 404)
    return continue_with_second_factor(account, "")


def _find_invitee(code: str) -> invitations.Invitee | None:
    with reading(auth_context().store) as connection:
        return invitations.find_invitation(connection, code, at=clock.now())


def _render_password_form(
    invitee: invitations.Invitee, code: str, form: forms.InvitationPasswordForm | None = None
) -> Response:
    form = form or forms.InvitationPasswordForm(formdata=None, email=invitee.email, name=invitee.name)
    form.code.data = code
    return render_staff_page("staff/invitation.html", 422 if form.errors else 200, invited=invitee, form=form)

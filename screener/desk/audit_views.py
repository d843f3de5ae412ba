"""The audit page: what happened to one submission, what one person did, or everything, the newest first.

Who reads the trail leaves an event in it too. Its events name references, accounts and codes, and never content.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from flask import Blueprint
from flask import Response
from flask import request
from flask import url_for

from screener import audit
from screener import clock
from screener.auth.permissions import AUDIT
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.db import reading
from screener.db import writing
from screener.desk.context import room
from screener.desk.rendering import draw
from screener.desk.rendering import refusal
from screener.errors import UserError
from screener.staff.models import Account
from screener.submissions.reference import read_reference

OPENED = "desk:trail:opened"
#: Events a page.
PAGE = 100
ASKED = {"reference", "person", "before"}
#: No trail is longer; PostgreSQL counts no further.
LAST = 2**31 - 1
LONGEST = 200

trail = Blueprint("trail", __name__)


class Unknown(UserError):
    """A place in the trail that does not exist."""


@trail.get("/audit")
@permission_required(AUDIT, audit_action=OPENED)
def events() -> Response:
    """The events that were asked for."""
    before, (person, typed) = _before(), _asked(request.args)
    reference = _reference(typed) if typed else ""
    with reading(room().store) as connection:
        found = audit.newest(connection, actor=person, subject=reference, before=before, limit=PAGE + 1)
        names = _names(connection)
    _say_that_it_was_read(person, reference)
    more = _address(person, reference, found[PAGE - 1].seq) if len(found) > PAGE else ""
    return _page(found=found[:PAGE], names=names, person=person, typed=reference, more=more)


@trail.post("/audit")
@permission_required(AUDIT, audit_action=None)
def ask() -> Response:
    """Lead to the events on what was typed, or by whom."""
    person, typed = _asked(request.form)
    try:
        return Response(status=303, headers={"Location": _address(person, read_reference(typed) if typed else "")})
    except UserError as fault:
        return _page(422, person=person, typed=typed, error=str(fault))


@trail.errorhandler(Unknown)
def _unknown(error: Unknown) -> Response:
    return refusal("Events not found", str(error), 400, to=url_for("trail.events"))


def _page(status: int = 200, **facts: object) -> Response:
    return draw("desk/trail.html", status, **{"found": (), "names": {}, "more": "", "error": "", **facts})


def _address(person: str, reference: str, before: int | None = None) -> str:
    return url_for("trail.events", person=person or None, reference=reference or None, before=before)


def _asked(given: Mapping[str, str]) -> tuple[str, str]:
    """Whose events are asked for, and on what; empty is everybody's, and on everything."""
    person, typed = (given.get(name, "").strip()[:LONGEST] for name in ("person", "reference"))
    # PostgreSQL keeps no zero byte, and asks for none.
    return person.replace("\0", ""), typed


def _reference(typed: str) -> str:
    """The reference in an address. Raises *Unknown*."""
    try:
        return read_reference(typed)
    except UserError as fault:
        raise Unknown(str(fault)) from None


def _before() -> int | None:
    """From which event on. Raises *Unknown* for an address that asks for something else."""
    asked = request.args
    if asked.keys() - ASKED or any(len(values) > 1 for _, values in asked.lists()):
        raise Unknown("This address asks for something the audit trail cannot show. Search by reference or by person.")
    text = asked.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > LAST:
        raise Unknown("This address asks for events that do not exist. Start at the top of the trail.")
    return int(text)


def _names(connection: sa.Connection) -> dict[str, str]:
    """What accounts are called, by id: events name the ones that something was given to."""
    table = Account.__table__
    return {row.id: row.name for row in connection.execute(sa.select(table.c.id, table.c.name))}


def _say_that_it_was_read(person: str, reference: str) -> None:
    detail = {"person": person} if person else {}
    with writing(room().store) as connection:
        audit.record(
            connection, actor=current_actor().email, action=OPENED, subject=reference, detail=detail, at=clock.now()
        )

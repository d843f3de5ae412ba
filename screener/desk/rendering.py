"""How the desk's pages are put together: facts from the rooms, words in the templates."""

from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from typing import Any

from flask import Response
from flask import render_template
from flask import session
from flask import url_for

from screener import clock
from screener.auth.permissions import current_actor
from screener.desk import forms
from screener.desk import record
from screener.desk.contact_links import ways
from screener.desk.context import room
from screener.desk.local_time import at_the_site
from screener.desk.local_time import where_they_are
from screener.desk.queue import Sheet
from screener.follow_up.states import FollowUpState
from screener.follow_up.transitions import ENDED_STATES
from screener.follow_up.transitions import OUTCOMES_BY_CHANNEL
from screener.follow_up.transitions import STATES_BY_ASSIGNMENT
from screener.follow_up.transitions import list_next_states
from screener.mail.outbox import Standing
from screener.study import contact_fields
from screener.submissions.payload import FieldValue

#: The forms of a record, by the verb that each of them posts.
FORMS: Mapping[str, type[Any]] = {
    "attempt": forms.AttemptForm,
    "note": forms.NoteForm,
    "move": forms.MoveForm,
    "assign": forms.AssignForm,
    "stop": forms.StopForm,
    "erase": forms.EraseForm,
}
#: Where the session says, until the next page, what was just saved.
SAVED = "saved"
#: A letter that waited longer than this is no longer only waiting its turn.
LATE = timedelta(hours=1)


def draw(template: str, status: int = 200, **facts: object) -> Response:
    """A page for whoever is signed in."""
    page = render_template(template, who=current_actor(), local=at_the_site, **facts)
    return Response(page, status, mimetype="text/html")


def refusal(heading: str, sentence: str, status: int, *, typed: str = "", to: str = "") -> Response:
    """A page that says why something was not done, gives back what was typed, and leads on (to the queue)."""
    to = to or url_for("desk.queue")
    return draw("desk/refused.html", status, heading=heading, sentence=sentence, typed=typed, to=to)


def queue_page(
    sheet: Sheet, show: str, post: Standing, *, now: datetime, said: str = "", status: int = 200
) -> Response:
    """A page of the list *show*, with a sentence above it, and how the *post* stands below."""
    more = url_for("desk.queue", show=show, after=sheet.after) if sheet.after else ""
    late = post.oldest_unsent is not None and now - post.oldest_unsent > LATE
    facts = {"sheet": sheet, "show": show, "more": more, "now": now, "said": said, "post": post, "late": late}
    return draw("desk/queue.html", status, **facts)


def record_page(
    reference: str,
    *,
    answers: bool = False,
    verb: str = "",
    form: Any = None,
    said: str = "",
    stale: bool = False,
    status: int = 200,
) -> Response:
    """The record of *reference*; after a *form* that was not taken, with everything in it that was typed."""
    now = clock.now()
    saved = session.pop(SAVED, "") if form is None else ""
    shown = record.read(room(), reference, current_actor(), now=now, answers=answers)
    if shown.erased_at is not None:
        typed = form["note"].data if form is not None and "note" in form else ""
        return draw("desk/erased.html", 409 if form is not None else 200, record=shown, typed=typed or "", said=said)
    contact = {**_blank_contact(), **shown.contact.values}
    since = form.version.data if stale else shown.version
    return draw(
        "desk/record.html",
        status,
        record=shown,
        contact=contact,
        ways=ways(contact, shown.stopped),
        there=where_they_are(str(contact["time_zone"]), now),
        forms={name: form if name == verb else kind(data=_at_first(name, shown)) for name, kind in FORMS.items()},
        outcomes=OUTCOMES_BY_CHANNEL,
        steps=list_next_states(shown.state),
        ended=ENDED_STATES,
        wrong=verb,
        said=said,
        saved=saved,
        stale=stale,
        meanwhile=[entry for entry in shown.timeline if entry.version > since],
        on_call=room().study.site.on_call,
        now=now,
    )


def _blank_contact() -> dict[str, FieldValue]:
    """A contact compartment without answers: a field that a form did not have reads as left blank."""
    return {field.id: () if field.kind == "choices" else "" for field in contact_fields.CONTACT_FIELDS}


def _at_first(verb: str, shown: record.Record) -> dict[str, object]:
    """What a form says before anybody fills it in."""
    if verb == "attempt":
        return {"state": FollowUpState.TRYING_TO_REACH if shown.state in STATES_BY_ASSIGNMENT else ""}
    return {"to": shown.assignee or ""} if verb == "assign" else {}

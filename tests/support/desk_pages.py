"""Every page that somebody at the desk can be shown, and how each is reached.

The list is held to the URL map and to the templates (``laws/test_every_desk_page``), so that axe, the validator and
the eye of a reviewer miss none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask import template_rendered
from werkzeug.test import TestResponse

from screener import clock
from screener.auth import sessions
from screener.db import writing
from screener.desk import views
from screener.errors import UnavailableError
from screener.retention.models import StopKind
from screener.retention.stops import raise_stop
from screener.settings import Settings
from tests.desk.test_queue import enqueue_for
from tests.desk.test_queue import sets
from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser
from tests.support.desk_client import link_in
from tests.support.retention import receive_forms
from tests.support.retention import start_worker

LONG = "Wolfeschlegel" * 38 + "Berger"
HEBREW = "\u05e2\u05d3\u05d4 \u05d3\u05d5\u05d2\u05de\u05d4"
MUCH: dict[str, str | tuple[str, ...]] = {
    "name_pref": LONG,
    "sms_ok": "1",
    "access": ("1", "6"),
    "access_text": "slowly " * 10,
}
ALL_ROLES = "coordinator,study_lead,administrator"
FROM_US = {"Sec-Fetch-Site": "same-origin"}
STORE = "The store cannot be used."


class DeskScenario:
    """A desk, somebody who may do everything there, and what can happen to them."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.house = DeskApp(settings)
        self.app = self.house.app
        self.ada = self.house.hires("Ada Coordinator", roles=ALL_ROLES)

    def close(self) -> None:
        self.house.close()

    def is_lived_in(self) -> str:
        """People in all kinds of states; gives the reference of the one about whom there is most to see."""
        grace = self.house.hires(LONG[:70])
        first, other, *_ = (self.house.receives({**MUCH, "name_pref": name}) for name in (LONG, HEBREW, "Bo", "Chi"))
        page = self.ada.does(first, "attempt", happened="call:no_answer", days="1", note="Rang out " * 20)
        for number in range(3):
            page = self.ada.posts(page, "note", note=f"note {number}")
        page = self.ada.posts(page, "stop", channel="text")
        page = self.ada.posts(page, "undo")
        self.ada.posts(page, "stop", channel="email")
        grace.does(other, "claim")
        sets(self.house, first, next_action_at=clock.now() - timedelta(hours=1))
        enqueue_for(self.house, self.ada, created_at=clock.now() - timedelta(hours=2))
        enqueue_for(self.house, grace, given_up_at=clock.now(), fault="SMTPRecipientsRefused")
        return first

    def record(self) -> DeskPage:
        return self.ada.record(self.is_lived_in())

    def posts(self, address: str, verb: str, /, **typed: str) -> DeskPage:
        return self.ada.posts(self.ada.opens(address), verb, **typed)

    def goes_stale(self) -> DeskPage:
        reference = self.is_lived_in()
        page = self.ada.record(reference)
        self.ada.posts(page, "note", note="a colleague was faster")
        return self.ada.posts(page, "attempt", note="what I typed " * 30, happened="call:busy")

    def erased(self) -> str:
        reference = self.house.receives()
        self.ada.does(reference, "erase", reason="on_request")
        return reference

    def is_erased_meanwhile(self) -> DeskPage:
        reference = self.house.receives()
        page = self.ada.record(reference)
        self.ada.posts(page, "erase", reason="on_request")
        return self.ada.posts(page, "note", note="what I typed")

    def has_no_key(self) -> DeskPage:
        object.__setattr__(self.house.room.private_keys, "contact", ())
        return self.ada.does(self.house.receives(), "answers")

    def fails(self, fault: Exception) -> "DeskScenario":
        def broken(*_: object, **__: object) -> None:
            raise fault

        self.patch.setattr(views, "reading", broken)
        return self

    def cannot_save(self) -> DeskPage:
        page = self.ada.record(self.house.receives())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("screener.desk.actions.writing", _away)
            return self.ada.posts(page, "note", note="what I typed")

    def suspects(self) -> DeskPage:
        """Suspected forms that nobody looked at, and one that was proposed."""
        first, *_ = (self.house.receives(spam=True) for _ in range(3))
        self.ada.does(first, "propose", reason="automated")
        return self.ada.opens("/spam")

    def chooses_to_propose(self) -> DeskPage:
        return self._ticks_all("propose", reason="test")

    def chooses_to_close(self) -> DeskPage:
        return self._ticks_all("close")

    def _ticks_all(self, verb: str, **typed: str) -> DeskPage:
        page = self.suspects()
        chosen = [str(box["value"]) for box in page.form(f"spam/{verb}").select("[name=chosen]")]
        return self.ada.posts(page, f"spam/{verb}", chosen=chosen, **typed)

    def has_forms_to_be_erased(self) -> DeskPage:
        """Of each kind: undecided, decided on, with an appointment ahead, and next."""
        long_ago = clock.now() - timedelta(days=400)
        booked: dict[str, Any] = {"state": "visit_booked", "next_action_at": clock.now() + timedelta(days=60)}
        untried: dict[str, Any] = {"state": "new", "attempts": 0}
        receive_forms(self.house.settings, 1, changed_at=long_ago)
        receive_forms(self.house.settings, 1, changed_at=long_ago, **booked)
        (decided, *_) = receive_forms(self.house.settings, 2, changed_at=long_ago, **untried)
        receive_forms(self.house.settings, 1, version="b" * 64)
        start_worker(self.house.settings).run_once()
        page = self.ada.opens("/to-be-erased")
        token = str(page.soup.select("[name=csrf_token]")[0]["value"])
        self.ada.posts_pairs("/to-be-erased", [("csrf_token", token), ("reference", decided)])
        return self.ada.opens("/to-be-erased")

    def decides_on_no_form(self) -> DeskPage:
        pairs = [("csrf_token", self.held()["csrf_token"]), ("reference", self.house.receives())]
        return self.ada.posts_pairs("/to-be-erased", pairs)

    def has_stopped_erasing(self) -> DeskPage:
        with writing(self.house.store) as connection:
            for kind in StopKind:
                raise_stop(connection, kind, source="worker", actor="worker", at=clock.now())
        return self.ada.opens("/queue")

    def exported(self) -> DeskPage:
        for purpose in ("first calls", "W" * 300):
            page = self.ada.opens("/export")
            self.ada.client.post("/export", data={**page.filled("export"), "purpose": purpose}, buffered=True)
        return self.ada.opens("/export")

    def later(self) -> time_machine.travel:
        return time_machine.travel(clock.now() + sessions.FRESH_SIGN_IN_AGE + timedelta(seconds=1))

    def is_asked_again(self) -> DeskPage:
        page = self.ada.record(self.house.receives())
        with self.later():
            return self.ada.posts(page, "erase", reason="on_request")

    def is_asked_again_after_a_wrong_one(self) -> DeskPage:
        with self.later():
            return DeskPage(self.ada.client.post("/export", data={**self.held(), "purpose": "x", "proof": "wrong"}))

    def held(self) -> dict[str, str]:
        return {"csrf_token": str(self.ada.opens("/account").soup.select("[name=csrf_token]")[0]["value"])}

    def signed_out_while_one_writes(self) -> DeskPage:
        page = self.ada.record(self.house.receives())
        data = {**page.filled("note"), "note": "what I typed"}
        self.posts("/account", "sign-out")
        return DeskPage(self.ada.client.post(str(page.form("note")["action"]), data=data, headers=FROM_US))

    def sent_under_an_old_token(self) -> DeskPage:
        page = self.ada.record(self.house.receives())
        data = {**page.filled("note"), "note": "what I typed " * 20, "csrf_token": "old"}
        return DeskPage(self.ada.client.post(str(page.form("note")["action"]), data=data, headers=FROM_US))

    def invites(self) -> DeskPage:
        return self.posts("/team", "team", name=LONG[:80], email="new@example.org", role="coordinator")

    def asks_for_access(self) -> str:
        """Ask for a new link for a colleague, and return the address that confirms it; nobody could but oneself."""
        self.is_lived_in()
        (grace,) = (link for link in self.ada.opens("/team").links("/team/") if link != f"/team/{self.ada.id}")
        page = self.posts(grace, "link")
        return str(page.form("refuse")["action"]).replace("/refuse", "/confirm")

    def link(self) -> str:
        return link_in(self.invites().text).removeprefix("http://127.0.0.1:8001")

    def stranger(self) -> DeskUser:
        return DeskUser(self.app, "grace@example.org")

    def sends_an_old_page(self) -> DeskPage:
        one = self.stranger()
        return one.posts_pairs("/invitation/forged", one.opens("/invitation").pairs())

    def two_browsers(self) -> DeskPage:
        self.ada.another_browser().is_signed_in_as(self.house.account(self.ada.email))
        return self.ada.opens("/account")

    def sets_up_a_second_factor(self) -> DeskPage:
        page, one = self.ada.opens("/account/second-factor"), self.stranger()
        one.secret = page.soup.select(".secret")[0].get_text().replace("-", "")
        return self.ada.posts(page, "second-factor", code=one.code())

    def gives_a_wrong_code(self) -> DeskPage:
        one, page = self.code_asked()
        return one.posts(page, "/code", code="1")

    def code_asked(self) -> tuple[DeskUser, DeskPage]:
        one = self.stranger()
        invited = self.posts("/team", "team", name="Grace", email=one.email, role="coordinator")
        one.takes_up(link_in(invited.text))
        one.sets_up(one.opens("/account/second-factor"))
        again = one.another_browser()
        return again, again.gives_password()


def _away(*_: object, **__: object) -> None:
    raise UnavailableError(STORE)


Reached = DeskPage | TestResponse


@dataclass(frozen=True)
class Shown:
    """One page: its template, the route that answers (empty: none does), the status, and the way there."""

    template: str
    endpoint: str
    status: int
    reach: Callable[[DeskScenario], Any]


def opened(address: str) -> Callable[[DeskScenario], DeskPage]:
    return lambda desk: desk.ada.opens(address)


def _queue(show: str) -> Shown:
    return Shown(
        "desk/queue.html",
        "desk.queue",
        200,
        lambda desk: (desk.is_lived_in(), desk.ada.opens(f"/queue?show={show}"))[1],
    )


EVERY_DESK_PAGE = {
    "sign in": Shown("staff/sign_in.html", "sign_in.sign_in_form", 200, lambda d: d.stranger().opens("/sign-in")),
    "sign in, refused": Shown(
        "staff/sign_in.html", "sign_in.submit_password", 422, lambda d: d.stranger().gives_password("wrong")
    ),
    "code": Shown("staff/code.html", "sign_in.submit_password", 200, lambda d: d.code_asked()[1]),
    "code, refused": Shown(
        "staff/code.html",
        "sign_in.submit_code",
        422,
        DeskScenario.gives_a_wrong_code,
    ),
    "invitation code": Shown(
        "staff/invitation_code.html", "invitation.code_form", 200, lambda d: d.stranger().opens("/invitation")
    ),
    "invitation code, forged": Shown(
        "staff/invitation_code.html",
        "invitation.submit_invitation_code",
        422,
        lambda d: d.stranger().opens_invitation("/invitation#forged"),
    ),
    "invitation, cookies off": Shown(
        "staff/invitation_code.html",
        "invitation.submit_invitation_code",
        400,
        lambda d: d.stranger().without_cookies().opens_invitation(d.link()),
    ),
    "sign in, cookies off": Shown(
        "staff/sign_in.html",
        "sign_in.submit_password",
        400,
        lambda d: d.stranger().without_cookies().gives_password(),
    ),
    "invitation": Shown(
        "staff/invitation.html",
        "invitation.submit_invitation_code",
        200,
        lambda d: d.stranger().opens_invitation(d.link()),
    ),
    "invitation, weak password": Shown(
        "staff/invitation.html",
        "invitation.submit_invitation_password",
        422,
        lambda d: d.stranger().takes_up(d.link(), "short"),
    ),
    "no invitation, by a page of the release before": Shown(
        "staff/no_invitation.html", "invitation.accept_old_link", 404, DeskScenario.sends_an_old_page
    ),
    "no invitation": Shown(
        "staff/no_invitation.html", "invitation.old_link", 404, lambda d: d.stranger().opens("/invitation/forged")
    ),
    "nobody is signed in": Shown("staff/sign_in.html", "desk.queue", 401, lambda d: d.stranger().opens("/queue")),
    "signed out while one writes": Shown(
        "staff/sign_in.html", "desk.note", 401, DeskScenario.signed_out_while_one_writes
    ),
    "from an email": Shown(
        "staff/through.html",
        "desk.queue",
        200,
        lambda d: d.stranger().opens("/queue", headers={"Sec-Fetch-Site": "cross-site"}),
    ),
    "an old token": Shown("staff/again.html", "desk.note", 400, DeskScenario.sent_under_an_old_token),
    "a forged page": Shown(
        "staff/refused.html", "desk.claim_next", 400, lambda d: DeskPage(d.ada.client.post("/queue/claim"))
    ),
    "queue, empty": Shown("desk/queue.html", "desk.queue", 200, opened("/queue")),
    "queue, due": _queue("due"),
    "queue, mine": _queue("mine"),
    "queue, all": _queue("all"),
    "queue, closed": Shown(
        "desk/queue.html", "desk.queue", 200, lambda d: (d.erased(), d.ada.opens("/queue?show=closed"))[1]
    ),
    "no such list": Shown("desk/refused.html", "desk.queue", 400, opened("/queue?show=nothing")),
    "nobody waits": Shown("desk/queue.html", "desk.claim_next", 200, lambda d: d.posts("/queue", "queue/claim")),
    "not found": Shown("desk/queue.html", "desk.find", 422, lambda d: d.posts("/queue", "find", reference="<script>")),
    "record": Shown(
        "desk/record.html", "desk.record", 200, lambda d: d.ada.record(d.house.receives({"name_pref": "Bo Example"}))
    ),
    "record, much": Shown("desk/record.html", "desk.record", 200, DeskScenario.record),
    "answers": Shown("desk/record.html", "desk.answers", 200, lambda d: d.ada.does(d.is_lived_in(), "answers")),
    "record, stale": Shown("desk/record.html", "desk.attempt", 409, DeskScenario.goes_stale),
    "record, refused": Shown(
        "desk/record.html",
        "desk.move",
        422,
        lambda d: d.ada.does(d.is_lived_in(), "move", state="could_not_reach", day="1999-01-01"),
    ),
    "record, no key": Shown("desk/record.html", "desk.answers", 200, DeskScenario.has_no_key),
    "record, erased": Shown("desk/erased.html", "desk.record", 200, lambda d: d.ada.record(d.erased())),
    "erased meanwhile": Shown("desk/erased.html", "desk.note", 409, DeskScenario.is_erased_meanwhile),
    "no such record": Shown("desk/refused.html", "desk.record", 404, opened("/record/2222-2222-2222-2")),
    "cannot save": Shown("desk/refused.html", "desk.note", 503, DeskScenario.cannot_save),
    "record, proposed": Shown(
        "desk/record.html", "desk.propose", 422, lambda d: d.ada.does(d.house.receives(), "propose")
    ),
    "spam, nothing": Shown("desk/spam.html", "spam.list_spam", 200, opened("/spam")),
    "spam": Shown("desk/spam.html", "spam.list_spam", 200, DeskScenario.suspects),
    "spam, nothing chosen": Shown(
        "desk/spam.html", "spam.propose_forms", 422, lambda d: d.ada.posts(d.suspects(), "spam/propose", reason="test")
    ),
    "spam, propose": Shown("desk/spam_confirm.html", "spam.propose_forms", 200, DeskScenario.chooses_to_propose),
    "spam, proposed": Shown(
        "desk/spam.html", "spam.propose_forms", 200, lambda d: d.ada.posts(d.chooses_to_propose(), "spam/propose")
    ),
    "spam, close": Shown("desk/spam_confirm.html", "spam.close", 200, DeskScenario.chooses_to_close),
    "spam, not closed": Shown(
        "desk/spam.html", "spam.close", 200, lambda d: d.ada.posts(d.chooses_to_close(), "spam/close")
    ),
    "to be erased": Shown("desk/erasures.html", "retention.list_erasures", 200, DeskScenario.has_forms_to_be_erased),
    "to be erased, none": Shown("desk/erasures.html", "retention.list_erasures", 200, opened("/to-be-erased")),
    "to be erased, decided already": Shown(
        "desk/erasures.html", "retention.decide_erasure", 409, DeskScenario.decides_on_no_form
    ),
    "erasing is stopped": Shown("desk/queue.html", "desk.queue", 200, DeskScenario.has_stopped_erasing),
    "export": Shown("desk/export.html", "export.show_export", 200, DeskScenario.exported),
    "export, no purpose": Shown(
        "desk/export.html", "export.download_export", 422, lambda d: d.posts("/export", "export")
    ),
    "audit": Shown(
        "desk/trail.html", "audit.list_events", 200, lambda d: (d.is_lived_in(), d.exported(), d.ada.opens("/audit"))[2]
    ),
    "audit, not a reference": Shown(
        "desk/trail.html", "audit.search_events", 422, lambda d: d.posts("/audit", "audit", reference="zzz")
    ),
    "audit, no such place": Shown("desk/refused.html", "audit.list_events", 400, opened("/audit?sort=at")),
    "account": Shown("staff/account.html", "account.show_account", 200, opened("/account")),
    "account, weak password": Shown(
        "staff/account.html",
        "account.change_password",
        422,
        lambda d: d.posts("/account", "password", password="short"),
    ),
    "account, another browser": Shown("staff/account.html", "account.show_account", 200, DeskScenario.two_browsers),
    "account, signed out there": Shown(
        "staff/account.html",
        "account.end_one_session",
        200,
        lambda d: d.ada.posts(d.two_browsers(), "account/session"),
    ),
    "account, signed out elsewhere": Shown(
        "staff/account.html",
        "account.end_all_other_sessions",
        200,
        lambda d: d.ada.posts(d.two_browsers(), "other-sessions"),
    ),
    "account, changed": Shown(
        "staff/account.html",
        "account.change_password",
        200,
        lambda d: d.posts("/account", "password", password=PASSWORD),
    ),
    "second factor": Shown(
        "staff/second_factor.html", "account.second_factor_form", 200, opened("/account/second-factor")
    ),
    "second factor, wrong code": Shown(
        "staff/second_factor.html",
        "account.submit_second_factor",
        422,
        lambda d: d.posts("/account/second-factor", "second-factor", code="1"),
    ),
    "recovery codes": Shown(
        "staff/recovery_codes.html", "account.submit_second_factor", 200, DeskScenario.sets_up_a_second_factor
    ),
    "asked again": Shown("staff/step_up.html", "desk.erase", 403, DeskScenario.is_asked_again),
    "asked again, wrong": Shown(
        "staff/step_up.html", "export.download_export", 422, DeskScenario.is_asked_again_after_a_wrong_one
    ),
    "team": Shown("staff/team.html", "team.list_team", 200, lambda d: (d.is_lived_in(), d.ada.opens("/team"))[1]),
    "team, wrong": Shown(
        "staff/team.html", "team.invite_member", 422, lambda d: d.posts("/team", "team", name="", email="x")
    ),
    "team, link": Shown("staff/link.html", "team.invite_member", 200, DeskScenario.invites),
    "member": Shown(
        "staff/member.html", "team.show_member", 200, lambda d: (d.is_lived_in(), d.ada.opens(f"/team/{d.ada.id}"))[1]
    ),
    "member, refused": Shown(
        "staff/member.html", "team.disable_member", 422, lambda d: d.posts(f"/team/{d.ada.id}", "disable")
    ),
    "access, nothing": Shown("staff/access.html", "access.list_access", 200, opened("/access")),
    "access, waiting": Shown(
        "staff/access.html", "access.list_access", 200, lambda d: (d.asks_for_access(), d.ada.opens("/access"))[1]
    ),
    "access, not confirmed": Shown(
        "staff/access.html",
        "access.confirm_access",
        422,
        lambda d: d.ada.client.post(d.asks_for_access(), data=d.held()),
    ),
    "unknown address": Shown("staff/refused.html", "", 404, opened("/nowhere")),
    "wrong method": Shown(
        "staff/refused.html", "", 405, lambda d: DeskPage(d.ada.client.post("/account", data=d.held()))
    ),
    "not one's work": Shown(
        "staff/refused.html", "audit.list_events", 403, lambda d: d.house.hires("Otto Other").opens("/audit")
    ),
    "a defect of ours": Shown(
        "staff/refused.html", "desk.queue", 500, lambda d: d.fails(ValueError("x")).ada.opens("/queue")
    ),
    "the store is away": Shown(
        "staff/refused.html", "desk.queue", 503, lambda d: d.fails(UnavailableError(STORE)).ada.opens("/queue")
    ),
}
#: Routes that show nothing of their own: they lead to a page above, or show it again after what they did.
LEADING = {
    "spam.return_to_spam",
    "desk.back",
    "desk.claim",
    "desk.assign",
    "desk.stop",
    "desk.undo",
    "sign_in.home",
    "sign_in.resume",
    "sign_in.sign_out",
    "sign_in.submit_first_second_factor",
    "sign_in.first_qr_code",
    "account.submit_fresh_sign_in",
    "account.second_factor_qr_code",
    "account.renew_recovery_codes",
    "team.change_member_rights",
    "team.renew_member_link",
    "team.reset_member_second_factor",
    "access.refuse_access",
    "access.make_access_link",
}


def answer_of(reached: Reached) -> TestResponse:
    """The last answer on the way to a page."""
    return reached if isinstance(reached, TestResponse) else reached.answer


def reached(name: str, desk: DeskScenario) -> TestResponse:
    """Go the way of the list to the page *name*, and see that it is the one that the list says."""
    shown, drawn = EVERY_DESK_PAGE[name], list[str]()

    def note(sender: Flask, template: object, **_: object) -> None:
        drawn.append(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note, desk.app):
        answer = answer_of(shown.reach(desk))
    assert answer.status_code == shown.status, name
    # What is drawn when the store is away asks nothing of the framework, and so is not heard of here.
    assert shown.status >= 500 or drawn[-1] == shown.template, name
    if shown.endpoint:
        rule, _ = desk.app.url_map.bind("").match(answer.request.path, answer.request.method, return_rule=True)
        assert rule.endpoint == shown.endpoint, name
    return answer

"""Every page that a person can be shown, and how each is reached.

The list is held to the URL map and to the wording (``laws/test_every_page``): a new page, notice or error page that
is not here fails the build, so axe, the HTML validator and the eye of a reviewer miss none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from screener import db
from screener.board import board
from screener.board.board import IntakeStatus
from screener.errors import UnavailableError
from screener.intake import availability
from screener.intake import submit_views
from screener.intake.context import EXTENSION
from screener.public_app import create_public_app
from screener.questionnaire.form import STEP_PATHS
from screener.settings import Settings
from screener.web.refused_requests import REFUSED_STATUS
from tests.support.public_client import FORM as FORM_TYPE
from tests.support.public_client import PublicClient
from tests.support.public_client import PublicPage

#: Longer and stranger than most answers, so that a page that cannot hold them shows it.
MUCH: dict[str, Any] = {
    "name_pref": "Ada-Maria Example-Beispielhausen " * 2,
    "phone": "+1 415 555 0100",
    "access_text": "WithoutASingleSpaceSoThatNothingCanBreakTheLine" * 2,
    "tx_had": ["1", "9"],
    "lang": "yue",
}
#: What cannot be read, on each step.
WRONG: dict[str, dict[str, Any]] = {
    "questions": {"age_years": "thirty", "dep_told": "77", "tx_had": ["4"]},
    "contact": {"name_pref": "", "email": "ada@", "phone": "please call", "lang": "xx"},
    "permission": {"adult_self": "0"},
}


class PublicScenario:
    """A deployment, a visitor to it who reads *locale*, and the things that can happen to it."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch, locale: str = "en") -> None:
        self.settings = settings
        self.patch = patch
        self.locale = locale
        self._starts_anew()

    def opens(self, page: str) -> PublicPage:
        return self.visitor.opens(self.visitor.at(page))

    def posts(self, page: str, pairs: list[tuple[str, str]]) -> PublicPage:
        return self.visitor.posts(self.visitor.at(page), pairs)

    def sets(self, status: IntakeStatus) -> "PublicScenario":
        """Somebody set the intake status, and the process has seen it."""
        with db.writing(db.connect(self.settings.board, may="write")) as connection:
            board.set_intake_status(connection, status, "", datetime.now(UTC))
        self._starts_anew()
        return self

    def loses(self, place: str) -> "PublicScenario":
        """A file or folder of the deployment is gone."""
        (self.settings.data / place).rename(self.settings.data / "away")
        self._starts_anew()
        return self

    def in_production(self) -> "PublicScenario":
        self.patch.setattr("screener.public_app._refuse_excess_access", lambda _: None)
        self.settings = self.settings.model_copy(update={"env": "production"})
        self._starts_anew()
        return self

    def _starts_anew(self) -> None:
        self.app = create_public_app(self.settings)
        self.visitor = PublicClient(self.app, locale=self.locale)

    def steps_to(self, step: str, then: str = "") -> PublicPage:
        """The page of *step* with much typed, from the check page; *then* home to it again."""
        pairs = self.visitor.checks(**MUCH).pairs()
        return self.posts(STEP_PATHS[step], [*pairs, ("then", then)])

    def errs_at(self, step: str) -> PublicPage:
        pairs = self.visitor.fills(self.steps_to(step), WRONG[step])
        return self.posts("check", pairs)

    def sends_too_often(self) -> PublicPage:
        self.settings = self.settings.model_copy(update={"posts_per_minute": 1})
        self._starts_anew()
        check = self.visitor.checks()
        return self.visitor.sends(check)

    def fails(self, fault: Exception) -> PublicPage:
        check = self.visitor.checks(**MUCH)

        def broken(*_: object, **__: object) -> str:
            raise fault

        self.patch.setattr(submit_views, "submit_form", broken)
        return self.visitor.sends(check)

    def is_set_while_one_writes(self, status: IntakeStatus, grace: timedelta) -> PublicPage:
        self.patch.setattr(availability, "GRACE_PERIOD", grace)
        check = self.visitor.checks()
        return self.sets(status).visitor.sends(check)

    def gets_a_spoilt_page(self) -> PublicPage:
        check = self.visitor.checks()
        return self.posts("received", [*check.pairs(), ("token", "spoilt")])

    def is_refused(self, status: int) -> PublicPage:
        """The server, or a proxy before it, refused the request."""
        refused, headers = {REFUSED_STATUS: status}, {"Accept-Language": self.locale}
        return self.visitor.opens("/", environ_overrides=refused, headers=headers)

    def posts_bytes(self, body: bytes, kind: str = FORM_TYPE) -> PublicPage:
        return self.visitor.posts_bytes(self.visitor.at("check"), body, kind)


@dataclass(frozen=True)
class Shown:
    """One page: where it is asked for (empty: at no address of ours), the words that head it, and the way there."""

    address: str
    words: str
    status: int
    reach: Callable[[PublicScenario], PublicPage]


def opened(page: str) -> Callable[[PublicScenario], PublicPage]:
    return lambda house: house.opens(page)


EVERY_PAGE = {
    "start": Shown("/", "pages.start", 200, opened("")),
    "about": Shown("/about", "pages.about", 200, opened("about")),
    "questions": Shown("/interest", "pages.questions", 200, opened("interest")),
    "questions to change": Shown("/interest", "pages.questions", 200, lambda h: h.steps_to("questions", "check")),
    "questions with errors": Shown("/check", "pages.questions", 422, lambda h: h.errs_at("questions")),
    "contact": Shown("/contact", "pages.contact", 200, opened("contact")),
    "contact filled in": Shown("/contact", "pages.contact", 200, lambda h: h.steps_to("contact")),
    "contact with errors": Shown("/check", "pages.contact", 422, lambda h: h.errs_at("contact")),
    "permission": Shown("/permission", "pages.permission", 200, lambda h: h.steps_to("permission")),
    "permission with errors": Shown("/check", "pages.permission", 422, lambda h: h.errs_at("permission")),
    "check": Shown("/check", "pages.check", 200, lambda h: h.visitor.checks(**MUCH)),
    "check, nothing answered": Shown("/check", "pages.check", 200, lambda h: h.visitor.checks()),
    "check with a spoilt token": Shown("/received", "pages.check", 400, PublicScenario.gets_a_spoilt_page),
    "check while the inbox is away": Shown(
        "/received", "pages.check", 503, lambda h: h.fails(UnavailableError("The inbox is away."))
    ),
    "received": Shown("/received", "pages.received", 200, lambda h: h.visitor.tells()),
    "privacy": Shown("/privacy", "pages.privacy", 200, opened("privacy")),
    "accessibility": Shown("/accessibility", "pages.accessibility", 200, opened("accessibility")),
    "waitlist": Shown("/interest", "pages.questions", 200, lambda h: h.sets("waitlist").opens("interest")),
    "waitlist start": Shown("/", "pages.start", 200, lambda h: h.sets("waitlist").opens("")),
    "paused": Shown("/", "notices.paused", 200, lambda h: h.sets("paused").opens("")),
    "closed": Shown("/interest", "notices.closed", 200, lambda h: h.sets("closed").opens("interest")),
    "not ready": Shown("/", "notices.not_ready", 503, lambda h: h.in_production().opens("")),
    "sent while it was paused": Shown(
        "/received", "notices.grace", 200, lambda h: h.is_set_while_one_writes("paused", timedelta(hours=2))
    ),
    "sent long after it was paused": Shown(
        "/received", "notices.paused", 503, lambda h: h.is_set_while_one_writes("paused", timedelta(0))
    ),
    "unknown address": Shown("", "error_pages.not_found", 404, opened("nowhere")),
    "wrong method": Shown("", "error_pages.method", 405, lambda h: h.posts("privacy", [])),
    "too much": Shown("/check", "error_pages.too_large", 413, lambda h: h.posts_bytes(b"a" * 70_000)),
    "too long a header": Shown("", "error_pages.header", 431, lambda h: h.is_refused(431)),
    "the server is away": Shown("", "error_pages.unreachable", 502, lambda h: h.is_refused(502)),
    "another kind of content": Shown(
        "/check", "error_pages.wrong_type", 415, lambda h: h.posts_bytes(b"{}", "application/json")
    ),
    "too often": Shown("/received", "error_pages.busy", 429, PublicScenario.sends_too_often),
    "a defect of ours": Shown("/received", "error_pages.failed", 500, lambda h: h.fails(ValueError("x"))),
    "sent without keys": Shown(
        "/check", "error_pages.unavailable", 503, lambda h: h.loses("keys").posts("check", [("age_years", "34")])
    ),
}


def rule(app: Flask, address: str) -> str:
    """The rule of *address* in the application's map: the same in each of its languages."""
    served = ",".join(f'"{locale}"' for locale in app.extensions[EXTENSION].locales)
    return f"/<any({served}):locale>{address}"

"""Every page that a person can be shown, and how each is reached.

The list is held to the URL map and to the wording (``laws/test_every_page``): a new page, notice or error page that
is not here fails the build, so axe, the HTML validator and the eye of a reviewer miss none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

import pytest

from screener import db
from screener.intake import views
from screener.problems import Unavailable
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.submissions import board
from tests.intake.visitor import Page
from tests.intake.visitor import Visitor

#: Longer and stranger than most answers, so that a page that cannot hold them shows it.
MUCH = {
    "name_pref": "Ada-Maria Example-Beispielhausen " * 2,
    "phone": "+1 415 555 0100",
    "access_text": "WithoutASingleSpaceSoThatNothingCanBreakTheLine" * 2,
    "tx_had": ["1", "9"],
    "lang": "yue",
}
WRONG = {"name_pref": "", "email": "ada@", "age_years": "thirty", "adult_self": "0", "dep_told": "77"}


class House:
    """A deployment, a visitor to it, and the things that can happen to it."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self.settings = settings
        self.patch = patch
        self.app = create_public_app(settings)
        self.visitor = Visitor(self.app)

    def sets(self, status: str) -> "House":
        """Somebody set the intake status, and the process has seen it."""
        with db.writing(db.connect(self.settings.board, may="write")) as connection:
            board.set_intake_status(connection, status, "", datetime.now(UTC))
        self._starts_anew()
        return self

    def loses(self, place: str) -> "House":
        """A file or folder of the deployment is gone."""
        (self.settings.data / place).rename(self.settings.data / "away")
        self._starts_anew()
        return self

    def in_production(self) -> "House":
        self.patch.setattr("screener.public_app._refuse_to_know_too_much", lambda _: None)
        self.settings = self.settings.model_copy(update={"env": "production"})
        self._starts_anew()
        return self

    def _starts_anew(self) -> None:
        self.app = create_public_app(self.settings)
        self.visitor = Visitor(self.app)

    def sends_too_often(self) -> Page:
        self.settings = self.settings.model_copy(update={"posts_per_minute": 1})
        self._starts_anew()
        check = self.visitor.checks()
        return self.visitor.sends(check)

    def fails(self, fault: Exception) -> Page:
        check = self.visitor.checks(**MUCH)

        def broken(*_: object, **__: object) -> str:
            raise fault

        self.patch.setattr(views, "send", broken)
        return self.visitor.sends(check)

    def is_paused_while_one_writes(self) -> Page:
        check = self.visitor.checks()
        return self.sets("paused").visitor.sends(check)

    def gets_a_spoilt_page(self) -> Page:
        check = self.visitor.checks()
        return self.visitor.posts("/en/received", [*check.pairs(), ("token", "spoilt")])


@dataclass(frozen=True)
class Shown:
    """One page: the rule that answers, the words that head it, and the way there."""

    rule: str
    words: str
    status: int
    reach: Callable[[House], Page]


def opened(path: str) -> Callable[[House], Page]:
    return lambda house: house.visitor.opens(path)


FORM = '/<any("en"):locale>'
EVERY_PAGE = {
    "start": Shown(f"{FORM}/", "pages.start", 200, opened("/en/")),
    "interest": Shown(f"{FORM}/interest", "pages.interest", 200, opened("/en/interest")),
    "interest with errors": Shown(f"{FORM}/check", "pages.interest", 422, lambda h: h.visitor.checks(**WRONG)),
    "interest to change": Shown(
        f"{FORM}/interest",
        "pages.interest",
        200,
        lambda h: h.visitor.posts("/en/interest", h.visitor.checks(**MUCH).pairs()),
    ),
    "check": Shown(f"{FORM}/check", "pages.check", 200, lambda h: h.visitor.checks(**MUCH)),
    "check, nothing answered": Shown(f"{FORM}/check", "pages.check", 200, lambda h: h.visitor.checks()),
    "check with a spoilt token": Shown(f"{FORM}/received", "pages.check", 400, House.gets_a_spoilt_page),
    "check while the inbox is away": Shown(
        f"{FORM}/received", "pages.check", 503, lambda h: h.fails(Unavailable("The inbox is away."))
    ),
    "received": Shown(f"{FORM}/received", "pages.received", 200, lambda h: h.visitor.tells()),
    "privacy": Shown(f"{FORM}/privacy", "pages.privacy", 200, opened("/en/privacy")),
    "accessibility": Shown(f"{FORM}/accessibility", "pages.accessibility", 200, opened("/en/accessibility")),
    "waitlist": Shown(
        f"{FORM}/interest", "pages.interest", 200, lambda h: h.sets("waitlist").visitor.opens("/en/interest")
    ),
    "waitlist start": Shown(f"{FORM}/", "pages.start", 200, lambda h: h.sets("waitlist").visitor.opens("/en/")),
    "paused": Shown(f"{FORM}/", "notices.paused", 200, lambda h: h.sets("paused").visitor.opens("/en/")),
    "closed": Shown(
        f"{FORM}/interest", "notices.closed", 200, lambda h: h.sets("closed").visitor.opens("/en/interest")
    ),
    "not ready": Shown(f"{FORM}/", "notices.not_ready", 503, lambda h: h.in_production().visitor.opens("/en/")),
    "sent while it was paused": Shown(f"{FORM}/received", "notices.grace", 200, House.is_paused_while_one_writes),
    "unknown address": Shown("", "error_pages.not_found", 404, opened("/en/nowhere")),
    "wrong method": Shown("", "error_pages.method", 405, lambda h: h.visitor.posts("/en/privacy", [])),
    "too much": Shown(
        f"{FORM}/check", "error_pages.too_large", 413, lambda h: h.visitor.posts_bytes("/en/check", b"a" * 70_000)
    ),
    "another kind of content": Shown(
        f"{FORM}/check",
        "error_pages.wrong_type",
        415,
        lambda h: h.visitor.posts_bytes("/en/check", b"{}", "application/json"),
    ),
    "too often": Shown(f"{FORM}/received", "error_pages.busy", 429, House.sends_too_often),
    "a defect of ours": Shown(f"{FORM}/received", "error_pages.failed", 500, lambda h: h.fails(ValueError("x"))),
    "sent without keys": Shown(
        f"{FORM}/check",
        "error_pages.unavailable",
        503,
        lambda h: h.loses("keys").visitor.posts("/en/check", [("age_years", "34")]),
    ),
}
#: Rules that show nothing: they lead to a page above.
LEADING = {"/", FORM}

"""The people who work at the invented desk, each with a browser and a password of their own.

They come by invitation and sign in like anybody, and do nothing that the pages do not offer them.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask

from screener import clock
from screener.demo.browser import Browser
from screener.demo.browser import Page
from screener.demo.browser import Values
from screener.demo.stories import COLLEAGUE
from screener.demo.stories import FIRST_FORM
from screener.demo.stories import Act
from screener.desk.local_time import SITE_TIME_ZONE
from screener.errors import UserError

#: Of these a password is made; short and easy to read from a terminal.
WORDS = (
    *("acorn", "amber", "basil", "brook", "cedar", "cloud", "coral", "delta", "ember", "fable", "fern", "flint"),
    *("grove", "hazel", "heron", "honey", "iris", "ivory", "juniper", "kelp", "lark", "lemon", "linen", "maple"),
    *("meadow", "mint", "moss", "north", "olive", "opal", "orchid", "otter", "pebble", "pine", "plum", "quartz"),
    *("raven", "reed", "river", "robin", "saffron", "sage", "sand", "slate", "tulip", "umber", "violet", "willow"),
)
INVITATION = r'<code class="secret">([^<]+)</code>'
LINK = r'<a href="(/queue\?[^"]*after=[^"]*)">Next page</a>'
STATE = r'<td data-label="State">([^<]+)</td>'


@dataclass(frozen=True)
class Hire:
    """Whom the administrator invites."""

    name: str
    email: str
    roles: tuple[str, ...]
    languages: str


class Colleague:
    """Somebody who works at the desk of *app*."""

    def __init__(self, app: Flask, hire: Hire) -> None:
        self.hire = hire
        self.password = "-".join(secrets.choice(WORDS) for _ in range(4))
        self._browser = Browser(app)
        self._page: Page | None = None

    def comes(self, link: str) -> None:
        """Take up an invitation, which is the first sign-in too."""
        path = urlsplit(link).path
        self._page = self._browser.sends(self._browser.opens(path), path, {"password": self.password})

    def signs_in(self) -> None:
        """Sign in, unless that was done."""
        if self._page is None:
            who = {"email": self.hire.email, "password": self.password}
            self._page = self._browser.sends(self._browser.opens("/sign-in"), "/sign-in", who)

    def goes_home(self) -> None:
        """Sign out, if signed in."""
        if self._page is not None:
            self._browser.sends(self._page, "/sign-out")
            self._page = None

    def invites(self, hire: Hire) -> str:
        """Invite somebody, and give the link that the page shows once."""
        typed: Values = {
            "name": hire.name,
            "email": hire.email,
            "role": hire.roles,
            "languages": hire.languages,
        }
        self._page = self._browser.sends(self._browser.opens("/team"), "/team", typed)
        (link,) = self._page.find(INVITATION)
        return link

    def claims_next(self) -> None:
        """Press *Claim the next due*, and read what comes."""
        self._page = self._browser.sends(self._browser.opens("/queue"), "/queue/claim")

    def visits(self, reference: str, *, takes_on: bool) -> "Visit":
        """Open a record; *takes_on* says whether to claim it first, where it is somebody else's."""
        self._page = self._browser.opens(f"/record/{reference}")
        if takes_on and self._page.has("/claim"):
            self._page = self._browser.sends(self._page, "/claim")
        return Visit(self, self._page)

    def does(self, page: Page, verb: str, typed: Mapping[str, str]) -> Page:
        """Press the button of *verb*; prove who it is where the page asks for that."""
        after = self._browser.sends(page, f"/{verb}", typed)
        if 'name="proof"' in after.html:
            after = self._browser.sends(after, f"/{verb}", {"proof": self.password})
        self._page = after
        return after

    def counts(self) -> dict[str, int]:
        """How many forms the list of all shows in each state, page by page, in the words of the desk."""
        found: dict[str, int] = {}
        path = "/queue?show=all"
        while path:
            page = self._browser.opens(path)
            for state in page.find(STATE):
                found[state] = found.get(state, 0) + 1
            path = next(iter(page.find(LINK)), "")
        return found


class Visit:
    """One look at one record, and what is done there."""

    def __init__(self, who: Colleague, page: Page) -> None:
        self._who, self._page = who, page

    def does(self, act: Act, first_form: str) -> None:
        """Do one thing; *first_form* is the reference of the form before this one."""
        typed = {name: first_form if value == FIRST_FORM else value for name, value in act.typed.items()}
        if typed.get("to") == COLLEAGUE:
            typed["to"] = self._somebody_else()
        if act.booked:
            ahead, hour = act.booked
            typed |= {"day": _working_day(ahead).isoformat(), "hour": hour}
        self._page = self._who.does(self._page, act.verb, typed)

    def _somebody_else(self) -> str:
        """Whoever stands first in the list, and has not got this record already."""
        form = self._page.form("/assign")
        holder = dict(form.pairs)["to"]
        for account in form.offers["to"]:
            if account not in ("", holder):
                return account
        raise UserError("Nobody else works at this desk, so nothing can be given to a colleague.")


def _working_day(ahead: int) -> date:
    day = clock.now().astimezone(SITE_TIME_ZONE).date() + timedelta(days=ahead)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day

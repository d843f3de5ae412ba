"""The simulated users of the desk, each with a browser and a password of their own.

They accept an invitation and sign in as any user, and do nothing that the pages do not offer them.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask

from screener import clock
from screener.demo.browser import FormBrowser
from screener.demo.browser import FormValues
from screener.demo.browser import HtmlPage
from screener.demo.scenarios import COLLEAGUE
from screener.demo.scenarios import FIRST_REFERENCE
from screener.demo.scenarios import DeskAction
from screener.desk.local_time import SITE_TIME_ZONE
from screener.errors import UserError

#: A password is made of four of these; short and easy to read from a terminal.
PASSWORD_WORDS = (
    *("acorn", "amber", "basil", "brook", "cedar", "cloud", "coral", "delta", "ember", "fable", "fern", "flint"),
    *("grove", "hazel", "heron", "honey", "iris", "ivory", "juniper", "kelp", "lark", "lemon", "linen", "maple"),
    *("meadow", "mint", "moss", "north", "olive", "opal", "orchid", "otter", "pebble", "pine", "plum", "quartz"),
    *("raven", "reed", "river", "robin", "saffron", "sage", "sand", "slate", "tulip", "umber", "violet", "willow"),
)
INVITATION_PATTERN = r'<code class="secret">([^<]+)</code>'
NEXT_PAGE_PATTERN = r'<a href="(/queue\?[^"]*after=[^"]*)">Next page</a>'
STATE_PATTERN = r'<td data-label="Status">([^<]+)</td>'


@dataclass(frozen=True)
class StaffMember:
    """A person whom the administrator invites."""

    name: str
    email: str
    roles: tuple[str, ...]
    languages: str


class SimulatedUser:
    """A user of the desk *app*, with a browser and a password."""

    def __init__(self, app: Flask, member: StaffMember) -> None:
        self.member = member
        self.password = "-".join(secrets.choice(PASSWORD_WORDS) for _ in range(4))
        self._browser = FormBrowser(app)
        self._page: HtmlPage | None = None

    def accept_invitation(self, link: str) -> None:
        """Accept the invitation of *link* by choosing a password, which signs in too."""
        parts = urlsplit(link)
        page = self._browser.submit(self._browser.open(parts.path), parts.path, {"code": parts.fragment})
        self._page = self._browser.submit(page, f"{parts.path}/password", {"password": self.password})

    def sign_in(self) -> None:
        """Sign in, unless signed in."""
        if self._page is None:
            who = {"email": self.member.email, "password": self.password}
            self._page = self._browser.submit(self._browser.open("/sign-in"), "/sign-in", who)

    def sign_out(self) -> None:
        """Sign out, if signed in."""
        if self._page is not None:
            self._browser.submit(self._page, "/sign-out")
            self._page = None

    def request_invitation(self, member: StaffMember) -> str:
        """Ask for an account for *member*; the link that the page shows once, or nothing while it waits."""
        typed: FormValues = {
            "name": member.name,
            "email": member.email,
            "role": member.roles,
            "languages": member.languages,
        }
        self._page = self._browser.submit(self._browser.open("/team"), "/team", typed)
        return next(iter(self._page.find_all(INVITATION_PATTERN)), "")

    def confirm_invitation(self) -> str:
        """Confirm the account that waits, as the only one who can, and return its link."""
        self.submit(self._browser.open("/access"), "confirm", {})
        page = self.submit(self._browser.open("/access"), "link", {})
        (link,) = page.find_all(INVITATION_PATTERN)
        return link

    def claim_next(self) -> None:
        """Press *Claim the next due*."""
        self._page = self._browser.submit(self._browser.open("/queue"), "/queue/claim")

    def open_record(self, reference: str, *, claims: bool) -> "RecordVisit":
        """Open a record; if *claims*, claim it first where it is assigned to another user."""
        self._page = self._browser.open(f"/record/{reference}")
        if claims and self._page.has_form("/claim"):
            self._page = self._browser.submit(self._page, "/claim")
        return RecordVisit(self, self._page)

    def submit(self, page: HtmlPage, action: str, typed: Mapping[str, str]) -> HtmlPage:
        """Fill in and send the form for *action*; confirm the password where the page asks for it."""
        after = self._browser.submit(page, f"/{action}", typed)
        if 'name="proof"' in after.html:
            after = self._browser.submit(after, f"/{action}", {"proof": self.password})
        self._page = after
        return after

    def count_states(self) -> dict[str, int]:
        """Return how many submissions the list shows in each state, by the state's name at the desk."""
        found: dict[str, int] = {}
        path = "/queue?show=all"
        while path:
            page = self._browser.open(path)
            for state in page.find_all(STATE_PATTERN):
                found[state] = found.get(state, 0) + 1
            path = next(iter(page.find_all(NEXT_PAGE_PATTERN)), "")
        return found


class RecordVisit:
    """One record that a user has open, and their actions on it."""

    def __init__(self, user: SimulatedUser, page: HtmlPage) -> None:
        self._user, self._page = user, page

    def perform(self, act: DeskAction, first_reference: str) -> None:
        """Perform *act*; *first_reference* is the reference of the submission before this one."""
        typed = {name: first_reference if value == FIRST_REFERENCE else value for name, value in act.typed.items()}
        if typed.get("to") == COLLEAGUE:
            typed["to"] = self._choose_colleague()
        if act.booked:
            ahead, hour = act.booked
            typed |= {"day": _working_day(ahead).isoformat(), "hour": hour}
        self._page = self._user.submit(self._page, act.action, typed)

    def _choose_colleague(self) -> str:
        """Return the first account in the list that does not have this record already."""
        form = self._page.find_form("/assign")
        holder = dict(form.pairs)["to"]
        for account in form.options["to"]:
            if account not in ("", holder):
                return account
        raise UserError("No other coordinator works at this desk, so the record cannot be assigned to one.")


def _working_day(ahead: int) -> date:
    day = clock.now().astimezone(SITE_TIME_ZONE).date() + timedelta(days=ahead)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day

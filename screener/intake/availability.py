"""Whether the form is open, and what is said when it is not.

It is open only while everything that a submission needs is there: the keys, the approved wording, an inbox
that takes writes, a worker whose heartbeat is fresh, a coordinator who can be told, an intake status that
says so, and keys that somebody has proven. In production any one of them closes the form; in development only
what makes sending impossible does, or a person's own word (paused, closed), and the rest stands in the banner.

Nobody has to reopen it: each look asks again, at most every two seconds, and there is no thread of our own
that could die unseen. A worker that comes and goes must not make the form flicker, so a form that its
heartbeat closed opens only for a really fresh one.
"""

import os
import threading
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from screener import clock
from screener.board import board
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.sealing.form_key import FormKeys
from screener.sealing.form_key import load_form_keys
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.study.approvals import in_force
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions import inbox

#: A look is good for this long.
LOOK = timedelta(seconds=2)
#: A heartbeat older than this closes the form ...
STALE = timedelta(seconds=90)
#: ... and only one younger than this opens it again.
FRESH = timedelta(seconds=30)
#: A page opened before somebody paused or closed the form may still be sent for this long.
GRACE = timedelta(hours=2)
#: Without these nothing can be taken, in development either.
IMPOSSIBLE = frozenset({"keys", "inbox"})
#: Somebody's own word, which stands whatever else is wrong.
STOPPED = frozenset({"paused", "closed"})
NOTHING_KNOWN = board.BoardView(
    heartbeat_at=None, intake_status="not_ready", status_since=None, approvals=(), proven_keys=frozenset()
)


@dataclass(frozen=True)
class Keys:
    """What the public process holds: keys that shut, and the key that signs pages."""

    public: PublicKeys
    form: FormKeys


@dataclass(frozen=True)
class Door:
    """The form of one locale at one moment."""

    open: bool
    #: Which notice is shown: ``waitlist`` above an open form, another one instead of it, or none.
    notice: str
    #: Closed because something is wrong, and not because somebody chose so.
    fault: bool
    #: What would keep (or keeps) the form closed in production, each with a detail for its sentence.
    reasons: tuple[tuple[str, str], ...]
    keys: Keys | None
    #: Since when the form is paused or closed, if that is all that closes it.
    closed_since: datetime | None = None
    #: The locales that may be read now.
    spoken: frozenset[str] = frozenset()
    #: The day (UTC) on which somebody last said what the intake status is.
    checked_on: date | None = None

    def takes(self, minted_at: datetime | None, at: datetime) -> bool:
        """Whether a page minted at *minted_at* may be sent: while open, or in the grace time after closing."""
        if self.open:
            return True
        if self.closed_since is None or minted_at is None:
            return False
        return minted_at < self.closed_since and at - self.closed_since < GRACE


class Gate:
    """Looks after the doors of all locales; safe to ask from any thread."""

    def __init__(
        self, settings: Settings, study: Study, wordings: Mapping[str, Wording], *, inbox: sa.Engine, board: sa.Engine
    ) -> None:
        self.settings = settings
        self.study = study
        self.wordings = wordings
        self.inbox = inbox
        self.board = board
        self._looking = threading.Lock()
        self._doors: Mapping[str, Door] = {}
        self._looked_at: datetime | None = None
        self._beating = False
        self._keys: Keys | None = None
        self._key_files: object = None

    def door(self, locale: str) -> Door:
        """The door of *locale* as it is now, or was two seconds ago."""
        looked_at = self._looked_at
        if looked_at is None or abs(clock.now() - looked_at) >= LOOK:
            self._look(wait=looked_at is None)
        return self._doors[locale]

    def last_seen(self, locale: str) -> Door | None:
        """The door as it was last seen, without asking anything: for error pages."""
        return self._doors.get(locale)

    def _look(self, *, wait: bool) -> None:
        """Look again, one thread at a time; the others go by what is known, unless nothing is yet."""
        if not self._looking.acquire(blocking=wait):
            return
        try:
            now = clock.now()
            if self._looked_at is None or abs(now - self._looked_at) >= LOOK:
                self._doors = self._seen(now)
                self._looked_at = clock.now()
        finally:
            self._looking.release()

    def _seen(self, now: datetime) -> Mapping[str, Door]:
        common = []
        if not self._load_keys():
            common.append(("keys", ""))
        if fault := self._inbox_fault():
            common.append(("inbox", fault))
        view, readable = self._board_view()
        if not self._hears(view.heartbeat_at, now):
            common.append(("heartbeat", ""))
        if not view.coordinators:
            common.append(("coordinator", ""))
        if view.intake_status not in ("open", "waitlist"):
            common.append(("status", view.intake_status))
        if placeholders := self.study.placeholders():
            common.append(("placeholders", ", ".join(placeholders)))
        if self._keys and (unproven := _key_ids(self._keys.public) - view.proven_keys):
            common.append(("proof", ", ".join(sorted(unproven))))
        return {locale: self._door(wording, common, view, readable) for locale, wording in self.wordings.items()}

    def _door(self, wording: Wording, common: Iterable[tuple[str, str]], view: board.BoardView, readable: bool) -> Door:
        reasons = list(common)
        today = clock.now().date()
        if not _approved(wording, view, today):
            reasons.append(("wording", wording.version))
        closing = {reason for reason, _ in reasons}
        status = view.intake_status
        if not self.settings.in_production:
            closing &= IMPOSSIBLE | ({"status"} if status in STOPPED else frozenset())
        chosen = readable and (closing == {"status"} or (status in STOPPED and "status" in closing))
        waiting = "waitlist" if status == "waitlist" and not closing else ""
        return Door(
            open=not closing,
            notice=(status if chosen else "not_ready") if closing else waiting,
            fault=bool(closing) and not chosen,
            reasons=tuple(reasons),
            keys=self._keys,
            spoken=self._spoken(view, today),
            closed_since=view.status_since if closing == {"status"} and status in STOPPED else None,
            checked_on=view.checked_at.date() if view.checked_at else None,
        )

    def _spoken(self, view: board.BoardView, today: date) -> frozenset[str]:
        """In production only what an IRB has approved; in development everything that there is."""
        return frozenset(
            locale
            for locale, wording in self.wordings.items()
            if not self.settings.in_production or _approved(wording, view, today)
        )

    def _load_keys(self) -> bool:
        """Load the keys again when their files have changed."""
        files = _stamp(self.settings.public_keys), _stamp(self.settings.form_keys)
        if self._keys is None or files != self._key_files:
            try:
                public, form = load_public_keys(self.settings.public_keys), load_form_keys(self.settings.form_keys)
            except (UserError, UnavailableError):
                self._keys = None
            else:
                self._keys, self._key_files = Keys(public, form), files
        return self._keys is not None

    def _inbox_fault(self) -> str:
        try:
            inbox.probe(self.inbox)
        except UnavailableError as fault:
            return str(fault)
        return ""

    def _board_view(self) -> tuple[board.BoardView, bool]:
        try:
            return board.read_board(self.board), True
        except (UnavailableError, ValueError, TypeError):  # the last two: a value that somebody spoilt
            return NOTHING_KNOWN, False

    def _hears(self, beaten_at: datetime | None, now: datetime) -> bool:
        age = None if beaten_at is None else abs(now - beaten_at)
        self._beating = age is not None and (age <= STALE if self._beating else age < FRESH)
        return self._beating


def _approved(wording: Wording, view: board.BoardView, today: date) -> bool:
    """Whether people may read *wording* today.

    Whether words are a draft is no part of their version: a review may be taken back after an approval.
    """
    return wording.status != "draft" and bool(in_force(view.approvals, wording.version, wording.locale, today))


def _stamp(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What tells whether a file in *folder* was changed."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat()) for entry in entries]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in found))


def _key_ids(keys: PublicKeys) -> frozenset[str]:
    return frozenset((keys.contact.key_id, keys.answers.key_id))

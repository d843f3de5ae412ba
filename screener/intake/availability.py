"""Form availability: whether the form is open, and which notice is shown when it is not.

It is open only while everything that a submission needs is there: the keys, the approved wording, an inbox
that takes writes, a disk with space, a worker whose heartbeat is fresh, a coordinator who can be notified, an
intake status that says so, and keys that are proven. In production any one of them closes the form; in
development only what makes sending impossible does, or a decision of the staff (paused, closed), and the rest
stands in the banner.

It reopens by itself: each check asks again, at most every two seconds, and there is no background thread
that could die unnoticed. A worker that comes and goes must not make the form flicker, so a form that its
heartbeat closed opens only for a really fresh one (hysteresis).
"""

import os
import threading
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from screener import clock
from screener.board import board
from screener.disk_space import REOPEN_FACTOR
from screener.disk_space import find_database_folders
from screener.disk_space import measure_free_megabytes
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.sealing.form_key import FormKeys
from screener.sealing.form_key import load_form_keys
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.study.approvals import find_approval_in_force
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions import inbox

#: For how long the result of a check is used.
CHECK_INTERVAL = timedelta(seconds=2)
#: A heartbeat older than this closes the form ...
HEARTBEAT_STALE_AFTER = timedelta(seconds=90)
#: ... and only one younger than this opens it again.
HEARTBEAT_FRESH_WITHIN = timedelta(seconds=30)
#: A page opened before the form was paused or closed may still be sent for this long.
GRACE_PERIOD = timedelta(hours=2)
#: Without these nothing can be accepted, in development either.
BLOCKING_REASONS = frozenset({"keys", "inbox"})
#: Decisions of the staff, which stand whatever else is wrong.
STOPPED_STATUSES = frozenset({"paused", "closed"})
UNKNOWN_BOARD = board.BoardView(
    heartbeat_at=None, intake_status="not_ready", status_since=None, approvals=(), proven_keys=frozenset()
)


@dataclass(frozen=True)
class IntakeKeys:
    """The keys of the public process: public keys that seal, and the keys that sign pages."""

    public: PublicKeys
    form: FormKeys


@dataclass(frozen=True)
class FormAvailability:
    """The availability of one locale's form at one moment."""

    is_open: bool
    #: Which notice is shown: ``waitlist`` above an open form, another one instead of it, or none.
    notice: str
    #: Closed because something is wrong, and not by a decision of the staff.
    is_fault: bool
    #: What would keep (or keeps) the form closed in production, each with a detail for its sentence.
    reasons: tuple[tuple[str, str], ...]
    keys: IntakeKeys | None
    #: Since when the form is paused or closed, if that is all that closes it.
    closed_since: datetime | None = None
    #: The locales whose pages may be read now.
    readable_locales: frozenset[str] = frozenset()
    #: The day (UTC) on which the intake status was last confirmed.
    checked_on: date | None = None

    def accepts(self, minted_at: datetime | None, now: datetime) -> bool:
        """Whether a page minted at *minted_at* may be sent: while open, or in the grace period after closing."""
        if self.is_open:
            return True
        if self.closed_since is None or minted_at is None:
            return False
        return minted_at < self.closed_since and now - self.closed_since < GRACE_PERIOD


class AvailabilityMonitor:
    """Checks the availability of all locales; thread-safe."""

    def __init__(
        self, settings: Settings, study: Study, wordings: Mapping[str, Wording], *, inbox: sa.Engine, board: sa.Engine
    ) -> None:
        self.settings = settings
        self.study = study
        self.wordings = wordings
        self.inbox = inbox
        self.board = board
        self._lock = threading.Lock()
        self._known: Mapping[str, FormAvailability] = {}
        self._checked_at: datetime | None = None
        self._is_worker_alive = False
        self._is_disk_low = False
        self._keys: IntakeKeys | None = None
        self._key_files: object = None

    def check(self, locale: str) -> FormAvailability:
        """The availability of *locale*, at most two seconds old."""
        checked_at = self._checked_at
        if checked_at is None or abs(clock.now() - checked_at) >= CHECK_INTERVAL:
            self._refresh(wait=checked_at is None)
        return self._known[locale]

    def last_known(self, locale: str) -> FormAvailability | None:
        """The availability as it was last checked, without checking anything: for error pages."""
        return self._known.get(locale)

    def _refresh(self, *, wait: bool) -> None:
        """Check again, one thread at a time; the others use the last result, and wait only for the first."""
        if not self._lock.acquire(blocking=wait):
            return
        try:
            now = clock.now()
            if self._checked_at is None or abs(now - self._checked_at) >= CHECK_INTERVAL:
                self._known = self._check_all(now)
                self._checked_at = clock.now()
        finally:
            self._lock.release()

    def _check_all(self, now: datetime) -> Mapping[str, FormAvailability]:
        reasons = list(self._check_this_machine())
        view, is_readable = self._read_board()
        if not self._has_heartbeat(view.heartbeat_at, now):
            reasons.append(("heartbeat", ""))
        if not view.coordinators:
            reasons.append(("coordinator", ""))
        if view.intake_status not in ("open", "waitlist"):
            reasons.append(("status", view.intake_status))
        if placeholders := self.study.placeholders():
            reasons.append(("placeholders", ", ".join(placeholders)))
        if self._keys and (unproven := _key_ids(self._keys.public) - view.proven_keys):
            reasons.append(("proof", ", ".join(sorted(unproven))))
        return {
            locale: self._check_locale(wording, reasons, view, is_board_readable=is_readable)
            for locale, wording in self.wordings.items()
        }

    def _check_this_machine(self) -> Iterator[tuple[str, str]]:
        if not self._load_keys():
            yield "keys", ""
        if fault := self._inbox_fault():
            yield "inbox", fault
        if shortage := self._disk_shortage():
            yield "disk", shortage

    def _check_locale(
        self,
        wording: Wording,
        common_reasons: Iterable[tuple[str, str]],
        view: board.BoardView,
        *,
        is_board_readable: bool,
    ) -> FormAvailability:
        reasons = list(common_reasons)
        today = clock.now().date()
        if not _is_approved(wording, view, today):
            reasons.append(("wording", wording.version))
        closing = {reason for reason, _ in reasons}
        status = view.intake_status
        if not self.settings.in_production:
            closing &= BLOCKING_REASONS | ({"status"} if status in STOPPED_STATUSES else frozenset())
        is_decision = closing == {"status"} or (status in STOPPED_STATUSES and "status" in closing)
        is_decision = is_decision and is_board_readable
        above_the_form = "waitlist" if status == "waitlist" and not closing else ""
        return FormAvailability(
            is_open=not closing,
            notice=(status if is_decision else "not_ready") if closing else above_the_form,
            is_fault=bool(closing) and not is_decision,
            reasons=tuple(reasons),
            keys=self._keys,
            readable_locales=self._readable_locales(view, today),
            closed_since=view.status_since if closing == {"status"} and status in STOPPED_STATUSES else None,
            checked_on=view.checked_at.date() if view.checked_at else None,
        )

    def _readable_locales(self, view: board.BoardView, today: date) -> frozenset[str]:
        """In production only what an IRB has approved; in development every locale."""
        return frozenset(
            locale
            for locale, wording in self.wordings.items()
            if not self.settings.in_production or _is_approved(wording, view, today)
        )

    def _load_keys(self) -> bool:
        """Load the keys again when their files have changed."""
        files = _fingerprint(self.settings.public_keys), _fingerprint(self.settings.form_keys)
        if self._keys is None or files != self._key_files:
            try:
                public, form = load_public_keys(self.settings.public_keys), load_form_keys(self.settings.form_keys)
            except (UserError, UnavailableError):
                self._keys = None
            else:
                self._keys, self._key_files = IntakeKeys(public, form), files
        return self._keys is not None

    def _inbox_fault(self) -> str:
        try:
            inbox.probe_writable(self.inbox)
        except UnavailableError as fault:
            return str(fault)
        return ""

    def _disk_shortage(self) -> str:
        """Free space and floor, in megabytes, while the disk is too full; it must have some more to open the form."""
        floor = self.settings.min_free_megabytes
        free = measure_free_megabytes((self.settings.data, *find_database_folders(self.settings.inbox)))
        self._is_disk_low = free is not None and free < (floor * REOPEN_FACTOR if self._is_disk_low else floor)
        return f"{free} / {floor}" if self._is_disk_low else ""

    def _read_board(self) -> tuple[board.BoardView, bool]:
        try:
            return board.read_board(self.board), True
        except (UnavailableError, ValueError, TypeError):  # the last two: a value that is malformed
            return UNKNOWN_BOARD, False

    def _has_heartbeat(self, heartbeat_at: datetime | None, now: datetime) -> bool:
        age = None if heartbeat_at is None else abs(now - heartbeat_at)
        self._is_worker_alive = age is not None and (
            age <= HEARTBEAT_STALE_AFTER if self._is_worker_alive else age < HEARTBEAT_FRESH_WITHIN
        )
        return self._is_worker_alive


def _is_approved(wording: Wording, view: board.BoardView, today: date) -> bool:
    """Whether an approval of *wording* is in force today, and it is no draft.

    Being a draft is no part of the version: a review may be withdrawn after an approval.
    """
    return wording.status != "draft" and bool(
        find_approval_in_force(view.approvals, wording.version, wording.locale, today)
    )


def _fingerprint(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What differs once a file in *folder* was changed: name, time, size and inode of each."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat()) for entry in entries]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in found))


def _key_ids(keys: PublicKeys) -> frozenset[str]:
    return frozenset((keys.contact.key_id, keys.answers.key_id))

"""The worker: brings submissions from the inbox to the store, unopened, and tells the board that it lives.

It holds no private key and never imports what could use one, so it cannot decide anything by what people said.
It also keeps the promise of the privacy page: what nobody has worked on for the study's retention period is erased.
What it does may stop at any instruction and be done again: a submission is kept first and leaves the inbox after,
and keeping is repeatable by id. Several workers may run at once.

    inbox ──take──▶ keep + follow-up + audit event, one transaction ──remove──▶ (inbox is empty again)
"""

import logging
import signal
import threading
import traceback
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from types import FrameType

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.board import board
from screener.db import connect
from screener.db import reading
from screener.db import scrub
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.mail import approval_warnings as expiry
from screener.mail.delivery import send_due
from screener.routing import assign as routing
from screener.settings import Settings
from screener.staff.directory import coordinators
from screener.study.loader import canonical
from screener.study.loader import content_of
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.study.model import Routing
from screener.submissions import inbox
from screener.submissions import queries as finding
from screener.submissions import writes as keeping
from screener.submissions.envelope import Sealed
from screener.submissions.reference import reference_of

NAME = board.WORKER
#: Submissions a transaction; few, so that staff work never waits long for a writer.
BATCH = 50
#: Seconds between looks into an empty inbox.
PAUSE = 0.5
#: Seconds between looks while something cannot be used: doubled each time, from the first to the second.
BACK_OFF = (1.0, 30.0)
BEAT_EVERY = timedelta(seconds=5)
#: Between two looks for submissions that nobody was told about, and for approvals that end.
SWEEP_EVERY = timedelta(minutes=1)
#: Between two looks for what has been kept long enough.
RETAIN_EVERY = timedelta(hours=1)

log = logging.getLogger("screener.worker")


class Worker:
    """One worker over one deployment's inbox, board and store."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._inbox = connect(settings.inbox, may="write")
        self._board = connect(settings.board, may="write")
        self._store = connect(settings.store, may="write")
        self._beaten_at = clock.now() - BEAT_EVERY
        self._retained_at = clock.now() - RETAIN_EVERY
        self._swept_at = clock.now() - SWEEP_EVERY
        self._took_out = False
        self._wordings_kept = False
        self._stopped = threading.Event()

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """End after the batch at hand; fit to be a signal handler."""
        self._stopped.set()

    def run(self) -> None:
        """Work until told to stop; what cannot be used now is tried again, later and later."""
        wait = PAUSE
        while not self._stopped.is_set():
            try:
                self.round()
                if wait != PAUSE:
                    log.warning("working again")
                wait = PAUSE
            except UnavailableError as trouble:
                wait = self._later(wait, str(trouble))
            except Exception as defect:
                place = traceback.extract_tb(defect.__traceback__)[-1]
                wait = self._later(wait, f"{type(defect).__name__} in {place.name}, line {place.lineno}")
            self._stopped.wait(wait)

    @staticmethod
    def _later(wait: float, why: str) -> float:
        if wait == PAUSE:
            log.warning("waiting: %s", why)
        return min(max(2 * wait, BACK_OFF[0]), BACK_OFF[1])

    def round(self) -> int:
        """Everything once: all that waits moved, letters sent, and once an hour what was kept long enough erased.

        Returns how many were new. Raises *UnavailableError* when inbox, board or store cannot be used.
        """
        moved = self.move()
        if clock.now() - self._swept_at >= SWEEP_EVERY:
            self._sweep()
            self._warn()
            self._swept_at = clock.now()
        send_due(self._settings, self._store)
        if clock.now() - self._retained_at >= RETAIN_EVERY:
            self._retain()
            if number := inbox.how_many_unreadable(self._inbox):
                log.warning("%d rows of the inbox are no submissions; nothing waits for them", number)
            self._took_out = not (self._scrubbed(self._store) and self._scrubbed(self._inbox))
            self._retained_at = clock.now()
        return moved

    def move(self) -> int:
        """Keep the wordings, beat, move all that waits; returns how many were new. Raises *UnavailableError*."""
        if not self._wordings_kept:
            self._keep_wordings()
        self._beat()
        moved = 0
        while not self._stopped.is_set() and (batch := inbox.take(self._inbox, BATCH)):
            moved += self._move(batch)
            self._beat()
        return moved

    def _move(self, batch: Sequence[Sealed]) -> int:
        now = clock.now()
        new = 0
        rules = self._routing()
        with writing(self._store) as connection:
            for sealed in batch:
                arrival = keeping.keep(connection, sealed, at=now)
                if arrival is None:
                    continue
                new += 1
                self._receipt(connection, sealed, arrival, at=now)
                routing.route(connection, sealed.envelope, rules, at=now)
        inbox.remove(self._inbox, [sealed.envelope.id for sealed in batch])
        self._took_out = True
        return new

    def _sweep(self) -> None:
        """Route what came when there was nobody to be told."""
        rules = self._routing()
        while not self._stopped.is_set():
            with writing(self._store) as connection:
                if not routing.sweep(connection, rules, at=clock.now(), limit=BATCH):
                    return

    def _warn(self) -> None:
        """Owe the letters that say that an approval ends; a worker that cannot still sends and erases all the rest."""
        try:
            with reading(self._store) as connection:
                recorded = finding.approvals(connection)
            expiry.warn(self._store, recorded, at=clock.now())
        except Exception as trouble:
            log.warning("nobody warned of approvals that end: %s", type(trouble).__name__)

    @staticmethod
    def _receipt(connection: sa.Connection, sealed: Sealed, arrival: int, *, at: datetime) -> None:
        envelope = sealed.envelope
        audit.record(
            connection,
            actor=NAME,
            action="worker:submission:received",
            subject=reference_of(envelope.id),
            detail={"arrival": arrival, "wording": envelope.wording_version, "envelope": envelope.digest()},
            at=at,
        )

    def _routing(self) -> Routing:
        """The study's rules; with a study file that cannot be read, those that a study has by default."""
        try:
            return load_study(self._settings.study).routing
        except UserError as trouble:
            log.warning("routed by turn and language: %s", trouble)
            return Routing()

    def _retain(self) -> None:
        """Erase what nobody has worked on for the study's retention period; a study file with a mistake erases none."""
        try:
            days = load_study(self._settings.study).retention.days
        except UserError as trouble:
            log.warning("nothing erased by age: %s", trouble)
            return
        while not self._stopped.is_set() and self._erase_unworked(days):
            log.info("erased what was kept long enough")

    def _scrubbed(self, room: sa.Engine) -> bool:
        """Whether nothing that was taken out lies in the files of *room* any more; PostgreSQL sees to it by itself."""
        if room.dialect.name != "sqlite":
            return True
        try:
            scrub(room, "")
        except UnavailableError:
            return False
        return True

    def _erase_unworked(self, days: int) -> int:
        now = clock.now()
        with writing(self._store) as connection:
            gone = keeping.erase_unworked(connection, since=now - timedelta(days=days), at=now, limit=BATCH)
            for reference, arrival in gone:
                audit.record(
                    connection,
                    actor=NAME,
                    action="worker:submission:erased",
                    subject=reference,
                    detail={"arrival": arrival, "reason": f"{days} days without work"},
                )
        return len(gone)

    def _beat(self) -> None:
        now = clock.now()
        if now - self._beaten_at >= BEAT_EVERY:
            told = self._coordinators()
            with writing(self._board) as connection:
                board.beat(connection, now, coordinators=told)
            self._beaten_at = now
            if self._took_out:
                self._took_out = not self._scrubbed(self._inbox)

    def _coordinators(self) -> int | None:
        """How many can be told; None while the store does not say, which is no reason to be taken for dead."""
        try:
            with reading(self._store) as connection:
                return len(coordinators(connection))
        except UnavailableError:
            return None

    def _keep_wordings(self) -> None:
        """Keep the words that this deployment serves; a study file that cannot be read stops nothing else."""
        folder = self._settings.study
        try:
            study = load_study(folder)
            wordings = [load_wording(folder, study, locale) for locale in locales(folder)]
        except UserError as trouble:
            log.warning("wording not kept: %s", trouble)
            self._wordings_kept = True
            return
        with writing(self._store) as connection:
            for words in wordings:
                content = canonical(content_of(words, study))
                if keeping.keep_wording(connection, words.version, words.locale, study.id, content, clock.now()):
                    detail = {"locale": words.locale}
                    audit.record(
                        connection, actor=NAME, action="worker:wording:kept", subject=words.version, detail=detail
                    )
        self._wordings_kept = True


def run(settings: Settings, *, once: bool = False) -> int:
    """Run a worker until SIGTERM or SIGINT, or *once* over all that waits; returns how many were moved by *once*.

    Raises *UnavailableError* when *once* cannot use inbox, board or store.
    """
    worker = Worker(settings)
    if once:
        return worker.round()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
    return 0

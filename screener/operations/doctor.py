"""Examine a deployment: layout, owners, keys, databases, heartbeat, clock, disk, mail and settings, in plain sentences.

Nothing is changed and no secret is shown: a finding names files, users, rights and times. A check that cannot be done
is a finding, so that one broken part hides no other.
"""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.board import board
from screener.db import connect
from screener.db import reading
from screener.deployment.file_access import list_exposed
from screener.deployment.layout import DATABASE_PARTS
from screener.deployment.layout import KEY_PARTS
from screener.deployment.layout import SECRET_PARTS
from screener.deployment.layout import LayoutPart
from screener.deployment.layout import database_urls
from screener.deployment.layout import describe_path
from screener.deployment.layout import list_members
from screener.deployment.layout import read_layout
from screener.deployment.process_access import PART_NAMES
from screener.disk_space import find_database_folders
from screener.disk_space import measure_free_megabytes
from screener.errors import ScreenerError
from screener.intake.availability import HEARTBEAT_STALE_AFTER
from screener.operations import migrate
from screener.operations.database_roles import SHARED_DATABASE
from screener.operations.database_roles import list_open_rights
from screener.operations.database_roles import shares_one_database
from screener.sealing import proof
from screener.sealing.archive_keys import load_recovery_recipient
from screener.sealing.box import COMPARTMENTS
from screener.sealing.form_key import load_form_keys
from screener.sealing.open import load_private_keys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings

#: Only the users of the deployment's own groups may open these at all.
CLOSED_TO_OTHERS = ("inbox", "store", "form_keys", "private_keys", "desk_keys", *SECRET_PARTS)
#: What a time in the store may be ahead of this machine's clock.
CLOCK_TOLERANCE = timedelta(minutes=2)
#: RFC 9116 recommends less than a year.
LONGEST_CONTACT_DAYS = 366
LONGEST_WITHOUT_BACKUP = timedelta(days=8)
LONGEST_WITHOUT_DRILL = timedelta(days=365)


class State(StrEnum):
    """What a finding comes to; *problem* makes the exit code 1."""

    FINE = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One sentence about one part of the deployment."""

    area: str
    state: State
    text: str


Said = Iterator[tuple[State, str]]


def examine_deployment(settings: Settings) -> list[Finding]:
    """Every check's findings, in the order of *CHECKS*."""
    found: list[Finding] = []
    for area, check in CHECKS.items():
        try:
            found.extend(Finding(area, state, text) for state, text in check(settings))
        except ScreenerError as error:
            found.append(Finding(area, State.PROBLEM, str(error)))
        except sa.exc.DBAPIError as error:
            found.append(Finding(area, State.PROBLEM, f"A database cannot be asked ({type(error.orig).__name__})."))
    return found


def _check_layout(settings: Settings) -> Said:
    layout = read_layout(settings)
    if not layout:
        yield _in_production(settings), "The layout is not recorded: run `screener migrate`."
    for name in (*DATABASE_PARTS, *KEY_PARTS, *SECRET_PARTS):
        if part := layout.get(name):
            yield from _check_part(part)


def _check_part(part: LayoutPart) -> Said:
    label = PART_NAMES[part.part][0].upper() + PART_NAMES[part.part][1:]
    if part.path is None:
        yield State.FINE, f"{label}: {part.place}, owned by the role {part.owner}."
        return
    now = describe_path(part.part, part.path)
    if not now.owner:
        yield State.WARNING, f"{label}: {part.place} is not there, or out of this user's sight."
        return
    text = f"{label}: {now.place}, owner {now.owner}, group {now.group}{_members(now)}, mode {now.mode}"
    if problem := _open_to_others(part.part, part.path, int(now.mode, 8)):
        yield State.PROBLEM, f"{text}; {problem}."
    elif part.owner and (part.owner, part.group, part.mode) != (now.owner, now.group, now.mode):
        recorded = f"owner {part.owner}, group {part.group}, mode {part.mode}"
        yield State.WARNING, f"{text}; `screener migrate` recorded {recorded}: put it back, or run it again."
    else:
        yield State.FINE, f"{text}."


def _members(part: LayoutPart) -> str:
    members = list_members(part.group)
    return f" ({', '.join(members)})" if members else ""


def _open_to_others(name: str, path: Path, mode: int) -> str:
    """What is wrong with *mode*: rights for every user of the machine that only the deployment's should have."""
    forbidden = 0o007 if name in CLOSED_TO_OTHERS else 0o002
    if name in ("private_keys", "desk_keys", *SECRET_PARTS) and (exposed := list_exposed(path)):
        return f"others than its owner may open {exposed[0]}: run `chmod go-rwx {exposed[0]}`"
    # A folder of which others may not list the files keeps what is in it.
    return f"every user of this machine has rights to it: run `chmod o-rwx {path}`" if mode & forbidden else ""


def _check_keys(settings: Settings) -> Said:
    public = load_public_keys(settings.public_keys)
    load_form_keys(settings.form_keys, at=clock.now())
    if settings.in_production and not settings.key_passphrase:
        yield State.WARNING, "The keys were not tried: set SCREENER_KEY_PASSPHRASE_FILE, as the staff user."
        return
    private = load_private_keys(
        settings.private_keys, passphrase=settings.passphrase_bytes, production=settings.in_production
    )
    proof.prove_key_pairs(public, private)
    for compartment in COMPARTMENTS:
        sealed_at = proof.proof_sealed_at(settings.public_keys, compartment, private)
        yield State.FINE, f"The {compartment} key opens what is sealed now and at {sealed_at:%Y-%m-%d %H:%M} UTC."


def _check_databases(settings: Settings) -> Said:
    for database in migrate.DATABASES:
        try:
            migrate.check_schema(settings, database)
            yield State.FINE, f"The {database.name} is at {migrate.head_revision(database)}."
        except ScreenerError as error:
            yield State.PROBLEM, str(error)
    if shares_one_database(settings):
        yield State.WARNING, SHARED_DATABASE
    for url in sorted(set(database_urls(settings).values())):
        if sa.make_url(url).get_backend_name() == "postgresql":
            with reading(connect(url, may="read")) as connection:
                for text in list_open_rights(connection):
                    yield State.WARNING, text


def _check_board(settings: Settings) -> Said:
    view = board.read_board(connect(settings.board, may="read"))
    if view.heartbeat_at is None:
        yield _in_production(settings), "No worker has ever run: start it."
    else:
        age = clock.now() - view.heartbeat_at
        state = _in_production(settings) if age > HEARTBEAT_STALE_AFTER else State.FINE
        yield state, f"The worker's last heartbeat was at {view.heartbeat_at:%Y-%m-%d %H:%M:%S} UTC."
    yield State.FINE, f"The intake status is {view.intake_status.replace('_', ' ')}; coordinators: {view.coordinators}."


def _check_clock(settings: Settings) -> Said:
    """Compare the clock with the newest times that were stored: behind them, it is wrong or was."""
    now = clock.now()
    with reading(connect(settings.store, may="read")) as connection:
        last = connection.scalar(sa.select(audit.EVENTS.c.at).order_by(audit.EVENTS.c.seq.desc()).limit(1))
    if last and last > now + CLOCK_TOLERANCE:
        yield (
            State.PROBLEM,
            f"The clock says {now:%Y-%m-%d %H:%M} UTC, and the last event of the audit trail is from "
            f"{last:%Y-%m-%d %H:%M} UTC: set the clock right (NTP).",
        )
    else:
        yield State.FINE, f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC, and nothing that was stored is later."


def _check_disk(settings: Settings) -> Said:
    folders = (settings.data, *find_database_folders(settings.inbox, settings.board, settings.store))
    free, floor = measure_free_megabytes(folders), settings.min_free_megabytes
    if free is None:
        yield State.PROBLEM, f"The folder {settings.data} cannot be looked at by this user."
    elif free < floor:
        yield State.PROBLEM, f"{free} MB are free; below {floor} MB the form is closed. Make room."
    else:
        state = State.WARNING if free < 2 * floor else State.FINE
        yield state, f"{free} MB are free; the form closes below {floor} MB."


def _check_backups(settings: Settings) -> Said:
    """Whether archives are made, tried, and open when the passphrase is lost."""
    with reading(connect(settings.store, may="read")) as connection:
        events = {name: audit.last_recorded(connection, f"cli:backup:{name}") for name in ("made", "tried")}
    oldest = {"made": LONGEST_WITHOUT_BACKUP, "tried": LONGEST_WITHOUT_DRILL}
    advice = {"made": "run `screener backup`", "tried": "run `screener restore ARCHIVE --drill`"}
    for name, at in events.items():
        is_late = at is None or clock.now() - at > oldest[name]
        text = f"The last backup was {name} on {at:%Y-%m-%d}" if at else f"No backup was ever {name}"
        yield State.WARNING if is_late else State.FINE, f"{text}{f': {advice[name]}' if is_late else ''}."
    recovery = load_recovery_recipient(settings.public_keys)
    if recovery is None:
        yield State.WARNING, "There is no recovery key for a lost passphrase: run `screener keys recovery --out FILE`."
    else:
        yield State.FINE, f"Archives are sealed to the recovery key {recovery.key_id} too."


def _check_mail(settings: Settings) -> Said:
    if server := urlsplit(settings.smtp_url.get_secret_value()).hostname:
        yield State.FINE, f"Emails to staff go to the mail server {server}."
    else:
        text = f"No mail server (SCREENER_SMTP_URL) is set: emails are files in {settings.email_folder}."
        yield _in_production(settings), text


def _check_settings(settings: Settings) -> Said:
    if not settings.in_production:
        yield State.WARNING, "SCREENER_ENV is development: for invented people only."
        return
    unsafe = {
        "SCREENER_PUBLIC_HOST is not set: the form answers under any host name.": not settings.public_host,
        "SCREENER_DESK_HOST is not set: the desk does not start.": not settings.desk_host,
        "SCREENER_DESK_URL is not https: links to the desk could be read.": "https://" not in settings.desk_address,
        "SCREENER_TRUSTED_PROXIES is 0: behind a proxy all people count as one network.": not settings.trusted_proxies,
        "SCREENER_POSTS_PER_MINUTE is 0: there is no limit for one network.": not settings.post_limit,
        "SCREENER_MAIL_FROM is localhost: mail servers refuse that sender.": "@localhost" in settings.mail_from,
        "SCREENER_MIN_FREE_MEGABYTES is 0: a full disk does not close the form.": not settings.min_free_megabytes,
    }
    found = [text for text, is_unsafe in unsafe.items() if is_unsafe]
    if said := _contact_fault(settings, clock.now().date()):
        found.append(said)
    yield from ((State.WARNING, text) for text in found)
    if not found:
        yield State.FINE, "No setting is unsafe."


def _contact_fault(settings: Settings, today: date) -> str:
    until = settings.security_contact_until
    if not settings.security_contact or until is None:
        return "SCREENER_SECURITY_CONTACT and SCREENER_SECURITY_CONTACT_UNTIL are not set: there is no security.txt."
    if until < today:
        return f"SCREENER_SECURITY_CONTACT_UNTIL was {until}: there is no security.txt. Say the contact again."
    if until > today + timedelta(days=LONGEST_CONTACT_DAYS):
        return f"SCREENER_SECURITY_CONTACT_UNTIL is {until}, more than a year ahead: take an earlier day."
    return ""


def _in_production(settings: Settings) -> State:
    return State.PROBLEM if settings.in_production else State.WARNING


#: area → its check. Areas are the first column of the table.
CHECKS: dict[str, Callable[[Settings], Said]] = {
    "layout": _check_layout,
    "keys": _check_keys,
    "databases": _check_databases,
    "worker": _check_board,
    "clock": _check_clock,
    "disk": _check_disk,
    "backups": _check_backups,
    "mail": _check_mail,
    "settings": _check_settings,
}

"""Restore a backup archive into an empty deployment: everything, proven, or nothing.

The archive is checked whole before anything is written. The three databases are loaded at the archive's own revision
and migrated, each in one transaction, and the three are committed at the end: after the audit trail was verified, every
session and open invitation ended, what a trail file says was done again, and the keys opened what was sealed before.
"""

import json
import os
import shutil
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from pathlib import PurePosixPath

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.db import connect
from screener.db import writing
from screener.errors import UserError
from screener.operations import migrate
from screener.operations import restored_accounts
from screener.operations import trail_replay
from screener.operations.archive_file import Archive
from screener.operations.archive_file import open_archive
from screener.operations.archive_rows import Step
from screener.operations.archive_rows import decode_rows
from screener.operations.archive_rows import reflect_tables
from screener.operations.backup import RECOVERY_MEMBER
from screener.operations.migrate import Database
from screener.sealing import proof
from screener.sealing.archive import ArchiveKey
from screener.sealing.archive_keys import change_protection
from screener.sealing.archive_keys import unwrap_secret
from screener.sealing.key_file import FILE_MODES
from screener.sealing.key_file import FOLDER_MODES
from screener.sealing.open import load_private_keys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings

#: Not brought back from an archive that lay open: who has the archive has this key.
_DESK_KEYS = "keys/desk/"


@dataclass(frozen=True)
class RestoreRequest:
    """One restore: the archive, what opens it, and the trail files since."""

    source: Path
    account: str
    key: ArchiveKey
    #: Protects the restored private keys: the archive's own passphrase, or a new one with the recovery key.
    passphrase: bytes | None
    trail: Sequence[Path] = ()


@dataclass(frozen=True)
class RestoreReport:
    """What was restored, as sentences for the operator."""

    made_at: str
    submissions: int
    sentences: list[str] = field(default_factory=list)


def restore_backup(settings: Settings, request: RestoreRequest, *, step: Step) -> RestoreReport:
    """Load the archive into the empty deployment of *settings*; *step* hears the bytes that were checked.

    Raises *UserError* when the archive is cut, changed or of another site, when the deployment is not empty, or when
    the keys do not open what was sealed; then what was written is taken away again.
    """
    with open_archive(request.source, request.key, step=step) as archive:
        if (settings.data / "keys").exists() and any((settings.data / "keys").rglob("*.*")):
            raise _occupied("key folder")
        for database in migrate.DATABASES:
            _prepare(database, archive, settings)
        with _files_undone(settings), ExitStack() as transactions:
            study = _write_files(archive, request, settings)
            # Left in the other order, so that the store is committed last.
            connections = {
                database.name: transactions.enter_context(
                    writing(connect(migrate.database_url(database, settings), may="write"))
                )
                for database in reversed(migrate.DATABASES)
            }
            for database in migrate.DATABASES:
                _load_tables(connections[database.name], archive, database)
                migrate.migrate_to(database, connections[database.name])
            sentences = _finish(connections, archive, request)
            _prove_keys(settings, request.passphrase)
    return RestoreReport(str(archive.manifest["made_at"]), archive.rows["store.submission"], [*study, *sentences])


def _occupied(what: str) -> UserError:
    return UserError(
        f"This deployment is not empty ({what}). Restore into an empty one: name a new folder with SCREENER_DATA, or "
        "empty databases."
    )


def _prepare(database: Database, archive: Archive, settings: Settings) -> None:
    """Make the empty tables of the archive's revision. Raises *UserError* when there are rows."""
    with migrate.migrating(database, migrate.database_url(database, settings)) as connection:
        there = set(sa.inspect(connection).get_table_names())
        for table in database.metadata.sorted_tables:
            if table.name in there and connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
                raise _occupied(database.name)
        migrate.migrate_to(database, connection, archive.manifest["heads"][database.name])
        connection.commit()


@contextmanager
def _files_undone(settings: Settings) -> Iterator[None]:
    """The deployment had neither keys nor a study in its folder; after a failure it has none again."""
    made = [folder for folder in ("keys", "study") if not (settings.data / folder).exists()]
    try:
        yield
    except BaseException:
        for folder in made:
            shutil.rmtree(settings.data / folder, ignore_errors=True)
        raise


def _write_files(archive: Archive, request: RestoreRequest, settings: Settings) -> list[str]:
    """Keys into their folders, the study into the data folder; returns what to say about the study."""
    recovered = _open_recovered_keys(archive, request)
    for name in archive.list_files("keys"):
        if archive.is_sealed or not name.startswith(_DESK_KEYS):
            _write_file(settings, name, recovered.get(name) or archive.read_member(name))
    restored = settings.data / "study"
    files = {name: archive.read_member(name) for name in archive.list_files("study")}
    places = {name: settings.study.joinpath(*PurePosixPath(name).parts[1:]) for name in files}
    same = all(place.is_file() and place.read_bytes() == files[name] for name, place in places.items())
    if same:
        return []
    if restored.exists():
        raise _occupied("study folder")
    for name, data in files.items():
        _write_file(settings, name, data)
    return [f"The study is in {restored}; set SCREENER_STUDY to it."]


def _open_recovered_keys(archive: Archive, request: RestoreRequest) -> dict[str, bytes]:
    """The protected key files under the passphrase of this deployment, by the recovery key; none without it."""
    if request.key.recovery is None or not archive.is_sealed:
        return {}
    plain = json.loads(unwrap_secret(archive.read_member(RECOVERY_MEMBER), request.key.recovery, RECOVERY_MEMBER))
    return {
        name: change_protection(text.encode(), request.source, old=None, new=request.passphrase) or text.encode()
        for name, text in plain.items()
    }


def _write_file(settings: Settings, name: str, data: bytes) -> None:
    path = settings.data.joinpath(*PurePosixPath(name).parts)
    folder, kind = path.relative_to(settings.data).parts[0], path.parent.name
    is_key = folder == "keys"
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        path.parent.chmod(FOLDER_MODES.get(kind, 0o700) if is_key else 0o755)
    # A key that says nothing of itself (the desk's) is for its user only.
    mode = FILE_MODES.get(kind, 0o600) if is_key else 0o644
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _load_tables(connection: sa.Connection, archive: Archive, database: Database) -> None:
    prefix = f"{database.name}."
    expected = {name.removeprefix(prefix): rows for name, rows in archive.rows.items() if name.startswith(prefix)}
    for table in reflect_tables(connection, database, expected):
        loaded = 0
        with archive.open_member(f"{database.name}/{table.name}.jsonl") as lines:
            for batch in decode_rows(lines, table):
                connection.execute(sa.insert(table), batch)
                loaded += len(batch)
        if loaded != expected[table.name]:
            raise UserError(
                f"{archive.path} holds {loaded} rows of {table.name}, and its manifest says {expected[table.name]}; "
                "use another backup file. Nothing of it was kept."
            )


def _finish(connections: dict[str, sa.Connection], archive: Archive, request: RestoreRequest) -> list[str]:
    """Verify the trail, void what the archive could open, do again what was done since; the store's last changes."""
    store, now = connections["store"], clock.now()
    verdict = audit.verify(store)
    if not verdict.whole:
        raise UserError(
            f"The audit trail of {archive.path} is not whole at event {verdict.first_bad}; nothing of this backup was "
            "kept."
        )
    detail: dict[str, str | int] = {"made_at": str(archive.manifest["made_at"]), "sealed": int(archive.is_sealed)}
    audit.record(store, actor=request.account, action="cli:store:restored", detail=detail, at=now)
    sentences = restored_accounts.end_all_access(store, at=now)
    if not archive.is_sealed:
        sentences += restored_accounts.void_exposed_credentials(store, archive.path, at=now, actor=request.account)
    if not request.trail:
        return [*sentences, trail_replay.describe_unknown(archive.manifest["made_at"])]
    head = (verdict.events, verdict.head)
    here = trail_replay.Restoration(store, connections["inbox"], request.account, now)
    return sentences + trail_replay.replay_trail(here, request.trail, since=head)


def _prove_keys(settings: Settings, passphrase: bytes | None) -> None:
    """Open what was sealed before, and something sealed now. Raises *UserError*."""
    public = load_public_keys(settings.public_keys)
    private = load_private_keys(settings.private_keys, passphrase=passphrase, production=settings.in_production)
    proof.prove_key_pairs(public, private)
    for key in (public.contact, public.answers):
        proof.proof_sealed_at(settings.public_keys, key.compartment, private)

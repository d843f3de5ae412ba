"""Write a backup archive: inbox, board and store as JSON lines, keys and study as files, in one sealed ZIP.

The inbox is read before the store: a submission that the worker moves in between is then in both, and is dropped by its
id when it is moved again; read the other way round it would be in neither. Boxes stay sealed. The archive is encrypted
and signed as a whole (``sealing.archive``). For the recovery key it holds the private keys once more, so that they do
not need the passphrase that was lost.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from screener import __version__
from screener import audit
from screener import clock
from screener import files
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.operations import migrate
from screener.operations.archive_rows import RowCounter
from screener.operations.archive_rows import Step
from screener.operations.archive_rows import encode_rows
from screener.sealing.archive import FORMAT
from screener.sealing.archive import ArchiveWriter
from screener.sealing.archive_keys import RecoveryRecipient
from screener.sealing.archive_keys import change_protection
from screener.sealing.archive_keys import load_recovery_recipient
from screener.sealing.archive_keys import load_signing_key
from screener.sealing.archive_keys import wrap_secret
from screener.sealing.open import load_private_keys
from screener.settings import Settings

MANIFEST = "manifest.json"
#: Holds the protected key files for the recovery key, without their passphrase.
RECOVERY_MEMBER = "recovery.keys"


@dataclass(frozen=True)
class ArchiveSummary:
    """What was written: rows by table, the site's key, and the recovery key that opens it too."""

    rows: dict[str, int]
    site_key: str
    recovery_key_id: str | None


def count_rows(settings: Settings) -> dict[str, int]:
    """The number of rows of each database: the length of the way."""
    counts = {}
    for database in migrate.DATABASES:
        with reading(connect(migrate.database_url(database, settings), may="read")) as connection:
            counts[database.name] = sum(
                connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in database.metadata.sorted_tables
            )
    return counts


def write_backup_archive(
    settings: Settings, out: Path, *, account: str, passphrase: bytes | None, step: Step
) -> ArchiveSummary:
    """Write the archive *out*, sealed under *passphrase* and to the recovery key; *step* hears each batch of rows.

    Raises *UserError* when *passphrase* does not open the private keys, or *out* exists or cannot be written; then
    there is no half archive. Without a passphrase (development alone) every user can read it.
    """
    migrate.check_schema(settings)
    load_private_keys(settings.private_keys, passphrase=passphrase, production=settings.in_production)
    signer = load_signing_key(settings.private_keys, passphrase=passphrase, at=clock.now())
    recovery = load_recovery_recipient(settings.public_keys)
    _record_event(settings, account, "cli:backup:started", file=out.name)
    with files.write_errors(out, option="--out"), files.AtomicFile(out) as archive:
        sealed = ArchiveWriter(archive.file, passphrase=passphrase, recovery=recovery, signer=signer)
        rows = _write_members(settings, sealed, account, passphrase, recovery, step)
        sealed.close()
        archive.sync()
        archive.publish()
        _record_event(
            settings, account, "cli:backup:made", rows=sum(rows.values()), recovery=recovery.key_id if recovery else ""
        )
    return ArchiveSummary(rows, signer.public.hex(), recovery.key_id if recovery else None)


def _record_event(settings: Settings, account: str, action: str, **detail: str | int) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        audit.record(connection, actor=account, action=action, detail=detail)


def _write_members(
    settings: Settings,
    file: ArchiveWriter,
    account: str,
    passphrase: bytes | None,
    recovery: RecoveryRecipient | None,
    step: Step,
) -> dict[str, int]:
    members: dict[str, str] = {}
    rows: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for database in migrate.DATABASES:
            with reading(connect(migrate.database_url(database, settings), may="read")) as connection:
                for table in database.metadata.sorted_tables:
                    counter = RowCounter(step)
                    name = f"{database.name}/{table.name}.jsonl"
                    members[name] = _write_member(archive, name, encode_rows(connection, table, counter))
                    rows[f"{database.name}.{table.name}"] = counter.rows
        for name, path in _list_files(settings):
            members[name] = _write_member(archive, name, iter([path.read_bytes()]))
        if recovery is not None:
            keys = wrap_secret(_unprotect_keys(settings, passphrase), recovery, RECOVERY_MEMBER)
            members[RECOVERY_MEMBER] = _write_member(archive, RECOVERY_MEMBER, iter([keys]))
        manifest = {
            "format": FORMAT,
            "product": __version__,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "account": account,
            "heads": {database.name: migrate.head_revision(database) for database in migrate.DATABASES},
            "rows": rows,
            "members": members,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return rows


def _write_member(archive: zipfile.ZipFile, name: str, parts: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:
        for part in parts:
            digest.update(part)
            member.write(part)
    return digest.hexdigest()


def _list_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every key file and every file of the study, with its name in the archive."""
    for folder, at in (("keys", settings.data / "keys"), ("study", settings.study)):
        for path in sorted(at.rglob("*")):
            if path.is_file():
                yield f"{folder}/{path.relative_to(at).as_posix()}", path


def _unprotect_keys(settings: Settings, passphrase: bytes | None) -> bytes:
    """The key files that a passphrase protects, without it, as JSON by their name in the archive."""
    found = {}
    for name, path in _list_files(settings):
        if name.startswith("keys/") and (plain := change_protection(path.read_bytes(), path, old=passphrase, new=None)):
            found[name] = plain.decode()
    return json.dumps(found).encode()

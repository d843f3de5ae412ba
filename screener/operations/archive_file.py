"""Open a backup archive and check all of it before a byte is used: seal, signature, names, and every member's hash.

Two formats are read: *screener archive 2*, sealed and signed (``sealing.archive``), and *screener backup 1* of earlier
releases, a plain ZIP, in which the desk's key lies open.
"""

import hashlib
import io
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from typing import Any

import sqlalchemy as sa

from screener.errors import UserError
from screener.operations import migrate
from screener.operations.archive_rows import Step
from screener.operations.backup import MANIFEST
from screener.operations.backup import RECOVERY_MEMBER
from screener.sealing import archive as sealed_archive
from screener.sealing.archive import ArchiveKey
from screener.sealing.archive import ArchiveReader
from screener.sealing.archive import DamagedArchiveError
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.protection import is_passphrase_protected

PLAIN_FORMAT = "screener backup 1"
_CHUNK = 1 << 20
#: No key file and no file of a study is longer; read whole, it must not fill the memory.
_LONGEST_FILE = 1 << 24
#: The names that Screener writes: the rows of a table, a key file, a file of the study.
_NAME = re.compile(rf"(?:(?:inbox|board|store)/\w+\.jsonl|(?:keys|study)(?:/[^/\\\0]+)+|{RECOVERY_MEMBER}|{MANIFEST})")
#: What reading a file raises that is no archive of ours, or one that was changed.
_DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    RuntimeError,
    LookupError,
    AttributeError,
    ValueError,
    TypeError,
    sa.exc.IntegrityError,
    sa.exc.StatementError,
)


@dataclass(frozen=True)
class Archive:
    """An archive that was checked whole."""

    path: Path
    manifest: dict[str, Any]
    #: False for an archive of an earlier release, which everybody who has the file can read.
    is_sealed: bool
    _zip: zipfile.ZipFile

    @property
    def rows(self) -> dict[str, int]:
        """The number of rows by *database.table*."""
        return dict(self.manifest["rows"])

    def open_member(self, name: str) -> IO[bytes]:
        """The member *name*, to be read as a stream."""
        return self._zip.open(name)

    def read_member(self, name: str) -> bytes:
        """The whole member *name*: a key file, or a file of the study."""
        if self._zip.getinfo(name).file_size > _LONGEST_FILE:
            raise UserError(f"{self.path} holds {name} of an impossible size; use another backup file.")
        return self._zip.read(name)

    def list_files(self, folder: str) -> list[str]:
        """The names of the members in *folder*: ``keys`` or ``study``."""
        return sorted(name for name in self.manifest["members"] if name.startswith(f"{folder}/"))


def measure_archive(path: Path) -> int:
    """Bytes of *path*: the length of the way. Raises *UserError* when it is no file."""
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is no file; give the path of an archive that `screener backup` wrote.")
    with _read_errors(path):
        return path.stat().st_size


def needs_passphrase(path: Path) -> bool:
    """Whether a passphrase protects *path*, or the private keys in an archive of an earlier release."""
    measure_archive(path)
    with _read_errors(path):
        if sealed_archive.is_sealed_archive(path):
            return sealed_archive.is_archive_protected(path)
        with zipfile.ZipFile(path) as opened, suppress(MalformedKeyFileError):
            names = [name for name in opened.namelist() if re.fullmatch(r"keys/private/\w+\.private", name)]
            return any(is_passphrase_protected(json.loads(opened.read(name))) for name in names)
    return False


@contextmanager
def open_archive(path: Path, key: ArchiveKey, *, step: Step) -> Iterator[Archive]:
    """Open *path* with *key*, and check all of it; *step* hears the bytes that were checked.

    Raises *UserError* for an archive that was cut, changed, or made elsewhere, in this block too.
    """
    measure_archive(path)
    with _read_errors(path), path.open("rb") as file:
        is_sealed = sealed_archive.is_sealed_archive(path)
        payload: IO[bytes] = file
        if is_sealed:
            reader = ArchiveReader(file, path, key)
            payload = io.BufferedReader(reader, sealed_archive.CHUNK_BYTES)
            _verify_payload(reader, payload, path, step)
        with zipfile.ZipFile(payload) as opened:
            manifest = _read_manifest(opened, path, sealed_archive.FORMAT if is_sealed else PLAIN_FORMAT)
            _check_members(opened, manifest, path)
            yield Archive(path, manifest, is_sealed, opened)


@contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    """Turn what reading and loading *path* may raise into a sentence."""
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{path} is missing; give the path of an archive that `screener backup` wrote.") from None
    except _DAMAGED:
        raise UserError(f"{path} is cut or damaged, or no archive of ours; use another backup file.") from None
    except OSError as error:
        raise UserError(
            f"{path} could not be restored ({error.strerror}); check file and folders, and the free space on the disk. "
            "Nothing of it was kept."
        ) from None


def _verify_payload(reader: ArchiveReader, payload: IO[bytes], path: Path, step: Step) -> None:
    """Authenticate the whole payload; a chunk that does not open is named by the members in it."""
    try:
        for size in reader.verify():
            step(size)
    except DamagedArchiveError as damage:
        if not damage.end or not (names := _list_members_between(payload, damage.start, damage.end)):
            raise
        raise UserError(f"{path} was changed in {', '.join(names)}; use another backup file.") from None


def _list_members_between(payload: IO[bytes], start: int, end: int) -> list[str]:
    """The members that begin before *end* and end after *start*, as far as the ZIP's directory can still be read."""
    with suppress(*_DAMAGED, UserError), zipfile.ZipFile(payload) as opened:
        places = sorted((info.header_offset, info.filename) for info in opened.infolist())
        ends = [offset for offset, _ in places[1:]] + [opened.start_dir]
        return [name for (offset, name), until in zip(places, ends, strict=True) if offset < end and until > start]
    return []


def _read_manifest(archive: zipfile.ZipFile, path: Path, expected: str) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        heads = manifest["heads"]
        if manifest["format"] != expected or set(heads) != {database.name for database in migrate.DATABASES}:
            raise KeyError
        if not all(type(number) is int for number in manifest["rows"].values()) or not manifest["made_at"]:
            raise KeyError
    except (KeyError, ValueError, TypeError, AttributeError):
        raise UserError(f"{path} is no archive of ours, or its manifest is damaged; use another backup file.") from None
    for database in migrate.DATABASES:
        if not migrate.is_known_revision(database, heads[database.name]):
            raise UserError(
                f"{path} was made by another version ({manifest.get('product')}), which this one does not know; "
                "restore it with that one, or with a newer one."
            )
    return manifest


def _check_members(archive: zipfile.ZipFile, manifest: dict[str, Any], path: Path) -> None:
    """Every member is there, whole, and nothing else is; no name leads out of a folder, and none is a link."""
    for info in archive.infolist():
        if not _is_safe(info):
            raise UserError(
                f"{path} holds {info.filename!r}, which no archive of Screener holds; use another backup file. Nothing "
                "was written."
            )
    if sorted(archive.namelist()) != sorted({*manifest["members"], MANIFEST}):
        raise UserError(f"{path} has lost or gained members; use another backup file.")
    for name, expected in manifest["members"].items():
        digest = hashlib.sha256()
        with archive.open(name) as member:
            while part := member.read(_CHUNK):
                digest.update(part)
        if digest.hexdigest() != expected:
            raise UserError(f"{path} is damaged in {name}; use another backup file.")


def _is_safe(info: zipfile.ZipInfo) -> bool:
    parts = info.filename.split("/")
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    return bool(_NAME.fullmatch(info.filename)) and not {"", ".", ".."} & set(parts) and not is_link

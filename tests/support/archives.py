"""Archives for tests: made, brought back, unsealed into the plain ZIP of an earlier release, and sealed again."""

import io
import zipfile
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from screener.operations.backup import write_backup_archive
from screener.operations.restore import RestoreReport
from screener.operations.restore import RestoreRequest
from screener.operations.restore import restore_backup
from screener.sealing.archive import ArchiveKey
from screener.sealing.archive import ArchiveReader
from screener.sealing.archive import ArchiveWriter
from screener.sealing.archive_keys import RecoveryKey
from screener.sealing.archive_keys import RecoveryRecipient
from screener.sealing.archive_keys import SigningKey
from screener.settings import Settings

#: What becomes of a member: its bytes, or None for one that is left out.
Change = Callable[[str, bytes], bytes | None]


def made(settings: Settings, out: Path, *, passphrase: bytes | None = None) -> Path:
    write_backup_archive(settings, out, account="ada", passphrase=passphrase, step=lambda rows: None)
    return out


def brought_back(
    settings: Settings,
    source: Path,
    *,
    passphrase: bytes | None = None,
    recovery: RecoveryKey | None = None,
    trail: Sequence[Path] = (),
) -> RestoreReport:
    key = ArchiveKey(passphrase=passphrase, recovery=recovery)
    return restore_backup(settings, RestoreRequest(source, "ada", key, passphrase, trail=trail), step=lambda size: None)


def payload(path: Path, *, passphrase: bytes | None = None) -> bytes:
    """The plain ZIP inside a sealed archive."""
    with path.open("rb") as file:
        return ArchiveReader(file, path, ArchiveKey(passphrase=passphrase)).read()


def rewritten(data: bytes, change: Change) -> bytes:
    """The ZIP *data* with its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if (changed := change(name, old.read(name))) is not None:
                new.writestr(name, changed)
    return out.getvalue()


def unsealed(path: Path) -> Path:
    """The archive at *path* as an earlier release wrote it: a plain ZIP."""

    def older(name: str, data: bytes) -> bytes:
        return data.replace(b"screener archive 2", b"screener backup 1") if name == "manifest.json" else data

    path.write_bytes(rewritten(payload(path), older))
    return path


def sealed_anew(
    path: Path,
    data: bytes,
    *,
    signer: SigningKey,
    passphrase: bytes | None = None,
    recovery: RecoveryRecipient | None = None,
) -> None:
    """Seal *data* as an archive at *path*, as somebody would who has the *passphrase* or the public recovery key."""
    with path.open("wb") as file:
        writer = ArchiveWriter(file, passphrase=passphrase, recovery=recovery, signer=signer)
        writer.write(data)
        writer.close()

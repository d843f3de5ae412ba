"""Sealed archive files: encrypted for a passphrase and a recovery key, authenticated as a whole, signed by the site.

    magic | length of the header 4 | header (JSON) | chunks (AES-256-GCM) | signature 64 (Ed25519)

A random file key is wrapped twice: under the passphrase (Argon2id, as in a key file), and for the recovery key (HPKE).
The payload is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015) as age v1 has it: chunks of
64 KiB under one key that no other file has, each nonce a counter and a flag on the last chunk. So a chunk that was
changed, left out, moved or cut off does not open, memory stays flat, and any place of the payload can be read alone.
The payload's key is derived from the file key and the header's hash; the signature covers header and payload.
"""

import hashlib
import io
import json
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from screener.errors import UserError
from screener.sealing.archive_keys import RecoveryKey
from screener.sealing.archive_keys import RecoveryRecipient
from screener.sealing.archive_keys import SigningKey
from screener.sealing.archive_keys import unwrap_secret
from screener.sealing.archive_keys import wrap_secret
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.protection import decrypt_secret
from screener.sealing.protection import encrypt_secret
from screener.sealing.protection import is_passphrase_protected

FORMAT = "screener archive 2"
MAGIC = FORMAT.encode() + b"\n"
CHUNK_BYTES = 1 << 16
FILE_KEY_BYTES = 32
_TAG_BYTES = 16
_SEALED_CHUNK = CHUNK_BYTES + _TAG_BYTES
_SIGNATURE_BYTES = 64
_LENGTH = struct.Struct(">I")
#: A header is some 4 KB; one that claims more was not written by us.
_LONGEST_HEADER = 1 << 16
_NOT_ONE = "is cut or damaged, or no archive of Screener; use another backup file"


class DamagedArchiveError(UserError):
    """A part of the payload does not open; *start* and *end* say which bytes of the plain payload it held."""

    def __init__(self, sentence: str, start: int = 0, end: int = 0) -> None:
        super().__init__(sentence)
        self.start = start
        self.end = end


@dataclass(frozen=True)
class ArchiveKey:
    """What opens an archive: the passphrase of its day, or the recovery key, which knows its site."""

    passphrase: bytes | None = None
    recovery: RecoveryKey | None = None
    #: The public signing key that the archive must name; None where nothing but the archive is there to compare.
    site: bytes | None = None


class ArchiveWriter:
    """A file object (write only) that seals what is written into *file*; ``close`` signs it."""

    def __init__(
        self, file: IO[bytes], *, passphrase: bytes | None, recovery: RecoveryRecipient | None, signer: SigningKey
    ) -> None:
        self._file = file
        self._signer = signer
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._number = 0
        file_key = os.urandom(FILE_KEY_BYTES)
        header: dict[str, Any] = {"format": FORMAT, "site": signer.public.hex(), "recovery": None}
        if recovery is not None:
            header["recovery"] = {"key_id": recovery.key_id, "wrapped": wrap_secret(file_key, recovery, FORMAT).hex()}
        head = encrypt_secret(header, file_key, passphrase)
        self._aead = AESGCM(_payload_key(file_key, head))
        self._emit(MAGIC + _LENGTH.pack(len(head)) + head)

    def write(self, data: bytes) -> int:
        """Take *data*; whole chunks are written at once."""
        self._waiting += data
        while len(self._waiting) > CHUNK_BYTES:
            self._emit_chunk(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]
        return len(data)

    def flush(self) -> None:
        """Nothing: a chunk is written when it is whole."""

    def close(self) -> None:
        """Write the last chunk and the signature."""
        self._emit_chunk(bytes(self._waiting), is_last=True)
        self._file.write(self._signer.sign(_signed(self._digest.digest())))

    def _emit_chunk(self, plain: bytes, *, is_last: bool) -> None:
        self._emit(self._aead.encrypt(_nonce(self._number, is_last=is_last), plain, None))
        self._number += 1

    def _emit(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)


class ArchiveReader(io.RawIOBase):
    """The plain payload of an archive, to be read anywhere; each chunk is authenticated when it is read.

    Raises *DamagedArchiveError*. ``verify`` asks for the whole of it, and for the signature.
    """

    def __init__(self, file: IO[bytes], path: Path, key: ArchiveKey) -> None:
        self._file, self._path = file, path
        head = read_archive_header(file, path)
        self._start = file.tell()
        self._end = file.seek(0, os.SEEK_END) - _SIGNATURE_BYTES
        self._site, file_key = _open_header(head, path, key)
        self._aead = AESGCM(_payload_key(file_key, head))
        sealed = self._end - self._start
        self._chunks = max(1, -(-sealed // _SEALED_CHUNK))
        self._size = sealed - self._chunks * _TAG_BYTES
        if self._size < 0:
            raise DamagedArchiveError(f"{path} is cut; use another backup file.")
        self._place = 0
        self._last: tuple[int, bytes] = (-1, b"")

    def verify(self) -> Iterator[int]:
        """Authenticate every chunk and the signature; yields the plain bytes of each chunk that was sound."""
        digest = hashlib.sha256()
        self._file.seek(0)
        digest.update(self._file.read(self._start))
        for number in range(self._chunks):
            sealed = self._read_chunk(number)
            digest.update(sealed)
            yield len(self._open_chunk(number, sealed))
        self._file.seek(self._end)
        signature = self._file.read(_SIGNATURE_BYTES)
        try:
            Ed25519PublicKey.from_public_bytes(self._site).verify(signature, _signed(digest.digest()))
        except (InvalidSignature, ValueError):
            raise DamagedArchiveError(
                f"{self._path} was not signed by the site that it names, or its end was changed; use another backup "
                "file."
            ) from None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if begin + offset < 0:
            raise OSError("before the beginning")
        self._place = begin + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        number, inside = divmod(self._place, CHUNK_BYTES)
        if self._place >= self._size:
            return 0
        if self._last[0] != number:
            self._last = (number, self._open_chunk(number, self._read_chunk(number)))
        part = self._last[1][inside : inside + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _read_chunk(self, number: int) -> bytes:
        start = self._start + number * _SEALED_CHUNK
        self._file.seek(start)
        return self._file.read(min(_SEALED_CHUNK, self._end - start))

    def _open_chunk(self, number: int, sealed: bytes) -> bytes:
        try:
            return self._aead.decrypt(_nonce(number, is_last=number == self._chunks - 1), sealed, None)
        except (InvalidTag, ValueError):
            start = number * CHUNK_BYTES
            raise DamagedArchiveError(
                f"{self._path} was changed or cut; use another backup file.", start, start + CHUNK_BYTES
            ) from None


def is_sealed_archive(path: Path) -> bool:
    """Whether *path* begins as a sealed archive does. Raises *OSError*."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_archive_header(file: IO[bytes], path: Path) -> bytes:
    """The header's bytes; *file* stands at the payload afterwards. Raises *DamagedArchiveError*."""
    start = file.read(len(MAGIC) + _LENGTH.size)
    if len(start) < len(MAGIC) + _LENGTH.size or not start.startswith(MAGIC):
        raise DamagedArchiveError(f"{path} {_NOT_ONE}.")
    (length,) = _LENGTH.unpack(start[len(MAGIC) :])
    head = file.read(length) if length <= _LONGEST_HEADER else b""
    if not head or len(head) != length:
        raise DamagedArchiveError(f"{path} {_NOT_ONE}.")
    return head


def is_archive_protected(path: Path) -> bool:
    """Whether the sealed archive *path* asks for a passphrase. Raises *DamagedArchiveError*, *OSError*."""
    with path.open("rb") as file:
        head = read_archive_header(file, path)
    try:
        return is_passphrase_protected(_parse_header(head))
    except MalformedKeyFileError:
        raise DamagedArchiveError(f"{path} {_NOT_ONE}.") from None


def _parse_header(head: bytes) -> dict[str, Any]:
    try:
        content = json.loads(head)
    except (ValueError, RecursionError):
        raise MalformedKeyFileError from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise MalformedKeyFileError
    return content


def _open_header(head: bytes, path: Path, key: ArchiveKey) -> tuple[bytes, bytes]:
    """The public signing key that the archive names, and its file key. Raises *UserError*."""
    try:
        content = _parse_header(head)
        site = bytes.fromhex(content["site"])
        expected = key.recovery.site if key.recovery else key.site
        if expected is not None and site != expected:
            raise UserError(
                f"{path} was made by another site, or by another installation of this one; its site key is "
                f"{site.hex()[:16]}, and {expected.hex()[:16]} is expected. Use an archive of this site."
            )
        if key.recovery is not None:
            return site, _unwrap_file_key(content, path, key.recovery)
        return site, _decrypt_file_key(content, path, key.passphrase)
    except (MalformedKeyFileError, KeyError, ValueError, TypeError, AttributeError):
        raise DamagedArchiveError(f"{path} {_NOT_ONE}.") from None


def _unwrap_file_key(content: dict[str, Any], path: Path, recovery: RecoveryKey) -> bytes:
    wrapped = content["recovery"]
    if not wrapped or wrapped["key_id"] != recovery.key_id:
        raise UserError(
            f"{path} was not sealed to this recovery key ({recovery.key_id}); use the one that was in use when the "
            "archive was made, or the passphrase."
        )
    try:
        return unwrap_secret(bytes.fromhex(wrapped["wrapped"]), recovery, FORMAT)
    except InvalidTag:
        raise MalformedKeyFileError from None


def _decrypt_file_key(content: dict[str, Any], path: Path, passphrase: bytes | None) -> bytes:
    if passphrase or not is_passphrase_protected(content):
        with suppress(UserError):
            return decrypt_secret(content, path, passphrase)
    raise UserError(
        f"{path} does not open: the passphrase is wrong or missing (SCREENER_KEY_PASSPHRASE_FILE), the archive is of "
        "another site, or its head was changed. Give the passphrase that was in use when it was made; if it is lost, "
        "the recovery key opens the archive (--recovery-key FILE), and nothing else does."
    )


def _payload_key(file_key: bytes, head: bytes) -> bytes:
    info = b"screener archive payload" + hashlib.sha256(head).digest()
    return HKDF(SHA256(), length=32, salt=None, info=info).derive(file_key)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _signed(digest: bytes) -> bytes:
    return MAGIC + digest

"""The manifest of an exported file: its SHA-256, the fingerprint of each row, and how the file came to be.

The file can be verified against it anywhere, with nothing else at hand: is it whole, where was it cut, which row was
changed. Whether the manifest itself is the one that was written, only the store knows: the audit trail has its SHA-256.

The fingerprints of rows hide nothing: a person who knows everything else in a row could try out answers against
them. Keep the manifest where the file is kept, and treat it alike; it is readable by its owner only.
"""

import base64
import enum
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO
from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import ValidationError

from screener.errors import UserError
from screener.export.csv_file import DIGEST_BYTES
from screener.typed_text import is_printable

#: Fingerprints on one line of the manifest.
_DIGESTS_PER_LINE = 64
#: A manifest of five million rows; a longer one is not ours, and reading it would only fill the memory.
_LONGEST_MANIFEST_BYTES = 64 << 20
_Sha256 = Field(pattern=r"^[0-9a-f]{64}$")


#: Which program will read the file; ``profiles`` has the columns and the writer of each.
ProfileName = Literal["spreadsheet"]


class ExportPart(enum.Enum):
    """The three files of an export, in the order of their writing; the value is what follows the data's name."""

    DATA = ""
    CODEBOOK = ".codebook.csv"
    MANIFEST = ".manifest.json"

    def path_for(self, data: Path) -> Path:
        """Return the path of this part beside *data*: ``interest.csv`` → ``interest.csv.manifest.json``."""
        return data.with_name(data.name + self.value)


class CodebookEntry(BaseModel):
    """The codebook that lies beside the export: its name and SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    file: str
    sha256: str = _Sha256


class ProofCounts(BaseModel):
    """Whether the rows hold what was sent, by the worse of the two parts of each."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    checked: int = Field(default=0, ge=0)
    #: The form key is missing.
    cannot_be_checked: int = Field(default=0, ge=0)
    #: Sent from a page of release 1.
    before_proofs: int = Field(default=0, ge=0)
    #: The part is left out of the row, which says so in the column ``unreadable``.
    does_not_fit: int = Field(default=0, ge=0)


def _check_single_line(text: str) -> str:
    if not is_printable(text):
        raise ValueError("more than one line, or control characters")
    return text


#: Text of a manifest that is printed on a terminal; the manifest may come from anywhere.
SingleLine = Annotated[str, AfterValidator(_check_single_line)]


class ExportManifest(BaseModel):
    """What an exported file holds, and how it came to be."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["screener-export/1"] = "screener-export/1"
    note: str = "What people said about themselves. Nothing here is a decision about who may take part."
    product: str
    study: str
    profile: ProfileName
    file: str
    #: Submissions in the file: its rows without the first, the names of the columns.
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str = _Sha256
    columns: tuple[str, ...]
    #: No export leaves a submission out, so there is one filter: none.
    filter: Literal["none"] = "none"
    purpose: SingleLine
    account: SingleLine
    started_at: datetime
    finished_at: datetime
    #: Wording version → how many submissions were sent under it.
    wording_versions: dict[str, int]
    #: Submissions that were erased: they have no row, but they are not forgotten.
    erased: int = Field(ge=0)
    #: Rows with a box that no key at hand opens, or that does not hold what was sent.
    unreadable: int = Field(ge=0)
    #: Rows with an answer that no wording in the store has a column for (it is in the column ``unlisted``).
    unlisted: int = Field(ge=0)
    #: None in a manifest of release 1.
    proofs: ProofCounts | None = None
    codebook: CodebookEntry
    #: Head of the audit trail when the export began: the event that says so.
    audit_head: str
    #: The first eight bytes of each row's SHA-256, base64, the names of the columns first; lines are only for the eye.
    row_digests: tuple[str, ...]


def decode_row_digests(manifest: ExportManifest) -> bytes:
    """Return the fingerprints of all rows, one after another."""
    return b"".join(base64.b64decode(line, validate=True) for line in manifest.row_digests)


def write_manifest(manifest: ExportManifest, digests: bytes | bytearray, file: IO[bytes]) -> str:
    """Write *manifest* with the rows' *digests* (piece by piece: they are its bulk); return its SHA-256."""
    sha256 = hashlib.sha256()
    head = manifest.model_dump(mode="json", exclude={"row_digests"})
    for piece in _encode_in_pieces(json.dumps(head, indent=2, ensure_ascii=False), digests):
        data = piece.encode()
        sha256.update(data)
        file.write(data)
    return sha256.hexdigest()


def _encode_in_pieces(head: str, digests: bytes | bytearray) -> Iterator[str]:
    yield head.removesuffix("\n}") + ',\n  "row_digests": ['
    step = _DIGESTS_PER_LINE * DIGEST_BYTES
    for start in range(0, len(digests), step):
        line = base64.b64encode(digests[start : start + step]).decode()
        yield f'{"," if start else ""}\n    "{line}"'
    yield "\n  ]\n}\n"


def read_manifest(path: Path) -> tuple[ExportManifest, str]:
    """Return the manifest in *path* and its SHA-256. Raises *UserError* when there is none of ours."""
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST_MANIFEST_BYTES + 1)
    except OSError:
        raise UserError(f"{path} cannot be read: bring the manifest that was written beside the file.") from None
    try:
        manifest = ExportManifest.model_validate_json(data)
        is_complete = len(decode_row_digests(manifest)) == (manifest.rows + 1) * DIGEST_BYTES
    except (ValidationError, ValueError):
        is_complete = False
    if not is_complete:
        raise UserError(f"{path} is not a whole manifest of an export: bring the one that was written beside the file.")
    return manifest, hashlib.sha256(data).hexdigest()

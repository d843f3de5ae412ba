"""The paper that travels beside an exported file and says what it must be.

The file can then be held against it anywhere, with nothing else at hand: is it whole, where was it cut, which row
was changed. That the paper itself is genuine only the store can say: its own SHA-256 is in the audit trail.

The fingerprints of rows are no secret-keeping: who knows everything else in a row could try out answers against
them. Keep the manifest where the file is kept, and treat it alike; it is readable by its owner only.
"""

import base64
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
from screener.export.csv_file import DIGEST_SIZE

#: Fingerprints on one line of the manifest.
_LINE = 64
#: A manifest of five million rows; a longer one is not ours, and reading it would only fill the memory.
_LONGEST = 64 << 20
_Sha256 = Field(pattern=r"^[0-9a-f]{64}$")


class Codebook(BaseModel):
    """The file beside the export that says what columns and codes mean."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    file: str
    sha256: str = _Sha256


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("more than one line, or signs that steer a terminal")
    return text


#: Text of a manifest that a person reads on a terminal, whoever wrote the manifest.
OneLine = Annotated[str, AfterValidator(_one_line)]


class Manifest(BaseModel):
    """What an exported file holds, and how it came to be."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["screener-export/1"] = "screener-export/1"
    note: str = "What people said about themselves. Nothing here is a decision about who may take part."
    product: str
    study: str
    profile: Literal["spreadsheet"]
    file: str
    #: Submissions in the file: its rows without the first, the names of the columns.
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str = _Sha256
    columns: tuple[str, ...]
    #: No export leaves a submission out, so there is one filter: none.
    filter: Literal["none"] = "none"
    purpose: OneLine
    account: OneLine
    started_at: datetime
    finished_at: datetime
    #: Wording version → how many submissions were sent under it.
    wording_versions: dict[str, int]
    #: Submissions that were erased: they have no row, but they are not forgotten.
    erased: int = Field(ge=0)
    #: Rows with a box that no key at hand opens.
    unreadable: int = Field(ge=0)
    #: Rows with an answer that no wording in the store has a column for (it is in the column ``unlisted``).
    unlisted: int = Field(ge=0)
    codebook: Codebook
    #: Head of the audit trail when the export began: the event that says so.
    audit_head: str
    #: The first eight bytes of each row's SHA-256, base64, the names of the columns first; lines are only for the eye.
    row_digests: tuple[str, ...]


def digests_of(manifest: Manifest) -> bytes:
    """The fingerprints of all rows, one after another."""
    return b"".join(base64.b64decode(line, validate=True) for line in manifest.row_digests)


def beside(path: Path, ending: str) -> Path:
    """The name of a companion of *path*: ``interest.csv`` → ``interest.csv.manifest.json``."""
    return path.with_name(f"{path.name}.{ending}")


def manifest_of(path: Path) -> Path:
    return beside(path, "manifest.json")


def codebook_of(path: Path) -> Path:
    return beside(path, "codebook.csv")


def write_manifest(manifest: Manifest, digests: bytes | bytearray, file: IO[bytes]) -> str:
    """Write *manifest* with the rows' *digests* (piece by piece: they are its bulk); its SHA-256."""
    whole = hashlib.sha256()
    head = manifest.model_dump(mode="json", exclude={"row_digests"})
    for piece in _pieces(json.dumps(head, indent=2, ensure_ascii=False), digests):
        data = piece.encode()
        whole.update(data)
        file.write(data)
    return whole.hexdigest()


def _pieces(head: str, digests: bytes | bytearray) -> Iterator[str]:
    yield head.removesuffix("\n}") + ',\n  "row_digests": ['
    step = _LINE * DIGEST_SIZE
    for start in range(0, len(digests), step):
        line = base64.b64encode(digests[start : start + step]).decode()
        yield f'{"," if start else ""}\n    "{line}"'
    yield "\n  ]\n}\n"


def read_manifest(path: Path) -> tuple[Manifest, str]:
    """The manifest in *path* and its SHA-256. Raises *UserError* when there is none, or none of ours."""
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
    except OSError:
        raise UserError(f"{path} cannot be read: bring the manifest that was written beside the file.") from None
    try:
        manifest = Manifest.model_validate_json(data)
        counted = len(digests_of(manifest)) == (manifest.rows + 1) * DIGEST_SIZE
    except (ValidationError, ValueError):
        counted = False
    if not counted:
        raise UserError(f"{path} is not a whole manifest of an export: bring the one that was written beside the file.")
    return manifest, hashlib.sha256(data).hexdigest()

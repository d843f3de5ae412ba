"""What one export is: who wants it and what for, what it is made from, and what the trail says of it.

The same for a file that the command line writes and for one that the desk sends: an event before the first byte, one
after the last with the manifest's hash, and one instead of that when it was cut short.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from screener import __version__
from screener import audit
from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.export.columns import Table
from screener.export.csv_file import Sheet
from screener.export.fields import Field
from screener.export.fields import vocabulary
from screener.export.manifest import Codebook
from screener.export.manifest import Manifest
from screener.export.manifest import codebook_of
from screener.export.rows import Passed
from screener.sealing.open import PrivateKeys
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions import queries

#: By which way somebody exports; it begins the name of each event.
WAYS = ("cli", "desk")
_LONGEST_PURPOSE = 500


@dataclass(frozen=True)
class Order:
    """Who wants which file, and what for."""

    out: Path
    purpose: str
    account: str
    profile: Literal["spreadsheet"] = "spreadsheet"
    way: Literal["cli", "desk"] = "cli"

    def __post_init__(self) -> None:
        if not self.purpose.strip() or not self.purpose.isprintable() or len(self.purpose) > _LONGEST_PURPOSE:
            where = ": --purpose." if self.way == "cli" else "."
            raise UserError(f"Say in one line of at most {_LONGEST_PURPOSE} characters what the file is for{where}")


@dataclass(frozen=True)
class Source:
    """What is exported: the store, the keys that open it, and the fields that were ever asked."""

    store: sa.Engine
    keys: PrivateKeys
    study: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Begun:
    """That an export has begun: when, and the audit event that says so."""

    at: datetime
    event: str


def source_of(settings: Settings, keys: PrivateKeys, store: sa.Engine | None = None) -> Source:
    """The *store* of *settings* as a source. Raises *UserError* when the study or the store cannot be read."""
    study = load_study(settings.study)
    store = store or connect(settings.store, may="write")
    with reading(store) as connection:
        newest_first = [one.content for one in reversed(queries.list_wordings(connection))]
    return Source(store, keys, study.id, vocabulary(study, _words(settings.study, study), newest_first))


def _words(folder: Path, study: Study) -> Wording:
    """The words for the codebook: those of the source, which translations are made from."""
    wordings = [load_wording(folder, study, locale) for locale in locales(folder)]
    return next((wording for wording in wordings if wording.status == "source"), wordings[0])


def how_many(store: sa.Engine) -> int:
    """The number of submissions in *store*, erased ones too: the length of the way."""
    with reading(store) as connection:
        return queries.count_submissions(connection)


def started(way: str) -> str:
    """The action that says that an export begins."""
    return f"{way}:export:started"


def finished(way: str) -> str:
    """The action that says that an export is whole; its subject is the manifest's SHA-256."""
    return f"{way}:export:finished"


def failed(way: str) -> str:
    """The action that says that an export was cut short."""
    return f"{way}:export:failed"


def begin(store: sa.Engine, order: Order) -> Begun:
    """Say in the trail who exports what and why; if it cannot be said, nothing is exported."""
    at = clock.now()
    detail = {"profile": order.profile, "purpose": order.purpose, "file": order.out.name}
    with writing(store) as connection:
        event = audit.record(connection, actor=order.account, action=started(order.way), detail=detail, at=at)
    return Begun(at, event)


def end(store: sa.Engine, order: Order, begun: Begun, manifest: Manifest, manifest_sha256: str) -> None:
    """Say that the file is whole, and by which manifest it can be known."""
    detail: dict[str, str | int] = {"started": begun.event, "rows": manifest.rows, "sha256": manifest.sha256}
    with writing(store) as connection:
        audit.record(
            connection, actor=order.account, action=finished(order.way), subject=manifest_sha256, detail=detail
        )


def cut_short(store: sa.Engine, order: Order, begun: Begun, error: BaseException) -> None:
    """Say that there will be no whole file.

    The store may be what failed: then the start alone stands in the trail, which says the same.
    """
    with suppress(UserError), writing(store) as connection:
        detail = {"started": begun.event, "why": type(error).__name__}
        audit.record(connection, actor=order.account, action=failed(order.way), detail=detail)


def manifest_for(
    source: Source, order: Order, begun: Begun, *, table: Table, sheet: Sheet, passed: Passed, legend: Sheet
) -> Manifest:
    """The paper that travels beside the file."""
    return Manifest(
        product=f"screener {__version__}",
        study=source.study,
        profile=order.profile,
        file=order.out.name,
        rows=passed.rows,
        bytes=sheet.size,
        sha256=sheet.sha256,
        columns=table.names,
        purpose=order.purpose,
        account=order.account,
        started_at=begun.at,
        finished_at=clock.now(),
        wording_versions=dict(sorted(passed.wording_versions.items())),
        erased=passed.erased,
        unreadable=passed.unreadable,
        unlisted=passed.unlisted,
        codebook=Codebook(file=codebook_of(order.out).name, sha256=legend.sha256),
        audit_head=begun.event,
        row_digests=(),
    )

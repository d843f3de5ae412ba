"""One export from beginning to end: said in the audit trail, written, flushed, proven, and only then named.

The order of things is the promise. Before the first byte is written, the audit trail says who exports what and
why; if the store cannot take that, nothing is exported. The file gets its name last: after its codebook and its
manifest, and after the audit trail has the manifest's hash. Whatever goes wrong before that leaves no file.
"""

import errno
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
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
from screener.export.codebook import write_codebook
from screener.export.columns import Table
from screener.export.manifest import Codebook
from screener.export.manifest import Manifest
from screener.export.manifest import codebook_of
from screener.export.manifest import manifest_of
from screener.export.manifest import write_manifest
from screener.export.passing import Passed
from screener.export.passing import pass_through
from screener.export.sheet import Sheet
from screener.export.vocabulary import Field
from screener.export.vocabulary import vocabulary
from screener.landing import Landing
from screener.problems import Problem
from screener.sealing.open import PrivateKeys
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions import finding

STARTED = "cli:export:started"
FINISHED = "cli:export:finished"
FAILED = "cli:export:failed"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LONGEST_PURPOSE = 500


@dataclass(frozen=True)
class Order:
    """Who wants which file, and what for."""

    out: Path
    purpose: str
    account: str
    profile: Literal["spreadsheet"] = "spreadsheet"

    def __post_init__(self) -> None:
        if not self.purpose.strip() or not self.purpose.isprintable() or len(self.purpose) > _LONGEST_PURPOSE:
            raise Problem(f"Say in one line of at most {_LONGEST_PURPOSE} characters what the file is for: --purpose.")


@dataclass(frozen=True)
class Source:
    """What is exported: the store, the keys that open it, and the fields that were ever asked."""

    store: sa.Engine
    keys: PrivateKeys
    study: str
    fields: tuple[Field, ...]


def source_of(settings: Settings, keys: PrivateKeys) -> Source:
    """The store of *settings* as a source. Raises *Problem* when the study or the store cannot be read."""
    study = load_study(settings.study)
    store = connect(settings.store, may="write")
    with reading(store) as connection:
        newest_first = reversed(finding.kept_wordings(connection))
    return Source(store, keys, study.id, vocabulary(study, _words(settings.study, study), newest_first))


def _words(folder: Path, study: Study) -> Wording:
    """The words for the codebook: those of the source, which translations are made from."""
    wordings = [load_wording(folder, study, locale) for locale in locales(folder)]
    return next((wording for wording in wordings if wording.status == "source"), wordings[0])


def how_many(store: sa.Engine) -> int:
    """The number of submissions in *store*, erased ones too: the length of the way."""
    with reading(store) as connection:
        return finding.how_many(connection)


def export(source: Source, order: Order, *, step: Callable[[int], object]) -> Manifest:
    """Write the file that *order* asks for, with its codebook and manifest; *step* hears each submission pass.

    Raises *Problem*; then there is no file, and the audit trail says that the export failed.
    """
    begun = _say_that_it_starts(source.store, order)
    try:
        with _in_plain_words(order.out):
            return _write(source, order, begun, step)
    except BaseException as error:
        # The store may be what failed: then the start alone stands in the trail, which says the same.
        with suppress(Problem), writing(source.store) as connection:
            detail = {"started": begun.event, "why": type(error).__name__}
            audit.record(connection, actor=order.account, action=FAILED, detail=detail)
        raise


@dataclass(frozen=True)
class _Begun:
    """That an export has begun: when, and the audit event that says so."""

    at: datetime
    event: str


def _say_that_it_starts(store: sa.Engine, order: Order) -> _Begun:
    at = clock.now()
    detail = {"profile": order.profile, "purpose": order.purpose, "file": order.out.name}
    with writing(store) as connection:
        return _Begun(at, audit.record(connection, actor=order.account, action=STARTED, detail=detail, at=at))


def _write(source: Source, order: Order, begun: _Begun, step: Callable[[int], object]) -> Manifest:
    places = (order.out, codebook_of(order.out), manifest_of(order.out))
    table = Table(source.fields)
    with ExitStack() as ways_out:
        file, codebook, paper = (ways_out.enter_context(Landing(place)) for place in places)
        sheet, legend = Sheet(file.file), Sheet(codebook.file)
        sheet.add(table.names)
        with reading(source.store) as connection:
            passed = pass_through(connection, source.keys, source.study, table, sheet, step=step)
        write_codebook(table.columns, legend)
        manifest = _manifest(source, order, begun, table=table, sheet=sheet, passed=passed, legend=legend)
        manifest_sha256 = write_manifest(manifest, sheet.digests, paper.file)
        for landing in (codebook, paper, file):
            landing.settle()
        with writing(source.store) as connection:
            detail: dict[str, str | int] = {
                "started": begun.event,
                "rows": manifest.rows,
                "sha256": manifest.sha256,
            }
            audit.record(connection, actor=order.account, action=FINISHED, subject=manifest_sha256, detail=detail)
        for landing in (codebook, paper, file):
            landing.land()
    return manifest


def _manifest(
    source: Source, order: Order, begun: _Begun, *, table: Table, sheet: Sheet, passed: Passed, legend: Sheet
) -> Manifest:
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


@contextmanager
def _in_plain_words(path: Path) -> Iterator[None]:
    """The system's faults, and a person's Ctrl-C, as a sentence."""
    try:
        yield
    except KeyboardInterrupt:
        raise Problem("The export was stopped; no file was written.") from None
    except OSError as error:
        if error.errno in _FULL:
            raise Problem(f"The disk of {path} is full; no file was written. Make room and export again.") from None
        word = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise Problem(
            f"{path} cannot be written ({word}), and nothing was. Check its folder, or choose another one with --out."
        ) from None

"""The export pipeline: audit event, rows, codebook, manifest, audit event, and only then a file with a name.

The order is the promise. Before the first byte is written, the audit trail says who exports what and why; if the store
cannot take that, nothing is exported. What the sink was given is published last: after the data, its codebook and its
manifest are complete, and after the audit trail has the manifest's hash. Any failure before that publishes nothing.
"""

from collections.abc import Callable
from collections.abc import Generator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO
from typing import Protocol
from typing import Self

from screener import __version__
from screener import clock
from screener.db import reading
from screener.export import audit_events
from screener.export.audit_events import ExportStart
from screener.export.codebook import write_codebook
from screener.export.columns import RowLayout
from screener.export.csv_file import CsvWriter
from screener.export.manifest import CodebookEntry
from screener.export.manifest import ExportManifest
from screener.export.manifest import ExportPart
from screener.export.manifest import ProofCounts
from screener.export.manifest import write_manifest
from screener.export.profiles import PROFILES
from screener.export.profiles import Profile
from screener.export.request import ExportRequest
from screener.export.rows import ExportCounts
from screener.export.rows import iterate_rows
from screener.export.source import ExportSource


class Sink(Protocol):
    """Where the bytes of an export go. Leaving the block before ``publish`` discards them."""

    #: Name of the data file, without a folder; its companions are named after it.
    file_name: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def open(self, part: ExportPart) -> AbstractContextManager[IO[bytes]]:
        """Open one part for writing; called once for each part, in their order."""

    def settle(self) -> None:
        """Bring all bytes as far as they go without being visible; a full disk shows here."""

    def publish(self) -> None:
        """Make the export visible under its name."""


def export(
    source: ExportSource,
    request: ExportRequest,
    sink: Sink,
    *,
    progress: Callable[[int], object] = lambda number: None,
) -> ExportManifest:
    """Write what *request* asks for into *sink*, and return the manifest; *progress* gets the number of new steps.

    Raises *UserError* with the reason; then nothing is published, and the audit trail has the failure.
    """
    steps = export_in_steps(source, request, sink, audit_events.record_start(source.store, request, sink.file_name))
    try:
        while True:
            if number := next(steps):
                progress(number)
    except StopIteration as finished:
        manifest: ExportManifest = finished.value
        return manifest
    except BaseException as error:
        # What went wrong in *progress*, Ctrl-C included, has to reach the pipeline, which cleans up after it.
        steps.throw(error)
        raise


def export_in_steps(
    source: ExportSource, request: ExportRequest, sink: Sink, start: ExportStart
) -> Generator[int, None, ExportManifest]:
    """Export as ``export`` does, but stop after each submission, so that a stream can take the bytes away meanwhile.

    *start* is the audit event that the caller has recorded. Yields 1 after each submission, and 0 each time that
    the sink has to be emptied: before the audit trail has the last event, and after the sink has published.
    """
    try:
        with sink:
            counts = ExportCounts()
            manifest, manifest_sha256 = yield from _write_parts(source, request, sink, start, counts)
            sink.settle()
            yield 0
            audit_events.record_finish(source.store, request, start, manifest, manifest_sha256, altered=counts.altered)
            sink.publish()
            yield 0
    except BaseException as error:
        audit_events.record_failure(source.store, request, start, error)
        raise
    return manifest


def _write_parts(
    source: ExportSource, request: ExportRequest, sink: Sink, start: ExportStart, counts: ExportCounts
) -> Generator[int, None, tuple[ExportManifest, str]]:
    profile = PROFILES[request.profile]
    layout = profile.layout(source.fields)
    data = yield from _write_data(source, sink, profile, layout, counts)
    with sink.open(ExportPart.CODEBOOK) as file:
        codebook = CsvWriter(file)
        write_codebook(layout.columns, codebook)
    manifest = ExportManifest(
        product=f"screener {__version__}",
        study=source.keys.study,
        profile=request.profile,
        file=sink.file_name,
        rows=counts.rows,
        bytes=data.size,
        sha256=data.sha256,
        columns=layout.names,
        purpose=request.purpose,
        account=request.account,
        started_at=start.at,
        finished_at=clock.now(),
        wording_versions=dict(sorted(counts.wording_versions.items())),
        erased=counts.erased,
        unreadable=counts.unreadable,
        unlisted=counts.unlisted,
        proofs=ProofCounts(**{str(result): number for result, number in counts.proofs.items()}),
        codebook=CodebookEntry(file=ExportPart.CODEBOOK.path_for(Path(sink.file_name)).name, sha256=codebook.sha256),
        audit_head=start.event,
        row_digests=(),
    )
    with sink.open(ExportPart.MANIFEST) as file:
        return manifest, write_manifest(manifest, data.digests, file)


def _write_data(
    source: ExportSource, sink: Sink, profile: Profile, layout: RowLayout, counts: ExportCounts
) -> Generator[int, None, CsvWriter]:
    with sink.open(ExportPart.DATA) as file:
        data = profile.writer(file)
        data.write_row(layout.names)
        with reading(source.store) as connection:
            for cells in iterate_rows(connection, source, layout, counts):
                if cells is not None:
                    data.write_row(cells)
                yield 1
    return data

"""One export into a file, from beginning to end: said in the audit trail, written, flushed, proven, and then named.

The order of things is the promise. Before the first byte is written, the audit trail says who exports what and
why; if the store cannot take that, nothing is exported. The file gets its name last: after its codebook and its
manifest, and after the audit trail has the manifest's hash. Whatever goes wrong before that leaves no file.
"""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from pathlib import Path

from screener import files
from screener.db import reading
from screener.errors import UserError
from screener.export import request as orders
from screener.export.codebook import write_codebook
from screener.export.columns import Table
from screener.export.csv_file import Sheet
from screener.export.manifest import Manifest
from screener.export.manifest import codebook_of
from screener.export.manifest import manifest_of
from screener.export.manifest import write_manifest
from screener.export.request import Begun
from screener.export.request import Order
from screener.export.request import Source
from screener.export.rows import Passed
from screener.export.rows import passing
from screener.files import NewFile


def export(source: Source, order: Order, *, step: Callable[[int], object]) -> Manifest:
    """Write the file that *order* asks for, with its codebook and manifest; *step* hears each submission pass.

    Raises *UserError*; then there is no file, and the audit trail says that the export failed.
    """
    begun = orders.begin(source.store, order)
    try:
        with _in_plain_words(order.out):
            return _write(source, order, begun, step)
    except BaseException as error:
        orders.cut_short(source.store, order, begun, error)
        raise


def _write(source: Source, order: Order, begun: Begun, step: Callable[[int], object]) -> Manifest:
    places = (order.out, codebook_of(order.out), manifest_of(order.out))
    table, passed = Table(source.fields), Passed()
    with ExitStack() as ways_out:
        file, codebook, paper = (ways_out.enter_context(NewFile(place)) for place in places)
        sheet, legend = Sheet(file.file), Sheet(codebook.file)
        sheet.add(table.names)
        with reading(source.store) as connection:
            for _ in passing(connection, source.keys, source.study, table, sheet, passed):
                step(1)
        write_codebook(table.columns, legend)
        manifest = orders.manifest_for(source, order, begun, table=table, sheet=sheet, passed=passed, legend=legend)
        manifest_sha256 = write_manifest(manifest, sheet.digests, paper.file)
        for new in (codebook, paper, file):
            new.sync()
        orders.end(source.store, order, begun, manifest, manifest_sha256)
        for new in (codebook, paper, file):
            new.publish()
    return manifest


@contextmanager
def _in_plain_words(path: Path) -> Iterator[None]:
    """The system's faults, and a person's Ctrl-C, as a sentence."""
    try:
        with files.write_errors(path, option="--out"):
            yield
    except KeyboardInterrupt:
        raise UserError("The export was stopped; no file was written.") from None

"""The audit trail as files: JSON lines with the chain's hashes, one file for each export, and the head beside them.

A file ``audit-<first>-<last>.jsonl`` holds the events with these numbers; each line has the columns of the event as the
store keeps them, so that the chain can be verified from the files alone. ``audit.head`` holds ``SEQ:HASH``, as
``screener audit verify --anchor`` takes it. The files hold what the trail holds: never an answer, a name of a
participant, or a contact.
"""

import json
import os
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from screener import audit
from screener import files
from screener.db import reading
from screener.db import writing
from screener.errors import UserError

HEAD_FILE = "audit.head"
FILE_MODE = 0o640
_FILE_NAME = re.compile(r"audit-(\d+)-(\d+)\.jsonl")
_COLUMNS = tuple(column.name for column in audit.EVENTS.columns)
#: Longer than any event; the last line of a file lies in its last bytes.
_LONGEST_LINE = 1 << 16


@dataclass(frozen=True)
class TrailExport:
    """What one export wrote: no file when nothing had happened since the last one."""

    path: Path | None
    events: int
    #: ``SEQ:HASH`` of the last event that the files hold.
    head: str


def export_trail(store: sa.Engine, folder: Path, *, actor: str, source: str) -> TrailExport:
    """Write the events since the last file in *folder* into a new one, then the head; whole or not at all.

    Raises *UserError* when *folder* cannot be written, when the chain is broken, or when the store does not go on where
    the files end, as after a restore.
    """
    with files.write_errors(folder):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    with files.exclusive_lock(lock, timeout=60):
        exported = _write_events(store, folder)
        files.replace_file(folder / HEAD_FILE, f"{exported.head}\n".encode(), mode=FILE_MODE)
    with writing(store) as connection:
        detail: dict[str, str | int] = {"rows": exported.events, "head": exported.head}
        audit.record(connection, actor=actor, action=f"{source}:audit:exported", detail=detail)
    return exported


def _write_events(store: sa.Engine, folder: Path) -> TrailExport:
    last, head = _find_last_exported(folder)
    with reading(store) as connection:
        table = audit.EVENTS
        newest = connection.scalar(sa.select(sa.func.max(table.c.seq))) or 0
        there = connection.scalar(sa.select(table.c.hash).where(table.c.seq == last)) if last else audit.START
        if there != head:
            raise UserError(
                f"Event {last} of the files in {folder} is not in this store, as after a restore: keep that folder as "
                "it is, and name a new, empty one."
            )
        if newest == last:
            return TrailExport(None, 0, f"{last}:{head}")
        path = folder / f"audit-{last + 1:09}-{newest:09}.jsonl"
        query = sa.select(table).where(table.c.seq > last, table.c.seq <= newest).order_by(table.c.seq)
        with (
            files.write_errors(path),
            files.AtomicFile(path, mode=FILE_MODE) as new,
            closing(connection.execute(query, execution_options={"yield_per": 1000})) as rows,
        ):
            for row in rows.mappings():
                event = {**row, "at": row["at"].isoformat(timespec="microseconds")}
                head = _check_link(event, head, "screener audit verify")
                new.file.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            new.sync()
            new.publish()
    return TrailExport(path, newest - last, f"{newest}:{head}")


def _find_last_exported(folder: Path) -> tuple[int, str]:
    """Number and hash of the last event in the files of *folder*; they count, and not the head beside them."""
    if not (paths := list_trail_files(folder)):
        return 0, audit.START
    with paths[-1].open("rb") as file:
        file.seek(max(0, paths[-1].stat().st_size - _LONGEST_LINE))
        event = _parse_line(file.read().splitlines()[-1], paths[-1])
    return event["seq"], event["hash"]


def list_trail_files(folder: Path) -> list[Path]:
    """The trail files in *folder*, in the order of their events."""
    return sorted((path for path in folder.iterdir() if _FILE_NAME.fullmatch(path.name)), key=_first_number)


def _first_number(path: Path) -> int:
    found = _FILE_NAME.fullmatch(path.name)
    return int(found[1]) if found else 0


def read_trail(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """The events of the trail files *paths* (or folders of them) in order, each linked to the one before it.

    ``at`` is a *datetime*, ``detail`` an object. Raises *UserError* for a line that was changed, and for a gap.
    """
    found = [file for path in paths for file in (list_trail_files(path) if path.is_dir() else [path])]
    expected: tuple[int, str] | None = None
    for path in sorted(found, key=_first_event):
        with path.open("rb") as lines:
            for line in lines:
                event = _parse_line(line, path)
                if expected is None:
                    expected = event["seq"], event["previous_hash"]
                if event["seq"] != expected[0]:
                    raise UserError(
                        f"{path} goes on with event {event['seq']}, and event {expected[0]} is missing; name every "
                        "trail file since the backup, each once."
                    )
                expected = event["seq"] + 1, _check_link(event, expected[1], str(path))
                yield {**event, "at": datetime.fromisoformat(event["at"]), "detail": json.loads(event["detail"])}


def _first_event(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return int(_parse_line(file.readline(_LONGEST_LINE), path)["seq"])
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check the path of the trail file.") from None


def _parse_line(line: bytes, path: Path) -> dict[str, Any]:
    try:
        event = json.loads(line)
        texts = [event[name] for name in _COLUMNS if name != "seq"]
        if set(event) != set(_COLUMNS) or type(event["seq"]) is not int or not all(type(one) is str for one in texts):
            raise ValueError
        json.loads(event["detail"])
        datetime.fromisoformat(event["at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UserError(
            f"{path} is damaged, or no file that `screener audit export` wrote; use another copy of it."
        ) from None
    return dict(event)


def _check_link(event: Mapping[str, Any], head: str, place: str) -> str:
    """The hash of *event*, which must follow *head*. Raises *UserError*."""
    if event["previous_hash"] != head or event["hash"] != audit.hash_event([event[name] for name in _COLUMNS]):
        raise UserError(
            f"Event {event['seq']} was changed, or does not follow the one before it ({place}); compare it with "
            "another copy."
        )
    return str(event["hash"])

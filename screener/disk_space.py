"""Free disk space where a deployment writes: below a floor, the form takes nothing that it might not be able to keep.

A full disk would refuse every submission at once, in the middle of something. There is no ceiling on the
number of submissions: a flood would then shut out the people whom the form is for.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

#: A form that closed for want of space opens again once there is so much more than the floor.
REOPEN_FACTOR = 1.1
MEGABYTE = 1024 * 1024


def find_database_folders(*urls: str) -> tuple[Path, ...]:
    """The folders of those databases that are SQLite files; another server's disk is that server's to watch."""
    parsed = [sa.make_url(url) for url in urls]
    return tuple(Path(url.database or "").parent for url in parsed if url.get_backend_name() == "sqlite")


def measure_free_megabytes(folders: Iterable[Path]) -> int | None:
    """The least free space of the disks of *folders*, for this user; None when none of them can be looked at."""
    found = []
    for folder in folders:
        try:
            found.append(shutil.disk_usage(folder).free // MEGABYTE)
        except OSError:  # not this user's to see, or not there: whatever needs it says so
            continue
    return min(found, default=None)

"""A deployment with owners, groups and modes, and a process user that is neither root nor the owner."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IS_ROOT = os.geteuid() == 0
NOBODY = 65534
#: The group that holds the store, as ``screener-store`` does.
STORE_GROUP = 43210


@contextmanager
def acting_as_nobody(*groups: int) -> Iterator[None]:
    """As a user who owns nothing and is in *groups*; a test run that is not root stays who it is."""
    user, group, before = os.geteuid(), os.getegid(), os.getgroups()
    if IS_ROOT:
        os.setgroups(groups)
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        os.setegid(group)
        if IS_ROOT:
            os.setgroups(before)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user may look into; pytest's own are for its user only."""
    with tempfile.TemporaryDirectory(prefix="screener-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def give(path: Path, *, group: int, mode: int) -> None:
    """Give *path* to *group* where the test run may, with *mode* for both."""
    if IS_ROOT:
        os.chown(path, -1, group)
    path.chmod(mode)

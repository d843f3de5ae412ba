"""What the user of this process could open, tried rather than computed from owners and modes."""

import os
from pathlib import Path

from screener.deployment.layout import describe_path
from screener.deployment.layout import user_name


def can_reach(path: Path, *, to_write: bool = False) -> bool:
    """Whether this process could open the file or folder *path* to read it, or *to_write*.

    The system is asked, so that root, groups and access lists count as they are. An owner could grant themselves the
    right and therefore counts too.
    """
    try:
        is_owner = path.stat().st_uid == os.geteuid()
    except OSError:
        return False
    mode = os.W_OK if to_write else os.R_OK
    return is_owner or os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def list_reachable(path: Path) -> list[Path]:
    """What of the folder or the database file *path* this process could read or change."""
    return [one for one in _files_of(path) if can_reach(one) or can_reach(one, to_write=True)]


def list_exposed(path: Path) -> list[Path]:
    """The files of the folder *path*, or *path* itself, that others than this user and its own group have rights to."""
    return [one for one in _files_of(path) if one.is_file() and _is_exposed(one.stat())]


def _is_exposed(found: os.stat_result) -> bool:
    return bool(found.st_mode & 0o007 or (found.st_mode & 0o070 and found.st_gid != os.getegid()))


def _files_of(path: Path) -> list[Path]:
    """*path*, with the files in the folder or the write-ahead log of the database; only what this user can see."""
    try:
        if path.is_dir():
            return [path, *sorted(one for one in path.iterdir() if one.is_file())]
        return [one for one in (path, Path(f"{path}-wal")) if one.exists()]
    except OSError:
        return [path]


def explain_access(path: Path) -> str:
    """Why this user can open *path*, and what takes the right away, as the end of a sentence."""
    user, found = user_name(os.geteuid()), describe_path("", path)
    if os.geteuid() == 0:
        return "because it runs as root: start it as the user that docs/operate.md names"
    if found.owner == user:
        return f"because its user {user} owns it: start it as the user that docs/operate.md names"
    if path.stat().st_gid in {os.getegid(), *os.getgroups()}:
        return f"because its user {user} is in the group {found.group}: take {user} out of that group"
    return f"because its mode is {found.mode}: run `chmod o-rwx {path}`"

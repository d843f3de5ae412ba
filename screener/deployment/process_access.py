"""What each process must not be able to open, and its refusal to start when it could (in production).

A boundary that only the code keeps is none: the public process has no way to the store in its code, and refuses to
run as a user who has one. Where the private parts are is in the recorded layout, so that it does not matter which
folder or database they are in.
"""

import os
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import sqlalchemy as sa

from screener.deployment.file_access import can_reach
from screener.deployment.file_access import explain_access
from screener.deployment.file_access import list_exposed
from screener.deployment.file_access import list_reachable
from screener.deployment.layout import KEY_PARTS
from screener.deployment.layout import LayoutPart
from screener.deployment.layout import database_urls
from screener.deployment.layout import read_layout
from screener.deployment.role_access import Rights
from screener.deployment.role_access import list_excess_rights
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.settings import Settings

#: How a sentence names a part.
PART_NAMES = {
    "inbox": "the inbox",
    "board": "the board",
    "store": "the store",
    "public_keys": "the public keys",
    "form_keys": "the form key",
    "private_keys": "the private keys",
    "desk_keys": "the desk's key",
    "key_passphrase": "the passphrase of the keys",
}
#: What alone stops a process whose user owns the whole deployment, or is root; all else is the same user's anyway.
ENOUGH_TO_REFUSE = ("private_keys", "store")


@dataclass(frozen=True)
class ProcessLimits:
    """What one kind of process must not be able to open."""

    name: str
    #: Parts that it must not be able to read, nor therefore to write.
    unreadable: tuple[str, ...]
    #: Parts that it may read and must not be able to change.
    unwritable: tuple[str, ...] = ()
    #: Parts that nobody but its own user may open.
    private: tuple[str, ...] = ()
    #: The databases that it opens.
    databases: tuple[str, ...] = ()
    #: The PostgreSQL role whose rights it may have, and those rights: table → rights.
    role: str = ""
    rights: Rights = field(default_factory=dict)


PUBLIC_ROLE = "screener_public"
#: What the public role may do, by database; ``operations.database_roles`` grants it.
PUBLIC_RIGHTS: dict[str, dict[str, str]] = {
    "inbox": {"inbox": "INSERT"},
    "board": dict.fromkeys(("heartbeat", "intake_status", "approved_wording", "proven_key"), "SELECT"),
}
PUBLIC_PROCESS = ProcessLimits(
    "public process",
    unreadable=("private_keys", "desk_keys", "store", "key_passphrase"),
    unwritable=("board", "public_keys", "form_keys"),
    databases=("inbox", "board"),
    role=PUBLIC_ROLE,
    rights={table: rights for tables in PUBLIC_RIGHTS.values() for table, rights in tables.items()},
)
WORKER_PROCESS = ProcessLimits(
    "worker",
    unreadable=("private_keys", "desk_keys", "form_keys", "key_passphrase"),
    unwritable=("public_keys",),
    databases=("inbox", "board", "store"),
    role="screener_worker",
)
#: The desk's user owns the files, so that what it must refuse is that others can open what is its own.
DESK_PROCESS = ProcessLimits(
    "desk",
    unreadable=(),
    private=("private_keys", "desk_keys", "key_passphrase"),
    databases=("board", "store"),
    role="screener_desk",
)


def refuse_excess_access(settings: Settings, process: ProcessLimits) -> None:
    """Raise *UserError* for the first thing that *process* could open and must not; for production."""
    for sentence in list_excess_access(settings, process):
        raise UserError(sentence)


def list_excess_access(settings: Settings, process: ProcessLimits) -> Iterator[str]:
    """Say in a sentence each what the user or role of this process could open and *process* must not."""
    layout = read_layout(settings)
    for names, say in (
        (process.unreadable, _say_readable),
        (process.unwritable, _say_writable),
        (process.private, _say_exposed),
    ):
        for name in names:
            yield from say(process, name, _places(settings, layout, name))
    yield from _say_rights(settings, process, layout)


def describe_missing_separation(settings: Settings, process: ProcessLimits) -> str:
    """What a start in development says where production would refuse; empty where it would not, and in production."""
    sentence = "" if settings.in_production else next(list_excess_access(settings, process), "")
    return sentence and f"Development goes on with what production refuses. {sentence}"


def _places(settings: Settings, layout: Mapping[str, LayoutPart], name: str) -> list[Path]:
    """Where the part is by the settings of this process and by the recorded layout; none on PostgreSQL."""
    urls = database_urls(settings)
    found = {part.path for part in (layout.get(name),) if part and part.path}
    if name in urls:
        url = sa.make_url(urls[name])
        found |= {Path(url.database or "")} if url.get_backend_name() == "sqlite" else set()
    elif name in KEY_PARTS:
        found.add(getattr(settings, name))
    return sorted(found)


def _say_readable(process: ProcessLimits, name: str, places: Iterable[Path]) -> Iterator[str]:
    for place in places:
        for path in list_reachable(place)[:1]:
            if name not in ENOUGH_TO_REFUSE and _owns_everything(path):
                continue
            yield f"The {process.name} may not start: it can open {PART_NAMES[name]}, {path}, {explain_access(path)}."


def _say_writable(process: ProcessLimits, name: str, places: Iterable[Path]) -> Iterator[str]:
    for path in places:
        if can_reach(path, to_write=True) and not _owns_everything(path):
            yield f"The {process.name} may not start: it can change {PART_NAMES[name]}, {path}, {explain_access(path)}."


def _owns_everything(path: Path) -> bool:
    """Whether this user is root or owns *path*, and then the private keys and the store too, which refuse it."""
    return os.geteuid() in (0, path.stat().st_uid)


def _say_exposed(process: ProcessLimits, name: str, places: Iterable[Path]) -> Iterator[str]:
    for place in places:
        for path in list_exposed(place)[:1]:
            yield (
                f"The {process.name} may not start: other users than its own may open {PART_NAMES[name]}, {path}: "
                f"run `chmod go-rwx {path}`."
            )


def _say_rights(settings: Settings, process: ProcessLimits, layout: Mapping[str, LayoutPart]) -> Iterator[str]:
    urls = {url for name, url in database_urls(settings).items() if name in process.databases}
    closed = {
        name: part.place.rpartition("/")[2]
        for name, part in layout.items()
        if part.path is None and name not in process.databases
    }
    for url in sorted(urls):
        if sa.make_url(url).get_backend_name() != "postgresql":
            continue
        try:
            for right in list_excess_rights(url, process.role, process.rights, closed):
                yield f"The {process.name} may not start: its role {right}; run `screener roles --apply` as the owner."
        except UnavailableError:
            continue  # it starts, and says by itself that the database is away

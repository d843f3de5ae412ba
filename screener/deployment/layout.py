"""The record of a deployment's layout: where inbox, board, store and keys are, and who owns them.

``screener migrate`` writes it into the data folder (``layout.json``, readable by every user of the machine: it holds
paths and names, and no secret). A process reads it at its start to learn what it must not be able to open, also what
its own settings do not name.
"""

import grp
import json
import pwd
from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from screener import files
from screener.db import connect
from screener.db import reading
from screener.errors import UserError
from screener.settings import Settings
from screener.settings import secret_file

LAYOUT_FILE = "layout.json"
LAYOUT_FORMAT = "screener layout 1"
DATABASE_PARTS = ("inbox", "board", "store")
KEY_PARTS = ("public_keys", "form_keys", "private_keys", "desk_keys")
#: Files of secrets that only the staff user reads, by the setting whose value they hold.
SECRET_PARTS = ("key_passphrase",)


@dataclass(frozen=True)
class LayoutPart:
    """One database, key folder or file of a secret, and who owned it when the layout was recorded."""

    part: str
    #: A path; or host, port and name of a PostgreSQL database, without role and password.
    place: str
    #: The operating-system user, or the PostgreSQL role, that owns it; empty while it is not there.
    owner: str = ""
    group: str = ""
    #: Octal, as ``ls`` and ``chmod`` count.
    mode: str = ""

    @property
    def path(self) -> Path | None:
        """The path, unless it is a database of PostgreSQL."""
        return None if self.place.startswith("postgresql:") else Path(self.place)


def database_urls(settings: Settings) -> dict[str, str]:
    """The URLs of inbox, board and store, by name."""
    return {"inbox": settings.inbox, "board": settings.board, "store": settings.store}


def describe_layout(settings: Settings) -> Iterator[LayoutPart]:
    """Look where each part is and who owns it. Raises *UnavailableError* for a database server that is away."""
    for name, url in database_urls(settings).items():
        yield _describe_database(name, sa.make_url(url))
    for name in KEY_PARTS:
        yield describe_path(name, getattr(settings, name))
    for name in SECRET_PARTS:
        if path := secret_file(name):
            yield describe_path(name, path)


def describe_path(part: str, path: Path) -> LayoutPart:
    """*path* with its owner, group and mode; without them while it is not there, or out of this user's sight."""
    try:
        found = path.stat()
    except OSError:
        return LayoutPart(part, str(path))
    return LayoutPart(part, str(path), user_name(found.st_uid), group_name(found.st_gid), f"{found.st_mode & 0o7777:o}")


def _describe_database(name: str, url: sa.URL) -> LayoutPart:
    if url.get_backend_name() == "sqlite":
        return describe_path(name, Path(url.database or ""))
    with reading(connect(url.render_as_string(hide_password=False), may="read")) as connection:
        owner = connection.scalar(sa.text("SELECT current_user"))
    return LayoutPart(name, place_of_database(url), str(owner))


def place_of_database(url: sa.URL) -> str:
    """Host, port and name of a PostgreSQL database."""
    host = url.host or url.query.get("host", "")
    return f"postgresql://{host}:{url.port or 5432}/{url.database}"


def record_layout(settings: Settings) -> None:
    """Write the layout as it is now. Raises *UserError* when the data folder cannot be written."""
    parts = [asdict(part) for part in describe_layout(settings)]
    files.make_folder(settings.data, 0o755)
    content = json.dumps({"format": LAYOUT_FORMAT, "parts": parts}, indent=1).encode() + b"\n"
    files.replace_file(settings.data / LAYOUT_FILE, content, mode=0o644)


def read_layout(settings: Settings) -> dict[str, LayoutPart]:
    """The recorded parts by name; none where none was recorded. Raises *UserError* for a damaged file."""
    path = settings.data / LAYOUT_FILE
    try:
        content = json.loads(path.read_bytes())
        if content["format"] != LAYOUT_FORMAT:
            raise KeyError
        return {one["part"]: LayoutPart(**one) for one in content["parts"]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError):
        raise UserError(f"{path} cannot be read or is damaged; run `screener migrate`, which writes it anew.") from None


def user_name(uid: int) -> str:
    """The name of the operating-system user, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """The name of the group, or its number where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def list_members(group: str) -> list[str]:
    """The users that are in *group* beside those whose own group it is."""
    try:
        return sorted(grp.getgrnam(group).gr_mem)
    except KeyError:
        return []

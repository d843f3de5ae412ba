"""What a deployment may choose, read once from the environment and handed in.

Every setting is named ``SCREENER_…`` and described in ``docs/operate.md``; a name that is not one of
these is refused, because a setting with a typing error is a setting that silently does nothing.
A secret may also be given as a file: ``SCREENER_KEY_PASSPHRASE_FILE``.
"""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated
from typing import Literal
from urllib.parse import quote
from urllib.parse import urlsplit

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import StringConstraints
from pydantic import ValidationError

from screener.errors import UserError

PREFIX = "SCREENER_"
#: The most megabytes that a setting or an email names.
MOST_MEGABYTES = 99_999
PACKAGE = Path(__file__).parent
ROOT = PACKAGE.parent
#: Secrets that may stand in a file of their own: setting → setting that names the file.
SECRET_FILES = {"key_passphrase": "key_passphrase_file", "smtp_url": "smtp_url_file"}


def _absolute(path: Path) -> Path:
    if path == Path():
        raise ValueError("name a folder; for the one that you are in, its whole path")
    return path.expanduser().absolute()


def _of_a_database(url: str) -> str:
    """An address that both SQLAlchemy and we read alike; what is behind it is found out when it is opened."""
    if not url:
        return url
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError
    on_postgresql = parts.scheme == "postgresql" and parts.path.strip("/")
    on_sqlite = parts.scheme == "sqlite" and url.startswith("sqlite:////") and len(parts.path.strip("/")) > 0
    if not (on_postgresql or on_sqlite):
        raise ValueError("use sqlite:////absolute/path.db or postgresql://role:password@host/database")
    return url


def _of_a_mail_server(url: SecretStr) -> SecretStr:
    """An address that names a server; whether one is there is found out when an email is sent."""
    parts = urlsplit(url.get_secret_value())
    _ = parts.port  # raises ValueError
    if url.get_secret_value() and not (parts.scheme in ("smtp", "smtps") and parts.hostname):
        raise ValueError("use smtp://user:password@host:587 or smtps://user:password@host:465")
    return url


Folder = Annotated[Path, AfterValidator(_absolute)]
MailAddress = Annotated[str, StringConstraints(pattern=r"^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$", max_length=320)]
OutsideTarget = Annotated[str, StringConstraints(pattern=r"^(/[^\r\n\x00]+|[^\s@<>/,]+@[^\s@<>,]+)?$", max_length=500)]
MailServerURL = Annotated[SecretStr, AfterValidator(_of_a_mail_server)]
DatabaseURL = Annotated[str, AfterValidator(_of_a_database)]
Port = Annotated[int, Field(ge=1, le=65535)]
HostName = Annotated[str, Field(max_length=253, pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9-]+)*)?$")]


HostNames = Annotated[str, Field(max_length=2000, pattern=r"^([a-z0-9][a-z0-9.-]*(, ?[a-z0-9][a-z0-9.-]*)*)?$")]
#: Whom to tell about a security fault, as RFC 9116 writes it.
ContactURI = Annotated[str, StringConstraints(pattern=r"^((mailto:[^\s@]+@[^\s@]+|https://\S+|tel:\+?[0-9-]+))?$")]


class Settings(BaseModel):
    """The choices of one deployment; frozen, because a process keeps to what it started with."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)

    #: ``development`` keeps the form open under a banner; ``production`` fails closed.
    env: Literal["development", "production"] = "development"
    #: The one folder that a deployment writes to: keys, databases, emails to staff, logs.
    data: Folder = Path("data")
    public_port: Port = 8000
    desk_port: Port = 8001
    #: The host names that browsers know the two by; production wants both, and neither inside the other.
    public_host: HostName = ""
    desk_host: HostName = ""
    #: Other names of the form, separated by commas; with the public host the only ones it answers to in production.
    public_aliases: HostNames = ""
    #: Where submissions wait, sealed (empty: ``inbox.db`` in the data folder).
    inbox_url: DatabaseURL = ""
    #: What the staff side tells the public side (empty: ``board.db`` in the data folder).
    board_url: DatabaseURL = ""
    #: Where the staff side keeps submissions (empty: ``store.db`` in the data folder).
    database_url: DatabaseURL = ""
    #: The mail server; empty: emails are written into a folder.
    smtp_url: MailServerURL = SecretStr("")
    #: The sender of emails to staff.
    mail_from: MailAddress = "Screener <screener@localhost>"
    #: Where the head of the audit trail goes once a day: an email address, or the whole path of a file (or nowhere).
    audit_head_to: OutsideTarget = ""
    #: Where staff sign in, as emails and links name it (empty: the desk's host name, in development this machine).
    desk_url: Annotated[str, StringConstraints(pattern=r"^(https?://[^\s\"'<>]+)?$")] = ""
    #: The folder of the study file and its wording.
    study: Folder = PACKAGE / "study" / "nct05870540"
    #: How many reverse proxies of ours stand in front of the public process.
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    #: POSTs a minute that one network may make before it reads "please wait"; 0 sets no limit,
    #: empty takes 300 in production and no limit in development.
    posts_per_minute: int | None = Field(default=None, ge=0)
    #: Whom to tell about a security fault, and the last day (UTC) for which the site says so; both, or no security.txt.
    security_contact: ContactURI = ""
    security_contact_until: date | None = None
    #: Free disk space below which the form is closed, so that no submission is lost; 0 never closes it.
    min_free_megabytes: int = Field(default=500, ge=0, le=MOST_MEGABYTES)
    #: The folder into which the worker writes the audit trail once a day; None: it writes none.
    audit_folder: Folder | None = None
    #: A Chromium or Chrome for pictures and print (empty: the one that is installed, if any).
    chromium: str = ""
    #: How log lines are written to standard error.
    log: Literal["text", "json"] = "text"
    #: Protects the private key files; development keys have none.
    key_passphrase: SecretStr | None = None

    @property
    def in_production(self) -> bool:
        return self.env == "production"

    @property
    def public_keys(self) -> Path:
        """The folder that the public process reads: two public keys."""
        return self.data / "keys" / "public"

    @property
    def form_keys(self) -> Path:
        """The folder of the key that signs tokens, shared by public hosts."""
        return self.data / "keys" / "form"

    @property
    def private_keys(self) -> Path:
        """The folder that the public process must not be able to read."""
        return self.data / "keys" / "private"

    @property
    def passphrase_bytes(self) -> bytes | None:
        """The passphrase of the private keys and the desk's key, where one is set."""
        secret = self.key_passphrase.get_secret_value() if self.key_passphrase else ""
        return os.fsencode(secret) or None

    @property
    def desk_keys(self) -> Path:
        """The folder of the key that signs sessions and hides what accounts keep; the desk's alone."""
        return self.data / "keys" / "desk"

    @property
    def inbox(self) -> str:
        """The database URL of the inbox."""
        return self.inbox_url or self._file("inbox.db")

    @property
    def board(self) -> str:
        """The database URL of the board."""
        return self.board_url or self._file("board.db")

    @property
    def store(self) -> str:
        """The database URL of the store."""
        return self.database_url or self._file("store.db")

    def _file(self, name: str) -> str:
        return f"sqlite:///{quote(str(self.data / name))}"

    @property
    def desk_address(self) -> str:
        """Where staff sign in, as the beginning of a link."""
        here = (
            f"https://{self.desk_host}"
            if self.in_production and self.desk_host
            else f"http://127.0.0.1:{self.desk_port}"
        )
        return self.desk_url.rstrip("/") or here

    @property
    def public_hosts(self) -> list[str]:
        """The host names of the form; none where the site has not said any."""
        aliases = self.public_aliases.split(",") if self.public_host else []
        return [name for name in (self.public_host, *(alias.strip() for alias in aliases)) if name]

    @property
    def email_folder(self) -> Path:
        """The folder that emails are written into where no mail server is named; it keeps its name of release 1."""
        return self.data / "letters"

    @property
    def post_limit(self) -> int:
        """POSTs a minute for one network; 0 means no limit."""
        if self.posts_per_minute is None:
            return 300 if self.in_production else 0
        return self.posts_per_minute


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings that *environ* (by default the process's own) gives.

    Raises *UserError* that names every setting that is unknown or cannot be read.
    """
    environ = os.environ if environ is None else environ
    given = {name[len(PREFIX) :].lower(): value for name, value in environ.items() if name.startswith(PREFIX)}
    for secret, file_setting in SECRET_FILES.items():
        if path := given.pop(file_setting, ""):
            given[secret] = _secret_from(Path(path), file_setting)
    for name in ("posts_per_minute", "security_contact_until"):
        if given.get(name) == "":
            del given[name]
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise UserError(_sentence(error)) from None


def secret_file(setting: str) -> Path | None:
    """The file that holds the secret *setting*, where the environment names one."""
    path = os.environ.get(PREFIX + SECRET_FILES[setting].upper(), "")
    return Path(path).absolute() if path else None


def _secret_from(path: Path, file_setting: str) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        name = PREFIX + file_setting.upper()
        raise UserError(f"{name} names a file that cannot be read; check the path and its owner.") from None


def _sentence(error: ValidationError) -> str:
    known = ", ".join(PREFIX + name.upper() for name in Settings.model_fields)
    parts = []
    for fault in error.errors():
        name = PREFIX + str(fault["loc"][0]).upper()
        if fault["type"] == "extra_forbidden":
            parts.append(f"{name} is not a setting (the settings are {known})")
        else:
            why = fault["msg"].removeprefix("Value error, ").lower()
            parts.append(f"{name} cannot be used: {why}")
    return "; ".join(parts) + ". See docs/operate.md for what each setting takes."

"""A deployment in production, as ``docs/operate.md`` sets one up: three processes, a proxy with TLS, a mail server."""

import shutil
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from screener.settings import PACKAGE
from screener.settings import Settings
from tests.journeys.nginx import Nginx
from tests.journeys.tls import Proxy
from tests.support.accounts import confirm_waiting_changes
from tests.support.mail_server import MailServer
from tests.support.public_deployment import fill_in_facts
from tests.support.server import Server
from tests.support.server import free_port

FORM, DESK = "form.localhost", "desk.localhost"
PASSPHRASE = "correct horse battery staple"


class Production:
    """The whole house under one user, as tests run it. So that each process may start in production, the public process
    and the worker have data folders of their own, which neither hold what they must not open nor say where it is.
    *settings* are for all three.
    """

    def __init__(self, folder: Path, *, proxy: type[Proxy | Nginx] = Proxy, **settings: str) -> None:
        self.mail = MailServer()
        inside, outside = folder / "inside", folder / "outside"
        carrying = folder / "carrying"
        for data in (inside, outside, carrying):
            data.mkdir()
        study = fill_in_facts(PACKAGE / "study" / "nct05870540", folder / "study")
        common = {
            "SCREENER_ENV": "production",
            "SCREENER_STUDY": str(study),
            "SCREENER_INBOX_URL": f"sqlite:///{inside}/inbox.db",
            "SCREENER_BOARD_URL": f"sqlite:///{inside}/board.db",
            "SCREENER_PUBLIC_HOST": FORM,
            "SCREENER_DESK_HOST": DESK,
            "SCREENER_TRUSTED_PROXIES": "1",
            **settings,
        }
        self.public = Server(outside, **common)
        port = free_port()
        self.inside = Server(
            inside,
            **common,
            SCREENER_KEY_PASSPHRASE=PASSPHRASE,
            SCREENER_SMTP_URL=self.mail.url,
            SCREENER_DESK_URL=f"https://{DESK}:{port}",
        )
        self.carrying = Server(
            carrying,
            **common,
            SCREENER_DATABASE_URL=f"sqlite:///{inside}/store.db",
            SCREENER_SMTP_URL=self.mail.url,
            SCREENER_DESK_URL=f"https://{DESK}:{port}",
        )
        self.proxy = proxy(folder, {FORM: self.public.port, DESK: self.inside.desk_port}, port)
        self.form, self.desk = f"https://{FORM}:{port}", f"https://{DESK}:{port}"
        self._set_up(inside, outside, folder)

    def _set_up(self, inside: Path, outside: Path, folder: Path) -> None:
        today = datetime.now(UTC).date()
        backup = str(folder / "keys.backup")
        for command in (
            ("migrate",),
            ("keys", "create"),
            ("keys", "backup", "--out", backup),
            ("keys", "prove", "--backup", backup),
            (
                *("wording", "approve", "--locale", "en", "--irb", "Example IRB", "--number", "1"),
                *("--on", str(today - timedelta(days=1)), "--until", str(today + timedelta(days=300))),
            ),
            ("intake", "open", "--reason", "the study is open"),
        ):
            self.inside.expect(*command)
        for name in ("public", "form"):
            shutil.copytree(inside / "keys" / name, outside / "keys" / name)

    def start(self) -> None:
        self.mail.start()
        self.carrying.start_worker()
        self.inside.start_desk()
        self.public.start_public()
        self.proxy.start()

    def stop(self) -> None:
        self.proxy.stop()
        self.public.stop()
        self.carrying.stop()
        self.inside.stop()
        self.mail.stop()

    def invites(self, name: str, *roles: str) -> str:
        """The link that the command line prints for somebody new, confirmed by a second person where it waits."""
        given = [part for role in roles for part in ("--role", role)]
        command = ("staff", "invite", "--name", name, "--email", f"{name.lower()}@example.org", *given)
        said = self.inside.expect(*command)
        if "/invitation#" not in said:
            confirm_waiting_changes(Settings(data=self.inside.data))
            said = self.inside.expect(*command)
        return said.split()[-1]

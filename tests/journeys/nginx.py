"""nginx with the configuration that ``docs/nginx.conf`` ships, in place of ``tls.Proxy`` where the real proxy matters.

Only names, addresses and ports, files and folders are put in place of the examples. The file stands in the same frame
as on Debian, whose own ``nginx.conf`` compresses pages and logs every visit unless a site says otherwise.
"""

import os
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path

from tests.browser import debian
from tests.journeys.tls import write_certificate
from tests.support.server import ROOT
from tests.support.server import free_port

SHIPPED = ROOT / "docs" / "nginx.conf"
#: The examples of the file, the form's first.
EXAMPLE_NAMES = ("interest.example.org", "desk.example.org")
EXAMPLE_PORTS = ("8000", "8001")
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
#: What stands around a site in Debian's nginx.conf, with folders of ours.
FRAME = """\
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/log/error.log;
events {{ worker_connections 768; }}
http {{
    {temporary}
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_prefer_server_ciphers on;
    access_log {folder}/log/access.log;
    gzip on;
    include {folder}/site.conf;
}}
"""
PATIENCE = 300


def program() -> debian.Program:
    """The nginx that the tests start. Raises *NotThere* with what to do."""
    return debian.find("nginx", ["nginx"], "usr/sbin/nginx")


class Nginx:
    """One nginx in *folder*, which listens on *port* of loopback; *rooms* says which port is behind which host name.

    The form's name is the first of *rooms*, the desk's the second.
    """

    def __init__(self, folder: Path, rooms: dict[str, int], port: int) -> None:
        self.folder, self.port, self.plain_port = folder / "nginx", port, free_port()
        self.pages, self.log = self.folder / "pages", self.folder / "log"
        for each in (self.folder, self.pages, self.log):
            each.mkdir()
        self._write(rooms)
        found = program()
        self._environment = {**os.environ, **found.environment}
        self._command = [str(found.path), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        self._process: subprocess.Popen[bytes] | None = None

    def _write(self, rooms: dict[str, int]) -> None:
        certificate = write_certificate(self.folder / "tls.pem", [*rooms])
        text = SHIPPED.read_text(encoding="utf-8")
        text = re.sub(r"/etc/ssl/screener/[a-z.]+(pem|key)", str(certificate), text)
        text = text.replace("/var/lib/screener/pages/", f"{self.pages}/").replace("/var/log/nginx/", f"{self.log}/")
        for name, example, port, here in zip(EXAMPLE_NAMES, rooms, EXAMPLE_PORTS, rooms.values(), strict=True):
            text = text.replace(name, example).replace(f"127.0.0.1:{port};", f"127.0.0.1:{here};")
        # A machine of tests may have no IPv6, and a Host header names a port that is not the usual one.
        for listened, here in {"443": self.port, "[::]:443": 0, "80": self.plain_port, "[::]:80": 0}.items():
            text = text.replace(f"listen {listened}", f"listen 127.0.0.1:{here or free_port()}")
        text = text.replace("Host $host;", f"Host $host:{self.port};")
        (self.folder / "site.conf").write_text(text, encoding="utf-8")
        temporary = "\n    ".join(f"{name}_temp_path {self.folder}/{name};" for name in TEMPORARY)
        # Started by root, nginx would answer as a user who may not read the folders of a test.
        user = "user root root;" if os.geteuid() == 0 else ""
        frame = FRAME.format(folder=self.folder, temporary=temporary, user=user)
        (self.folder / "nginx.conf").write_text(frame, encoding="utf-8")

    def check(self) -> str:
        """What ``nginx -t`` says; raises *AssertionError* with it when the configuration is refused."""
        done = subprocess.run(
            [*self._command, "-t"], env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    def start(self) -> None:
        self.check()
        with (self.folder / "output.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while not self._listens():
            assert self._process.poll() is None, (self.log / "error.log").read_text()
            assert time.monotonic() < until, "nginx does not start"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(PATIENCE)

    def connect(self, name: str) -> ssl.SSLSocket:
        """A TLS line to *name*, which the certificate must be for."""
        context = ssl.create_default_context(cafile=str(self.folder / "tls.pem"))
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), PATIENCE), server_hostname=name)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
        except OSError:
            return False
        return True

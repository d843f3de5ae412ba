"""A reverse proxy that ends TLS, as a site has one: two host names side by side, each in front of its own process."""

import datetime
import http.client
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: Headers that speak of one line only, and are not handed on.
OF_THE_LINE = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class _Lines(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser drops a line when it likes; only what else goes wrong is worth a word."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Proxy:
    """Listens on *port* of loopback; *rooms* says which port answers under which host name."""

    def __init__(self, folder: Path, rooms: dict[str, int], port: int) -> None:
        self._server = _Lines(("127.0.0.1", port), _handler(rooms))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(write_certificate(folder / "tls.pem", [*rooms]))
        # The handshake belongs to the thread of its line: one slow visitor keeps nobody else waiting.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(rooms: dict[str, int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            port = rooms[self.headers["Host"].partition(":")[0]]
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            ours = {"X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "https"}
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            try:
                kept = {name: value for name, value in self.headers.items() if name.lower() not in OF_THE_LINE}
                line.request(self.command, self.path, body or None, {**kept, **ours})
                answer = line.getresponse()
                self._answer(answer, answer.read())
            finally:
                line.close()

        do_POST = do_GET

        def _answer(self, answer: http.client.HTTPResponse, body: bytes) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in OF_THE_LINE:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the tests read the logs of the processes behind."""

    return Handler


def write_certificate(path: Path, names: list[str]) -> Path:
    """Write a key and a certificate for *names*, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path

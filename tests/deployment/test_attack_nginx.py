"""The shipped configuration of the reverse proxy, in a real nginx: what it passes on, refuses and writes down."""

import http.client
import json
import shutil
import ssl
import threading
from collections.abc import Callable
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.journeys.nginx import Nginx
from tests.support.server import Server
from tests.support.server import free_port

FORM, DESK = "form.localhost", "desk.localhost"
LIES = {
    "X-Forwarded-For": "203.0.113.7, 203.0.113.8",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "for=203.0.113.7",
}

StartNginx = Callable[[int, int], Nginx]


class _Echo(BaseHTTPRequestHandler):
    """Answers with the headers that reached it."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server behind the proxy that says what it was sent."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def error_pages(one_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages that nginx answers with, as the command writes them."""
    folder = tmp_path_factory.mktemp("pages")
    one_server.expect("error-pages", str(folder))
    return folder


@pytest.fixture
def start_nginx(error_pages: Path, tmp_path: Path) -> Iterator[Callable[[int, int], Nginx]]:
    """Starts the proxy in front of the ports of a form and of a desk."""
    made = []

    def start(form: int, desk: int) -> Nginx:
        nginx = Nginx(tmp_path, {FORM: form, DESK: desk}, free_port())
        made.append(nginx)
        shutil.copytree(error_pages, nginx.pages, dirs_exist_ok=True)
        nginx.start()
        return nginx

    yield start
    for nginx in made:
        nginx.stop()


def ask(nginx: Nginx, sent: bytes, name: str = FORM) -> tuple[int, http.client.HTTPMessage, str]:
    with nginx.connect(name) as line:
        line.sendall(sent)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.status, answer.headers, answer.read().decode()


def head(path: str = "/en/", host: str = FORM, **headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def is_our_page(body: str) -> bool:
    page = BeautifulSoup(body, "html.parser")
    return bool(page.select_one("aside.crisis a[href='tel:988']") and page.select_one("main .phone"))


def test_the_form_is_reached_and_what_nginx_refuses_has_the_crisis_lines(
    one_server: Server, start_nginx: StartNginx
) -> None:
    nginx = start_nginx(one_server.port, free_port())

    status, headers, body = ask(nginx, head("/en/?s=Qzxflyer"))
    too_large = ask(nginx, head(Cookie="a=" + "x" * 40_000))
    too_long = ask(nginx, head("/" + "x" * 40_000))
    too_heavy = ask(nginx, head("/en/check", **{"Content-Length": "9999999"}).replace(b"GET", b"POST", 1))
    no_http = ask(nginx, b"Qzxname\r\n\r\n")

    assert (status, "<h1" in body, headers["Server"]) == (200, True, "nginx")
    for answered, expected in ((too_large, 431), (too_long, 431), (too_heavy, 413), (no_http, 400)):
        assert answered[0] == expected
        assert is_our_page(answered[2]), expected
        assert "default-src 'none'" in answered[1]["Content-Security-Policy"]
    log = (nginx.log / "screener.log").read_text()
    assert "200 GET /en/" in log
    assert "Qzx" not in log
    assert "127.0.0.1" not in "".join(path.read_text() for path in nginx.log.iterdir())


def test_a_form_that_does_not_answer_is_our_page_too(start_nginx: StartNginx) -> None:
    nginx = start_nginx(free_port(), free_port())

    form, desk = ask(nginx, head()), ask(nginx, head(host=DESK), DESK)

    assert form[0] == 503
    assert is_our_page(form[2])
    assert (desk[0], desk[2].partition(".")[0]) == (503, "The desk does not answer")
    assert "127.0.0.1" not in "".join(path.read_text() for path in nginx.log.iterdir())


@pytest.mark.parametrize("name", [FORM, DESK])
def test_what_a_client_says_about_where_it_comes_from_is_not_passed_on(
    start_nginx: StartNginx, echo: int, name: str
) -> None:
    nginx = start_nginx(echo, echo)
    headers_sent = {**LIES, "Content-Length": "60000", "Accept-Encoding": "gzip"}
    sent = head(host=name, **headers_sent).replace(b"GET", b"POST", 1) + b"x" * 60_000

    status, headers, body = ask(nginx, sent, name)

    passed = {header: value for header, value in json.loads(body) if header in {*LIES, "Host", "Connection"}}
    assert status == 200
    assert passed == {
        "Host": f"{name}:{nginx.port}",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https",
    }
    assert "Content-Encoding" not in headers
    # What was typed was on no disk.
    assert not [path for path in nginx.folder.glob("client_body/**/*") if path.is_file()]


def test_a_name_that_is_not_ours_is_refused(start_nginx: StartNginx) -> None:
    nginx = start_nginx(free_port(), free_port())

    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        nginx.connect("evil.localhost")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(nginx, head(host="evil.example"))
    plain = http.client.HTTPConnection("127.0.0.1", nginx.plain_port, timeout=60)
    plain.request("GET", "/", headers={"Host": "evil.example"})
    with pytest.raises(http.client.RemoteDisconnected):
        plain.getresponse()
    plain.close()
    plain.request("GET", "/en/", headers={"Host": FORM})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{FORM}/en/")
    plain.close()

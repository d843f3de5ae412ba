"""A request that no application sees is answered with our page: telephone number, crisis lines, no bare line."""

import http.client
import socket

import pytest
from bs4 import BeautifulSoup

from screener.auth.errors import ERROR_TEXTS
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.wording import Wording
from screener.web.refused_requests import render_refused_page
from tests.support.desk_app import DeskApp
from tests.support.server import Server

GET = b"GET /en/ HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /en/check HTTP/1.1\r\nHost: localhost\r\n"
#: What is sent, and the status and the words that answer it.
REFUSED = {
    "a cookie of 40,000 bytes": (GET + b"Cookie: a=" + b"x" * 40_000 + b"\r\n\r\n", 431, "header"),
    "two hundred headers": (GET + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\n", 431, "header"),
    "an address of 9,000 bytes": (
        GET.replace(b"/en/", b"/" + b"x" * 9000) + b"\r\n",
        414,
        "header",
    ),
    "no HTTP": (b"Qzxname\r\n\r\n", 400, "wrong_type"),
    "a header without a name": (GET + b": x\r\n\r\n", 400, "wrong_type"),
    "two lengths": (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400, "wrong_type"),
    "an unknown coding": (GET + b"Transfer-Encoding: Qzxname\r\n\r\n", 400, "wrong_type"),
    "another method": (GET.replace(b"GET", b"BREW") + b"\r\n", 405, "method"),
    "another type": (
        POST + b"Content-Type: a/b\r\nContent-Length: 1\r\n\r\nx",
        415,
        "wrong_type",
    ),
    "a body that is announced as too long": (
        POST + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999999\r\n\r\nx",
        413,
        "too_large",
    ),
}


def send_bytes(port: int, sent: bytes) -> tuple[int, dict[str, str], str]:
    """The status, the headers and the page that answer *sent*."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as line:
        line.sendall(sent)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.status, dict(answer.headers), answer.read().decode()


@pytest.fixture(scope="module")
def words() -> Wording:
    study = load_study(Settings().study)
    return load_wording(Settings().study, study, "en")


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_server_refuses_is_answered_with_our_page(one_server: Server, words: Wording, name: str) -> None:
    sent, status, key = REFUSED[name]

    answered, headers, page = send_bytes(one_server.port, sent)

    soup = BeautifulSoup(page, "html.parser")
    assert (answered, soup.h1 and soup.h1.get_text()) == (status, words.error_pages[key].heading)
    assert soup.select_one("aside.crisis a[href='tel:988']")
    assert soup.select_one("main .phone")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "Qzx" not in page


def test_a_browser_with_many_cookies_and_a_long_ticket_reads_the_page(one_server: Server) -> None:
    many = b"".join(b"X-%d: 1\r\n" % n for n in range(80))
    sent = GET + b"Cookie: a=" + b"x" * 8300 + b"\r\nAuthorization: Negotiate " + b"A" * 16_000 + b"\r\n" + many

    status, _, page = send_bytes(one_server.port, sent + b"Connection: close\r\n\r\n")

    assert status == 200
    assert "<h1" in page


def test_a_client_cannot_ask_for_a_refusal(one_server: Server) -> None:
    status, _, _ = send_bytes(one_server.port, GET + b"screener.refused_status: 431\r\nConnection: close\r\n\r\n")

    assert status in (200, 400)


@pytest.mark.parametrize("status", [400, 414, 431])
def test_the_desk_answers_what_the_server_refuses_with_its_page(deployment: Settings, status: int) -> None:
    desk = DeskApp(deployment)

    line, headers, body = render_refused_page(desk.app, status)
    desk.close()

    assert line.startswith(str(status))
    assert ERROR_TEXTS[status][0] in body.decode()
    assert b"Content-Security-Policy" in headers
    assert b"Set-Cookie" not in headers

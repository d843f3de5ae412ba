"""Requests that are hardly HTTP, sent byte by byte to the shipped server: refused, unquoted, and never half taken."""

import socket

import pytest

from tests.support.server import Server

POST = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n%s\r\n"
TYPED = b"token=abc&name_pref=Qzxname&phone=Qzxphone&dep_now=1"


def said(server: Server, sent: bytes) -> str:
    """All that comes back for *sent*."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return answer.decode("utf-8", "replace")


def chunked(path: bytes, body: bytes, size: int = 4096) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return POST % (path, b"Transfer-Encoding: chunked\r\n") + coded + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        POST % (b"/en/check", b"") + TYPED + b"\r\n\r\n",
        POST % (b"/en/check", b"Content-Length: 5\r\n") + TYPED + b"\r\n\r\n",
        b"GET /en/interest?name=Qzxname\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Qzxname\r\n\r\n",
        b"GET / HTTP/1.1\r\nQzxname\r\n\r\n",
        b"GET /" + b"Qzxname" * 500 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["no length", "too short a length", "no UTF-8 in the address", "no HTTP", "no header", "too long an address"],
)
def test_what_is_no_request_is_quoted_neither_in_the_answer_nor_in_the_log(one_server: Server, sent: bytes) -> None:
    answer = said(one_server, sent)

    assert "Qzx" not in answer
    log = (one_server.data / "public.log").read_text()
    assert "Qzx" not in log
    assert "127.0.0.1" not in log.replace("http://127.0.0.1", "")


def test_a_refusal_stands_in_the_log(one_server: Server) -> None:
    said(one_server, b"Qzxname\r\n\r\n")

    assert "a request that is not HTTP was refused" in (one_server.data / "public.log").read_text()


@pytest.mark.parametrize("path", [b"/en/check", b"/en/received"])
@pytest.mark.parametrize("more", [1, 5000])
def test_a_body_in_chunks_is_too_long_where_any_other_is(one_server: Server, path: bytes, more: int) -> None:
    body = b"name_pref=Ada&access_text=" + b"x" * (64 * 1024 + more - 26)

    assert said(one_server, chunked(path, body)).startswith("HTTP/1.1 413 ")


def test_a_body_in_chunks_that_fits_is_read_whole(one_server: Server) -> None:
    body = b"name_pref=Ada&access_text=" + b"x" * 1000

    answer = said(one_server, chunked(b"/en/check", body, 7))

    assert answer.startswith("HTTP/1.1 400 ")
    assert "x" * 1000 in answer


@pytest.mark.parametrize("tail", [b"zz\r\n", b"5\r\nabc"])
def test_a_chunk_that_is_none_is_a_bad_request_and_no_defect(one_server: Server, tail: bytes) -> None:
    answer = said(one_server, POST % (b"/en/check", b"Connection: close\r\nTransfer-Encoding: chunked\r\n") + tail)

    assert answer.startswith("HTTP/1.1 400 ")
    assert "request failed" not in (one_server.data / "public.log").read_text()

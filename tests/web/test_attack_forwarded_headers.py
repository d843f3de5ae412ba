"""Headers that a browser sends through a proxy do not become the path or the name of what is asked for."""

import re

import pytest

from tests.support.server import Server
from tests.web.test_gunicorn_worker import said

GET = b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n"


def heading(answer: str) -> str:
    found = re.search(r"<h1>([^<]*)</h1>", answer)
    return found.group(1) if found else answer.splitlines()[0]


@pytest.mark.parametrize(
    "header",
    [
        b"PATH_INFO: /en/privacy",
        b"PATH-INFO: /en/privacy",
        b"SCRIPT_NAME: /en",
        b"SCRIPT_NAME: /elsewhere",
        b"SCRIPT-NAME: /elsewhere",
        b"REMOTE_USER: root",
    ],
    ids=lambda header: header.decode(),
)
def test_a_header_names_neither_the_path_nor_the_application(one_server: Server, header: bytes) -> None:
    plain = said(one_server, GET % (b"/en/accessibility", b""))
    answer = said(one_server, GET % (b"/en/accessibility", header + b"\r\n"))

    assert answer.startswith("HTTP/1.1 200 ")
    assert heading(answer) == heading(plain)
    assert "elsewhere" not in answer


def test_a_redirect_names_no_host_and_no_prefix_of_the_request(one_server: Server) -> None:
    header = b"SCRIPT_NAME: /elsewhere\r\nX-Forwarded-Prefix: /elsewhere\r\nX-Forwarded-Host: evil.example\r\n"

    answer = said(one_server, GET % (b"/", header))

    assert re.search(r"^Location: /en/\r$", answer, re.MULTILINE | re.IGNORECASE)
    assert "evil" not in answer

"""The yardsticks of the web: Flask that says hello, and plain WSGI that does all of a send by hand.

Both run under the same server settings as the product. ``plain`` does the same work with the least code that can be
called the same: a signed one-time token, the body parsed, every field checked, two boxes sealed, one durable insert
behind a file lock. It has no framework, no templates, no error pages, no limits and no words of its own.
"""

import fcntl
import hashlib
import hmac
import html
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from flask import Flask

from screener.sealing.form_key import load_form_keys
from screener.sealing.seal import load_public_keys
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.settings import load_settings
from screener.study.contact_fields import CONTACT_FIELDS
from screener.study.loader import load_study
from screener.submissions.payload import canonical_bytes
from screener.submissions.payload import pack_values
from screener.submissions.reference import derive_reference

#: The product's own pages, fetched before the runs, so that all send answers of the same size.
PAGES = Path(os.environ.get("BENCH_PAGES", "."))
SCHEMA = "CREATE TABLE IF NOT EXISTS inbox (id BLOB PRIMARY KEY, received_at TEXT, contact BLOB, answers BLOB)"
CONTACT_CODES = {field.id: field.codes for field in CONTACT_FIELDS if not field.module}
SEVERAL = {"tx_had", "when_call", "access"}
GAP = b"@@@"


def hello() -> Flask:
    """Flask that answers one page, ready-made."""
    page = (PAGES / "interest.html").read_bytes()
    app = Flask("hello")
    app.add_url_rule("/en/interest", view_func=lambda: page)
    return app


def open_plain_inbox(data: Path) -> sqlite3.Connection:
    """A SQLite file whose commits are on the disk when they return, as the product's are."""
    store = sqlite3.connect(data / "plain.db", isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute(SCHEMA)
    return store


class Plain:
    """The same work by hand, as a WSGI application."""

    def __init__(self) -> None:
        self._settings = load_settings()
        self._study = load_study(self._settings.study)
        self._public = load_public_keys(self._settings.public_keys)
        self._form_key = load_form_keys(self._settings.form_keys).current
        self._interest = (PAGES / "interest.html").read_bytes().split(GAP)
        self._received = (PAGES / "received.html").read_bytes().split(GAP)
        self._codes = {**CONTACT_CODES, **{each.id: each.options for each in self._study.asked}}
        self._own = threading.local()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            return self._answer(start_response, self._interest[0] + self._token() + self._interest[1])
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        sent = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True)
        nonce = self._nonce(sent.pop("token")[0])
        if not all(self._reads(name, sent.get(name, [])) for name in self._codes):
            return self._answer(start_response, b"", "422 Unprocessable Entity")
        if environ["PATH_INFO"].endswith("/check"):
            return self._answer(start_response, self._check(sent))
        return self._answer(start_response, self._received[0] + self._keep(sent, nonce).encode() + self._received[1])

    def _answer(self, start_response: Any, page: bytes, status: str = "200 OK") -> list[bytes]:
        start_response(status, [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))])
        return [page]

    def _token(self) -> bytes:
        nonce = secrets.token_bytes(24)
        return (nonce + self._signature(nonce)).hex().encode()

    def _signature(self, nonce: bytes) -> bytes:
        return hmac.digest(self._form_key, nonce, "sha256")

    def _nonce(self, token: str) -> bytes:
        raw = bytes.fromhex(token)
        if not hmac.compare_digest(self._signature(raw[:24]), raw[24:]):
            raise ValueError
        return raw[:24]

    def _reads(self, name: str, values: list[str]) -> bool:
        codes = self._codes[name]
        if name == "name_pref":
            return len(values) == 1 and 0 < len(values[0]) <= 80
        if name == "age_years":
            return re.fullmatch("[0-9]{0,3}", "".join(values)) is not None
        if codes:
            return all(not value or value in codes for value in values)
        return all(len(value) <= 254 for value in values)

    def _check(self, sent: dict[str, list[str]]) -> bytes:
        cells = (f"<dt>{name}</dt><dd>{html.escape(', '.join(values))}</dd>" for name, values in sent.items())
        return "".join(("<!doctype html><title>Check</title><dl>", *cells, "</dl>")).encode()

    def _keep(self, sent: dict[str, list[str]], nonce: bytes) -> str:
        values: dict[str, Any] = {
            name: tuple(sent.get(name, ())) if name in SEVERAL else sent.get(name, [""])[0] for name in self._codes
        }
        contact = {name: values[name] for name in CONTACT_CODES}
        answers = {name: value for name, value in values.items() if name not in CONTACT_CODES}
        id_ = hmac.new(self._form_key, nonce + canonical_bytes(contact, answers), hashlib.sha256).digest()
        bound: Any = {"study": self._study.id, "submission": id_}
        boxes = (
            seal_contact(pack_values(contact), self._public, **bound),
            seal_answers(pack_values(answers), self._public, **bound),
        )
        self._insert(id_, datetime.now(UTC).isoformat(), *boxes)
        return derive_reference(id_)

    def _insert(self, *row: Any) -> None:
        if not hasattr(self._own, "inbox"):
            self._own.inbox = open_plain_inbox(self._settings.data)
            self._own.turn = os.open(self._settings.data / "plain.lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._own.turn, fcntl.LOCK_EX)
        try:
            self._own.inbox.execute("INSERT INTO inbox VALUES (?, ?, ?, ?)", row)
        finally:
            fcntl.flock(self._own.turn, fcntl.LOCK_UN)


def plain() -> Plain:
    return Plain()

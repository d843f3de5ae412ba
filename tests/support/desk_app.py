"""The desk as it is shipped, for tests of what is done at it; people come in without a password.

How they really sign in is tried in ``tests/auth``. Here the session that a sign-in leaves is simply put in place.
"""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket
from jinja2.bccache import BytecodeCache
from werkzeug.test import TestResponse

from screener import clock
from screener.desk.context import EXTENSION
from screener.desk.context import Room
from screener.desk_app import create_desk_app
from screener.settings import Settings
from tests.support.page_rules import faults_of_desk


class _Compiled(BytecodeCache):
    """The templates of this test run, each compiled once."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED = _Compiled()


class DeskClient(FlaskClient):
    """A test client that takes no page which breaks a rule of the house."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        answer = super().open(*args, **options)
        if answer.mimetype == "text/html" and answer.get_data():
            faults = faults_of_desk(answer.text)
            assert not faults, f"{answer.request.path} breaks a rule of the house: {'; '.join(faults)}"
            assert "no-store" in answer.headers["Cache-Control"]
        return answer


def desk_app(settings: Settings) -> tuple[Flask, Room]:
    """The desk over *settings*, and its room, to be closed."""
    app = create_desk_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    app.test_client_class = DeskClient
    room: Room = app.extensions[EXTENSION]
    return app, room


def come_in(browser: FlaskClient, uniquifier: str) -> None:
    """Leave in *browser* what the door leaves there for whoever came through it just now."""
    now = clock.now().timestamp()
    with browser.session_transaction() as session:
        session.update(_user_id=uniquifier, _fresh=True, second=True, began=now, seen=now, fs_paa=now)

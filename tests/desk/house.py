"""The desk as an application of its own for tests: the blueprint, and a door that lets a named person in.

How people really sign in is tried elsewhere; here somebody simply is signed in, by the id of their account.
"""

from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from screener.desk.room import EXTENSION
from screener.desk.room import Room
from screener.desk.room import open_room
from screener.desk.views import desk
from screener.settings import ROOT
from screener.settings import Settings
from screener.staff.models import Account
from screener.staff.pages import frame
from screener.staff.sign_in import sign_in
from screener.web import SafeHeaders
from screener.web import StaticFiles
from tests.page_rules import faults_of


class DeskClient(FlaskClient):
    """A test client that takes no page which breaks a rule of the house; the crisis block is for participants."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        answer = super().open(*args, **options)
        if answer.mimetype == "text/html" and answer.get_data():
            faults = [fault for fault in faults_of(answer.text) if "crisis" not in fault]
            assert not faults, f"{answer.request.path} breaks a rule of the house: {'; '.join(faults)}"
            assert "no-store" in answer.headers["Cache-Control"]
        return answer


def desk_app(settings: Settings) -> tuple[Flask, Room]:
    """The desk over *settings*, and its room, to be closed."""
    app = Flask("screener.desk", static_folder=None, template_folder=str(ROOT / "templates"))
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.config.update(SECRET_KEY="only in tests", WTF_CSRF_TIME_LIMIT=None)
    app.test_client_class = DeskClient
    static = StaticFiles()
    app.jinja_env.globals["static"] = static.address
    CSRFProtect(app)
    for refused in (CSRFError, 401, 403):
        app.register_error_handler(refused, lambda error: ("", error.code))
    room = open_room(settings)
    app.extensions[EXTENSION] = room
    _let_in(app, room)
    app.context_processor(frame)
    for pages in (desk, sign_in):
        app.register_blueprint(pages)
    app.wsgi_app = SafeHeaders(static.around(app.wsgi_app), settings)  # type: ignore[method-assign]
    return app, room


def _let_in(app: Flask, room: Room) -> None:
    """Whoever's uniquifier stands in the session is signed in, as the real door leaves it."""
    manager = LoginManager(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def known(uniquifier: str) -> Account | None:
        with Session(room.store, expire_on_commit=False) as session:
            found = session.scalar(sa.select(Account).where(Account.fs_uniquifier == uniquifier))
            session.expunge_all()
            return found

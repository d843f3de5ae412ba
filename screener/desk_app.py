"""The desk: the process in which people sign in and work. It answers nobody who has not given a second factor.

Every request passes the same order: the fence (by which way did it come), who is signed in, whether the page it was
sent from is ours (the CSRF token), and the mark of its route. A route without a mark answers nobody.
"""

import jinja2
import sqlalchemy as sa
from flask import Flask
from flask import abort
from flask import request
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from screener.auth import flask_security as library
from screener.auth.account_settings import own
from screener.auth.context import EXTENSION
from screener.auth.context import Office
from screener.auth.errors import handle_errors
from screener.auth.keys import DeskKeys
from screener.auth.keys import desk_keys
from screener.auth.rendering import frame
from screener.auth.sign_in import sign_in
from screener.auth.team import team
from screener.auth.totp import OneTimeCodes
from screener.db import connect
from screener.desk import audit_words
from screener.desk import words
from screener.desk.audit_views import trail
from screener.desk.context import EXTENSION as DESK
from screener.desk.context import load_desk_context
from screener.desk.export_views import exporting
from screener.desk.views import desk
from screener.errors import UserError
from screener.operations import migrate
from screener.settings import PACKAGE
from screener.settings import ROOT
from screener.settings import Settings
from screener.staff.labels import account_status
from screener.web.app import MOST_BYTES
from screener.web.app import CompiledOnce
from screener.web.app import LoopbackOnlyMiddleware
from screener.web.app import SafeHeaders
from screener.web.app import StaticFiles
from screener.web.app import lowercase_host
from screener.web.app import refuse_one_host
from screener.web.rate_limit import NetworkLimit

#: Passwords and codes that one network may try in a minute; a clinic's whole team signs in within it.
TRIES_PER_MINUTE = 60
COMPILED = CompiledOnce()


def create_desk_app(settings: Settings) -> Flask:
    """The desk as a WSGI application. Raises *UserError* when it may not or cannot start."""
    if settings.in_production:
        _refuse_unsafe_names(settings)
    migrate.check_schema(settings, migrate.STORE)
    app = _flask()
    static = StaticFiles()
    app.jinja_env.globals.update(
        static=static.address, account_status=account_status, words=words, audit_words=audit_words
    )
    store, keys = connect(settings.store, may="write", pooled=True), desk_keys(settings.desk_keys)
    library.harden(app, keys, store, production=settings.in_production)
    with app.app_context():
        app.extensions[EXTENSION] = _office(settings, store, keys)
    app.extensions[DESK] = load_desk_context(settings, store)
    _route(app)
    handle_errors(app)
    _fence(app, static, settings)
    return app


def _flask() -> Flask:
    app = Flask("screener.desk", static_folder=None, template_folder=str(ROOT / "templates"), root_path=str(PACKAGE))
    app.jinja_options = {
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "bytecode_cache": COMPILED,
    }
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_BYTES,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        # A page may lie open all day; its token is as good as the session that it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
        # Asked below, after it is known who is there: a session that ended is no forged page.
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    app.url_map.merge_slashes = False
    return app


def _office(settings: Settings, store: sa.Engine, keys: DeskKeys) -> Office:
    return Office(
        store=store,
        keys=keys,
        codes=OneTimeCodes(keys.totp, store),
        limit=NetworkLimit(TRIES_PER_MINUTE if settings.in_production else 0),
        strict=settings.in_production,
        address=settings.desk_address,
        nobody=library.hashed_password("nobody has this password"),
    )


def _route(app: Flask) -> None:
    """The pages of this desk, and the two questions that come before each of them."""
    csrf = CSRFProtect(app)

    @app.before_request
    def ask_who_and_whence() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if view is None:
            return
        permission = getattr(view, "permission", None)
        if permission is None:
            abort(404)
        if permission and not current_user.is_authenticated:
            abort(401)
        csrf.protect()

    app.context_processor(frame)
    for pages in (desk, exporting, trail, sign_in, own, team):
        app.register_blueprint(pages)


def _fence(app: Flask, static: StaticFiles, settings: Settings) -> None:
    served = static.around(app.wsgi_app)
    if settings.in_production:
        app.config["TRUSTED_HOSTS"] = [settings.desk_host]
        layers = lowercase_host(served)
    else:
        layers = LoopbackOnlyMiddleware(served)
    outermost = SafeHeaders(layers, settings, referrer="same-origin")
    proxies = settings.trusted_proxies
    app.wsgi_app = (  # type: ignore[method-assign]
        ProxyFix(outermost, x_for=proxies, x_proto=proxies) if proxies and settings.in_production else outermost
    )


def _refuse_unsafe_names(settings: Settings) -> None:
    if not settings.desk_host or not settings.public_host:
        raise UserError(
            "In production the desk wants both names that browsers use: set SCREENER_DESK_HOST and "
            "SCREENER_PUBLIC_HOST, two names side by side."
        )
    refuse_one_host(settings)

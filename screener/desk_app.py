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

from screener.auth import flask_security
from screener.auth.account_settings import account_views
from screener.auth.context import AUTH_EXTENSION
from screener.auth.context import AuthContext
from screener.auth.errors import register_error_handlers
from screener.auth.keys import DeskKeys
from screener.auth.keys import load_desk_keys
from screener.auth.rendering import navigation_context
from screener.auth.sign_in import sign_in_views
from screener.auth.team import team_views
from screener.auth.totp import OneTimeCodes
from screener.db import connect
from screener.desk import audit_words
from screener.desk import words
from screener.desk.audit_views import trail
from screener.desk.context import EXTENSION as DESK
from screener.desk.context import open_room
from screener.desk.export_views import exporting
from screener.desk.views import desk
from screener.errors import UserError
from screener.operations import migrate as schema
from screener.settings import PACKAGE
from screener.settings import ROOT
from screener.settings import Settings
from screener.staff.labels import account_status
from screener.web.app import MAX_BODY_BYTES
from screener.web.app import TemplateCache
from screener.web.app import LoopbackOnlyMiddleware
from screener.web.app import SecurityHeadersMiddleware
from screener.web.app import StaticFiles
from screener.web.app import lowercase_host
from screener.web.app import require_separate_hosts
from screener.web.rate_limit import NetworkRateLimit

#: Passwords and codes that one network may try in a minute; a clinic's whole team signs in within it.
TRIES_PER_MINUTE = 60
COMPILED = TemplateCache()


def create_desk_app(settings: Settings) -> Flask:
    """The desk as a WSGI application. Raises *UserError* when it may not or cannot start."""
    if settings.in_production:
        _refuse_unsafe_names(settings)
    schema.check(settings, schema.STORE)
    app = _flask()
    static = StaticFiles()
    app.jinja_env.globals.update(
        static=static.url_of, account_status=account_status, words=words, audit_words=audit_words
    )
    store, keys = connect(settings.store, may="write", pooled=True), load_desk_keys(settings.desk_keys)
    flask_security.configure_flask_security(app, keys, store, production=settings.in_production)
    with app.app_context():
        app.extensions[AUTH_EXTENSION] = _office(settings, store, keys)
    app.extensions[DESK] = open_room(settings, store)
    _route(app)
    register_error_handlers(app)
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
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        # A page may lie open all day; its token is as good as the session that it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
        # Asked below, after it is known who is there: a session that ended is no forged page.
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    app.url_map.merge_slashes = False
    return app


def _office(settings: Settings, store: sa.Engine, keys: DeskKeys) -> AuthContext:
    return AuthContext(
        store=store,
        keys=keys,
        codes=OneTimeCodes(keys.totp, store),
        limit=NetworkRateLimit(TRIES_PER_MINUTE if settings.in_production else 0),
        strict=settings.in_production,
        address=settings.desk_address,
        nobody=flask_security.make_password_hash("nobody has this password"),
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

    app.context_processor(navigation_context)
    for pages in (desk, exporting, trail, sign_in_views, account_views, team_views):
        app.register_blueprint(pages)


def _fence(app: Flask, static: StaticFiles, settings: Settings) -> None:
    served = static.wrap(app.wsgi_app)
    if settings.in_production:
        app.config["TRUSTED_HOSTS"] = [settings.desk_host]
        layers = lowercase_host(served)
    else:
        layers = LoopbackOnlyMiddleware(served)
    outermost = SecurityHeadersMiddleware(layers, settings, referrer="same-origin")
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
    require_separate_hosts(settings)

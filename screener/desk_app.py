"""The application factory of the desk, where staff sign in and work.

Every request passes the same checks in this order: the host (``TRUSTED_HOSTS``; in development this machine only), the
sign-in, the CSRF token, and the permission of its route. A route without a permission answers 404. The views of each
module are a blueprint, and ``_register_views`` registers every one by name.
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
from screener.auth.access_views import access_views
from screener.auth.account_settings import account_views
from screener.auth.context import AUTH_EXTENSION
from screener.auth.context import AuthContext
from screener.auth.errors import register_desk_error_handlers
from screener.auth.invitation_views import invitation_views
from screener.auth.keys import DeskKeys
from screener.auth.keys import load_desk_keys
from screener.auth.notices import notices_context
from screener.auth.rendering import navigation_context
from screener.auth.sign_in import sign_in_views
from screener.auth.team import team_views
from screener.auth.totp import OneTimeCodes
from screener.db import connect
from screener.deployment.process_access import DESK_PROCESS
from screener.deployment.process_access import refuse_excess_access
from screener.desk import audit_words
from screener.desk import words
from screener.desk.audit_views import audit_views
from screener.desk.context import EXTENSION as DESK
from screener.desk.context import load_desk_context
from screener.desk.export_views import export_views
from screener.desk.local_time import format_site_time
from screener.desk.retention_views import retention_views
from screener.desk.spam_views import spam_views
from screener.desk.views import record_views
from screener.errors import UserError
from screener.operations import migrate
from screener.operations.database_roles import with_rights
from screener.settings import PACKAGE
from screener.settings import ROOT
from screener.settings import Settings
from screener.staff.labels import account_status
from screener.study.loader import load_study
from screener.web.app import MAX_BODY_BYTES
from screener.web.app import LoopbackOnlyMiddleware
from screener.web.app import SecurityHeadersMiddleware
from screener.web.app import StaticFiles
from screener.web.app import TemplateCache
from screener.web.app import lowercase_host
from screener.web.app import require_separate_hosts
from screener.web.rate_limit import NetworkRateLimit
from screener.web.refused_requests import answer_refused_requests

#: Passwords and codes that one network may send in a minute; enough for the whole team of a clinic.
ATTEMPTS_PER_MINUTE = 60
TEMPLATE_CACHE = TemplateCache()


def create_desk_app(settings: Settings) -> Flask:
    """Create the desk's WSGI application. Raises *UserError* when it may not or cannot start."""
    if settings.in_production:
        _check_host_names(settings)
        refuse_excess_access(settings, with_rights(DESK_PROCESS))
    migrate.check_schema(settings, migrate.STORE)
    app = _create_flask()
    static = StaticFiles()
    app.jinja_env.globals.update(
        static=static.url_of,
        account_status=account_status,
        local_time=format_site_time,
        words=words,
        audit_words=audit_words,
    )
    store = connect(settings.store, may="write", pooled=True)
    keys = load_desk_keys(settings.desk_keys, passphrase=settings.passphrase_bytes, production=settings.in_production)
    flask_security.configure_flask_security(app, keys, production=settings.in_production)
    with app.app_context():
        app.extensions[AUTH_EXTENSION] = _create_auth_context(settings, store, keys)
    app.extensions[DESK] = load_desk_context(settings, store, note_key=keys.notes)
    answer_refused_requests(app)
    _register_views(app)
    register_desk_error_handlers(app)
    _wrap_wsgi(app, static, settings)
    return app


def _create_flask() -> Flask:
    app = Flask("screener.desk", static_folder=None, template_folder=str(ROOT / "templates"), root_path=str(PACKAGE))
    app.jinja_options = {
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "bytecode_cache": TEMPLATE_CACHE,
    }
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        # A page may stay open all day; its token is valid as long as the session that it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
        # Checked in *_register_views*, after the sign-in: a session that ended is no forged request.
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    app.url_map.merge_slashes = False
    return app


def _create_auth_context(settings: Settings, store: sa.Engine, keys: DeskKeys) -> AuthContext:
    study = load_study(settings.study)
    return AuthContext(
        store=store,
        keys=keys,
        one_time_codes=OneTimeCodes(keys.totp, store),
        rate_limit=NetworkRateLimit(ATTEMPTS_PER_MINUTE if settings.in_production else 0),
        requires_second_factor=settings.in_production,
        base_url=settings.desk_address,
        unmatched_hash=flask_security.make_password_hash("no account has this password"),
        password_context=(study.id, study.site.name, study.site.investigator),
    )


def _register_views(app: Flask) -> None:
    """Register the views, and the checks that come before each of them."""
    csrf = CSRFProtect(app)

    @app.before_request
    def check_sign_in_and_csrf() -> None:
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
    app.context_processor(notices_context)
    for pages in (
        record_views,
        spam_views,
        retention_views,
        export_views,
        audit_views,
        sign_in_views,
        invitation_views,
        account_views,
        team_views,
        access_views,
    ):
        app.register_blueprint(pages)


def _wrap_wsgi(app: Flask, static: StaticFiles, settings: Settings) -> None:
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


def _check_host_names(settings: Settings) -> None:
    if not settings.desk_host or not settings.public_host:
        raise UserError(
            "In production the desk needs both host names that browsers use: set SCREENER_DESK_HOST and "
            "SCREENER_PUBLIC_HOST to two names side by side."
        )
    require_separate_hosts(settings)

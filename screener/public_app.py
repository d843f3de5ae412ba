"""The public process: it can shut a box, and it can neither open one nor reach the store.

It holds two public keys and the key that signs pages. ``tests/laws`` hold that nothing it loads leads to
the opening half of sealing or to the store; here, in production, it also refuses to start under a user
who could read what it must not, because a wall that only stands in the code is no wall.
"""

import os
from collections.abc import Mapping

import sqlalchemy as sa
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from screener import db
from screener.errors import UserError
from screener.intake.availability import Gate
from screener.intake.context import EXTENSION
from screener.intake.context import Locale
from screener.intake.context import Room
from screener.intake.errors import handle_errors
from screener.intake.page_cache import Pages
from screener.intake.views import front
from screener.intake.views import intake
from screener.questionnaire import view_model
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.form import define_form
from screener.sealing.seal import may_read_private_keys
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.study.model import Study
from screener.study.wording import Wording
from screener.web.app import SecurityHeadersMiddleware
from screener.web.app import StaticFiles
from screener.web.app import create_sessionless_app
from screener.web.app import require_separate_hosts
from screener.web.rate_limit import NetworkRateLimit


def create_public_app(settings: Settings) -> Flask:
    """The public pages as a WSGI application. Raises *UserError* when it may not or cannot start."""
    if settings.in_production:
        require_separate_hosts(settings)
        _refuse_to_know_too_much(settings)
    app = create_sessionless_app("screener.public")
    static = StaticFiles()
    app.extensions[EXTENSION] = _room(settings, static)
    _route(app)
    handle_errors(app)
    layers = SecurityHeadersMiddleware(static.wrap(app.wsgi_app), settings)
    proxies = settings.trusted_proxies
    app.wsgi_app = ProxyFix(layers, x_for=proxies, x_proto=0) if proxies else layers  # type: ignore[method-assign]
    return app


def served(settings: Settings, wordings: Mapping[str, Wording]) -> Mapping[str, Wording]:
    """The locales that people see: in production no drafts, unless there is nothing else to say anything with.

    Then it is one of them, and says that the form is not open: the gate opens for no draft.
    """
    if not settings.in_production:
        return wordings
    finished = {locale: wording for locale, wording in wordings.items() if wording.status != "draft"}
    return finished or dict(list(wordings.items())[:1])


def _room(settings: Settings, static: StaticFiles) -> Room:
    study = load_study(settings.study)
    wordings = served(
        settings, {locale: load_wording(settings.study, study, locale) for locale in locales(settings.study)}
    )
    inbox, board = (
        db.connect(settings.inbox, may="add", pooled=True),
        db.connect(settings.board, may="read", pooled=True),
    )
    return Room(
        study=study,
        locales={locale: _locale(settings, study, locale, wordings, static) for locale in wordings},
        gate=Gate(settings, study, wordings, inbox=inbox, board=board),
        limit=NetworkRateLimit(settings.post_limit),
        inbox=inbox,
    )


def _locale(
    settings: Settings, study: Study, locale: str, wordings: Mapping[str, Wording], static: StaticFiles
) -> Locale:
    form = define_form(study, wordings[locale])
    pages = Pages(study, wordings[locale], static, wordings, development=not settings.in_production)
    return Locale(
        pages=pages,
        form=form,
        names=form.field_names(),
        blank={step: view_model.blank_step_context(form, step) for step in STEP_PATHS},
    )


def _route(app: Flask) -> None:
    """Every address is one of ours: a locale that is served, and a page that exists."""
    app.url_map.merge_slashes = False
    served = ",".join(f'"{locale}"' for locale in app.extensions[EXTENSION].locales)
    app.register_blueprint(front)
    app.register_blueprint(intake, url_prefix=f"/<any({served}):locale>")


def _refuse_to_know_too_much(settings: Settings) -> None:
    if may_read_private_keys(settings.private_keys):
        raise UserError(
            "The public process may not start as a user who can read the private keys; start it as its own user."
        )
    if settings.database_url:
        raise UserError("SCREENER_DATABASE_URL must not be set for the public process: it has no way to the store.")
    store = sa.make_url(settings.store).database or ""
    if os.path.exists(store) and (os.access(store, os.R_OK) or os.access(store, os.W_OK)):
        raise UserError("The public process may not start as a user who can open the store; start it as its own user.")

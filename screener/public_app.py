"""The application factory of the public process, which can seal a box, and can neither open one nor reach the store.

It has two public keys and the key that signs pages. ``tests/laws`` hold that nothing it loads leads to
the opening half of sealing or to the store; here, in production, it also refuses to start under a user
who could read what it must not, because a boundary that only the code keeps is none.
"""

from collections.abc import Mapping

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from screener import db
from screener.deployment.process_access import PUBLIC_PROCESS
from screener.deployment.process_access import refuse_excess_access
from screener.errors import UserError
from screener.intake.availability import AvailabilityMonitor
from screener.intake.context import EXTENSION
from screener.intake.context import IntakeContext
from screener.intake.context import LocaleContext
from screener.intake.errors import register_error_handlers
from screener.intake.page_cache import PageCache
from screener.intake.routes import register_routes
from screener.questionnaire import view_model
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.form import define_form
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.model import Study
from screener.study.wording import Wording
from screener.web.app import SecurityHeadersMiddleware
from screener.web.app import StaticFiles
from screener.web.app import create_sessionless_app
from screener.web.app import lowercase_host
from screener.web.app import require_separate_hosts
from screener.web.rate_limit import NetworkRateLimit
from screener.web.refused_requests import answer_refused_requests

#: Names of this machine that the form answers to beside its own.
HEALTH_CHECK_HOSTS = ("127.0.0.1", "localhost")


def create_public_app(settings: Settings) -> Flask:
    """The public pages as a WSGI application. Raises *UserError* when it may not or cannot start."""
    if settings.in_production:
        require_separate_hosts(settings)
        _refuse_excess_access(settings)
    app = create_sessionless_app("screener.public")
    static = StaticFiles()
    context = _build_context(settings, static)
    app.extensions[EXTENSION] = context
    answer_refused_requests(app)
    register_routes(app, context.locales)
    register_error_handlers(app)
    served = static.wrap(app.wsgi_app)
    if settings.in_production and settings.public_hosts:
        app.config["TRUSTED_HOSTS"] = [*settings.public_hosts, *HEALTH_CHECK_HOSTS]
        served = lowercase_host(served)
    layers = SecurityHeadersMiddleware(served, settings)
    proxies = settings.trusted_proxies
    app.wsgi_app = ProxyFix(layers, x_for=proxies, x_proto=0) if proxies else layers  # type: ignore[method-assign]
    return app


def select_wordings(settings: Settings, wordings: Mapping[str, Wording]) -> Mapping[str, Wording]:
    """The wordings that are served: in production no drafts, unless there is nothing else.

    Then it is one of them, and its form is not open: a draft is never available.
    """
    if not settings.in_production:
        return wordings
    finished = {locale: wording for locale, wording in wordings.items() if wording.status != "draft"}
    return finished or dict(list(wordings.items())[:1])


def _build_context(settings: Settings, static: StaticFiles) -> IntakeContext:
    study = load_study(settings.study)
    wordings = select_wordings(
        settings, {locale: load_wording(settings.study, study, locale) for locale in list_locales(settings.study)}
    )
    inbox = db.connect(settings.inbox, may="add", pooled=True)
    board = db.connect(settings.board, may="read", pooled=True)
    return IntakeContext(
        study=study,
        locales={locale: _build_locale(settings, study, locale, wordings, static) for locale in wordings},
        availability=AvailabilityMonitor(settings, study, wordings, inbox=inbox, board=board),
        rate_limit=NetworkRateLimit(settings.post_limit),
        inbox=inbox,
    )


def _build_locale(
    settings: Settings, study: Study, locale: str, wordings: Mapping[str, Wording], static: StaticFiles
) -> LocaleContext:
    form = define_form(study, wordings[locale])
    return LocaleContext(
        pages=PageCache(study, wordings[locale], static, wordings, development=not settings.in_production),
        form=form,
        field_names=form.field_names(),
        blank_steps={step: view_model.blank_step_context(form, step) for step in STEP_PATHS},
    )


def _refuse_excess_access(settings: Settings) -> None:
    if settings.database_url:
        raise UserError("SCREENER_DATABASE_URL must not be set for the public process: it has no way to the store.")
    if settings.key_passphrase:
        raise UserError(
            "SCREENER_KEY_PASSPHRASE must not be set for the public process: it opens no private key. "
            "Take it out of its settings."
        )
    refuse_excess_access(settings, PUBLIC_PROCESS)

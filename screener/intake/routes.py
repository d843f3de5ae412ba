"""The public routes: every address of the public side, with its view."""

from collections.abc import Iterable

from flask import Blueprint
from flask import Flask

from screener.intake import security_contact
from screener.intake import submit_views
from screener.intake import views
from screener.intake.submit_views import RECEIVED
from screener.questionnaire.form import CHECK
from screener.questionnaire.form import STEP_PATHS

POST = ["POST"]


def register_routes(app: Flask, locales: Iterable[str]) -> None:
    """Register the views of *app*, each page under the code of its locale."""
    app.url_map.merge_slashes = False
    app.add_url_rule("/", "redirect_to_locale", views.redirect_to_locale)
    app.add_url_rule(security_contact.PATH, "security_contact", security_contact.show_security_contact)
    codes = ",".join(f'"{locale}"' for locale in locales)
    pages = Blueprint("intake", __name__, url_prefix=f"/<any({codes}):locale>")
    pages.add_url_rule("", "redirect_to_start", views.redirect_to_start)
    pages.add_url_rule("/", "start", views.show_start)
    pages.add_url_rule("/about", "about", views.show_about)
    for name in ("privacy", "accessibility"):
        pages.add_url_rule(f"/{name}", name, views.show_text, defaults={"name": name})
    for step in ("questions", "contact"):
        pages.add_url_rule(f"/{STEP_PATHS[step]}", step, views.show_step, defaults={"step": step})
    for path in (STEP_PATHS["permission"], CHECK, RECEIVED):
        pages.add_url_rule(f"/{path}", f"{path}_too_early", views.redirect_to_form)
    for step, path in STEP_PATHS.items():
        to_step = {"target": step}
        pages.add_url_rule(f"/{path}", f"submit_to_{step}", submit_views.go_to_step, methods=POST, defaults=to_step)
    pages.add_url_rule(f"/{CHECK}", CHECK, submit_views.check_answers, methods=POST)
    pages.add_url_rule(f"/{RECEIVED}", RECEIVED, submit_views.submit_interest, methods=POST)
    app.register_blueprint(pages)

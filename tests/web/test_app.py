"""What every web process of ours does alike."""

from pathlib import Path
from typing import Any

import jinja2
import pytest
from flask import session
from werkzeug.test import Client

from screener.settings import ROOT
from screener.settings import Settings
from screener.web.app import SecurityHeadersMiddleware
from screener.web.app import StaticFiles
from screener.web.app import create_sessionless_app
from screener.web.app import create_template_environment
from screener.web.locales import best_locale


def test_an_answer_given_below_flask_has_our_headers_too() -> None:
    def bare(environ: Any, start_response: Any) -> list[bytes]:
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
        return [b"bare"]

    answer = Client(SecurityHeadersMiddleware(bare, Settings())).get("/")

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_cache_rule_of_its_own_is_kept() -> None:
    def static(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("cache-control", "max-age=1")])
        return [b""]

    assert Client(SecurityHeadersMiddleware(static, Settings())).get("/").headers.getlist("Cache-Control") == [
        "max-age=1"
    ]


def test_whoever_reaches_for_a_session_gets_an_error() -> None:
    app = create_sessionless_app("test")
    app.testing = True

    @app.get("/")
    def reaches() -> str:
        session["name"] = "Ada"
        return ""

    with pytest.raises(RuntimeError):
        app.test_client().get("/")


def test_a_file_that_changes_changes_its_address(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    before = StaticFiles(tmp_path).url_of("a.css")
    (tmp_path / "a.css").write_text("b {}")

    assert StaticFiles(tmp_path).url_of("a.css") != before
    with pytest.raises(KeyError):
        StaticFiles(tmp_path).url_of("b.css")


def test_an_unknown_name_in_a_template_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ nobody }}")

    with pytest.raises(jinja2.UndefinedError):
        create_template_environment(tmp_path).get_template("page.html").render()


@pytest.mark.parametrize("name", ["config", "request", "session", "g", "url_for"])
def test_templates_know_nothing_of_the_process(name: str) -> None:
    assert name not in create_template_environment().globals


def test_what_is_put_into_a_template_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<p title="{{ x }}">{{ x }}</p>')

    assert create_template_environment(tmp_path).get_template("page.html").render(x="\"'<&") == (
        '<p title="&#34;&#39;&lt;&amp;">&#34;&#39;&lt;&amp;</p>'
    )


def test_every_template_compiles_and_a_page_has_one_heading() -> None:
    environment = create_template_environment()
    environment.filters.update(linked=str, blocks=list)

    names = environment.list_templates()

    for name in names:
        environment.get_template(name)
        text = (ROOT / "templates" / name).read_text(encoding="utf-8")
        whole = not name.startswith(("components/", "email/", "packet/")) and name not in (
            "base.html",
            "desk/frame.html",
        )
        assert text.count("<h1") == (1 if whole or name == "packet/cover.html" else 0), name
    assert len(names) > 10


@pytest.mark.parametrize(
    ("wished", "served", "chosen"),
    [
        ("es-MX,es;q=0.9,en;q=0.5", ("en", "es"), "es"),
        ("zh-TW,zh;q=0.9", ("en", "zh-Hant"), "zh-Hant"),
        ("fr", ("en", "es"), "en"),
        ("", ("es", "vi"), "es"),
        ("vi;q=0.2,es;q=0.9", ("en", "es", "vi"), "es"),
    ],
)
def test_a_browser_is_led_to_the_language_it_likes_best(wished: str, served: tuple[str, ...], chosen: str) -> None:
    assert best_locale(wished, served) == chosen

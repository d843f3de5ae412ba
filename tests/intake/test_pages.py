"""Every public page keeps the rules of the public_form; the list of pages comes from the URL map."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest
from bs4 import Tag
from bs4.element import NavigableString
from flask import Flask
from werkzeug.test import EnvironBuilder
from werkzeug.test import run_wsgi_app

from screener.intake.context import EXTENSION
from screener.public_app import create_public_app
from screener.questionnaire.form import CHECK
from screener.questionnaire.form import STEP_PATHS
from screener.settings import ROOT
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.web.locales import format_long_date
from tests.support.public_client import ADA
from tests.support.public_client import PublicClient
from tests.support.public_client import PublicPage
from tests.support.public_deployment import make_deployment

Shown = Callable[[str], list[tuple[str, PublicPage]]]
LOCALES = list_locales(Settings().study)
QUESTIONS = ["age_years", "dep_told", "dep_now", "ad_tried", "ad_now", "tx_had", "travel_sf"]
REACH = ["name_pref", "phone", "email", "how_contact", "sms_ok", "voicemail", "when_call", "time_zone", "lang"]


def addresses(app: Flask, locale: str = "en") -> list[tuple[str, str]]:
    """Every route of ours with each of its methods."""
    return [
        (re.sub("<any.*:locale>", locale, rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD"})
    ]


#: The one answer that is no page: it is tried in ``intake/test_security_contact``.
SECURITY_TXT = "/.well-known/security.txt"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One deployment for all the pages here; nothing looks into its inbox."""
    return make_deployment(tmp_path_factory.mktemp("pages") / "data")


@pytest.fixture(scope="module")
def app(deployment: Settings) -> Flask:
    return create_public_app(deployment)


@pytest.fixture(scope="module")
def shown(app: Flask) -> Shown:
    """Every page in a language, asked for once."""
    return cache(lambda locale: list(every_page(app, locale)))


def every_page(app: Flask, locale: str = "en") -> Iterator[tuple[str, PublicPage]]:
    visitor = PublicClient(app, locale=locale)
    for path, method in addresses(app, locale):
        if path == SECURITY_TXT:
            continue
        if method == "GET":
            yield path, visitor.opens(path)
            continue
        check = visitor.checks()
        yield f"{path} taken", visitor.posts(path, check.pairs())
        yield f"{path} refused", visitor.posts(path, [("name_pref", ""), ("token", check.token)])
        yield f"{path} spoilt", visitor.posts(path, ADA.items())
        yield f"{path} of a wrong type", visitor.posts_bytes(path, b"{}", "application/json")
        yield f"{path} too heavy", visitor.posts_bytes(path, b"x" * 70_000)
    yield "nowhere", visitor.opens(visitor.at("nowhere"))
    yield "another language", visitor.opens("/xx/", headers={"Accept-Language": locale})
    yield "a post to a page", visitor.posts(visitor.at("privacy"), [])


def test_the_url_map_is_what_these_tests_know(app: Flask) -> None:
    assert sorted(addresses(app)) == sorted(
        [
            ("/", "GET"),
            (SECURITY_TXT, "GET"),
            ("/en", "GET"),
            ("/en/", "GET"),
            ("/en/interest", "GET"),
            ("/en/interest", "POST"),
            ("/en/contact", "GET"),
            ("/en/contact", "POST"),
            ("/en/permission", "GET"),
            ("/en/permission", "POST"),
            ("/en/about", "GET"),
            ("/en/check", "GET"),
            ("/en/check", "POST"),
            ("/en/received", "GET"),
            ("/en/received", "POST"),
            ("/en/privacy", "GET"),
            ("/en/accessibility", "GET"),
        ]
    )


def test_every_answer_has_our_headers_and_no_cookie(shown: Shown) -> None:
    for name, page in shown("en"):
        headers = page.answer.headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ), name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["X-Frame-Options"] == "DENY", name
        assert headers["Referrer-Policy"] == "no-referrer", name
        assert headers["Cache-Control"] == "no-store", name
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert headers["X-Robots-Tag"] == "noindex", name
        assert "Strict-Transport-Security" not in headers, name
        assert "Set-Cookie" not in headers, name
        assert "Access-Control-Allow-Origin" not in headers, name
        assert page.status < 500, name


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_has_its_frame(shown: Shown, locale: str) -> None:
    for name, page in shown(locale):
        if page.status == 303:
            continue
        soup = page.soup
        assert soup.html is not None
        assert (soup.html["lang"], soup.html["dir"]) == (locale, "ltr"), name
        assert len(soup.select("h1")) == len(soup.select("main")) == len(soup.select("title")) == 1, name
        crisis = soup.select_one("aside.crisis")
        assert crisis is not None, name
        assert [link["href"] for link in crisis.select("a")] == ["tel:988", "sms:988"], name
        exit_link = soup.select_one("header a.exit")
        assert exit_link is not None, name
        assert exit_link["href"] == "https://www.weather.gov/", name
        assert "noreferrer" in exit_link["rel"], name
        assert not soup.select("script:not([src]), style, [style], [onclick], iframe, img, video, object"), name
        assert "depression" not in soup.title.get_text().lower() if soup.title else False, name


@pytest.mark.parametrize("locale", LOCALES)
def test_the_crisis_block_is_the_same_everywhere(shown: Shown, locale: str) -> None:
    blocks = {str(page.soup.select_one("aside.crisis")) for _, page in shown(locale) if page.status != 303}

    assert len(blocks) == 1


def test_nothing_is_fetched_from_anybody_else(shown: Shown) -> None:
    for name, page in shown("en"):
        for one in page.soup.select("[src], link[href], [action], [formaction]"):
            target = str(one.get("src") or one.get("formaction") or one.get("action") or one.get("href"))
            assert re.match(r"/(static|[a-z]{2,3}(-Hant)?)/", target), (name, target)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_on_every_page_stands_in_the_wording(
    app: Flask, shown: Shown, deployment: Settings, locale: str
) -> None:
    wording = load_wording(deployment.study, load_study(deployment.study), locale)
    known = set(_sentences(wording.model_dump()))

    known |= {words.name for words in app.extensions[EXTENSION].availability.wordings.values()}
    known |= {f"{wording.common.error_prefix} {wording.pages[step].title}" for step in (*STEP_PATHS, CHECK)}
    known.add(wording.common.checked.format(checked_on=format_long_date(date(2026, 11, 23), locale)))
    for name, page in shown(locale):
        for text in page.soup.find_all(string=True):
            said = " ".join(text.split())
            if said and type(text) is NavigableString and not _typed(text):
                assert any(said in sentence for sentence in known), (name, said)


def _typed(text: NavigableString) -> bool:
    """Whether it is what the person typed, the reference, or a sentence with a detail of the public_form in it."""
    return any(
        isinstance(parent, Tag) and (parent.name == "bdi" or parent.get("class") in (["reference"], ["preview"]))
        for parent in text.parents
    )


def _sentences(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part.removeprefix("## ").removeprefix("- ")
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, tuple | list) else ():
        yield from _sentences(inner)


@pytest.fixture(params=STEP_PATHS)
def form(request: pytest.FixtureRequest, visitor: PublicClient) -> PublicPage:
    """Each step as nobody has filled it in."""
    start = visitor.opens("/en/interest")
    return (
        start if request.param == "questions" else visitor.posts(f"/en/{STEP_PATHS[request.param]}", start.pairs()[:1])
    )


def test_names_are_the_ids_of_the_study_in_the_order_of_the_steps(visitor: PublicClient) -> None:
    names = []
    for address in STEP_PATHS.values():
        page = visitor.posts(f"/en/{address}", visitor.opens("/en/interest").pairs())
        names += [str(one["name"]) for one in page.soup.select("main :is(input, select):not([type=hidden])")]

    assert list(dict.fromkeys(names)) == [*QUESTIONS, "leave_blank", *REACH, "access", "access_text", "adult_self"]


def test_nothing_is_chosen_for_anybody(form: PublicPage) -> None:
    assert not form.soup.select("[checked], [selected], [autofocus], [placeholder]")
    assert {name: value for name, value in form.said() if value} == {"token": form.token}
    for select in form.soup.select("select"):
        assert select.select("option")[0]["value"] == ""


def test_no_question_has_a_limit_or_is_required(form: PublicPage) -> None:
    limits = ("min", "max", "step", "pattern", "required", "maxlength", "minlength", "aria-required")

    assert not form.soup.select(",".join(f"[{limit}]" for limit in limits))
    assert form.soup.select_one("form[novalidate]")


def test_each_choice_ends_with_skip_and_skip_is_blank(visitor: PublicClient) -> None:
    pages = [visitor.opens("/en/interest"), visitor.opens("/en/contact")]
    groups = [group for page in pages for group in page.soup.select("fieldset[role=radiogroup]")]

    assert len(groups) == 7
    for group in groups:
        last = group.select("label.option")[-1]
        field = last.select_one("input")
        assert field is not None
        assert (last.get_text(strip=True), field["value"]) == ("Skip this question", "")


def test_everything_that_can_be_filled_in_has_a_name_that_is_seen(form: PublicPage) -> None:
    for field in form.soup.select("form :is(input, select):not([type=hidden])"):
        label = form.soup.select_one(f"label[for='{field['id']}']")
        assert label is not None, field
        assert label.get_text(strip=True)
        assert not field.get("aria-label")
    for group in form.soup.select("fieldset"):
        assert group.select_one("legend")
    for described in form.soup.select("[aria-describedby], [aria-labelledby]"):
        for name in f"{described.get('aria-describedby', '')} {described.get('aria-labelledby', '')}".split():
            assert form.soup.select_one(f"#{name}"), name


def test_the_browser_helps_only_with_how_to_be_reached(visitor: PublicClient) -> None:
    questions, contact = (visitor.opens(f"/en/{page}") for page in ("interest", "contact"))
    helped = {
        str(one["name"]): one["autocomplete"]
        for page in (questions, contact)
        for one in page.soup.select("form :is(input, select)[autocomplete]")
    }

    assert {name: token for name, token in helped.items() if token != "off"} == {
        "name_pref": "nickname",
        "phone": "tel",
        "email": "email",
    }
    age = questions.soup.select_one("#age_years")
    assert age is not None
    assert (age["type"], age["inputmode"]) == ("text", "numeric")


def test_an_error_page_leads_from_the_summary_to_each_field(visitor: PublicClient) -> None:
    page = visitor.checks(name_pref="", email="ada@", time_zone="x", access=["9"])

    summary = page.soup.select_one("main > :first-child")
    assert summary is not None
    assert (summary["role"], summary["tabindex"], summary["id"]) == ("alert", "-1", "summary")
    title = page.soup.title
    assert title is not None
    assert title.get_text(strip=True).startswith("Error: ")
    links = [str(link["href"]).removeprefix("#") for link in summary.select("a")]
    assert links == ["name_pref", "email", "time_zone", "access-1"]
    for link in links:
        field = page.soup.select_one(f"#{link}")
        assert field is not None
        marked = [field, *field.parents]
        assert any(isinstance(one, Tag) and one.get("aria-invalid") == "true" for one in marked), link
        name = str(field["name"])
        assert any(isinstance(one, Tag) and f"{name}-error" in str(one.get("aria-describedby")) for one in marked), link


def test_an_address_that_needs_the_form_leads_to_it(visitor: PublicClient) -> None:
    for path in ("/en/permission", "/en/check", "/en/received"):
        page = visitor.opens(path)
        assert (page.status, page.answer.headers["Location"]) == (303, "/en/interest")


@pytest.mark.parametrize(
    "path", ["//en//interest", "/en//interest", "//example.org/", "/\\example.org", "/en/interest/"]
)
def test_an_address_that_is_nearly_ours_leads_nowhere(app: Flask, path: str) -> None:
    environ = {**EnvironBuilder("/").get_environ(), "PATH_INFO": path}

    _, status, headers = run_wsgi_app(app.wsgi_app, environ)

    assert status.startswith("404")
    assert "Location" not in headers


def test_the_root_leads_to_a_language_that_is_served(visitor: PublicClient) -> None:
    wishes = {
        "en": ("", "en", "en-GB", "*", "fr", "x" * 5000, ";;;q=,", "es;q=0, en;q=0.1"),
        "es": ("es", "es-MX,es;q=0.9,en;q=0.8", "fr, es;q=0.5, en;q=0.1", "ES_419"),
        "zh-Hant": ("zh-Hant-TW", "zh-HK", "zh-TW,zh;q=0.9,en-US;q=0.8", "zh-CN"),
        "fil": ("fil", "fil-PH", "tl-PH,tl;q=0.9,en;q=0.8"),
        "vi": ("vi-VN",),
    }

    wrong = []
    for locale, headers in wishes.items():
        for header in headers:
            answer = visitor.opens("/", headers={"Accept-Language": header}).answer
            found = (answer.status_code, answer.headers["Location"], answer.headers["Vary"])
            if found != (303, f"/{locale}/", "Accept-Language"):
                wrong.append((header, found))

    assert not wrong


def test_a_method_that_a_page_does_not_know_is_named(visitor: PublicClient) -> None:
    for method, status in (("PUT", 405), ("DELETE", 405), ("OPTIONS", 405), ("TRACE", 405)):
        answer = visitor.client.open("/en/interest", method=method)
        assert answer.status_code == status
        assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert visitor.client.head("/en/interest").status_code == 200


def test_static_files_are_kept_for_years_under_names_of_their_content(visitor: PublicClient, form: PublicPage) -> None:
    addresses = [str(one.get("href") or one.get("src")) for one in form.soup.select("head link, head script")]

    assert len(addresses) == 4
    for address in addresses:
        answer = visitor.client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers
        answer.close()
    assert visitor.client.get("/static/screener.css").status_code == 404
    assert visitor.client.get("/static/../wsgi.py").status_code == 404


def test_the_script_and_the_style_are_small() -> None:
    static = ROOT / "screener" / "static"

    assert (static / "screener.js").stat().st_size < 3000
    assert sum((static / name).stat().st_size for name in ("theme.css", "screener.css")) < 20_000

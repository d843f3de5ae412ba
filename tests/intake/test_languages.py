"""Five languages: each whole, each reached from every other with everything typed kept, and none shown too early."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from screener.public_app import create_public_app
from screener.questionnaire.form import STEP_PATHS
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.submissions.envelope import SealedSubmission
from tests.support.public_client import ADA
from tests.support.public_client import PublicClient
from tests.support.public_client import PublicPage
from tests.support.public_deployment import PublicDeployment
from tests.support.public_deployment import make_deployment
from tests.support.public_pages import WRONG

SHIPPED = Settings().study
LOCALES = locales(SHIPPED)
STUDY = load_study(SHIPPED)
WORDS = {locale: load_wording(SHIPPED, STUDY, locale) for locale in LOCALES}
TYPED: dict[str, Any] = {
    **ADA,
    "dep_told": "9",
    "tx_had": ["1", "0"],
    "when_call": ["1", "4"],
    "access_text": "  two  blanks ",
}
#: Which sentence says what is wrong with each of WRONG.
SAYS = {
    "age_years": "age",
    "dep_told": "choice",
    "tx_had": "choice",
    "name_pref": "name",
    "email": "email",
    "phone": "phone",
    "lang": "choice",
    "adult_self": "permission",
}
ANYBODY = ["李", "Ñ", "Ñandú Ejemplo", "Nguyễn Thị Ví Dụ", "Nguyễn".encode().decode(), "ʻOkina", "محمد", "X Æ A-12"]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_deployment(tmp_path_factory.mktemp("languages") / "data")


@pytest.fixture(scope="module")
def app(deployment: Settings) -> Flask:
    return create_public_app(deployment)


def language(page: PublicPage) -> str:
    return str(page.soup.html["lang"]) if page.soup.html else ""


def switched(visitor: PublicClient, page: PublicPage, locale: str, **answers: str | list[str]) -> PublicPage:
    """*page*, filled in, in another language: by the button that bears that language's own name."""
    return visitor.presses(page, WORDS[locale].name, **answers)


def test_what_cannot_be_read_is_said_in_the_language_of_the_page(app: Flask) -> None:
    wrong = []
    for locale, words in WORDS.items():
        visitor = PublicClient(app, locale=locale)
        pairs = visitor.checks().pairs()
        for step, path in STEP_PATHS.items():
            page = visitor.posts(visitor.at(path), pairs)
            answer = visitor.posts(visitor.at("check"), visitor.fills(page, WRONG[step]))
            title = answer.soup.title.get_text(strip=True) if answer.soup.title else ""
            found = (answer.status, language(answer), answer.errors(), title, answer.token)
            said = {field: getattr(words.errors, SAYS[field]) for field in WRONG[step]}
            if found != (422, locale, said, f"{words.common.error_prefix} {words.pages[step].title}", page.token):
                wrong.append((locale, step, found))

    assert not wrong


def test_the_whole_way_in_every_language(app: Flask) -> None:
    for locale, words in WORDS.items():
        visitor = PublicClient(app, locale=locale)
        page = visitor.opens(visitor.at("interest"))
        headings = [page.heading]
        for answers in ({"dep_told": "9"}, {"name_pref": "李", "phone": "12"}, {"adult_self": "1"}, {}):
            page = visitor.goes(page, **answers)
            headings.append(page.heading)

        assert headings == [words.pages[step].heading for step in (*STEP_PATHS, "check", "received")]
        assert language(page) == locale
        assert page.reference


@pytest.mark.parametrize("step", [*STEP_PATHS, "check"])
def test_a_change_of_language_keeps_the_step_and_everything_typed(app: Flask, step: str) -> None:
    visitor = PublicClient(app)
    check = visitor.checks(**TYPED)
    page = check if step == "check" else visitor.posts(f"/en/{STEP_PATHS[step]}", check.pairs())
    sent = sorted(page.said())

    for locale in (*LOCALES[1:], "en"):
        page = switched(visitor, page, locale)
        assert (page.status, language(page), page.heading) == (200, locale, WORDS[locale].pages[step].heading)
        assert sorted(page.said()) == sent


def test_a_change_of_language_asks_nothing_and_sends_nothing(
    app: Flask, deployment: Settings, inbox: Callable[[], list[SealedSubmission]]
) -> None:
    visitor = PublicClient(app)
    before = len(inbox())
    contact = visitor.goes(visitor.opens("/en/interest"))

    page = switched(visitor, contact, "vi", email="ada@", name_pref="")

    assert (page.status, page.errors(), page.values("email")) == (200, {}, ["ada@"])
    assert switched(visitor, visitor.checks(), "es").heading == WORDS["es"].pages.check.heading
    assert len(inbox()) == before


def test_a_change_stays_a_change_in_another_language(app: Flask) -> None:
    visitor = PublicClient(app)
    step = visitor.posts("/en/contact", [*visitor.checks().pairs(), ("then", "check")])

    page = switched(visitor, step, "es")

    home = WORDS["es"].pages.check
    assert [one.get_text(strip=True) for one in page.soup.select(".actions button")] == [home.actions.check]
    assert visitor.presses(page, home.actions.check).heading == home.heading


def test_one_page_sent_from_two_tabs_in_two_languages_is_one_submission(
    app: Flask, inbox: Callable[[], list[SealedSubmission]]
) -> None:
    visitor = PublicClient(app)
    english = visitor.checks(**TYPED)
    spanish = switched(visitor, english, "es")
    before = len(inbox())

    references = {visitor.goes(tab).reference for tab in (spanish, english, spanish)}

    assert len(references) == 1
    assert len(inbox()) == before + 1


def test_pages_without_a_form_lead_to_the_same_page_by_a_link(app: Flask) -> None:
    visitor = PublicClient(app)
    for path in ("", "about", "privacy", "accessibility"):
        links = visitor.opens(f"/en/{path}?s=flyer").soup.select("nav.languages a")
        assert [(link["lang"], link["hreflang"], link["href"], link.get_text(strip=True)) for link in links] == [
            (locale, locale, f"/{locale}/{path}?s=flyer", WORDS[locale].name) for locale in LOCALES if locale != "en"
        ]
        assert language(visitor.opens(str(links[0]["href"]))) == links[0]["lang"]


def test_a_button_of_another_language_says_which_one_it_is(app: Flask) -> None:
    buttons = PublicClient(app).opens("/en/interest").soup.select("nav.languages button")

    assert [(one["lang"], one.get_text(strip=True)) for one in buttons] == [
        (locale, WORDS[locale].name) for locale in LOCALES if locale != "en"
    ]


def test_answers_that_were_given_back_are_not_sent_by_a_change_of_language(deployment: Settings) -> None:
    app = create_public_app(deployment.model_copy(update={"posts_per_minute": 1}))
    visitor = PublicClient(app)
    check = visitor.checks(**TYPED)
    kept = visitor.sends(check)
    assert kept.status == 429

    (button,) = [one for one in kept.soup.select("nav.languages button") if one["lang"] == "fil"]

    assert button["formaction"] == "/fil/check"


def test_a_name_in_any_script_and_of_one_letter_is_a_name(
    app: Flask, opened: Callable[[], list[dict[str, object]]]
) -> None:
    visitor = PublicClient(app, locale="zh-Hant")

    assert [name for name in ANYBODY if visitor.tells(name_pref=name).status != 200] == []
    assert set(ANYBODY) <= {submission["name_pref"] for submission in opened()}


def test_what_a_keyboard_of_another_script_types_is_read_and_kept_as_typed(
    app: Flask, opened: Callable[[], list[dict[str, object]]]
) -> None:
    typed = (
        {"age_years": "３４", "email": "ada＠example.org", "phone": "電話 四一五 5550100 內線 7"},
        {"phone": "+84 90 123 4567 máy lẻ 3"},
    )
    for answers in typed:
        assert PublicClient(app, locale="zh-Hant").tells(**answers).status == 200

    kept = opened()
    assert [one for one in typed if not any(one.items() <= submission.items() for submission in kept)] == []


def test_a_letter_counts_once_however_its_accents_were_typed(app: Flask) -> None:
    apart = "ê\u0301" * 80

    assert PublicClient(app, locale="vi").tells(name_pref=apart).status == 200
    assert "name_pref" in PublicClient(app, locale="vi").checks(name_pref=apart + "a").errors()


def test_a_locale_that_does_not_exist_is_no_page(app: Flask) -> None:
    for path in ("/xx/", "/xx/interest", "/EN/", "/zh/", "/zh-hant/", "/en-XA/", "/translated/"):
        page = PublicClient(app).opens(path, headers={"Accept-Language": "vi"})

        assert (page.status, language(page)) == (404, "vi"), path
        assert page.heading == WORDS["vi"].error_pages.not_found.heading


def test_a_draft_says_that_it_is_one(app: Flask) -> None:
    for locale in LOCALES:
        shown = WORDS[locale].common.draft in PublicClient(app).opens(f"/{locale}/").text
        assert shown == (WORDS[locale].status == "draft")


def reviewed(folder: Path, locale: str) -> None:
    path = folder / f"wording.{locale}.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('status = "draft"', 'status = "reviewed"'), encoding="utf-8"
    )


@pytest.mark.parametrize("public_form", ["production"], indirect=True)
def test_in_production_a_language_is_offered_once_it_is_approved(public_form: PublicDeployment) -> None:
    """A reviewed translation has its address; until an IRB has approved it, nobody is led there."""
    reviewed(public_form.settings.study, "es")
    public_form.app = create_public_app(public_form.settings)
    public_form.open_form()
    visitor = PublicClient(public_form.app)
    spanish = {"Accept-Language": "es"}

    before = visitor.opens("/en/")
    assert (before.status, before.soup.select("nav.languages")) == (200, [])
    assert visitor.opens("/", headers=spanish).answer.headers["Location"] == "/en/"
    assert visitor.opens("/es/").status == 503
    assert visitor.opens("/vi/").status == 404

    public_form.approve(
        locale="es", wording_version=public_form.availability.wordings["es"].version, reviewer="Invented Translator"
    )
    public_form.check_after(3)

    assert [one["lang"] for one in visitor.opens("/en/").soup.select("nav.languages a")] == ["es"]
    assert visitor.opens("/", headers=spanish).answer.headers["Location"] == "/es/"
    assert (visitor.opens("/es/").status, visitor.opens("/es/").soup.select(".preview")) == (200, [])

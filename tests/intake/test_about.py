"""What a page says of the outside world: the public facts of the study, and when somebody last looked."""

from datetime import date
from pathlib import Path

import pytest

from screener.board import board
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.web.locales import format_long_date
from tests.support.public_client import PublicClient
from tests.support.public_deployment import PublicDeployment
from tests.support.public_deployment import fill_in_facts

LOCALES = locales(Settings().study)


def test_the_study_page_says_what_the_public_list_says_and_when_it_was_checked(
    deployment: Settings, tmp_path: Path
) -> None:
    folder = fill_in_facts(deployment.study, tmp_path / "study")
    study = load_study(folder)
    registry = study.registry
    assert registry.checked_on
    visitor = PublicClient(create_public_app(deployment.model_copy(update={"study": folder})))
    facts = (study.registry_id, registry.sponsor, str(registry.places), str(registry.countries), "BPL-003")

    for locale in LOCALES:
        page = visitor.opens(f"/{locale}/about")

        missing = [fact for fact in (*facts, format_long_date(registry.checked_on, locale)) if fact not in page.text]
        (link,) = page.soup.select("main a[href^=http]")
        assert not missing, locale
        assert link["href"] == f"https://clinicaltrials.gov/study/{study.registry_id}"
        assert {"noreferrer", "noopener"} <= set(link["rel"])


def test_as_long_as_nobody_has_looked_no_day_is_said_and_the_form_stays_closed(deployment: Settings) -> None:
    page = PublicClient(create_public_app(deployment)).opens("/en/about")

    assert page.soup.select(".checked") == []
    assert "registry.checked_on" in load_study(deployment.study).placeholders()


@pytest.mark.parametrize("public_form", ["production"], indirect=True)
def test_the_study_is_told_of_only_in_approved_words_and_privacy_always(public_form: PublicDeployment) -> None:
    visitor = PublicClient(public_form.app)
    assert (visitor.opens("/en/about").status, visitor.opens("/en/privacy").status) == (503, 200)
    assert "BPL-003" not in visitor.opens("/en/about").text

    public_form.open_form()
    public_form.check_after(3)

    assert visitor.opens("/en/about").status == 200


def test_a_new_look_at_the_list_is_shown_and_needs_no_new_approval(deployment: Settings, tmp_path: Path) -> None:
    folder = fill_in_facts(deployment.study, tmp_path / "study")
    before = load_wording(folder, load_study(folder), "en").version
    file = folder / "study.toml"
    file.write_text(file.read_text().replace("checked_on = 2026-11-23", "checked_on = 2027-02-01"))

    page = PublicClient(create_public_app(deployment.model_copy(update={"study": folder}))).opens("/en/about")

    assert "Last checked on February 1, 2027." in page.text
    assert load_wording(folder, load_study(folder), "en").version == before


def test_a_changed_fact_does(deployment: Settings, tmp_path: Path) -> None:
    folder = fill_in_facts(deployment.study, tmp_path / "study")
    before = load_wording(folder, load_study(folder), "en").version
    file = folder / "study.toml"
    file.write_text(file.read_text().replace("places = 38", "places = 39"))

    assert load_wording(folder, load_study(folder), "en").version != before


@pytest.mark.parametrize("public_form", ["development"], indirect=True)
def test_each_notice_says_when_the_status_was_last_confirmed(public_form: PublicDeployment) -> None:
    public_form.open_form()
    visitor = PublicClient(public_form.app)
    study = public_form.availability.study
    sentences = {locale: load_wording(public_form.settings.study, study, locale).common.checked for locale in LOCALES}

    statuses: tuple[board.IntakeStatus, ...] = ("paused", "closed", "waitlist")

    wrong = []
    for day, status in enumerate(statuses, start=24):
        public_form.check_after(60 * 60 * 24)
        public_form.beat()
        public_form.set_status(status)
        public_form.check_after(3)
        for locale, sentence in sentences.items():
            found = [one.get_text(strip=True) for one in visitor.opens(f"/{locale}/").soup.select(".checked")]
            if found != [sentence.format(checked_on=format_long_date(date(2026, 11, day), locale))]:
                wrong.append((status, locale, found))

    assert not wrong


@pytest.mark.parametrize("public_form", ["production"], indirect=True)
def test_a_status_that_nobody_ever_set_has_no_date(public_form: PublicDeployment) -> None:
    page = PublicClient(public_form.app).opens("/en/")

    assert page.status == 503
    assert page.soup.select(".checked") == []

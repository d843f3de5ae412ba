"""The privacy page says that a form with an appointment is kept until after it; an approved folder may leave it out."""

from pathlib import Path

import pytest
from flask import Flask

from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from tests.support.server import ROOT

APPROVED = ROOT / "tests" / "releases" / "1" / "study"


def test_the_privacy_page_says_it(public: Flask) -> None:
    page = public.test_client().get("/en/privacy").text

    assert "<h2>If you have an appointment</h2>" in page
    assert "we keep your form until after it. This holds even after 180 days." in page


@pytest.mark.parametrize("locale", list_locales(APPROVED))
def test_an_approved_folder_of_the_release_before_leaves_it_out(locale: str) -> None:
    privacy = load_wording(APPROVED, load_study(APPROVED), locale).pages.privacy

    assert (privacy.appointment, privacy.shown) == ((), privacy.body)


def test_a_folder_without_the_section_keeps_the_version_that_it_would_have(tmp_path: Path) -> None:
    shipped = ROOT / "screener" / "study" / "nct05870540"
    for path in shipped.glob("*.toml"):
        Path(tmp_path, path.name).write_bytes(path.read_bytes())
    words = Path(tmp_path, "wording.en.toml")
    text = words.read_text(encoding="utf-8")
    start = text.index("appointment = [")
    words.write_text(text[:start] + text[text.index("\n]\n", start) + 3 :], encoding="utf-8")

    content = load_wording(tmp_path, load_study(tmp_path), "en").content

    assert "appointment" not in content["wording"]["pages"]["privacy"]

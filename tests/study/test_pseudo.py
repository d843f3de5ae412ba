"""The pseudo-language loads as a real one does, and changes nothing but the letters and the length."""

import pytest

from screener.study.loader import list_locales
from screener.study.placeholders import REFERENCE_PLACES
from screener.study.wording_files import WORDING_FILE
from screener.study.wording_files import read_wording_source
from screener.study_checks import lint
from screener.study_checks.sentences import sentences_of
from tests.study.pseudo import LOCALE
from tests.study.pseudo import pseudo
from tests.study.pseudo import write_pseudo
from tests.support.study_folder import Folder


@pytest.mark.parametrize(
    ("sentence", "made"),
    [
        ("Call {site_phone}.", "[Çáll {site_phone}. ẋẋẋẋ ẋẋ]"),
        ("## Before you start", "## [Béfóré ýóú stárt ẋẋẋẋ ẋ]"),
        ("- a note", "- [á ñóté ẋẋ]"),
    ],
)
def test_a_sentence_keeps_its_placeholders_and_its_mark(sentence: str, made: str) -> None:
    assert pseudo(sentence) == made


def test_the_file_loads_and_every_sentence_is_longer_by_two_fifths(folder: Folder) -> None:
    path = write_pseudo(folder.path)

    assert WORDING_FILE.fullmatch(path.name)
    assert list_locales(folder.path) == (LOCALE, "en")
    assert folder.wording(LOCALE).status == "draft"
    english, made = (sentences_of(read_wording_source(folder.path, locale).merged()) for locale in ("en", LOCALE))
    assert made.keys() == english.keys()
    assert all(len(made[key]) >= 1.4 * len(text) for key, text in english.items())
    assert all("[" in text and text.endswith("]") for text in made.values())
    assert all("{reference}" in made[f"{place}[1]"] for place in REFERENCE_PLACES)


def test_the_lint_says_that_it_does_not_know_it(folder: Folder) -> None:
    write_pseudo(folder.path)

    (fault,) = lint.find_lint_faults(read_wording_source(folder.path, LOCALE).merged())

    assert fault.path == "locale"

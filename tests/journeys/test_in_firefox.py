"""The whole way in Firefox, because not everybody's browser is a Chromium: with script and style as they come."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.firefox import Firefox
from tests.support.http_client import REFERENCE
from tests.support.page_rules import CRISIS
from tests.support.server import Server


@pytest.fixture
def reader(one_server: Server, tmp_path: Path) -> Iterator[Firefox]:
    """Somebody at Firefox, with the start page before them."""
    browser = Firefox(tmp_path)
    try:
        browser.opens(f"http://127.0.0.1:{one_server.port}/en/")
        yield browser
    finally:
        browser.close()


def is_whole(reader: Firefox) -> bool:
    """The page has its style, its crisis numbers, no more width than the window, and left no cookie."""
    styled = reader.runs("return getComputedStyle(document.querySelector('.skip')).position !== 'static'")
    fits = reader.runs("return document.documentElement.scrollWidth <= innerWidth")
    return styled and fits and all(number in reader.text for number in CRISIS) and reader.cookies == []


def test_the_whole_way_in_firefox(reader: Firefox, one_server: Server) -> None:
    assert is_whole(reader)
    reader.follows("Start the form")
    reader.sees("How old are you?")
    assert is_whole(reader)
    reader.fills("How old are you?", "34")
    reader.chooses("Not sure", to="Has a doctor or health worker")
    reader.chooses("Ketamine or esketamine (Spravato)")
    reader.presses("Continue")
    reader.sees("Step 2 of 4")
    reader.fills("What name should we ask for?", "Invented Fox")
    reader.presses("Continue")

    reader.sees("Please look at this again")
    assert is_whole(reader)
    assert reader.runs("return document.activeElement.id") == "summary", "what is wrong has the focus"
    reader.fills("Email", "fox@example.org")
    reader.presses("Continue")
    reader.sees("Step 3 of 4")
    reader.chooses("I am 18 or older.")
    reader.presses("Check your answers")

    told = reader.sees("The study team does not have your form yet")
    assert "Invented Fox" in told and "fox@example.org" in told
    assert is_whole(reader)
    reader.presses("Send")

    found = REFERENCE.search(reader.sees("We have your form"))
    assert found and is_whole(reader)
    one_server.wait_until_moved()
    (row,) = [row for row in one_server.exported() if row["reference"] == found.group()]
    assert (row["name_pref"], row["email"], row["age_years"]) == ("Invented Fox", "fox@example.org", "34")
    assert row["dep_told"] and row["dep_now"] == ""

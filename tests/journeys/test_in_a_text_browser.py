"""The whole way in lynx: no picture, no colour, no script, one column of words; and all that matters is among them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.text_browser import TextBrowser
from tests.support.http_client import REFERENCE
from tests.support.page_rules import CRISIS
from tests.support.server import Server

#: lynx chooses the first answer of each question by itself, so who wants to skip one has to say so.
SKIPPED = (
    "Do you have depression now?",
    "How many medicines for depression",
    "Do you take medicine for depression now?",
)
SKIPPED_THEN = (
    "How should we try to reach you first?",
    "may we leave a voice message?",
)


@pytest.fixture
def reader(one_server: Server, tmp_path: Path) -> Iterator[TextBrowser]:
    """Somebody at lynx, with the start page before them."""
    browser = TextBrowser(tmp_path, f"http://127.0.0.1:{one_server.port}/en/")
    try:
        browser.sees("Before you start")
        yield browser
    finally:
        browser.close()


def has_the_crisis_numbers(reader: TextBrowser) -> bool:
    return all(number in reader.text for number in CRISIS)


def test_the_whole_way_in_a_text_browser(reader: TextBrowser, one_server: Server) -> None:
    assert has_the_crisis_numbers(reader)
    reader.follows("Start the form")
    reader.sees("How old are you?")
    assert has_the_crisis_numbers(reader)
    reader.fills("How old are you?", "34")
    reader.chooses("Not sure", to="ever said that you have depression?")
    reader.chooses("Ketamine or esketamine")
    for question in SKIPPED:
        reader.chooses("Skip this question", to=question)
    assert reader.chosen("ever said that you have depression?") == "Not sure"
    reader.chooses("Yes, but I would need help", to="study visits in San Francisco?")
    reader.presses("Continue")

    reader.sees("Step 2 of 4")
    for question in SKIPPED_THEN:
        reader.chooses("Skip this question", to=question)
    reader.fills("What name should we ask for?", "Invented Lynx")
    reader.presses("Continue")

    told = reader.sees("Please look at this again")
    assert told.index("Please look at this again") < told.index("What name should we ask for?"), (
        "what is wrong comes first"
    )
    assert told.count("Please give a phone number or an email") > 2, "and stands at its field again"
    assert has_the_crisis_numbers(reader)
    reader.fills("Email If you can", "lynx@example.org")
    reader.presses("Continue")
    reader.sees("Step 3 of 4")
    reader.chooses("I am 18 or older.")
    reader.presses("Check your answers")

    told = reader.sees("The study team does not have your form yet")
    assert "Invented Lynx" in told and "lynx@example.org" in told
    assert has_the_crisis_numbers(reader)
    reader.presses("Send")

    found = REFERENCE.search(reader.sees("We have your form"))
    assert found and has_the_crisis_numbers(reader)
    one_server.wait_until_moved()
    (row,) = [row for row in one_server.exported() if row["reference"] == found.group()]
    assert (row["name_pref"], row["email"], row["age_years"]) == ("Invented Lynx", "lynx@example.org", "34")
    assert row["dep_told"] and row["travel_sf"]
    assert [row[name] for name in ("dep_now", "ad_tried", "ad_now", "how_contact", "voicemail")] == [""] * 5

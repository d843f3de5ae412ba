"""A new password is no name of the person, the site, the study or the program with something short behind it."""

import pytest

from screener.auth.flask_security import find_password_error
from tests.support.desk_app import DeskApp

CONTEXT = ("nct05870540", "Pacific Example Clinic, San Francisco", "Dr. Robin Sample")
PERSON = {"email": "grace.hopper@example.org", "name": "Grace Hopper"}


@pytest.mark.parametrize(
    "password",
    [
        "gracehopper2026!",
        "Grace.Hopper@example.org",
        "NCT05870540-2026",
        "San Francisco 94110",
        "Pacific Example 1",
        "robinsample!!!!",
        "screener-screener-1",
        "Password12345!",
        "passwordpassword",
        "qwertyuiop1234",
        "1234567890123",
        "depression study 26",
    ],
)
def test_a_password_of_words_that_are_guessed_first_is_refused(password: str) -> None:
    assert "hard to guess" in find_password_error(password, **PERSON, context=CONTEXT)


@pytest.mark.parametrize(
    "password",
    ["four quiet words here", "grace likes nine yellow kites", "e7Qx-92Lm-kk0P", "陳美玲在海邊看見七隻白鳥飛過"],
)
def test_a_long_password_of_other_words_is_taken(password: str) -> None:
    assert find_password_error(password, **PERSON, context=CONTEXT) == ""


def test_the_page_says_so_beside_the_field_and_knows_the_study(house: DeskApp) -> None:
    person = house.new_browser("eve@example.org")

    page = person.takes_up(house.invites("Eve", "coordinator"), f"{house.room.study.id}-2026")

    assert (page.status, "hard to guess" in page.error) == (422, True)
    assert "password-error" in page.soup.select_one("#password")["aria-describedby"]

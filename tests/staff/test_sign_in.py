"""Signing in: both factors or nothing, the same words for every wrong try, and a session that ends when it should."""

import pytest

from tests.staff.office import House
from tests.staff.person import PASSWORD
from tests.staff.person import Person


def test_somebody_comes_with_a_password_and_a_code(strict_house: House, ada: Person) -> None:
    again = ada.another_browser()

    page = again.signs_in()

    assert page.leads_to == "/team"
    assert again.opens("/team").heading == "Team"
    assert [event["detail"] for event in strict_house.trail("signed_in")] == [{"second_factor": "given"}] * 2


def test_a_password_alone_opens_nothing(ada: Person) -> None:
    thief = ada.another_browser()

    page = thief.knocks()

    assert page.heading == "Your code"
    for path in ("/", "/team", "/account", "/account/second-factor", "/nowhere"):
        assert thief.opens(path).status in (401, 404)
        assert "example.org" not in thief.opens(path).text

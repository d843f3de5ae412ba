"""The same page, however often it is sent, is one submission with one reference; an edited page is another."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.http_client import HttpClient
from tests.support.http_client import HttpPage
from tests.support.server import Server

ONE_AFTER_ANOTHER = 10
AT_ONCE = 40


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Server]:
    """A server whose worker runs only when the test says so."""
    data = tmp_path / "served"
    data.mkdir()
    server = Server(data)
    server.set_up()
    server.start_public()
    yield server
    server.stop()


def checked(person: HttpClient, name: str) -> HttpPage:
    form = person.opens("/en/interest")
    answers = {"name_pref": name, "email": "invented@example.org", "adult_self": "1", "dep_now": "1"}
    return person.goes_on(form, answers)


def test_one_page_sent_fifty_times_before_and_after_it_is_moved(
    held: Server, at_once: Callable[[Callable[[int], object], int], None]
) -> None:
    person = HttpClient(held.port)
    check = checked(person, "Invented Repeated")
    shown: list[tuple[int, str]] = []

    def sends_again(_: int) -> None:
        page = HttpClient(held.port).sends(check, "Send")
        shown.append((page.status, page.reference))

    for _ in range(2):
        for number in range(ONE_AFTER_ANOTHER):
            sends_again(number)
        at_once(sends_again, AT_ONCE)
        held.wait_until_moved()
    held.expect("keys", "rotate", "--form-key")
    held.kill_public()
    held.start_public()
    sends_again(0)
    held.wait_until_moved()

    reference = shown[0][1]
    assert reference
    assert shown == [(200, reference)] * (2 * (ONE_AFTER_ANOTHER + AT_ONCE) + 1)
    assert [row["reference"] for row in held.exported()] == [reference]


def test_an_edited_page_is_a_second_submission(held: Server) -> None:
    person = HttpClient(held.port)
    check = checked(person, "Invented Edited")
    first = person.sends(check, "Send").reference
    form = person.sends(check, "Change")
    again = person.sends(form, pairs=person.fills(form, {"dep_now": "8"}))
    second = person.sends(again, "Send").reference
    held.wait_until_moved()

    rows = held.exported()

    assert first != second
    assert [(row["reference"], row["dep_now"]) for row in rows] == [(first, "1"), (second, "8")]

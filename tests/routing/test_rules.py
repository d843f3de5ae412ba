"""Whose submission it is: the language first, then whose turn it is; nothing else is there to ask."""

from dataclasses import fields
from datetime import timedelta

import pytest

from screener.routing.rules import choose_assignee
from screener.staff.directory import Coordinator
from screener.study.model import RoutingRules
from screener.submissions.envelope import Envelope
from tests.support.submissions import NOON
from tests.support.submissions import sealed


def someone(name: str, *languages: str, waited: int | None = None) -> Coordinator:
    turn = None if waited is None else NOON - timedelta(hours=waited)
    return Coordinator(name, name, f"{name}@example.org", languages or ("en",), turn)


def envelope(language: str) -> Envelope:
    return sealed(call_language=language).envelope


@pytest.mark.parametrize(
    ("language", "chosen"), [("es", "grace"), ("en", "ada"), ("", "ada"), ("vi", "ada"), ("other", "ada")]
)
def test_who_speaks_the_language_comes_first_and_somebody_always_comes(language: str, chosen: str) -> None:
    team = [someone("ada", "en"), someone("grace", "en", "es"), someone("mae", "es")]

    found = choose_assignee(envelope(language), team, RoutingRules())

    assert found is not None
    assert found.name == chosen


def test_without_a_rule_for_languages_the_turn_alone_counts() -> None:
    found = choose_assignee(envelope("es"), [someone("ada"), someone("grace", "es")], RoutingRules(by=("turn",)))

    assert found is not None
    assert found.name == "ada"


def test_with_nobody_there_nobody_is_chosen() -> None:
    assert choose_assignee(envelope("en"), [], RoutingRules()) is None


def test_a_rule_could_not_see_an_answer_if_it_wanted_to() -> None:
    assert {field.name for field in fields(Envelope)} == {
        "id",
        "received_at",
        "wording_version",
        "locale",
        "source",
        "call_language",
        "suspected_spam",
    }

"""An approval is of one version in one locale, from its first day to its last."""

from dataclasses import replace
from datetime import date
from datetime import timedelta

import pytest

from screener.study.approvals import Approval
from screener.study.approvals import count_days_left
from screener.study.approvals import due_warning
from screener.study.approvals import find_approval_in_force
from screener.study.approvals import find_last_ended_approval
from screener.study.approvals import list_unrenewed_approvals

VERSION = "a" * 64
FIRST = date(2026, 11, 1)
LAST = date(2027, 10, 31)
APPROVAL = Approval(
    wording_version=VERSION,
    locale="en",
    irb_name="Example IRB",
    irb_number="26-0100",
    approved_on=FIRST,
    expires_on=LAST,
    reviewer="",
)
NOISE = (replace(APPROVAL, locale="es"), replace(APPROVAL, wording_version="b" * 64))


@pytest.mark.parametrize(
    ("today", "holds"),
    [
        (FIRST - timedelta(days=1), False),
        (FIRST, True),
        (LAST, True),
        (LAST + timedelta(days=1), False),
    ],
)
def test_an_approval_holds_from_its_first_day_to_its_last(today: date, holds: bool) -> None:
    assert find_approval_in_force([*NOISE, APPROVAL], VERSION, "en", today) == (APPROVAL if holds else None)


def test_an_approval_of_other_words_or_another_locale_opens_nothing() -> None:
    assert find_approval_in_force(NOISE, VERSION, "en", FIRST) is None
    assert find_approval_in_force([], VERSION, "en", FIRST) is None


def test_of_two_approvals_the_one_that_lasts_longer_counts() -> None:
    longer = replace(APPROVAL, irb_number="26-0200", expires_on=LAST + timedelta(days=30))

    assert find_approval_in_force([longer, APPROVAL], VERSION, "en", FIRST) == longer
    assert find_approval_in_force([APPROVAL, longer], VERSION, "en", FIRST) == longer


def test_the_days_that_are_left_are_counted_after_today() -> None:
    assert count_days_left(APPROVAL, LAST - timedelta(days=7)) == 7
    assert count_days_left(APPROVAL, LAST) == 0
    assert count_days_left(APPROVAL, LAST + timedelta(days=2)) == -2


def test_of_approvals_that_are_over_the_last_one_is_remembered() -> None:
    earlier = replace(APPROVAL, expires_on=LAST - timedelta(days=30))
    known = [*NOISE, APPROVAL, earlier]

    assert find_last_ended_approval(known, VERSION, "en", LAST) == earlier
    assert find_last_ended_approval(known, VERSION, "en", LAST + timedelta(days=1)) == APPROVAL
    assert find_last_ended_approval(NOISE, VERSION, "en", LAST + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("left", "due"), [(31, None), (30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (0, 7), (-1, 0), (-400, 0)]
)
def test_the_nearest_warning_is_due(left: int, due: int | None) -> None:
    assert due_warning(APPROVAL, LAST - timedelta(days=left)) == due


def test_an_approval_is_renewed_by_a_later_one_of_its_locale_that_lasts_at_least_as_long() -> None:
    spanish, other_words = NOISE
    shorter = replace(APPROVAL, expires_on=LAST - timedelta(days=1))

    assert list_unrenewed_approvals([APPROVAL, spanish]) == [APPROVAL, spanish]
    assert list_unrenewed_approvals([APPROVAL, other_words]) == [other_words]
    assert list_unrenewed_approvals([shorter, APPROVAL]) == [APPROVAL]
    assert list_unrenewed_approvals([APPROVAL, shorter]) == [APPROVAL, shorter]
    assert list_unrenewed_approvals([shorter, APPROVAL, shorter]) == [APPROVAL, shorter]

"""Keeping, finding and erasing in the store."""

from dataclasses import replace
from datetime import date
from datetime import timedelta

import pytest
import sqlalchemy as sa

from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.models import FollowUp
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import find_submissions
from screener.follow_up.queries import iterate_submissions
from screener.follow_up.receipt import receive_submission
from screener.follow_up.service import Edit
from screener.settings import Settings
from screener.study.approvals import Approval
from screener.submissions import queries
from screener.submissions import writes
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference
from tests.support.submissions import NOON
from tests.support.submissions import sealed


def all_kept(engine: sa.Engine, batch: int = 500) -> list[StoredSubmission]:
    with reading(engine) as connection:
        return list(iterate_submissions(connection, batch=batch))


def test_arrivals_are_numbered_as_they_come_and_found_in_that_order(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    sent = [sealed(number, received_at=NOON - timedelta(hours=number)) for number in range(7)]

    for one in sent:
        with writing(store) as connection:
            receive_submission(connection, one, at=NOON)

    for batch in (1, 2, 7, 500):
        found = all_kept(store, batch)
        assert [kept.arrival for kept in found] == [1, 2, 3, 4, 5, 6, 7]
        assert [kept.envelope for kept in found] == [one.envelope for one in sent]
        assert [kept.contact_box for kept in found] == [one.contact for one in sent]
        assert {kept.state for kept in found} == {"new"}


def test_the_same_submission_is_kept_once(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    one = sealed()

    with writing(store) as connection:
        assert receive_submission(connection, one, at=NOON) == 1
        assert receive_submission(connection, one, at=NOON) is None
    with writing(store) as connection:
        assert receive_submission(connection, one, at=NOON) is None

    assert len(all_kept(store)) == 1


def test_an_erased_submission_leaves_a_tombstone_and_stays_erased(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    one, other = sealed(1), sealed(2)
    with writing(store) as connection:
        receive_submission(connection, one, at=NOON)
        receive_submission(connection, other, at=NOON)

    with writing(store) as connection:
        erase_on_request(connection, Edit(one.envelope.id, 1, "cli", NOON))
    with writing(store) as connection:
        assert receive_submission(connection, one, at=NOON) is None
        writes.replace_boxes(connection, one.envelope.id, contact=b"back again")

    tombstone, rest = all_kept(store)
    assert (tombstone.contact_box, tombstone.answers_box, tombstone.erased_at) == (None, None, NOON)
    assert tombstone.state == "withdrew"
    assert (rest.contact_box, rest.state) == (other.contact, "new")


def test_boxes_can_be_replaced_one_by_one(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    one = sealed()
    with writing(store) as connection:
        receive_submission(connection, one, at=NOON)

    with writing(store) as connection:
        writes.replace_boxes(connection, one.envelope.id, answers=b"sealed again")

    (kept,) = all_kept(store)
    assert (kept.contact_box, kept.answers_box) == (one.contact, b"sealed again")


def test_a_submission_is_found_by_its_reference(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    one = sealed()
    with writing(store) as connection:
        receive_submission(connection, one, at=NOON)
        receive_submission(connection, sealed(), at=NOON)

    with reading(store) as connection:
        (found,) = find_submissions(connection, derive_reference(one.envelope.id))
        assert found.envelope == one.envelope
        assert find_submissions(connection, "2222-2222-2222-2") == []
        assert queries.count_submissions(connection) == 2


def test_wordings_are_kept_once_and_for_ever(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    with writing(store) as connection:
        assert writes.save_wording(connection, "b" * 64, "en", "s", '{"n": 1}', NOON) is True
        assert writes.save_wording(connection, "c" * 64, "en", "s", '{"n": 2}', NOON + timedelta(days=1)) is True
        assert writes.save_wording(connection, "b" * 64, "en", "s", '{"n": 3}', NOON) is False

    with reading(store) as connection:
        assert [one.content for one in queries.list_wordings(connection)] == [{"n": 1}, {"n": 2}]


def test_kept_words_are_found_by_the_beginning_of_their_version_and_approvals_in_their_order(
    any_deployment: Settings,
) -> None:
    store = connect(any_deployment.store, may="write")
    first = Approval("b" * 64, "en", "An invented IRB", "1", date(2026, 1, 1), date(2028, 1, 1), "")
    second = replace(first, wording_version="c" * 64, irb_number="2", expires_on=date(2027, 1, 1))
    with writing(store) as connection:
        writes.save_wording(connection, "b" * 64, "en", "s", '{"n": 1}', NOON)
        writes.save_wording(connection, "c" * 64, "es", "s", '{"n": 2}', NOON + timedelta(days=1))
        for approval in (first, second):
            writes.save_approval(connection, approval)

    with reading(store) as connection:
        assert queries.list_wordings(connection, version="c" * 8) == [queries.StoredWording("c" * 64, "es", {"n": 2})]
        assert [one.locale for one in queries.list_wordings(connection)] == ["en", "es"]
        assert queries.list_wordings(connection, version="%") == []
        assert queries.list_approvals(connection) == [first, second]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (Submission, {"contact_box": None}),
        (Submission, {"erased_at": NOON}),
        (Submission, {"arrival": 0}),
        (FollowUp, {"state": "unheard of"}),
        (FollowUp, {"version": 0}),
    ],
)
def test_the_database_refuses_what_makes_no_sense(
    any_deployment: Settings, table: type[Submission] | type[FollowUp], change: dict[str, object]
) -> None:
    store = connect(any_deployment.store, may="write")
    with writing(store) as connection:
        receive_submission(connection, sealed(), at=NOON)

    with pytest.raises(sa.exc.IntegrityError), writing(store) as connection:
        connection.execute(sa.update(table).values(change))


def test_a_time_without_a_zone_is_refused(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")

    with pytest.raises(sa.exc.StatementError, match="naive datetime"), writing(store) as connection:
        receive_submission(connection, sealed(), at=NOON.replace(tzinfo=None))

"""A follow-up moves along one table, one version at a time, and nobody overwrites anybody."""

import os
from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up import service as follow_up
from screener.follow_up import transitions
from screener.follow_up.contact_permission import list_stopped_channels
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.models import ContactAttempt
from screener.follow_up.models import FollowUp
from screener.follow_up.models import FollowUpEvent
from screener.follow_up.models import Note
from screener.follow_up.receipt import receive_submission
from screener.follow_up.service import ChangeRefused
from screener.follow_up.service import Edit
from screener.follow_up.service import StaleVersion
from screener.follow_up.service import StateChange
from screener.follow_up.transitions import CLOSED_STATES
from screener.follow_up.transitions import OPEN_STATES
from screener.settings import Settings
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference
from tests.support.submissions import NOON
from tests.support.submissions import sealed

ADA, GRACE = "a" * 32, "b" * 32
TOMORROW = NOON + timedelta(days=1)


class Work:
    """One submission in a store, and people who do things to it."""

    def __init__(self, settings: Settings) -> None:
        self.store = connect(settings.store, may="write")
        self.id = self.arrives()

    def arrives(self) -> bytes:
        one = sealed()
        with writing(self.store) as connection:
            receive_submission(connection, one, at=NOON)
        return one.envelope.id

    def does(self, step: Callable[..., None], *said: object, saw: int | None = None, **facts: object) -> None:
        edit = Edit(self.id, saw or self.row.version, ADA, NOON + timedelta(minutes=self.row.version))
        with writing(self.store) as connection:
            step(connection, edit, *said, **facts)

    def tries(self, channel: str, outcome: str, to: str = "", **facts: Any) -> None:
        change = StateChange(to or self.row.state, facts.pop("on", None))
        self.does(follow_up.log_attempt, channel=channel, outcome=outcome, change=change, **facts)

    @property
    def row(self) -> sa.Row[tuple[object, ...]]:
        with reading(self.store) as connection:
            return connection.execute(sa.select(FollowUp.__table__).where(FollowUp.submission_id == self.id)).one()

    def rows(self, table: type[FollowUpEvent] | type[ContactAttempt] | type[Note]) -> list[sa.Row[tuple[object, ...]]]:
        query = sa.select(table.__table__).where(table.submission_id == self.id).order_by(table.version)
        with reading(self.store) as connection:
            return list(connection.execute(query))

    @property
    def stopped(self) -> set[str]:
        with reading(self.store) as connection:
            return set(list_stopped_channels(connection, self.id))


@pytest.fixture
def work(any_deployment: Settings) -> Iterator[Work]:
    made = Work(any_deployment)
    yield made
    made.store.dispose()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    """A store that many examples share; each has a submission of its own."""
    from screener.operations.migrate import migrate_all

    settings = Settings(data=tmp_path_factory.mktemp("busy") / "data")
    migrate_all(settings)
    made = Work(settings)
    yield made
    made.store.dispose()


def test_every_state_stands_in_the_table_and_leads_only_to_states() -> None:
    assert set(transitions.TRANSITIONS) == {*OPEN_STATES, *CLOSED_STATES}
    assert {to for each in transitions.TRANSITIONS.values() for to in each} == {*OPEN_STATES, *CLOSED_STATES} - {
        "withdrew"
    }
    assert all(state not in to for state, to in transitions.TRANSITIONS.items())


def test_claiming_takes_it_on_and_says_so(work: Work) -> None:
    work.does(follow_up.claim)

    (event,) = work.rows(FollowUpEvent)
    assert (work.row.assignee, work.row.state, work.row.version) == (ADA, "assigned", 2)
    assert (event.kind, event.by, event.version, event.from_state, event.to_state) == (
        "claimed",
        ADA,
        2,
        "new",
        "assigned",
    )
    with pytest.raises(ChangeRefused, match="already"):
        work.does(follow_up.claim)


def test_it_can_be_given_to_somebody_and_back_to_nobody(work: Work) -> None:
    work.does(follow_up.assign, GRACE)
    assert (work.row.assignee, work.row.state) == (GRACE, "assigned")

    work.does(follow_up.assign, None)
    assert (work.row.assignee, work.row.state) == (None, "new")


def test_an_attempt_is_counted_with_its_next_date_and_the_state_that_was_chosen(work: Work) -> None:
    work.tries("call", "no_answer", "trying_to_reach", on=TOMORROW)

    assert (work.row.attempts, work.row.next_action_at, work.row.state) == (1, TOMORROW, "trying_to_reach")
    (attempt,) = work.rows(ContactAttempt)
    assert (attempt.channel, attempt.outcome, attempt.version) == ("call", "no_answer", 2)


def test_an_attempt_may_leave_the_state_as_it_is(work: Work) -> None:
    work.tries("call", "busy", on=TOMORROW)
    work.does(follow_up.log_attempt, channel="call", outcome="busy", change=StateChange("", TOMORROW))

    assert (work.row.attempts, work.row.state, work.row.next_action_at) == (2, "new", TOMORROW)


def test_the_second_of_two_people_is_refused_and_nothing_of_theirs_is_kept(work: Work) -> None:
    work.does(follow_up.claim)

    with pytest.raises(StaleVersion):
        work.does(follow_up.write_note, b"box", saw=1)
    with pytest.raises(StaleVersion):
        work.does(erase_on_request, saw=1)

    assert (work.row.version, work.rows(Note)) == (2, [])


def test_of_twenty_at_once_exactly_one_claims_it(work: Work, at_once: Callable[..., None]) -> None:
    claimed = []

    def claim(number: int) -> None:
        try:
            with writing(work.store) as connection:
                follow_up.claim(connection, Edit(work.id, 1, f"{number:032}", NOON))
            claimed.append(f"{number:032}")
        except StaleVersion:
            return

    at_once(claim, 20)

    assert [work.row.assignee] == claimed
    assert len(work.rows(FollowUpEvent)) == 1


def test_undoing_restores_what_was_before_by_a_new_event(work: Work) -> None:
    work.does(follow_up.claim)
    work.tries("call", "spoke_full", "phone_screen_booked", on=TOMORROW)

    work.does(follow_up.undo_last_change)

    assert (work.row.state, work.row.assignee, work.row.next_action_at, work.row.attempts) == ("assigned", ADA, None, 0)
    assert [event.kind for event in work.rows(FollowUpEvent)] == ["claimed", "attempt", "undone"]
    assert work.rows(FollowUpEvent)[-1].undoes == 3
    with pytest.raises(ChangeRefused, match="only once"):
        work.does(follow_up.undo_last_change)


def test_there_is_nothing_to_undo_at_the_beginning(work: Work) -> None:
    with pytest.raises(ChangeRefused, match="no change to undo"):
        work.does(follow_up.undo_last_change)


@pytest.mark.parametrize(
    ("channel", "outcome", "stopped"),
    [
        ("call", "asked_to_stop", {"call"}),
        ("text", "asked_to_stop", {"text"}),
        ("incoming", "asked_to_stop", {"call", "text", "email"}),
        ("call", "wrong_number", {"call"}),
        ("call", "no_answer", set()),
    ],
)
def test_who_asks_to_stop_is_stopped_at_once(work: Work, channel: str, outcome: str, stopped: set[str]) -> None:
    work.tries(channel, outcome)

    assert work.stopped == stopped


def test_a_stopped_channel_is_free_again_when_that_is_undone(work: Work) -> None:
    work.does(follow_up.stop_channel, "text")
    assert work.stopped == {"text"}

    work.does(follow_up.undo_last_change)

    assert work.stopped == set()


def test_nobody_is_closed_by_the_study_team_from_reading_a_form(work: Work) -> None:
    closing = StateChange("study_team_not_continuing", decided_by="Dr. Example")
    with pytest.raises(ChangeRefused, match="No conversation"):
        work.does(follow_up.change_state, closing)
    work.tries("call", "voicemail_left")
    with pytest.raises(ChangeRefused, match="No conversation"):
        work.does(follow_up.change_state, closing)
    work.tries("call", "spoke_short")
    with pytest.raises(ChangeRefused, match="Enter who on the study team"):
        work.does(follow_up.change_state, StateChange("study_team_not_continuing", decided_by=" "))

    work.does(follow_up.change_state, closing)

    assert work.row.state == "study_team_not_continuing"
    assert work.rows(FollowUpEvent)[-1].decided_by == "Dr. Example"


def test_a_talk_that_was_taken_back_is_no_talk(work: Work) -> None:
    work.tries("call", "spoke_full")
    work.does(follow_up.undo_last_change)

    with pytest.raises(ChangeRefused, match="No conversation"):
        work.does(follow_up.change_state, StateChange("study_team_not_continuing", decided_by="Dr. Example"))


def test_nobody_is_closed_as_not_reached_whom_nobody_tried_to_reach(work: Work) -> None:
    with pytest.raises(ChangeRefused, match="Log an attempt first"):
        work.does(follow_up.change_state, StateChange("could_not_reach"))

    work.tries("call", "no_answer", on=TOMORROW)
    work.does(follow_up.change_state, StateChange("could_not_reach", TOMORROW))

    assert (work.row.state, work.row.next_action_at) == ("could_not_reach", None)
    assert work.row.ended_at is not None


def test_a_duplicate_names_another_form_that_is_there(work: Work) -> None:
    for wrong in ("", "2222-2222-2222-2", derive_reference(work.id)):
        with pytest.raises(ChangeRefused, match="other form"):
            work.does(follow_up.change_state, StateChange("duplicate_of", other_reference=wrong))
    other = derive_reference(work.arrives())

    work.does(follow_up.change_state, StateChange("duplicate_of", other_reference=other))

    assert work.rows(FollowUpEvent)[-1].other_reference == other


@pytest.mark.parametrize("booked", sorted(transitions.BOOKED_STATES))
def test_what_is_booked_has_a_time(work: Work, booked: str) -> None:
    if booked == "visit_booked":
        work.does(follow_up.change_state, StateChange("phone_screen_booked", TOMORROW))
        work.does(follow_up.change_state, StateChange("phone_screen_done"))

    with pytest.raises(ChangeRefused, match="the date and the time"):
        work.does(follow_up.change_state, StateChange(booked))
    work.does(follow_up.change_state, StateChange(booked, TOMORROW))

    assert (work.row.state, work.row.next_action_at) == (booked, TOMORROW)


def test_who_answers_after_all_is_opened_again(work: Work) -> None:
    work.does(follow_up.change_state, StateChange("not_interested"))
    assert work.row.ended_at is not None

    work.does(follow_up.change_state, StateChange("reached"))

    assert (work.row.state, work.row.ended_at) == ("reached", None)


def test_erasing_takes_boxes_and_notes_and_ends_everything(work: Work) -> None:
    work.does(follow_up.write_note, b"a sealed note")
    work.tries("call", "no_answer", box=b"another", on=TOMORROW)

    work.does(erase_on_request)

    assert [note.box for note in work.rows(Note)] == [None, None]
    assert (work.row.state, work.row.next_action_at, work.row.version) == ("withdrew", None, 4)
    assert work.row.ended_at is not None
    with reading(work.store) as connection:
        query = sa.select(Submission.contact_box).where(Submission.id == work.id)
        assert connection.scalar(query) is None
    for step, said in (
        (follow_up.claim, ()),
        (follow_up.undo_last_change, ()),
        (follow_up.write_note, (b"x",)),
        (erase_on_request, ()),
    ):
        with pytest.raises(ChangeRefused, match="was erased"):
            work.does(step, *said)


@pytest.mark.parametrize(
    ("channel", "outcome"), [("call", "message_sent"), ("pigeon", "spoke_full"), ("", ""), ("incoming", "no_answer")]
)
def test_what_cannot_have_happened_is_refused(work: Work, channel: str, outcome: str) -> None:
    with pytest.raises(ChangeRefused, match="from the list"):
        work.tries(channel, outcome)


def test_only_the_three_channels_can_be_stopped(work: Work) -> None:
    with pytest.raises(ChangeRefused, match="calls, texts or email"):
        work.does(follow_up.stop_channel, "incoming")


STATES = st.sampled_from([*OPEN_STATES, *CLOSED_STATES])
DEEDS = st.one_of(
    st.tuples(st.just("claim")),
    st.tuples(st.just("assign"), st.sampled_from([ADA, GRACE, None])),
    st.tuples(st.just("move"), STATES, st.booleans()),
    st.tuples(st.just("attempt"), st.sampled_from(["no_answer", "spoke_full", "asked_to_stop"]), STATES),
    st.tuples(st.just("undo")),
    st.tuples(st.just("stop"), st.sampled_from(transitions.OUTGOING_CHANNELS)),
)


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(DEEDS, max_size=12))
def test_whatever_people_do_only_steps_of_the_table_are_taken(busy: Work, deeds: list[tuple[object, ...]]) -> None:
    busy.id = busy.arrives()

    for name, *said in deeds:
        try:
            _done(busy, str(name), said)
        except ChangeRefused:
            continue

    events, row = busy.rows(FollowUpEvent), busy.row
    assert [event.version for event in events] == list(range(2, row.version + 1))
    for event in events:
        steady = event.from_state == event.to_state
        assert steady or event.kind == "undone" or event.to_state in transitions.TRANSITIONS[event.from_state]
    assert [event.from_state for event in events[1:]] == [event.to_state for event in events[:-1]]
    assert (row.state in transitions.ENDED_STATES) == (row.ended_at is not None)
    assert not (row.ended_at and row.next_action_at)
    assert row.attempts == sum((event.kind == "attempt") for event in events) - sum(
        events[event.undoes - 2].kind == "attempt" for event in events if event.undoes
    )


def _done(work: Work, name: str, said: list[object]) -> None:
    match name, said:
        case "claim", []:
            work.does(follow_up.claim)
        case "assign", [to]:
            work.does(follow_up.assign, to)
        case "move", [str(to), dated]:
            work.does(
                follow_up.change_state,
                StateChange(to, TOMORROW if dated else None, "Dr. Example", derive_reference(os.urandom(32))),
            )
        case "attempt", [str(outcome), str(to)]:
            work.tries("call", outcome, to, on=TOMORROW)
        case "undo", []:
            work.does(follow_up.undo_last_change)
        case "stop", [channel]:
            work.does(follow_up.stop_channel, channel)

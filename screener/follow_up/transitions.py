"""The state machine of a follow-up: permitted transitions, and the outcomes that each contact channel can have.

No transition depends on an answer. What a transition asks for besides (a time, a decision) is in ``service``.
"""

from collections.abc import Mapping

from screener.follow_up.states import ContactChannel
from screener.follow_up.states import ContactOutcome
from screener.follow_up.states import FollowUpState as State

#: The work is closed; people close it, except that erasing leaves *WITHDREW*.
CLOSED_STATES = (
    State.NOT_INTERESTED,
    State.COULD_NOT_REACH,
    State.WITHDREW,
    State.DUPLICATE_OF,
    State.NOT_A_REAL_SUBMISSION,
    State.STUDY_NOT_TAKING_PEOPLE,
    State.STUDY_TEAM_NOT_CONTINUING,
)
OPEN_STATES = tuple(state for state in State if state not in CLOSED_STATES)
#: The desk's work has ended: nothing is due any more.
ENDED_STATES = frozenset({State.HANDED_OVER, *CLOSED_STATES})
#: These ask for the time of the appointment.
BOOKED_STATES = frozenset({State.CALL_BACK_BOOKED, State.PHONE_SCREEN_BOOKED, State.VISIT_BOOKED})
#: These follow from assigning a follow-up, or from taking it back.
STATES_BY_ASSIGNMENT = frozenset({State.NEW, State.ASSIGNED})

#: This wants a proposal and a second person (``not_real``).
_NOT_CHOSEN = STATES_BY_ASSIGNMENT | {State.NOT_A_REAL_SUBMISSION}

_CLOSED_BY_PEOPLE = tuple(state for state in CLOSED_STATES if state != State.WITHDREW)
_REACHED = (State.REACHED, State.CALL_BACK_BOOKED, State.PHONE_SCREEN_BOOKED)

#: From which state to which a person may move a follow-up. There is no other table of this.
TRANSITIONS: Mapping[str, tuple[State, ...]] = {
    State.NEW: (State.ASSIGNED, State.TRYING_TO_REACH, *_REACHED, *_CLOSED_BY_PEOPLE),
    State.ASSIGNED: (State.NEW, State.TRYING_TO_REACH, *_REACHED, *_CLOSED_BY_PEOPLE),
    State.TRYING_TO_REACH: (*_REACHED, *_CLOSED_BY_PEOPLE),
    State.REACHED: (State.TRYING_TO_REACH, State.CALL_BACK_BOOKED, State.PHONE_SCREEN_BOOKED, *_CLOSED_BY_PEOPLE),
    State.CALL_BACK_BOOKED: (State.TRYING_TO_REACH, State.REACHED, State.PHONE_SCREEN_BOOKED, *_CLOSED_BY_PEOPLE),
    State.PHONE_SCREEN_BOOKED: (
        State.TRYING_TO_REACH,
        State.CALL_BACK_BOOKED,
        State.PHONE_SCREEN_DONE,
        *_CLOSED_BY_PEOPLE,
    ),
    State.PHONE_SCREEN_DONE: (State.TRYING_TO_REACH, State.CALL_BACK_BOOKED, State.VISIT_BOOKED, *_CLOSED_BY_PEOPLE),
    State.VISIT_BOOKED: (
        State.TRYING_TO_REACH,
        State.CALL_BACK_BOOKED,
        State.PHONE_SCREEN_DONE,
        State.HANDED_OVER,
        *_CLOSED_BY_PEOPLE,
    ),
    State.HANDED_OVER: (State.VISIT_BOOKED,),
    **dict.fromkeys(_CLOSED_BY_PEOPLE, (State.TRYING_TO_REACH, State.REACHED)),
    State.WITHDREW: (),
}

#: The channels by which the study team contacts a person; each can be stopped.
OUTGOING_CHANNELS = (ContactChannel.CALL, ContactChannel.TEXT, ContactChannel.EMAIL)
#: Outcomes of a two-way contact: the person answered.
TWO_WAY_OUTCOMES = (
    ContactOutcome.SPOKE_FULL,
    ContactOutcome.SPOKE_SHORT,
    ContactOutcome.CALL_BACK_AT,
    ContactOutcome.DECLINED,
    ContactOutcome.ASKED_TO_STOP,
)
_MESSAGE_OUTCOMES = (ContactOutcome.MESSAGE_SENT, ContactOutcome.BOUNCED, *TWO_WAY_OUTCOMES)
OUTCOMES_BY_CHANNEL: Mapping[str, tuple[ContactOutcome, ...]] = {
    ContactChannel.CALL: (
        ContactOutcome.NO_ANSWER,
        ContactOutcome.VOICEMAIL_LEFT,
        ContactOutcome.BUSY,
        ContactOutcome.WRONG_NUMBER,
        *TWO_WAY_OUTCOMES,
    ),
    ContactChannel.TEXT: _MESSAGE_OUTCOMES,
    ContactChannel.EMAIL: _MESSAGE_OUTCOMES,
    ContactChannel.INCOMING: TWO_WAY_OUTCOMES,
}


def list_next_states(state: str) -> tuple[State, ...]:
    """The states that a person may choose for a follow-up in *state*."""
    return tuple(to for to in TRANSITIONS[state] if to not in _NOT_CHOSEN)

"""Which steps a follow-up can take, and what can come of trying to reach somebody: the tables, and nothing else.

No step depends on an answer, and none is taken by the machine. What a step asks for besides is in ``follow_up``.
"""

from collections.abc import Mapping

from screener.submissions.store import CLOSED_STATES
from screener.submissions.store import NEW
from screener.submissions.store import WITHDREW

ASSIGNED = "assigned"
TRYING = "trying_to_reach"
HANDED_OVER = "handed_over"
COULD_NOT_REACH = "could_not_reach"
DUPLICATE = "duplicate_of"
NOT_CONTINUING = "study_team_not_continuing"
#: States that follow from giving a follow-up to somebody, or back.
BY_ASSIGNING = frozenset({NEW, ASSIGNED})
#: Closed by a person; ``withdrew`` is what erasing leaves.
_CLOSED_BY_PEOPLE = tuple(state for state in CLOSED_STATES if state != WITHDREW)
_REACHED = ("reached", "call_back_booked", "phone_screen_booked")

#: From where to where a person may move a follow-up. There is no other table of this.
STEPS: Mapping[str, tuple[str, ...]] = {
    NEW: (ASSIGNED, TRYING, *_REACHED, *_CLOSED_BY_PEOPLE),
    ASSIGNED: (NEW, TRYING, *_REACHED, *_CLOSED_BY_PEOPLE),
    TRYING: (*_REACHED, *_CLOSED_BY_PEOPLE),
    "reached": (TRYING, "call_back_booked", "phone_screen_booked", *_CLOSED_BY_PEOPLE),
    "call_back_booked": (TRYING, "reached", "phone_screen_booked", *_CLOSED_BY_PEOPLE),
    "phone_screen_booked": (TRYING, "call_back_booked", "phone_screen_done", *_CLOSED_BY_PEOPLE),
    "phone_screen_done": (TRYING, "call_back_booked", "visit_booked", *_CLOSED_BY_PEOPLE),
    "visit_booked": (TRYING, "call_back_booked", "phone_screen_done", HANDED_OVER, *_CLOSED_BY_PEOPLE),
    HANDED_OVER: ("visit_booked",),
    **dict.fromkeys(_CLOSED_BY_PEOPLE, (TRYING, "reached")),
    WITHDREW: (),
}
#: Where the desk's work has ended.
ENDED = frozenset({HANDED_OVER, *CLOSED_STATES})
#: What is booked is booked for a time.
BOOKED = frozenset({"call_back_booked", "phone_screen_booked", "visit_booked"})

CHANNELS = ("call", "text", "email")
#: The person got in touch with us.
INCOMING = "incoming"
#: Somebody spoke or wrote with the person, and the person answered.
TWO_WAY = ("spoke_full", "spoke_short", "call_back_at", "declined", "asked_to_stop")
#: What can come of an attempt, by its channel.
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "call": ("no_answer", "voicemail_left", "busy", "wrong_number", *TWO_WAY),
    "text": ("message_sent", "bounced", *TWO_WAY),
    "email": ("message_sent", "bounced", *TWO_WAY),
    INCOMING: TWO_WAY,
}

CLAIMED, GIVEN, ATTEMPT, NOTED, MOVED, STOPPED, UNDONE, ERASED = KINDS = (
    "claimed",
    "assigned",
    "attempt",
    "note",
    "moved",
    "stopped",
    "undone",
    "erased",
)


def steps_from(state: str) -> tuple[str, ...]:
    """The states that a person may choose for a follow-up in *state*."""
    return tuple(to for to in STEPS[state] if to not in BY_ASSIGNING)

"""Follow-up scenarios of the demo: for each state of a follow-up, the actions at the desk that lead there.

A scenario is a sequence of visits, each of them one working day's actions on the record. Which scenario a submission
gets follows from its number alone and is fixed before the form is filled in, so it cannot follow from an answer.
"""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from itertools import cycle

from screener.follow_up.transitions import OUTCOMES_BY_CHANNEL
from screener.follow_up.transitions import OUTGOING_CHANNELS
from screener.follow_up.transitions import TWO_WAY_OUTCOMES

#: Placeholders for what only the page knows: another coordinator, and the reference of the person's first submission.
COLLEAGUE, FIRST_REFERENCE = "(a colleague)", "(the first form)"
DECIDED_BY = "Dr. Robin Example"
#: The usual outcomes of an attempt.
FREQUENT_OUTCOMES = (
    "call:no_answer",
    "call:voicemail_left",
    "email:message_sent",
    "call:no_answer",
    "text:message_sent",
)


@dataclass(frozen=True)
class DeskAction:
    """One form on a record's page: its action, and what is filled in."""

    action: str
    typed: Mapping[str, str] = field(default_factory=dict)
    #: How many days ahead and at what time, if something is booked.
    booked: tuple[int, str] | None = None


VisitActions = tuple[DeskAction, ...]
VisitSequence = tuple[VisitActions, ...]


@dataclass(frozen=True)
class Scenario:
    """The follow-up of one submission, visit by visit."""

    visits: VisitSequence = ()
    #: The follow-up ends, long before the present.
    has_ended: bool = False
    #: The submission is a second one by the person of the one before.
    is_duplicate: bool = False
    fills_trap: bool = False
    is_hasty: bool = False

    @property
    def channels(self) -> list[str]:
        """The channels that its attempts use."""
        happened = (act.typed.get("happened", "") for visit in self.visits for act in visit)
        return [channel for channel in (one.partition(":")[0] for one in happened) if channel in OUTGOING_CHANNELS]


class AttemptOutcomes:
    """Gives contact attempts their outcomes: every possible one, in turn."""

    def __init__(self) -> None:
        pairs = [(channel, outcome) for channel, each in OUTCOMES_BY_CHANNEL.items() for outcome in each]
        rare = [
            f"{channel}:{outcome}" for channel, outcome in pairs if outcome not in (*TWO_WAY_OUTCOMES, "wrong_number")
        ]
        self._by_reply: dict[str, cycle[str]] = {
            outcome: cycle([f"{channel}:{one}" for channel, one in pairs if one == outcome])
            for outcome in TWO_WAY_OUTCOMES
        }
        self._without_contact = cycle(
            [one for pair in zip(rare, cycle(FREQUENT_OUTCOMES), strict=False) for one in pair]
        )
        self._conversations = cycle(("spoke_full", "spoke_short"))

    def no_contact(self, days: str = "2", note: str = "") -> DeskAction:
        """An attempt that did not reach the person."""
        return DeskAction("attempt", {"happened": next(self._without_contact), "days": days, "note": note})

    def conversation(
        self, then: str, *, note: str = "", days: str = "", booked: tuple[int, str] | None = None
    ) -> DeskAction:
        """A conversation that leads to the state *then*."""
        typed = {"happened": next(self._by_reply[next(self._conversations)]), "state": then, "days": days, "note": note}
        return DeskAction("attempt", typed, booked)

    def reply(self, outcome: str, then: str = "", booked: tuple[int, str] | None = None) -> DeskAction:
        """An attempt in which the person replied with *outcome*."""
        return DeskAction("attempt", {"happened": next(self._by_reply[outcome]), "state": then}, booked)


VIEW_ANSWERS = DeskAction("answers")
TEXT_FIRST_NOTE = "Asked for a text before each call."
ScenarioTemplate = Callable[[AttemptOutcomes], VisitSequence]


def note_action(text: str) -> DeskAction:
    """Write a note."""
    return DeskAction("note", {"note": text})


def change_state_action(to: str, booked: tuple[int, str] | None = None, **typed: str) -> DeskAction:
    """Move the follow-up to the state *to*."""
    return DeskAction("move", {"state": to, **typed}, booked)


def stop_channel_action(channel: str) -> DeskAction:
    """Stop using *channel* for this person."""
    return DeskAction("stop", {"channel": channel})


#: Follow-ups that are open at the end, one or two for each open state.
OPEN_SCENARIOS: tuple[ScenarioTemplate, ...] = (
    lambda outcomes: ((outcomes.no_contact(days="1"),),),
    lambda outcomes: (
        (VIEW_ANSWERS, outcomes.conversation("reached", days="1", note="Wants to read the consent form first.")),
    ),
    lambda outcomes: ((DeskAction("assign", {"to": ""}),),),
    lambda outcomes: (
        (outcomes.no_contact(),),
        (
            outcomes.reply("call_back_at", "call_back_booked", (2, "16:30")),
            note_action("Works nights; afternoons are best."),
        ),
    ),
    lambda outcomes: ((VIEW_ANSWERS, note_action("Call with the interpreter line.")),),
    lambda outcomes: (
        (VIEW_ANSWERS, outcomes.no_contact(days="1")),
        (outcomes.conversation("phone_screen_booked", booked=(4, "10:00"), note=TEXT_FIRST_NOTE),),
    ),
    lambda outcomes: (
        (outcomes.conversation("phone_screen_booked", booked=(1, "11:15")),),
        (
            VIEW_ANSWERS,
            change_state_action("phone_screen_done", days="7"),
            note_action("Sent the visit's directions by email."),
        ),
    ),
    lambda outcomes: (
        (outcomes.conversation("phone_screen_booked", booked=(1, "14:00")),),
        (VIEW_ANSWERS, change_state_action("phone_screen_done", days="1")),
        (change_state_action("visit_booked", (9, "09:30")), note_action("A friend takes them home.")),
    ),
    lambda outcomes: (
        (outcomes.no_contact(days="1"), DeskAction("undo"), outcomes.no_contact(days="1")),
        (outcomes.no_contact(days="1"), DeskAction("assign", {"to": COLLEAGUE})),
        (outcomes.no_contact(days="7", note="Two voice messages so far; an email next."),),
    ),
    lambda outcomes: ((outcomes.conversation("reached", days="14"), stop_channel_action("text")),),
)

#: Follow-ups that have ended.
ENDED_SCENARIOS: tuple[ScenarioTemplate, ...] = (
    lambda outcomes: (
        (outcomes.no_contact(days="1"),),
        (VIEW_ANSWERS, outcomes.conversation("phone_screen_booked", booked=(1, "10:30"))),
        (
            change_state_action("phone_screen_done", days="1"),
            note_action("All questions gone through, and theirs too."),
        ),
        (change_state_action("visit_booked", (1, "09:00")),),
        (change_state_action("handed_over"),),
    ),
    lambda outcomes: ((outcomes.no_contact(),), (outcomes.reply("declined", "not_interested"),)),
    lambda outcomes: ((VIEW_ANSWERS, change_state_action("duplicate_of", other_reference=FIRST_REFERENCE)),),
    lambda outcomes: (
        (outcomes.no_contact(days="1"),),
        (outcomes.no_contact(days="2"),),
        (outcomes.no_contact(days="7"),),
        (
            change_state_action("could_not_reach"),
            note_action("Tried on different days and at different times, and wrote last."),
        ),
    ),
    lambda outcomes: ((outcomes.reply("asked_to_stop"),), (DeskAction("erase", {"reason": "on_request"}),)),
    lambda outcomes: ((DeskAction("propose", {"reason": "test"}),),),
    lambda outcomes: (
        (VIEW_ANSWERS, outcomes.conversation("reached", days="1")),
        (
            change_state_action("study_not_taking_people"),
            note_action("Told them where the registry lists other studies."),
        ),
    ),
    lambda outcomes: (
        (outcomes.conversation("reached", days="1"), VIEW_ANSWERS),
        (
            change_state_action("study_team_not_continuing", decided_by=DECIDED_BY),
            note_action("Told them by telephone, and thanked them."),
        ),
    ),
    lambda outcomes: (
        (DeskAction("attempt", {"happened": "call:wrong_number", "days": "1"}),),
        (DeskAction("attempt", {"happened": "email:message_sent", "days": "7"}),),
        (change_state_action("could_not_reach"),),
    ),
    lambda outcomes: (
        (DeskAction("propose", {"reason": "made_up"}), DeskAction("undo"), outcomes.no_contact(days="1")),
        (outcomes.reply("call_back_at", "call_back_booked", (1, "15:00")),),
        (outcomes.reply("declined", "not_interested"), stop_channel_action("call")),
    ),
    lambda outcomes: (
        (DeskAction("assign", {"to": COLLEAGUE}), outcomes.conversation("phone_screen_booked", booked=(1, "13:00"))),
        (VIEW_ANSWERS, change_state_action("phone_screen_done", days="2")),
        (change_state_action("visit_booked", (1, "10:00")),),
        (change_state_action("handed_over"),),
    ),
    lambda outcomes: (
        (outcomes.no_contact(days="1"),),
        (outcomes.reply("asked_to_stop", "not_interested"),),
    ),
    lambda outcomes: ((VIEW_ANSWERS, DeskAction("erase", {"reason": "under_18"})),),
    lambda outcomes: (
        (outcomes.no_contact(days="1"),),
        (outcomes.conversation("phone_screen_booked", booked=(1, "09:45")),),
        (
            VIEW_ANSWERS,
            change_state_action("phone_screen_done", days="1"),
            change_state_action("visit_booked", (2, "13:30")),
        ),
        (change_state_action("handed_over"), note_action("The visit was kept.")),
    ),
    lambda outcomes: (
        (outcomes.no_contact(days="1"),),
        (outcomes.no_contact(days="2"),),
        (outcomes.conversation("reached", days="2"),),
        (outcomes.reply("declined", "not_interested"),),
    ),
    lambda outcomes: (
        (outcomes.no_contact(days="2"),),
        (outcomes.no_contact(days="7"),),
        (outcomes.no_contact(days="7"),),
        (change_state_action("could_not_reach"),),
    ),
    lambda outcomes: (
        (outcomes.no_contact(days="1"), VIEW_ANSWERS),
        (outcomes.reply("call_back_at", "call_back_booked", (1, "17:00")),),
        (outcomes.conversation("phone_screen_booked", booked=(1, "11:00")),),
        (change_state_action("phone_screen_done"), change_state_action("visit_booked", (1, "08:30"))),
        (change_state_action("handed_over"),),
    ),
)
#: The positions among them of a person's second submission, and of one that a program filled in.
DUPLICATE_INDEX, SPAM_INDEX = 2, 5

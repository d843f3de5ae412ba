"""What the desk does with a form: for each state that a follow-up can be in, the ways that lead there.

A story is told in visits, each of them one look at the record on one working day. Which story a form gets follows from
its place in the row alone; it is laid down before the form is filled in, so it cannot follow from an answer.
"""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from itertools import cycle

from screener.follow_up.transitions import OUTCOMES_BY_CHANNEL
from screener.follow_up.transitions import OUTGOING_CHANNELS
from screener.follow_up.transitions import TWO_WAY_OUTCOMES

#: Filled in when the page is there: somebody else from its list, and the reference of the same person's first form.
COLLEAGUE, FIRST_FORM = "(a colleague)", "(the first form)"
DECIDES = "Dr. Robin Example"
#: What mostly comes of trying.
OFTEN = ("call:no_answer", "call:voicemail_left", "email:message_sent", "call:no_answer", "text:message_sent")


@dataclass(frozen=True)
class Act:
    """One button on a record, and what is filled in beside it."""

    verb: str
    typed: Mapping[str, str] = field(default_factory=dict)
    #: So many days ahead, and at what time, if something is booked.
    booked: tuple[int, str] | None = None


Visit = tuple[Act, ...]
Visits = tuple[Visit, ...]


@dataclass(frozen=True)
class Story:
    """How one form fares, visit by visit."""

    visits: Visits = ()
    #: It ends, and long before the present.
    ended: bool = False
    #: It is the second form of somebody who wrote before.
    second_form: bool = False
    trapped: bool = False
    hasty: bool = False

    @property
    def channels(self) -> list[str]:
        """On which ways the person is reached in it."""
        happened = (act.typed.get("happened", "") for visit in self.visits for act in visit)
        return [way for way in (one.partition(":")[0] for one in happened) if way in OUTGOING_CHANNELS]


class Happening:
    """What comes of trying to reach somebody: everything that can, in turn."""

    def __init__(self) -> None:
        ways = [(way, outcome) for way, outcomes in OUTCOMES_BY_CHANNEL.items() for outcome in outcomes]
        seldom = [f"{way}:{outcome}" for way, outcome in ways if outcome not in (*TWO_WAY_OUTCOMES, "wrong_number")]
        self._turns: dict[str, cycle[str]] = {
            outcome: cycle([f"{way}:{one}" for way, one in ways if one == outcome]) for outcome in TWO_WAY_OUTCOMES
        }
        self._quiet = cycle([one for pair in zip(seldom, cycle(OFTEN), strict=False) for one in pair])
        self._spoken = cycle(("spoke_full", "spoke_short"))

    def tried(self, days: str = "2", note: str = "") -> Act:
        """Nobody was reached."""
        return Act("attempt", {"happened": next(self._quiet), "days": days, "note": note})

    def talked(self, then: str, *, note: str = "", days: str = "", booked: tuple[int, str] | None = None) -> Act:
        """The person was reached, and *then* is where that leads."""
        typed = {"happened": next(self._turns[next(self._spoken)]), "state": then, "days": days, "note": note}
        return Act("attempt", typed, booked)

    def said(self, outcome: str, then: str = "", booked: tuple[int, str] | None = None) -> Act:
        """The person was reached, and said one of the things that end a talk."""
        return Act("attempt", {"happened": next(self._turns[outcome]), "state": then}, booked)


LOOK = Act("answers")
TELL_OF_SMS = "Asked for a text before each call."
Tells = Callable[[Happening], Visits]


def note(text: str) -> Act:
    """Something is written down."""
    return Act("note", {"note": text})


def move(to: str, booked: tuple[int, str] | None = None, **typed: str) -> Act:
    """The next step is taken."""
    return Act("move", {"state": to, **typed}, booked)


def stop(channel: str) -> Act:
    """A channel is stopped."""
    return Act("stop", {"channel": channel})


#: Follow-ups that are open at the end, one way or two for each of their states.
OPEN: tuple[Tells, ...] = (
    lambda happens: ((happens.tried(days="1"),),),
    lambda happens: ((LOOK, happens.talked("reached", days="1", note="Wants to read the consent form first.")),),
    lambda happens: ((Act("assign", {"to": ""}),),),
    lambda happens: (
        (happens.tried(),),
        (happens.said("call_back_at", "call_back_booked", (2, "16:30")), note("Works nights; afternoons are best.")),
    ),
    lambda happens: ((LOOK, note("Call with the interpreter line.")),),
    lambda happens: (
        (LOOK, happens.tried(days="1")),
        (happens.talked("phone_screen_booked", booked=(4, "10:00"), note=TELL_OF_SMS),),
    ),
    lambda happens: (
        (happens.talked("phone_screen_booked", booked=(1, "11:15")),),
        (LOOK, move("phone_screen_done", days="7"), note("Sent the visit's directions by email.")),
    ),
    lambda happens: (
        (happens.talked("phone_screen_booked", booked=(1, "14:00")),),
        (LOOK, move("phone_screen_done", days="1")),
        (move("visit_booked", (9, "09:30")), note("A friend takes them home.")),
    ),
    lambda happens: (
        (happens.tried(days="1"), Act("undo"), happens.tried(days="1")),
        (happens.tried(days="1"), Act("assign", {"to": COLLEAGUE})),
        (happens.tried(days="7", note="Two voice messages so far; an email next."),),
    ),
    lambda happens: ((happens.talked("reached", days="14"), stop("text")),),
)

#: Follow-ups that have ended.
ENDED: tuple[Tells, ...] = (
    lambda happens: (
        (happens.tried(days="1"),),
        (LOOK, happens.talked("phone_screen_booked", booked=(1, "10:30"))),
        (move("phone_screen_done", days="1"), note("All questions gone through, and theirs too.")),
        (move("visit_booked", (1, "09:00")),),
        (move("handed_over"),),
    ),
    lambda happens: ((happens.tried(),), (happens.said("declined", "not_interested"),)),
    lambda happens: ((LOOK, move("duplicate_of", other_reference=FIRST_FORM)),),
    lambda happens: (
        (happens.tried(days="1"),),
        (happens.tried(days="2"),),
        (happens.tried(days="7"),),
        (move("could_not_reach"), note("Tried on different days and at different times, and wrote last.")),
    ),
    lambda happens: ((happens.said("asked_to_stop"),), (Act("erase", {"reason": "on_request"}),)),
    lambda happens: ((move("not_a_real_submission"),),),
    lambda happens: (
        (LOOK, happens.talked("reached", days="1")),
        (move("study_not_taking_people"), note("Told them where the registry lists other studies.")),
    ),
    lambda happens: (
        (happens.talked("reached", days="1"), LOOK),
        (move("study_team_not_continuing", decided_by=DECIDES), note("Told them by telephone, and thanked them.")),
    ),
    lambda happens: (
        (Act("attempt", {"happened": "call:wrong_number", "days": "1"}),),
        (Act("attempt", {"happened": "email:message_sent", "days": "7"}),),
        (move("could_not_reach"),),
    ),
    lambda happens: (
        (move("not_a_real_submission"), Act("undo"), happens.tried(days="1")),
        (happens.said("call_back_at", "call_back_booked", (1, "15:00")),),
        (happens.said("declined", "not_interested"), stop("call")),
    ),
    lambda happens: (
        (Act("assign", {"to": COLLEAGUE}), happens.talked("phone_screen_booked", booked=(1, "13:00"))),
        (LOOK, move("phone_screen_done", days="2")),
        (move("visit_booked", (1, "10:00")),),
        (move("handed_over"),),
    ),
    lambda happens: (
        (happens.tried(days="1"),),
        (happens.said("asked_to_stop", "not_interested"),),
    ),
    lambda happens: ((LOOK, Act("erase", {"reason": "under_18"})),),
    lambda happens: (
        (happens.tried(days="1"),),
        (happens.talked("phone_screen_booked", booked=(1, "09:45")),),
        (LOOK, move("phone_screen_done", days="1"), move("visit_booked", (2, "13:30"))),
        (move("handed_over"), note("The visit was kept.")),
    ),
    lambda happens: (
        (happens.tried(days="1"),),
        (happens.tried(days="2"),),
        (happens.talked("reached", days="2"),),
        (happens.said("declined", "not_interested"),),
    ),
    lambda happens: (
        (happens.tried(days="2"),),
        (happens.tried(days="7"),),
        (happens.tried(days="7"),),
        (move("could_not_reach"),),
    ),
    lambda happens: (
        (happens.tried(days="1"), LOOK),
        (happens.said("call_back_at", "call_back_booked", (1, "17:00")),),
        (happens.talked("phone_screen_booked", booked=(1, "11:00")),),
        (move("phone_screen_done"), move("visit_booked", (1, "08:30"))),
        (move("handed_over"),),
    ),
)
#: What stands at these places is the second form of somebody, and a form that a program filled in.
SECOND_FORM, NOT_REAL = 2, 5

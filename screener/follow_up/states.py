"""The vocabulary of a follow-up as enums: states, contact channels, contact outcomes, kinds of events.

Their values are stored and exported, so a value never changes; the labels that the desk shows are in ``desk.words``.
"""

from enum import StrEnum


class FollowUpState(StrEnum):
    """How far the work on a submission is. People change it; only erasure changes it by itself."""

    NEW = "new"
    ASSIGNED = "assigned"
    TRYING_TO_REACH = "trying_to_reach"
    REACHED = "reached"
    CALL_BACK_BOOKED = "call_back_booked"
    PHONE_SCREEN_BOOKED = "phone_screen_booked"
    PHONE_SCREEN_DONE = "phone_screen_done"
    VISIT_BOOKED = "visit_booked"
    HANDED_OVER = "handed_over"
    NOT_INTERESTED = "not_interested"
    COULD_NOT_REACH = "could_not_reach"
    WITHDREW = "withdrew"
    DUPLICATE_OF = "duplicate_of"
    NOT_A_REAL_SUBMISSION = "not_a_real_submission"
    STUDY_NOT_TAKING_PEOPLE = "study_not_taking_people"
    STUDY_TEAM_NOT_CONTINUING = "study_team_not_continuing"


class ContactChannel(StrEnum):
    """By which way a person was contacted; *INCOMING* when the person contacted the study team."""

    CALL = "call"
    TEXT = "text"
    EMAIL = "email"
    INCOMING = "incoming"


class ContactOutcome(StrEnum):
    """What came of one contact attempt."""

    NO_ANSWER = "no_answer"
    VOICEMAIL_LEFT = "voicemail_left"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    MESSAGE_SENT = "message_sent"
    BOUNCED = "bounced"
    SPOKE_FULL = "spoke_full"
    SPOKE_SHORT = "spoke_short"
    CALL_BACK_AT = "call_back_at"
    DECLINED = "declined"
    ASKED_TO_STOP = "asked_to_stop"


class EventKind(StrEnum):
    """What one change of a follow-up was."""

    CLAIMED = "claimed"
    ASSIGNED = "assigned"
    ATTEMPT = "attempt"
    NOTE = "note"
    MOVED = "moved"
    PROPOSED = "proposed"
    STOPPED = "stopped"
    UNDONE = "undone"
    ERASED = "erased"


class NotRealReason(StrEnum):
    """Why a follow-up is proposed to be closed as not a real submission."""

    AUTOMATED = "automated"
    TEST = "test"
    MADE_UP = "made_up"

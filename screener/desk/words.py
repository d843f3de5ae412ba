"""The desk's dictionary: the label that staff read for each stored code.

Every template of the desk takes its labels from here (the application hands them the module as ``words``), and no
stored code is ever shown: ``tests/laws/test_desk_words.py`` reads every page and fails on one. Labels are those of US
clinical research coordinators. Roles are in ``staff.labels``, for the command line shows them too; what the audit trail
shows is in ``audit_words``.
"""

import re
from collections.abc import Mapping

from screener.follow_up.states import ContactChannel
from screener.follow_up.states import ContactOutcome
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.follow_up.states import NotRealReason
from screener.staff.labels import ROLE_NAMES
from screener.submissions.opening import ProofResult

#: What the check of an opened box found, by compartment.
PROOFS: Mapping[str, Mapping[str, str]] = {
    "contact": {
        ProofResult.CHECKED: "Checked: unchanged since it was sent.",
        ProofResult.UNCHECKABLE: "Could not be checked for changes: the form key that it was sent under is missing. "
        "Ask the person who runs Screener to restore it.",
        ProofResult.BEFORE_PROOFS: "Sent before proofs: changes since it was sent cannot be ruled out.",
        ProofResult.ALTERED: "Is not what was sent.",
    },
    "answers": {
        ProofResult.CHECKED: "Checked: unchanged since they were sent.",
        ProofResult.UNCHECKABLE: "Could not be checked for changes, because the contact information could not.",
        ProofResult.BEFORE_PROOFS: "Sent before proofs: changes since they were sent cannot be ruled out.",
        ProofResult.ALTERED: "Is not what was sent.",
    },
}
#: The same of a note; one that was checked and fits needs no words.
NOTE_PROOFS: Mapping[str, str] = {
    ProofResult.UNCHECKABLE: "Could not be checked for changes: it was written under another key of the desk.",
    ProofResult.BEFORE_PROOFS: "Written before proofs: changes since then cannot be ruled out.",
}
#: The states of a follow-up, in the order of the work.
STATES: Mapping[str, str] = {
    FollowUpState.NEW: "New",
    FollowUpState.ASSIGNED: "Assigned",
    FollowUpState.TRYING_TO_REACH: "Trying to reach",
    FollowUpState.REACHED: "Reached",
    FollowUpState.CALL_BACK_BOOKED: "Callback scheduled",
    FollowUpState.PHONE_SCREEN_BOOKED: "Phone screen scheduled",
    FollowUpState.PHONE_SCREEN_DONE: "Phone screen completed",
    FollowUpState.VISIT_BOOKED: "Visit scheduled",
    FollowUpState.HANDED_OVER: "Handed off to the study team",
    FollowUpState.NOT_INTERESTED: "Closed: not interested",
    FollowUpState.COULD_NOT_REACH: "Closed: could not reach",
    FollowUpState.WITHDREW: "Closed: withdrawn",
    FollowUpState.DUPLICATE_OF: "Closed: duplicate",
    FollowUpState.NOT_A_REAL_SUBMISSION: "Closed: not a real submission",
    FollowUpState.STUDY_NOT_TAKING_PEOPLE: "Closed: study not enrolling",
    FollowUpState.STUDY_TEAM_NOT_CONTINUING: "Closed: study team not continuing",
}
#: How a contact attempt was made; ``incoming`` is the participant's own.
CHANNELS: Mapping[str, str] = {
    ContactChannel.CALL: "Phone call",
    ContactChannel.TEXT: "Text message",
    ContactChannel.EMAIL: "Email",
    ContactChannel.INCOMING: "They contacted us",
}
#: Ways to contact a participant, which can be stopped.
CONTACT_METHODS: Mapping[str, str] = {
    ContactChannel.CALL: "Phone calls",
    ContactChannel.TEXT: "Text messages",
    ContactChannel.EMAIL: "Email",
}
OUTCOMES: Mapping[str, str] = {
    ContactOutcome.NO_ANSWER: "No answer",
    ContactOutcome.VOICEMAIL_LEFT: "Left voicemail",
    ContactOutcome.BUSY: "Busy",
    ContactOutcome.WRONG_NUMBER: "Wrong number",
    ContactOutcome.MESSAGE_SENT: "Message sent",
    ContactOutcome.BOUNCED: "Not delivered",
    ContactOutcome.SPOKE_FULL: "Full conversation",
    ContactOutcome.SPOKE_SHORT: "Brief conversation",
    ContactOutcome.CALL_BACK_AT: "Asked for a callback",
    ContactOutcome.DECLINED: "Not interested",
    ContactOutcome.ASKED_TO_STOP: "Asked us to stop",
}
#: What the timeline says of each kind of event.
EVENT_KINDS: Mapping[str, str] = {
    EventKind.CLAIMED: "Claimed",
    EventKind.ASSIGNED: "Assigned to",
    EventKind.ATTEMPT: "Contact attempt",
    EventKind.NOTE: "Note",
    EventKind.MOVED: "Status changed",
    EventKind.PROPOSED: "Proposed to close as not a real submission",
    EventKind.STOPPED: "Contact stopped",
    EventKind.UNDONE: "Undid the previous change",
    EventKind.ERASED: "Erased the form",
}
#: Who acts without an account.
ACTORS: Mapping[str, str] = {"worker": "Screener", "cli": "Command line", "somebody": "Unknown person"}
#: An assignee or actor whose account is not there any more.
FORMER_MEMBER = "a former team member"
#: Languages of a call, and the locales of the form.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "es": "Spanish",
    "yue": "Cantonese",
    "cmn": "Mandarin",
    "fil": "Filipino (Tagalog)",
    "vi": "Vietnamese",
    "ase": "American Sign Language",
    "other": "Another language",
}
LOCALES: Mapping[str, str] = {**LANGUAGES, "zh-Hant": "Traditional Chinese"}
VOICEMAIL: Mapping[str, str] = {
    "0": "Do not leave a voicemail.",
    "1": "OK to leave a voicemail with your name and number only.",
    "2": "OK to leave a voicemail, and it may say that this is about research.",
}
PREFERRED_CONTACT: Mapping[str, str] = {"1": "a call first", "2": "a text first", "3": "an email first", "4": "any way"}
CALL_TIMES: Mapping[str, str] = {
    "1": "weekday mornings (8 to 12)",
    "2": "weekday afternoons (12 to 5)",
    "3": "weekday evenings (5 to 8)",
    "4": "weekends",
    "5": "any time",
}
TIME_ZONES: Mapping[str, str] = {
    "1": "Pacific time",
    "2": "Mountain time",
    "3": "Central time",
    "4": "Eastern time",
    "5": "Alaska time",
    "6": "Hawaii time",
    "7": "Outside the listed time zones: confirm the time with them.",
    "8": "Not sure of their time zone: confirm the time with them.",
}
COMMUNICATION_NEEDS: Mapping[str, str] = {
    "1": "an interpreter",
    "2": "a relay call (TTY or 711)",
    "3": "writing, not speaking",
    "4": "large print",
    "5": "extra time",
    "6": "something else",
}
ERASE_REASONS: Mapping[str, str] = {
    "on_request": "The person asked for it",
    "under_18": "Submitted by someone under 18",
}
#: Why a form is proposed to be closed as not a real submission; none is about an answer.
NOT_REAL_REASONS: Mapping[str, str] = {
    NotRealReason.AUTOMATED: "Filled in by a program",
    NotRealReason.TEST: "A test by the study team",
    NotRealReason.MADE_UP: "The contact details are made up",
}
#: Days until the next action.
DAYS: Mapping[str, str] = {"": "No date", "1": "Tomorrow", "2": "In 2 days", "7": "In 1 week", "14": "In 2 weeks"}
LISTS: Mapping[str, str] = {"due": "Due", "mine": "Assigned to me", "all": "All", "closed": "Closed"}
#: What the record says after a form on it was saved.
SAVED: Mapping[str, str] = {
    "claim": "Assigned to you.",
    "assign": "Assignment saved.",
    "attempt": "Attempt saved.",
    "note": "Note saved.",
    "move": "Status saved.",
    "propose": "Proposed. A colleague can close it under Suspected spam.",
    "stop": "Contact stopped.",
    "undo": "Last change undone.",
}
EXPORT_OUTCOMES: Mapping[str, str] = {
    "whole": "Complete",
    "cut": "Cut short: the file is not complete",
    "open": "Not finished, or its end could not be recorded",
}
#: Why an email to staff was not delivered, by what the mail library raised.
MAIL_FAULTS: Mapping[str, str] = {
    "SMTPRecipientsRefused": "the mail server refused the address",
    "SMTPSenderRefused": "the mail server refused the sender",
    "SMTPDataError": "the mail server refused the message",
    "SMTPAuthenticationError": "the mail server refused the sign-in",
    "invalid message": "Screener could not write the message",
}
#: The fields of every form of the desk, as the page that asks to sign in again lists them.
FIELDS: Mapping[str, str] = {
    "channel": "Stop",
    "chosen": "Form",
    "day": "Next action, day",
    "days": "Next action",
    "decided_by": "Decided by",
    "email": "Email address",
    "happened": "Outcome",
    "heir": "Open follow-ups go to",
    "hour": "Next action, time",
    "languages": "Languages for calls",
    "name": "Name",
    "note": "Note",
    "other_reference": "Reference of the other form",
    "password": "Password",
    "person": "Person",
    "purpose": "Purpose of the file",
    "reason": "Reason",
    "reference": "Reference",
    "role": "Role",
    "state": "Status",
    "to": "Assigned to",
}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "channel": CONTACT_METHODS,
    "days": DAYS,
    "reason": {**ERASE_REASONS, **NOT_REAL_REASONS},
    "role": ROLE_NAMES,
    "state": STATES,
}
_CODE = re.compile(r"[a-z0-9]+([_:][a-z0-9]+)+")
_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")


def plain(value: object) -> str:
    """A value that the dictionary does not know, without the signs of a code."""
    text = str(value)
    return re.sub("[_:]", " ", text) if _CODE.fullmatch(text) else text


def mail_fault(fault: str) -> str:
    """Why an email was not delivered."""
    return MAIL_FAULTS.get(fault, "the mail server could not be used")


def outcome_option(channel: str, outcome: str) -> str:
    """The label of an outcome that can be chosen, with what choosing it stops."""
    label = OUTCOMES[outcome]
    if outcome == ContactOutcome.ASKED_TO_STOP:
        return f"{label} (stops {CONTACT_METHODS[channel].lower() if channel in CONTACT_METHODS else 'all contact'})"
    return f"{label} (stops phone calls)" if outcome == ContactOutcome.WRONG_NUMBER else label


def languages_of(codes: str) -> str:
    """The languages of an account, which are kept as codes joined by commas."""
    return ", ".join(LANGUAGES.get(code, code) for code in codes.split(","))


def roles_of(codes: str) -> str:
    """The roles of an account, which are kept as codes joined by commas."""
    names = ", ".join(ROLE_NAMES[code] for code in codes.split(","))
    return names[0].upper() + names[1:]


def sent_fields(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Label and text of what was sent, for a page that shows it before it is saved; passwords are not shown."""
    shown = [(name, value) for name, value in pairs if value and name in FIELDS]
    return [(FIELDS[name], _sent_text(name, value)) for name, value in shown]


def _sent_text(name: str, value: str) -> str:
    if name == "password":
        return "(not shown)"
    if name == "happened":
        channel, _, outcome = value.partition(":")
        return f"{CHANNELS.get(channel, plain(channel))}: {OUTCOMES.get(outcome, plain(outcome))}"
    if name == "languages":
        return languages_of(",".join(value.replace(",", " ").split()))
    if name in ("to", "heir"):
        return "a team member" if _ACCOUNT_ID.fullmatch(value) else value
    return _CHOICES[name].get(value, plain(value)) if name in _CHOICES else value

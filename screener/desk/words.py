"""The desk's dictionary: the label that staff read for each stored code.

Every template of the desk takes its labels from here (the application hands them the module as ``words``), and no
stored code is ever shown: ``tests/laws/test_desk_words.py`` reads every page and fails on one. Labels are those of US
clinical research coordinators. Roles are in ``staff.labels``, for the command line shows them too; what the audit trail
shows is in ``audit_words``.
"""

import re
from collections.abc import Mapping

from screener.staff.labels import ROLE_NAMES

#: The states of a follow-up, in the order of the work.
STATES: Mapping[str, str] = {
    "new": "New",
    "assigned": "Assigned",
    "trying_to_reach": "Trying to reach",
    "reached": "Reached",
    "call_back_booked": "Callback scheduled",
    "phone_screen_booked": "Phone screen scheduled",
    "phone_screen_done": "Phone screen completed",
    "visit_booked": "Visit scheduled",
    "handed_over": "Handed off to the study team",
    "not_interested": "Closed: not interested",
    "could_not_reach": "Closed: could not reach",
    "withdrew": "Closed: withdrawn",
    "duplicate_of": "Closed: duplicate",
    "not_a_real_submission": "Closed: not a real submission",
    "study_not_taking_people": "Closed: study not enrolling",
    "study_team_not_continuing": "Closed: study team not continuing",
}
#: How a contact attempt was made; ``incoming`` is the participant's own.
CHANNELS: Mapping[str, str] = {
    "call": "Phone call",
    "text": "Text message",
    "email": "Email",
    "incoming": "They contacted us",
}
#: Ways to contact a participant, which can be stopped.
CONTACT_METHODS: Mapping[str, str] = {"call": "Phone calls", "text": "Text messages", "email": "Email"}
OUTCOMES: Mapping[str, str] = {
    "no_answer": "No answer",
    "voicemail_left": "Left voicemail",
    "busy": "Busy",
    "wrong_number": "Wrong number",
    "message_sent": "Message sent",
    "bounced": "Not delivered",
    "spoke_full": "Full conversation",
    "spoke_short": "Brief conversation",
    "call_back_at": "Asked for a callback",
    "declined": "Not interested",
    "asked_to_stop": "Asked us to stop",
}
#: What the timeline says of each kind of event.
EVENT_KINDS: Mapping[str, str] = {
    "claimed": "Claimed",
    "assigned": "Assigned to",
    "attempt": "Contact attempt",
    "note": "Note",
    "moved": "Status changed",
    "stopped": "Contact stopped",
    "undone": "Undid the previous change",
    "erased": "Erased the form",
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
}
#: The fields of every form of the desk, as the page that asks to sign in again lists them.
FIELDS: Mapping[str, str] = {
    "channel": "Stop",
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
    "reason": ERASE_REASONS,
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
    if outcome == "asked_to_stop":
        return f"{label} (stops {'all contact' if channel == 'incoming' else CONTACT_METHODS[channel].lower()})"
    return f"{label} (stops phone calls)" if outcome == "wrong_number" else label


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

"""What the audit trail shows for each action, source and detail that an event can hold."""

from collections.abc import Mapping

from screener.audit_actions import AuditAction
from screener.desk import words
from screener.staff.labels import ACCESS_DECISIONS
from screener.staff.labels import ROLE_NAMES

SOURCES: Mapping[str, str] = {"cli": "command line", "desk": "desk", "worker": "automatic"}
#: The name of each detail.
DETAILS: Mapping[str, str] = {
    "alone": "Without a second person",
    "account": "Account",
    "answers_box": "Fingerprint of the sealed answers",
    "arrival": "Number",
    "attempts": "Attempts",
    "change": "Change",
    "channel": "Method",
    "contact_box": "Fingerprint of the sealed contact information",
    "current": "Already current",
    "disabled": "Accounts disabled",
    "envelope": "Fingerprint of the envelope",
    "erased": "Erased",
    "fault": "Cause",
    "file": "File",
    "files": "Files",
    "form_key": "Form key",
    "how": "How",
    "head": "Last event",
    "irb": "IRB",
    "keys": "Keys",
    "kind": "About",
    "languages": "Languages",
    "last_event": "Last event",
    "left": "Left",
    "locale": "Language",
    "made": "Created",
    "made_at": "Backup made",
    "moved": "Follow-ups moved",
    "note": "With a note",
    "number": "Number",
    "on": "Approved on",
    "opened_with": "Opened with",
    "os_user": "Operating-system user",
    "other": "Other form",
    "outcome": "Outcome",
    "part": "Part",
    "person": "Person",
    "profile": "Format",
    "purpose": "Purpose",
    "reason": "Reason",
    "requested_by": "Asked for by",
    "recovery": "Recovery key",
    "reviewer": "Reviewer",
    "roles": "Roles",
    "rows": "Rows",
    "sealed": "Sealed",
    "sealed_again": "Sealed again",
    "second_factor": "Second factor",
    "sessions": "Browsers signed out",
    "sha256": "Fingerprint of the file",
    "started": "Event that started it",
    "state": "Status",
    "status": "Status",
    "step": "Step",
    "stop": "Cause of the stop",
    "stopped": "Channels stopped",
    "to": "To",
    "undecided": "To be decided",
    "undoes": "Change undone",
    "until": "Approved until",
    "why": "Cause",
    "with": "Used",
    "wording": "Version of the wording",
}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "alone": {"0": "no", "1": "yes"},
    "account": {"reset_lately": "password or second factor reset in the week before"},
    "change": {
        "invitation": "a new account",
        "roles": "new roles",
        "link": "a new sign-in link",
        "second_factor": "a reset of the second factor",
    },
    "channel": words.CHANNELS,
    "how": {name: text[0].lower() + text[1:] for name, text in ACCESS_DECISIONS.items()},
    "kind": {
        "arrived": "new forms",
        "approval_ends": "an approval that ends",
        "closed_alone": "forms closed by one person alone",
        "access_change": "a change of access",
        "audit_head_refused": "the head of the audit trail",
        "erasures_announced": "forms to be erased",
        "erasure_stopped": "erasing that stopped",
        "drill_due": "a test of the backups",
        "disk_space_low": "low disk space",
        "failed_sign_ins": "failed attempts to sign in",
        "many_arrivals": "many forms",
    },
    "locale": words.LOCALES,
    "note": {"0": "no", "1": "yes"},
    "outcome": words.OUTCOMES,
    "part": {
        "contact": "contact information",
        "answers": "answers",
        "note": "note",
    },
    "profile": {"spreadsheet": "spreadsheet"},
    "reason": {**words.ERASE_REASONS, **words.NOT_REAL_REASONS},
    "second_factor": {"given": "given", "none": "not set up"},
    "state": words.STATES,
    "status": {
        "open": "open",
        "waitlist": "waiting list",
        "paused": "paused",
        "closed": "closed",
        "not_ready": "not ready",
    },
    "step": {"password": "password", "code": "code"},
    "stop": {
        "clock_back": "the clock went back",
        "clock_ahead": "the clock jumped ahead, or the worker did not run for days",
        "clock_still": "the clock stood still",
        "retention": "more forms were due than on a usual day",
        "bulk_act": "more forms were asked for than one day's share",
    },
}


def known_values(name: str) -> Mapping[str, str]:
    """The codes that a detail can hold, each with its text; none for one that holds a number, an id or typed text."""
    return {"roles": ROLE_NAMES, "languages": words.LANGUAGES}.get(name) or _VALUES.get(name, {})


def action_label(action: str) -> str:
    """What was done, as *source:subject:verb* names it."""
    verb = action.partition(":")[2]
    return AuditAction(verb).sentence if verb in set(AuditAction) else words.plain(verb).capitalize()


def source_label(action: str) -> str:
    """Where it was done."""
    source = action.partition(":")[0]
    return SOURCES.get(source, source)


def detail_label(name: str) -> str:
    """The name of a detail."""
    return DETAILS.get(name) or words.plain(name).capitalize()


def detail_text(name: str, value: str | int) -> str:
    """A detail as it is read; numbers, files, purposes and ids of keys stand as they are."""
    text = str(value)
    match name:
        case "roles":
            return words.roles_of(text)
        case "languages":
            return words.languages_of(text)
        case "fault":
            return words.mail_fault(text)
        case "why":
            return "technical error"
        case _:
            return _VALUES.get(name, {}).get(text) or words.plain(text)

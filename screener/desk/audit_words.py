"""What the audit trail shows for each action, source and detail that an event can hold."""

from collections.abc import Mapping

from screener.desk import words
from screener.staff.labels import ROLE_NAMES

SOURCES: Mapping[str, str] = {"cli": "command line", "desk": "desk", "worker": "automatic"}
#: By subject and verb; the source stands before them.
ACTIONS: Mapping[str, str] = {
    "account:changed": "Changed roles or languages",
    "account:disabled": "Disabled an account",
    "account:invited": "Invited a team member",
    "account:invited_again": "Made a new sign-in link",
    "account:password_changed": "Changed a password",
    "account:recovery_codes_renewed": "Made new recovery codes",
    "account:refused": "Failed to sign in",
    "account:second_factor_given": "Gave a second factor",
    "account:second_factor_reset": "Reset a second factor",
    "account:second_factor_set": "Set up a second factor",
    "account:signed_in": "Signed in",
    "account:signed_out": "Signed out",
    "account:taken_up": "Accepted an invitation",
    "answers:shown": "Viewed the answers",
    "attempt:logged": "Logged a contact attempt",
    "backup:made": "Finished a backup",
    "backup:started": "Started a backup",
    "change:undone": "Undid the last change",
    "channel:stopped": "Stopped contact",
    "export:failed": "Export was cut short",
    "export:finished": "Finished an export",
    "export:started": "Started an export",
    "intake:checked": "Confirmed the status of the form",
    "intake:closed": "Closed the form",
    "intake:not_ready": "Set the form to not ready",
    "intake:open": "Opened the form",
    "intake:paused": "Paused the form",
    "intake:waitlist": "Set the form to waiting list",
    "keys:backed_up": "Backed up keys",
    "keys:backup_started": "Started a backup of keys",
    "keys:created": "Created keys",
    "keys:proved": "Tested keys",
    "keys:restored": "Restored keys",
    "keys:rotated": "Changed to new keys",
    "keys:rotation_started": "Started a change to new keys",
    "letter:given_up": "Stopped trying to send an email",
    "letter:sent": "Sent an email",
    "note:written": "Added a note",
    "record:opened": "Opened the record",
    "state:changed": "Changed the status",
    "store:restored": "Restored the database from a backup",
    "submission:assigned": "Assigned",
    "submission:claimed": "Claimed",
    "submission:erased": "Erased the form",
    "submission:received": "Received the form",
    "trail:opened": "Viewed the audit trail",
    "wording:approved": "Recorded an approval of the wording",
    "wording:kept": "Saved a version of the wording",
}
#: The name of each detail.
DETAILS: Mapping[str, str] = {
    "arrival": "Number",
    "attempts": "Attempts",
    "channel": "Method",
    "current": "Already current",
    "envelope": "Fingerprint of the envelope",
    "fault": "Cause",
    "file": "File",
    "files": "Files",
    "form_key": "Form key",
    "irb": "IRB",
    "keys": "Keys",
    "kind": "About",
    "languages": "Languages",
    "left": "Left",
    "locale": "Language",
    "made": "Created",
    "made_at": "Backup made",
    "moved": "Follow-ups moved",
    "note": "With a note",
    "number": "Number",
    "on": "Approved on",
    "opened_with": "Opened with",
    "other": "Other form",
    "outcome": "Outcome",
    "person": "Person",
    "profile": "Format",
    "purpose": "Purpose",
    "reason": "Reason",
    "reviewer": "Reviewer",
    "roles": "Roles",
    "rows": "Rows",
    "sealed_again": "Sealed again",
    "second_factor": "Second factor",
    "sha256": "Fingerprint of the file",
    "started": "Event that started it",
    "state": "Status",
    "status": "Status",
    "step": "Step",
    "to": "To",
    "undoes": "Change undone",
    "until": "Approved until",
    "why": "Cause",
    "with": "Used",
    "wording": "Version of the wording",
}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "channel": words.CHANNELS,
    "kind": {"arrived": "new forms", "approval_ends": "an approval that ends"},
    "locale": words.LOCALES,
    "note": {"0": "no", "1": "yes"},
    "outcome": words.OUTCOMES,
    "profile": {"spreadsheet": "spreadsheet"},
    "reason": words.ERASE_REASONS,
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
}


def known_values(name: str) -> Mapping[str, str]:
    """The codes that a detail can hold, each with its text; none for one that holds a number, an id or typed text."""
    return {"roles": ROLE_NAMES, "languages": words.LANGUAGES}.get(name) or _VALUES.get(name, {})


def action_label(action: str) -> str:
    """What was done, as *source:subject:verb* names it."""
    verb = action.partition(":")[2]
    return ACTIONS.get(verb) or words.plain(verb).capitalize()


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

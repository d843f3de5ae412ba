"""Every action that an audit event can record, with the sentence that the audit trail shows for it.

An event stores *source:subject:verb*: ``cli``, ``desk`` or ``worker``, and one of these. Stored values never change;
``tests/laws/test_the_trail_has_words.py`` holds that the code records each of them, and no other.
"""

from enum import StrEnum
from typing import Self


class AuditAction(StrEnum):
    """What was done, as *subject:verb*."""

    #: What the audit trail shows.
    sentence: str

    def __new__(cls, value: str, sentence: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    ACCOUNT_ACCESS_CONFIRMED = "account:access_confirmed", "Confirmed a change of access"
    ACCOUNT_ACCESS_REFUSED = "account:access_refused", "Refused a change of access"
    ACCOUNT_ACCESS_REQUESTED = "account:access_requested", "Asked for a change of access"
    ACCOUNT_CHANGED = "account:changed", "Changed roles or languages"
    ACCOUNT_DISABLED = "account:disabled", "Disabled an account"
    ACCOUNT_INVITED = "account:invited", "Invited a team member"
    ACCOUNT_INVITED_AGAIN = "account:invited_again", "Made a new sign-in link"
    ACCOUNT_OTHER_SESSIONS_ENDED = "account:other_sessions_ended", "Signed out everywhere else"
    ACCOUNT_PASSWORD_CHANGED = "account:password_changed", "Changed a password"
    ACCOUNT_RECOVERY_CODES_RENEWED = "account:recovery_codes_renewed", "Made new recovery codes"
    ACCOUNT_REFUSED = "account:refused", "Failed to sign in"
    ACCOUNT_SECOND_FACTOR_GIVEN = "account:second_factor_given", "Gave a second factor"
    ACCOUNT_SECOND_FACTOR_RESET = "account:second_factor_reset", "Reset a second factor"
    ACCOUNT_SECOND_FACTOR_SET = "account:second_factor_set", "Set up a second factor"
    ACCOUNT_SESSION_ENDED = "account:session_ended", "Signed out in another browser"
    ACCOUNT_SESSION_REFUSED = "account:session_refused", "Refused a session that was changed in the database"
    ACCOUNT_SIGNED_IN = "account:signed_in", "Signed in"
    ACCOUNT_SIGNED_OUT = "account:signed_out", "Signed out"
    ACCOUNT_TAKEN_UP = "account:taken_up", "Accepted an invitation"
    ANSWERS_SHOWN = "answers:shown", "Viewed the answers"
    ATTEMPT_LOGGED = "attempt:logged", "Logged a contact attempt"
    AUDIT_EXPORTED = "audit:exported", "Exported the audit trail"
    AUDIT_HEAD_REFUSED = "audit_head:refused", "Could not send the head of the audit trail outside"
    AUDIT_HEAD_SENT = "audit_head:sent", "Sent the head of the audit trail outside"
    BACKUP_MADE = "backup:made", "Finished a backup"
    BACKUP_STARTED = "backup:started", "Started a backup"
    BACKUP_TRIED = "backup:tried", "Tested a backup"
    BOX_ALTERED = "box:altered", "Found content that is not what was sent"
    CHANGE_UNDONE = "change:undone", "Undid the last change"
    CHANNEL_STOPPED = "channel:stopped", "Stopped contact"
    EXPORT_FAILED = "export:failed", "Export was cut short"
    EXPORT_FINISHED = "export:finished", "Finished an export"
    EXPORT_STARTED = "export:started", "Started an export"
    INTAKE_CHECKED = "intake:checked", "Confirmed the status of the form"
    INTAKE_CLOSED = "intake:closed", "Closed the form"
    INTAKE_NOT_READY = "intake:not_ready", "Set the form to not ready"
    INTAKE_OPEN = "intake:open", "Opened the form"
    INTAKE_PAUSED = "intake:paused", "Paused the form"
    INTAKE_WAITLIST = "intake:waitlist", "Set the form to waiting list"
    KEYS_BACKED_UP = "keys:backed_up", "Backed up keys"
    KEYS_BACKUP_STARTED = "keys:backup_started", "Started a backup of keys"
    KEYS_CREATED = "keys:created", "Created keys"
    KEYS_PROVED = "keys:proved", "Tested keys"
    KEYS_RESTORED = "keys:restored", "Restored keys"
    KEYS_RETIRED = "keys:retired", "Put away old form keys"
    KEYS_ROTATED = "keys:rotated", "Changed to new keys"
    KEYS_ROTATION_STARTED = "keys:rotation_started", "Started a change to new keys"
    LETTER_GIVEN_UP = "letter:given_up", "Stopped trying to send an email"
    LETTER_SENT = "letter:sent", "Sent an email"
    NOTE_WRITTEN = "note:written", "Added a note"
    NOT_REAL_CLOSED = "not_real:closed", "Closed as not a real submission"
    NOT_REAL_PROPOSED = "not_real:proposed", "Proposed to close as not a real submission"
    RECORD_OPENED = "record:opened", "Opened the record"
    RETENTION_ANNOUNCED = "retention:announced", "Announced forms to be erased"
    RETENTION_CONFIRMED = "retention:confirmed", "Confirmed that erasing goes on"
    RETENTION_RELEASED = "retention:released", "Decided that a form is erased on its date"
    RETENTION_STOPPED = "retention:stopped", "Stopped erasing"
    RECOVERY_CREATED = "recovery:created", "Created a recovery key"
    STATE_CHANGED = "state:changed", "Changed the status"
    STORE_RESTORED = "store:restored", "Restored the database from a backup"
    SUBMISSION_ASSIGNED = "submission:assigned", "Assigned"
    SUBMISSION_CLAIMED = "submission:claimed", "Claimed"
    SUBMISSION_ERASED = "submission:erased", "Erased the form"
    SUBMISSION_RECEIVED = "submission:received", "Received the form"
    TRAIL_OPENED = "trail:opened", "Viewed the audit trail"
    TRAIL_REPLAYED = "trail:replayed", "Repeated what was done after the backup"
    WORDING_APPROVED = "wording:approved", "Recorded an approval of the wording"
    WORDING_KEPT = "wording:kept", "Saved a version of the wording"

"""Do again, after a restore, what a trail file says was done since the backup: erasures, stops and disabled accounts.

Each goes through the one writer of follow-ups and of accounts, and leaves its own audit event. What else changed on an
account since then cannot be done again (passwords and second factors stand in no trail); it is listed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from screener import audit
from screener.audit_actions import AuditAction
from screener.audit_files import read_trail
from screener.errors import UserError
from screener.follow_up import service
from screener.follow_up.contact_permission import list_stopped_channels
from screener.follow_up.erasure import erase_again
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import find_submissions
from screener.follow_up.service import Edit
from screener.follow_up.states import ContactChannel
from screener.follow_up.states import ContactOutcome
from screener.follow_up.transitions import OUTGOING_CHANNELS
from screener.staff import accounts
from screener.staff.accounts import AuditActor
from screener.submissions.inbox import INBOX
from screener.submissions.reference import derive_reference

REASON = "done again after a restore"
#: What changes nothing on an account; everything else is listed, because it cannot be done again.
_NO_CHANGE = {
    AuditAction.ACCOUNT_OTHER_SESSIONS_ENDED,
    AuditAction.ACCOUNT_REFUSED,
    AuditAction.ACCOUNT_SECOND_FACTOR_GIVEN,
    AuditAction.ACCOUNT_SESSION_ENDED,
    AuditAction.ACCOUNT_SESSION_REFUSED,
    AuditAction.ACCOUNT_SIGNED_IN,
    AuditAction.ACCOUNT_SIGNED_OUT,
}
#: Changes of a follow-up that can be undone.
_UNDOABLE = {
    AuditAction.ATTEMPT_LOGGED,
    AuditAction.CHANNEL_STOPPED,
    AuditAction.NOTE_WRITTEN,
    AuditAction.STATE_CHANGED,
    AuditAction.SUBMISSION_ASSIGNED,
    AuditAction.SUBMISSION_CLAIMED,
}


@dataclass
class _Since:
    """What the trail says was done since the backup."""

    first: int = 0
    last: tuple[int, str] = (0, "")
    #: Reference → whether the person asked for it.
    erased: dict[str, bool] = field(default_factory=dict)
    #: Reference → the channels that each change stopped; the last change is the last of them.
    stops: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(list))
    #: Email of an account → whether it is disabled in the end.
    disabled: dict[str, bool] = field(default_factory=dict)
    #: Email of an account → what else changed.
    changed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, event: dict[str, Any]) -> None:
        """Note one event."""
        self.first, self.last = self.first or event["seq"], (event["seq"], event["hash"])
        source, _, action = event["action"].partition(":")
        subject, detail = event["subject"], event["detail"]
        if action == AuditAction.SUBMISSION_ERASED:
            self.erased[subject] = source != "worker"
        elif action == AuditAction.CHANGE_UNDONE:
            if self.stops[subject]:
                self.stops[subject].pop()
        elif action in _UNDOABLE:
            self.stops[subject].append(_stopped_by(action, detail))
        elif action == AuditAction.ACCOUNT_DISABLED:
            self.disabled[subject] = True
        elif action.startswith("account:") and action not in _NO_CHANGE and action in set(AuditAction):
            self.changed[subject].add(AuditAction(action).sentence.lower())
            if action == AuditAction.ACCOUNT_INVITED:
                self.disabled[subject] = False


def describe_unknown(made_at: str) -> str:
    """What to say when no trail file was given."""
    return (
        f"What was erased, stopped or disabled after {made_at} is back, and accounts may have changed since: without "
        "--trail this cannot be known here. If there are trail files (`screener audit export`), restore again with "
        "them; if not, do again what your own notes say, and check every account at the Team page."
    )


@dataclass(frozen=True)
class Restoration:
    """The databases that are being restored, and who restores them when."""

    store: sa.Connection
    inbox: sa.Connection
    actor: str
    at: datetime

    def find(self, reference: str) -> list[StoredSubmission]:
        """The submissions under *reference* that are not erased."""
        return [row for row in find_submissions(self.store, reference) if row.erased_at is None]

    def edit(self, row: StoredSubmission) -> Edit:
        """The edit of *row* as it is."""
        return Edit(row.envelope.id, row.version, "cli", self.at)

    def record_event(self, action: str, subject: str, **detail: str | int) -> None:
        """Record what was done again."""
        audit.record(self.store, actor=self.actor, action=action, subject=subject, detail=detail, at=self.at)


def replay_trail(here: Restoration, paths: Sequence[Path], *, since: tuple[int, str]) -> list[str]:
    """Do again what the files *paths* say was done after the event *since* (number and hash); returns sentences.

    Raises *UserError* when the files do not hold that event, or do not go on from it.
    """
    found = _collect(paths, since)
    if not found.first:
        return [f"The trail files end with the backup (event {since[0]}); nothing was done since."]
    waiting = _list_waiting(here)
    erased = sum(_erase(here, waiting, *each) for each in found.erased.items())
    stops = {reference: sorted({one for change in each for one in change}) for reference, each in found.stops.items()}
    stopped = sum(_stop(here, *each) for each in stops.items())
    refusals = [_disable(here, email) for email, is_disabled in found.disabled.items() if is_disabled]
    done = {"erased": erased, "stopped": stopped, "disabled": refusals.count("")}
    here.record_event("cli:trail:replayed", found.last[1], **done, last_event=found.last[0])
    return [
        f"Done again from the trail, events {found.first} to {found.last[0]}: {erased} erased, {stopped} stopped, "
        f"{done['disabled']} accounts disabled.",
        *_describe_changes(found.changed),
        *(
            f"{reference} still waits in the inbox: stop contact by {', '.join(stops[reference])} once the worker has "
            "moved it."
            for reference in waiting
            if stops.get(reference) and reference not in found.erased
        ),
        *(refusal for refusal in refusals if refusal),
    ]


def _describe_changes(changed: dict[str, set[str]]) -> list[str]:
    if not changed:
        return []
    listed = "; ".join(f"{email}: {', '.join(sorted(what))}" for email, what in sorted(changed.items()))
    return [f"Accounts that changed since the backup, and are now as they were in it: {listed}."]


def _list_waiting(here: Restoration) -> dict[str, list[bytes]]:
    """The ids in the inbox by reference: the worker had not moved them when the backup was made."""
    waiting: dict[str, list[bytes]] = defaultdict(list)
    for id_ in here.inbox.scalars(sa.select(INBOX.c.id)):
        waiting[derive_reference(id_)].append(id_)
    return waiting


def _collect(paths: Sequence[Path], since: tuple[int, str]) -> _Since:
    number, head = since
    found, is_ours = _Since(), False
    for event in read_trail(paths):
        if event["seq"] == number and event["hash"] == head:
            is_ours = True
        elif event["seq"] > number:
            is_ours = is_ours or (event["seq"] == number + 1 and event["previous_hash"] == head)
            if not is_ours:
                break
            found.add(event)
    if not is_ours:
        raise UserError(
            f"The trail files do not hold the last event of this backup (event {number}): they begin later, or are of "
            "another site. Name every trail file since the backup. Nothing was restored."
        )
    return found


def _stopped_by(action: str, detail: dict[str, Any]) -> tuple[str, ...]:
    """The channels that a change stopped, as ``service.log_attempt`` and ``stop_channel`` have it."""
    channel, outcome = str(detail.get("channel", "")), detail.get("outcome")
    if action == AuditAction.CHANNEL_STOPPED:
        return (channel,)
    if outcome == ContactOutcome.ASKED_TO_STOP:
        return tuple(OUTGOING_CHANNELS) if channel == ContactChannel.INCOMING else (channel,)
    return (ContactChannel.CALL,) if outcome == ContactOutcome.WRONG_NUMBER else ()


def _erase(here: Restoration, waiting: dict[str, list[bytes]], reference: str, on_request: bool) -> int:
    """Erase what came back under *reference*, in the store or still in the inbox; returns how many."""
    rows, ids = here.find(reference), waiting.get(reference, [])
    for row in rows:
        erase_again(here.store, here.edit(row), on_request=on_request)
    here.inbox.execute(sa.delete(INBOX).where(INBOX.c.id.in_(ids)))
    if rows or ids:
        here.record_event("cli:submission:erased", reference, reason=REASON)
    return len(rows) + len(ids)


def _stop(here: Restoration, reference: str, channels: Sequence[str]) -> int:
    count = 0
    for channel in channels:
        for row in here.find(reference):
            if channel not in list_stopped_channels(here.store, row.envelope.id):
                service.stop_channel(here.store, here.edit(row), channel)
                here.record_event("cli:channel:stopped", reference, channel=channel, reason=REASON)
                count += 1
    return count


def _disable(here: Restoration, email: str) -> str:
    """Disable the account *email*; returns why not, as a sentence, and "" when it is disabled now."""
    try:
        account = accounts.get_account_by_email(here.store, email)
        if account.active:
            accounts.disable_account(here.store, account, heir=None, by=AuditActor("cli", here.actor), at=here.at)
    except UserError as refusal:
        return f"{email} was disabled since, and is not now: {refusal}"
    return ""

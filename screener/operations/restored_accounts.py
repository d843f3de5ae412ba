"""What a restore does to accounts: sessions and invitations of before are void, exposed credentials too."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from screener.staff import accounts
from screener.staff.accounts import AuditActor
from screener.staff.invitations import end_open_invitations
from screener.staff.models import Account
from screener.staff.sessions import end_all_sessions


def end_all_access(store: sa.Connection, *, at: datetime) -> list[str]:
    """End every session, and make every open invitation void: what was ended after the backup must not come back."""
    end_all_sessions(store, at=at)
    invitations = end_open_invitations(store, at=at)
    void = f" Open invitations are void ({invitations}); send new links at the Team page." if invitations else ""
    return [f"Everybody has to sign in again.{void}"]


def void_exposed_credentials(store: sa.Connection, archive: Path, *, at: datetime, actor: str) -> list[str]:
    """Void the passwords and second factors of an archive that was not sealed, with an event for each account.

    Who has such an archive has the key that protected them. The desk's key was left out of the restore, so the desk
    makes a new one, and neither works any more.
    """
    active = [account for account in accounts.list_accounts(store) if account.active]
    for row in active:
        account = accounts.get_account_by_email(store, row.email)
        accounts.reset_second_factor(store, account, by=AuditActor("cli", actor), at=at)
    store.execute(sa.update(Account).values(password=None))
    sentences = [
        f"{archive} is an archive of an earlier release, and dangerous to keep: it is not sealed, and holds the desk's "
        "key in plain text and the names of sessions. Delete every copy of it, and make a new one now: `screener "
        "backup`.",
        "The desk gets a new key, so that the one in the archive opens nothing: no password and no second factor of "
        "the archive works any more.",
    ]
    if active:
        links = "; ".join(f"screener staff invite --again --email {account.email}" for account in active)
        sentences.append(
            "Give each account a new link, with which its person chooses a password and sets up a second factor: "
            f"{links}."
        )
    return sentences

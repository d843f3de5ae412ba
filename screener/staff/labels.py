"""What roles and the states of an account are called on screens and in the output of ``screener staff``."""

from collections.abc import Mapping
from typing import Any

from screener.staff.models import Role

ROLE_NAMES: Mapping[str, str] = {
    Role.COORDINATOR: "coordinator",
    Role.STUDY_LEAD: "study lead",
    Role.ADMINISTRATOR: "administrator",
}
#: What each role lets a person do.
ROLE_DESCRIPTIONS: Mapping[str, str] = {
    Role.COORDINATOR: "Coordinator: works on submissions, and is notified of new ones",
    Role.STUDY_LEAD: "Study lead: reads submissions, exports, reads the audit trail",
    Role.ADMINISTRATOR: "Administrator: manages accounts, and never sees submissions",
}


def account_status(account: Any) -> str:
    """Whether a person can sign in with *account* (a row or an *Account*), and if not, why not."""
    if account.disabled_at is not None:
        return f"Disabled since {account.disabled_at:%Y-%m-%d}"
    if account.confirmed_at is None:
        return "Invited"
    return "Can sign in" if account.tf_totp_secret else "Can sign in, no second factor yet"

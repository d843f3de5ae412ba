"""What roles and the states of an account are called on screens and in the output of ``screener staff``."""

from collections.abc import Mapping
from typing import Any

from screener.staff.models import AccessChange
from screener.staff.models import AccessDecision
from screener.staff.models import AccessKind
from screener.staff.models import AccessState
from screener.staff.models import Role

ROLE_NAMES: Mapping[str, str] = {
    Role.COORDINATOR: "coordinator",
    Role.STUDY_LEAD: "study lead",
    Role.ADMINISTRATOR: "administrator",
}
#: Failed attempts in a row from which the status of an account shows them.
SHOWN_FAILURES = 20
#: What each role lets a person do.
ROLE_DESCRIPTIONS: Mapping[str, str] = {
    Role.COORDINATOR: "Coordinator: works on submissions, and is notified of new ones",
    Role.STUDY_LEAD: "Study lead: reads submissions, exports, reads the audit trail",
    Role.ADMINISTRATOR: "Administrator: manages accounts, and never sees submissions",
}


#: Why a change of access was confirmed.
ACCESS_DECISIONS: Mapping[str, str] = {
    AccessDecision.SECOND_PERSON: "Confirmed by a second person",
    AccessDecision.SAME_PERSON: "Confirmed again by the person who asked, because no other could",
    AccessDecision.NO_REFUSAL: "Not refused for three working days",
    AccessDecision.SET_UP: "First set-up",
}


def access_title(change: AccessChange) -> str:
    """What a change of access gives to whom."""
    roles = ", ".join(ROLE_NAMES[role] for role in change.role_names.split(",") if role)
    match change.kind:
        case AccessKind.INVITATION:
            return f"Invitation of {change.name} ({change.email}) as {roles}"
        case AccessKind.ROLES:
            return f"New roles for {change.name}: {roles}"
        case AccessKind.LINK:
            return f"New sign-in link for {change.name}"
        case _:
            return f"Reset of the second factor of {change.name}"


def access_progress(change: AccessChange) -> str:
    """How far a change of access is."""
    match change.state:
        case AccessState.WAITING:
            return "Waiting for a second person"
        case AccessState.REFUSED:
            return "Refused"
        case AccessState.CONFIRMED:
            return f"{ACCESS_DECISIONS[change.decision]}; the link was not made yet"
        case _:
            return ACCESS_DECISIONS[change.decision]


def account_status(account: Any) -> str:
    """Whether a person can sign in with *account* (a row or an *Account*), and if not, why not."""
    if account.disabled_at is not None:
        return f"Disabled since {account.disabled_at:%Y-%m-%d}"
    if account.confirmed_at is None:
        return "Invited"
    status = "Can sign in" if account.tf_totp_secret else "Can sign in, no second factor yet"
    if account.failures_in_a_row < SHOWN_FAILURES:
        return status
    return f"{status}; {account.failures_in_a_row} wrong attempts in a row from unknown browsers"

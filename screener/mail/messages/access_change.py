"""A change of access to the desk: asked for, confirmed, refused or in effect."""

from collections.abc import Mapping
from datetime import date
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message
from screener.mail.messages.failed_sign_ins import Whose
from screener.settings import Settings
from screener.staff.models import AccessKind
from screener.staff.models import AccessState

#: What each change is, for the person whose account it is about and for the others.
CHANGES: Mapping[str, tuple[str, str]] = {
    AccessKind.INVITATION: ("An account for you", "A new account"),
    AccessKind.ROLES: ("A new role for your account", "A new role for an account"),
    AccessKind.LINK: ("A new sign-in link for your account", "A new sign-in link for an account"),
    AccessKind.SECOND_FACTOR: (
        "A reset of the second factor of your account",
        "A reset of the second factor of an account",
    ),
}


class AccessChanged(Message):
    """To the person, study leads and administrators at each step; it names no account."""

    kind: ClassVar[str] = "access_change"

    #: A value of *AccessKind*.
    change: str = Field(pattern=r"^(invitation|roles|link|second_factor)$")
    #: A value of *AccessState*.
    step: str = Field(pattern=r"^(waiting|confirmed|in_effect|refused)$")
    #: A value of *Whose*.
    whose: str = Field(pattern=r"^(own|other)$")
    #: When a change that waits takes effect without a refusal.
    last_day: date

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """What was changed and how far it is, and where to see it."""
        own = self.whose == Whose.OWN
        return {
            "what": CHANGES[self.change][0 if own else 1],
            "own": own,
            "waits": self.step == AccessState.WAITING,
            "refused": self.step == AccessState.REFUSED,
            "last_day": f"{self.last_day:%B} {self.last_day.day}, {self.last_day.year}",
            "page": f"{settings.desk_address}/access",
        }

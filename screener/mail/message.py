"""The base of every kind of message: its allow-listed facts, its recipient, its templates.

Email is read by servers, watches and people who look over a shoulder. So a message carries facts and no text: a kind
declares each fact as a field of a closed type (a number, a date, a string of one fixed pattern), and validation refuses
every other key and value. No field may hold a code, a name or a contact detail; ``tests/laws`` tries.
"""

from datetime import datetime
from datetime import timedelta
from enum import StrEnum
from typing import Any
from typing import ClassVar
from typing import Self

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from screener.settings import Settings


class Recipient(StrEnum):
    """Who a kind of message goes to: the column of the outbox that names the recipient."""

    ACCOUNT = "account_id"
    SUBMISSION = "submission_id"


class Message(BaseModel):
    """One message of one kind; the fields of a subclass are the facts that it may hold.

    Raises *pydantic.ValidationError* for an unknown key and for a value that its field does not allow.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: The head of the audit trail when the message was enqueued, for a study lead; empty for all others.
    audit_head: str = Field(default="", pattern=r"^([0-9]{1,18}:[0-9a-f]{64})?$")

    #: The stored name of the kind, and its folder in ``templates/email``.
    kind: ClassVar[str]
    recipient: ClassVar[Recipient] = Recipient.ACCOUNT
    #: The facts that tell two messages to one recipient apart; a second one with the same is refused. None: never.
    unique_by: ClassVar[tuple[str, ...]] = ()
    #: The least time between two messages of this kind to one recipient; one that waits, untried, takes up the next.
    spacing: ClassVar[timedelta | None] = None

    def facts(self) -> dict[str, Any]:
        """The facts as the outbox stores them: JSON values by their allow-listed keys."""
        facts = self.model_dump(mode="json")
        return facts if facts.pop("audit_head") == "" else {**facts, "audit_head": self.audit_head}

    def dedupe_key(self, recipient_id: str | bytes) -> str | None:
        """What the outbox takes only once: kind, recipient and the facts of *unique_by*; None without any."""
        if not self.unique_by:
            return None
        recipient = recipient_id if isinstance(recipient_id, str) else recipient_id.hex()
        return ":".join((self.kind, recipient, *(str(getattr(self, name)) for name in self.unique_by)))

    def merge(self, later: Self) -> Self:
        """This message with what *later* adds to it; only for kinds with *spacing*."""
        raise TypeError(f"{self.kind} messages are not merged")

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """What the templates of the kind are rendered with; the same whenever the message is rendered again."""
        return self.facts()

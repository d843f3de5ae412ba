"""What signing in works with, made once at the start of the process and handed in."""

from dataclasses import dataclass
from typing import Protocol
from typing import cast

import sqlalchemy as sa
from flask import current_app

from screener.auth.keys import DeskKeys
from screener.auth.totp import OneTimeCodes

EXTENSION = "screener.staff"


class Limit(Protocol):
    """Counts tries by network, without keeping anybody's address."""

    def allows(self, address: str | None) -> bool: ...


@dataclass(frozen=True)
class Office:
    """The accounts, and what guards them."""

    store: sa.Engine
    keys: DeskKeys
    codes: OneTimeCodes
    limit: Limit
    #: Whether nobody gets in without a second factor.
    strict: bool
    #: Where people reach the desk, as the beginning of a link.
    address: str
    #: A password's hash that fits nothing: unknown names take as long as known ones.
    nobody: str


def office() -> Office:
    """The office that this process serves."""
    return cast(Office, current_app.extensions[EXTENSION])

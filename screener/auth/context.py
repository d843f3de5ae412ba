"""The dependencies of sign-in, made once at the start of the process and kept with the application."""

from dataclasses import dataclass
from typing import Protocol
from typing import cast

import sqlalchemy as sa
from flask import current_app

from screener.auth.keys import DeskKeys
from screener.auth.totp import OneTimeCodes

AUTH_EXTENSION = "screener.staff"


class RateLimit(Protocol):
    """Counts requests by network, without keeping an address."""

    def allows_request(self, address: str | None) -> bool: ...

    def allows_key(self, key: str) -> bool: ...


@dataclass(frozen=True)
class AuthContext:
    """The store of the accounts, and what protects them."""

    store: sa.Engine
    keys: DeskKeys
    one_time_codes: OneTimeCodes
    rate_limit: RateLimit
    #: Whether a sign-in needs a second factor; always true in production.
    requires_second_factor: bool
    #: The address of the desk, without a slash at its end: the beginning of a link.
    base_url: str
    #: A password hash that no password matches, so that an unknown address takes as long to check as a known one.
    unmatched_hash: str
    #: Names of the study and the site, which no password may be made of.
    password_context: tuple[str, ...] = ()


def auth_context() -> AuthContext:
    """The context of the current application."""
    return cast(AuthContext, current_app.extensions[AUTH_EXTENSION])

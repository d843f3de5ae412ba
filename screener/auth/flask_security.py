"""Flask-Security-Too as we use it: its passwords, codes and sessions, and none of its pages.

What it would do by itself and must not here: take a token from a header or an address as a sign-in, remember a browser
for a year, write down where somebody signed in from, speak to programs instead of people. None of it is on.
"""

import unicodedata
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_security import RoleMixin
from flask_security import Security
from flask_security import UserDatastore
from flask_security.utils import hash_password
from flask_security.utils import verify_password

from screener.auth import sessions
from screener.auth.keys import DeskKeys
from screener.db import reading
from screener.staff.accounts import find
from screener.staff.models import Account

SHORTEST = 12
LONGEST = 128
#: RFC 9106's second choice, with one lane, because the desk's threads share few cores.
ARGON2 = {"argon2__type": "ID", "argon2__memory_cost": 65536, "argon2__rounds": 3, "argon2__parallelism": 1}


class Accounts(UserDatastore):
    """Where the library finds an account; it changes none, because every change has its event in the audit trail."""

    def __init__(self, store: sa.Engine) -> None:
        super().__init__(Account, RoleMixin)
        self._store = store

    def find_user(self, case_insensitive: bool = False, **named: Any) -> Account | None:
        ((name, value),) = named.items()
        with reading(self._store) as connection:
            return find(connection, getattr(Account, name) == value)


def harden(app: Flask, keys: DeskKeys, store: sa.Engine, *, production: bool) -> None:
    """Give *app* the library, with everything off that the desk does not use."""
    prefix = "__Host-" if production else ""
    app.config.update(
        SECRET_KEY=keys.session,
        SESSION_COOKIE_NAME=f"{prefix}screener-desk",
        SESSION_COOKIE_SECURE=production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        # What binds a session to a machine's address would write down that address.
        SESSION_PROTECTION=None,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a way to hash
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=ARGON2,
        SECURITY_PASSWORD_SALT=keys.pepper,
        SECURITY_TRACKABLE=False,
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
    )
    Security(app, Accounts(store), register_blueprint=False)
    manager = app.login_manager  # type: ignore[attr-defined]
    manager.request_loader(lambda request: None)
    manager.user_loader(lambda uniquifier: sessions.known(uniquifier, app.extensions["security"].datastore))


def hashed_password(password: str) -> str:
    """*password* as the store keeps it."""
    return str(hash_password(_normal(password)))


def fits(password: str, kept: str) -> bool:
    """Whether *kept* was made from *password*; takes as long either way."""
    return bool(verify_password(_normal(password)[:LONGEST], kept))


def fault_of_password(password: str, account: Account | None = None, *, email: str = "", name: str = "") -> str:
    """Why *password* cannot be taken as a new one; empty when it can."""
    normal = _normal(password)
    if len(normal) < SHORTEST:
        return f"Choose a password of at least {SHORTEST} characters; a few words in a row are good."
    if len(normal) > LONGEST:
        return f"Choose a password of at most {LONGEST} characters."
    known = (email or (account.email if account else ""), name or (account.name if account else ""))
    easy = {part for one in known for part in (one.lower(), one.lower().partition("@")[0]) if part}
    if normal.lower() in easy or len(set(normal)) < 5:
        return "Choose a password that is hard to guess from your name or email address."
    return ""


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKD", password)

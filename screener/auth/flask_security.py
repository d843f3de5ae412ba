"""Configure Flask-Security-Too: its password hashing, TOTP and sessions, and none of its pages.

Switched off, because the library would do it by itself: authentication tokens in a header or an address, cookies that
remember a browser for a year, network addresses of sign-ins, answers for programs instead of people.
"""

from flask import Flask
from flask_security import RoleMixin
from flask_security import Security
from flask_security import UserDatastore
from flask_security.utils import hash_password
from flask_security.utils import verify_password

from screener.auth import sessions
from screener.auth.keys import DeskKeys
from screener.auth.session_interface import LIBRARY_ID
from screener.auth.session_interface import StoreSessionInterface
from screener.staff.models import Account
from screener.typed_text import normalize_password

PASSWORD_MIN_LENGTH = 12
PASSWORD_MAX_LENGTH = 128
#: RFC 9106's second choice, with one lane, because the desk's threads share few cores.
ARGON2_OPTIONS = {"argon2__type": "ID", "argon2__memory_cost": 65536, "argon2__rounds": 3, "argon2__parallelism": 1}


def configure_flask_security(app: Flask, keys: DeskKeys, *, production: bool) -> None:
    """Set up the library on *app*, with everything off that the desk does not use."""
    prefix = "__Host-" if production else ""
    app.config.update(
        SECRET_KEY=keys.session,
        SESSION_COOKIE_NAME=f"{prefix}screener-desk",
        SESSION_COOKIE_SECURE=production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        # Flask-Login would bind a session to a network address, and so keep the address.
        SESSION_PROTECTION=None,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a way to hash
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=ARGON2_OPTIONS,
        SECURITY_PASSWORD_SALT=keys.pepper,
        SECURITY_TRACKABLE=False,
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
    )
    # The library finds no account by itself: the session record has it, and every change is one of ours.
    Security(app, UserDatastore(Account, RoleMixin), register_blueprint=False)
    app.session_interface = StoreSessionInterface()
    manager = app.login_manager  # type: ignore[attr-defined]
    manager.request_loader(lambda request: None)
    manager.user_loader(lambda uniquifier: sessions.load_session_account())
    # Otherwise a hash of the network address and the browser's name.
    manager._session_identifier_generator = lambda: LIBRARY_ID


def make_password_hash(password: str) -> str:
    """The Argon2id hash of *password*, as the store keeps it."""
    return str(hash_password(normalize_password(password, PASSWORD_MAX_LENGTH)))


def is_password_correct(password: str, password_hash: str) -> bool:
    """Whether *password_hash* was made from *password*; takes as long either way."""
    return bool(verify_password(normalize_password(password, PASSWORD_MAX_LENGTH), password_hash))


def find_password_error(password: str, *, email: str, name: str) -> str:
    """Why *password* is refused as a new password of the account with *email* and *name*; empty when it is not."""
    normal = normalize_password(password, PASSWORD_MAX_LENGTH + 1)
    if len(normal) < PASSWORD_MIN_LENGTH:
        return f"Choose a password of at least {PASSWORD_MIN_LENGTH} characters; a few words in a row are good."
    if len(normal) > PASSWORD_MAX_LENGTH:
        return f"Choose a password of at most {PASSWORD_MAX_LENGTH} characters."
    easy = {part for known in (email, name) for part in (known.lower(), known.lower().partition("@")[0]) if part}
    if normal.lower() in easy or len(set(normal)) < 5:
        return "Choose a password that is hard to guess from your name or email address."
    return ""

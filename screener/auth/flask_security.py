"""Configure Flask-Security-Too: its password hashing, TOTP and sessions, and none of its pages.

Switched off, because the library would do it by itself: authentication tokens in a header or an address, cookies that
remember a browser for a year, network addresses of sign-ins, answers for programs instead of people.
"""

import re
from collections.abc import Collection
from functools import cache

from flask import Flask
from flask_security import RoleMixin
from flask_security import Security
from flask_security import UserDatastore
from flask_security.utils import hash_password
from flask_security.utils import verify_password
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from screener.auth import sessions
from screener.auth.keys import DeskKeys
from screener.auth.session_interface import LIBRARY_ID
from screener.auth.session_interface import StoreSessionInterface
from screener.staff.models import Account
from screener.typed_text import normalize_password

PASSWORD_MIN_LENGTH = 12
PASSWORD_MAX_LENGTH = 128
#: Letters and digits of a password that must be left without words that are guessed first; shorter words are no names.
UNGUESSED_MIN_LENGTH, GUESSED_WORD_LENGTH = 8, 3
FIRST_GUESSES = (
    *("screener", "password", "passwort", "welcome", "letmein", "iloveyou", "qwertyuiop", "qwerty", "1234567890"),
    *("study", "trial", "research", "clinic", "coordinator", "administrator", "admin", "depression", "12345"),
)
_WORD = re.compile(r"[^\W_]+")
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


def find_password_error(password: str, *, email: str, name: str, context: Collection[str] = ()) -> str:
    """Why *password* is refused as a new password of the account with *email* and *name*; empty when it is not.

    *context* are names of the site and the study: what is left of the password without them, the person's own and words
    that are tried first must still be long (NIST SP 800-63B, 5.1.1.2).
    """
    normal = normalize_password(password, PASSWORD_MAX_LENGTH + 1)
    if len(normal) < PASSWORD_MIN_LENGTH:
        return f"Choose a password of at least {PASSWORD_MIN_LENGTH} characters; a few words in a row are good."
    if len(normal) > PASSWORD_MAX_LENGTH:
        return f"Choose a password of at most {PASSWORD_MAX_LENGTH} characters."
    if is_common_password(normal):
        return "Choose another password: this one is on a list of passwords that many people use."
    if len(set(normal)) < 5 or _count_unguessed(normal, (email, name, *context)) < UNGUESSED_MIN_LENGTH:
        return (
            "Choose a password that is hard to guess: a few words in a row that are not your name or email address, "
            "the site, the study or the program."
        )
    return ""


def is_common_password(password: str) -> bool:
    """Whether *password* is one that many people choose, whatever its capitals and blanks."""
    return "".join(password.lower().split()) in _common_passwords()


@cache
def _common_passwords() -> frozenset[str]:
    """Those that are long enough for an account, of the list in *zxcvbn* (MIT License)."""
    return frozenset(one for one in FREQUENCY_LISTS["passwords"] if len(one) >= PASSWORD_MIN_LENGTH)


def _count_unguessed(password: str, known: Collection[str]) -> int:
    """The letters and digits that are left of *password* without the words of *known* and *FIRST_GUESSES*."""
    words = {word for name in known for word in _WORD.findall(name.lower()) if len(word) >= GUESSED_WORD_LENGTH}
    left = "".join(_WORD.findall(password.lower()))
    for word in sorted(words.union(FIRST_GUESSES), key=len, reverse=True):
        left = left.replace(word, "")
    return len(left)

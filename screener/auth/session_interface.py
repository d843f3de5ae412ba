"""Flask's session interface over the store: a signed cookie before the password, a stored session from then on.

Until then the cookie holds a CSRF token and nothing else, so that people who only look leave no row. From then on it
holds the random id of a session record (``session_record``). What the libraries read from the session is derived from
the record, and nothing can be put into it: a session is what its columns say.
"""

import hmac
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask import Request
from flask import Response
from flask.sessions import SecureCookieSession
from flask.sessions import SecureCookieSessionInterface
from flask.sessions import SessionMixin

from screener.auth.context import auth_context
from screener.auth.session_record import SessionRecord
from screener.auth.session_record import load_session_record

CSRF_KEY = "csrf_token"
#: In the place of Flask-Login's hash of a network address and a browser's name.
LIBRARY_ID = "desk"
#: What Flask-Login reads and writes; what it writes changes nothing.
LIBRARY_KEYS = frozenset({"_user_id", "_fresh", "_id", "_remember"})
#: A session id; a signed cookie has dots in it.
SESSION_ID = re.compile(r"[\w-]{43}", re.ASCII)


class StaffSession(SessionMixin):
    """The session of one request: without a record it holds a CSRF token at most."""

    modified = False

    def __init__(self, *, session_id: str = "", csrf_token: str = "") -> None:
        self._session_id = session_id
        #: Derived from the id of a stored session, so that a page has one while the store is away.
        self._csrf_token = _derive_csrf_token(session_id) if session_id else csrf_token
        self._record: SessionRecord | None = None
        self._is_loaded = not session_id
        #: Whether the record began in this request, so that the cookie gets its id.
        self.has_new_id = False

    @property
    def record(self) -> SessionRecord | None:
        """The stored session, read when it is first asked for. Raises *UnavailableError*."""
        if not self._is_loaded:
            self._record = load_session_record(self._session_id)
            self._is_loaded = True
        return self._record

    def begin(self, record: SessionRecord) -> None:
        """Go on as the session of *record*, under a new id."""
        self._record, self._is_loaded, self.has_new_id = record, True, True
        self._csrf_token = _derive_csrf_token(record.session_id)

    def replace(self, record: SessionRecord) -> None:
        """Go on with *record*, which was changed."""
        self._record = record

    def clear(self) -> None:
        """Hold nothing; the cookie goes."""
        self._record, self._is_loaded, self._csrf_token = None, True, ""
        self.modified, self.has_new_id = True, False

    def __getitem__(self, key: str) -> Any:
        if key in ("_user_id", "_fresh", "_id"):
            return self._library_values()[key]
        return self._csrf_values()[key]

    def _csrf_values(self) -> dict[str, Any]:
        return {CSRF_KEY: self._csrf_token} if self._csrf_token else {}

    def _library_values(self) -> dict[str, Any]:
        record = self.record
        if record is None or not record.is_signed_in:
            return {}
        return {"_user_id": record.account.get_id(), "_fresh": True, "_id": LIBRARY_ID}

    def __setitem__(self, key: str, value: Any) -> None:
        if key == CSRF_KEY and not self._csrf_token:
            self._csrf_token, self.modified = str(value), True
        elif key not in LIBRARY_KEYS:
            raise KeyError(f"a session cannot hold {key!r}; add a column to its record")

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._csrf_values(), **self._library_values()})

    def __len__(self) -> int:
        return len(list(iter(self)))


class StoreSessionInterface(SecureCookieSessionInterface):
    """Opens the session of a request lazily, and writes the cookie when it changes."""

    def open_session(self, app: Flask, request: Request) -> StaffSession:  # type: ignore[override]
        """The session that the cookie stands for; of a signed cookie only the CSRF token is taken."""
        sent = request.cookies.get(self.get_cookie_name(app), "")
        if SESSION_ID.fullmatch(sent):
            return StaffSession(session_id=sent)
        signed = super().open_session(app, request)
        token = signed.get(CSRF_KEY, "") if signed is not None else ""
        return StaffSession(csrf_token=token if isinstance(token, str) else "")

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie of a session that began, and the signed one of a page before the sign-in."""
        if isinstance(session, StaffSession) and session.has_new_id and session.record is not None:
            response.vary.add("Cookie")
            response.set_cookie(
                self.get_cookie_name(app),
                session.record.session_id,
                path=self.get_cookie_path(app),
                secure=self.get_cookie_secure(app),
                httponly=self.get_cookie_httponly(app),
                samesite=self.get_cookie_samesite(app),
            )
            return
        signed = SecureCookieSession(dict(session) if session.modified else None)
        signed.modified, signed.accessed = session.modified, session.accessed
        super().save_session(app, signed, response)


def _derive_csrf_token(session_id: str) -> str:
    """The CSRF token of a stored session: store and keys do not give it without the cookie."""
    return hmac.digest(auth_context().keys.session_row, f"csrf\0{session_id}".encode(), "sha256").hex()

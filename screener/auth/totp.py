"""The second factor: codes from an authenticator app, each taken once, and recovery codes for the day it is lost.

The library takes a code again while its half minute lasts; here the step of the last code is kept with the account and
moved forward by one statement, so that of two people who send the same code at once one is refused. Of a recovery code
the store keeps a keyed hash.
"""

import hmac
import io
import re
from typing import Any
from typing import cast

import segno
import sqlalchemy as sa
from flask_security import Totp
from flask_security import UserMixin
from passlib.totp import TokenError
from passlib.totp import UsedTokenError

from screener.db import writing
from screener.staff.models import Account

ISSUER = "Screener"
#: How many seconds a telephone's clock may be off, either way.
LEEWAY = 30
HOW_MANY = 10
#: What the codes of an app look like; a recovery code never does.
FROM_APP = re.compile(r"[0-9]{6}")


class OneTimeCodes(Totp):
    """The library's codes, with no code taken twice."""

    def __init__(self, key: str, store: sa.Engine) -> None:
        super().__init__({"1": key}, ISSUER)
        self._store = store

    def get_last_counter(self, user: UserMixin) -> int | None:
        return cast(Account, user).totp_step

    def set_last_counter(self, user: UserMixin, found: Any) -> None:
        """Take the code, unless it or a later one was taken meanwhile. Raises *UsedTokenError*."""
        step = found.counter
        unused = sa.or_(Account.totp_step.is_(None), Account.totp_step < step)
        with writing(self._store) as connection:
            taken = connection.execute(
                sa.update(Account).where(Account.id == cast(Account, user).id, unused).values(totp_step=step)
            ).rowcount
        if not taken:
            raise UsedTokenError

    def takes(self, account: Account, code: str) -> bool:
        """Whether *code* is good now for *account*, and was not taken before."""
        kept = account.tf_totp_secret
        return bool(kept and FROM_APP.fullmatch(code) and self.verify_totp(code, kept, account, window=LEEWAY))

    def step_of(self, secret: str, code: str) -> int | None:
        """The step at which *secret*, which is being set up, gives *code*; None when it is not now."""
        if not FROM_APP.fullmatch(code):
            return None
        try:
            return int(self._totp.verify(code, secret, window=LEEWAY).counter)
        except TokenError:
            return None

    def recovery_codes(self) -> list[str]:
        """New recovery codes, to be shown once."""
        made: list[str] = self.generate_recovery_codes(HOW_MANY)
        return made

    def drawn(self, account: Account, secret: str) -> bytes:
        """The picture (SVG) that an app reads *secret* from."""
        out = io.BytesIO()
        # A white ground with a quiet rim, so that a telephone reads it at night too.
        segno.make(self.get_totp_uri(account.email, secret), error="m").save(
            out, kind="svg", scale=4, border=4, dark="#000", light="#fff"
        )
        return out.getvalue()


def typed(code: str) -> str:
    """A code as it was meant, however it was typed."""
    return re.sub(r"[\s-]", "", code).lower()


def hashed(key: bytes, code: str) -> str:
    """What the store keeps of a recovery code."""
    return hmac.digest(key, typed(code).encode(), "sha256").hex()


def use_recovery_code(connection: sa.Connection, account_id: str, key: bytes, code: str) -> int | None:
    """Take a recovery code out of those of an account, and give how many are left; None when it is none of them.

    The caller's transaction holds the account's row, so that a code that is sent twice at once is taken once.
    """
    table: Any = Account.__table__
    kept = connection.scalar(sa.select(table.c.mf_recovery_codes).where(table.c.id == account_id).with_for_update())
    sought = hashed(key, code)
    left = [one for one in kept or [] if not hmac.compare_digest(one, sought)]
    if len(left) == len(kept or []):
        return None
    connection.execute(sa.update(Account).where(Account.id == account_id).values(mf_recovery_codes=left))
    return len(left)

"""The second factor: TOTP codes (RFC 6238), each accepted once, and recovery codes for a lost phone.

The library accepts a code again while its 30 seconds last (a replay). Here the time step of the last code is kept with
the account and moved forward by one statement, so that of two requests with the same code one is refused. Of a
recovery code the store keeps a keyed hash.
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
from screener.typed_text import normalize_code

ISSUER = "Screener"
#: How far the clock of a phone may be off, either way.
LEEWAY_SECONDS = 30
RECOVERY_CODE_COUNT = 10
#: The form of a code of an app; a recovery code never has it.
TOTP_CODE = re.compile(r"[0-9]{6}")


class OneTimeCodes(Totp):
    """The library's TOTP codes, without replay."""

    def __init__(self, key: str, store: sa.Engine) -> None:
        super().__init__({"1": key}, ISSUER)
        self._store = store

    def get_last_counter(self, user: UserMixin) -> int | None:
        return cast(Account, user).totp_step

    def set_last_counter(self, user: UserMixin, found: Any) -> None:
        """Move the step of the account forward. Raises *UsedTokenError* when this or a later one was used meanwhile."""
        step = found.counter
        unused = sa.or_(Account.totp_step.is_(None), Account.totp_step < step)
        with writing(self._store) as connection:
            taken = connection.execute(
                sa.update(Account).where(Account.id == cast(Account, user).id, unused).values(totp_step=step)
            ).rowcount
        if not taken:
            raise UsedTokenError

    def verify_once(self, account: Account, code: str) -> bool:
        """Whether *code* is correct for *account* now, and was not used before."""
        kept = account.tf_totp_secret
        return bool(kept and TOTP_CODE.fullmatch(code) and self.verify_totp(code, kept, account, window=LEEWAY_SECONDS))

    def find_step(self, secret: str, code: str) -> int | None:
        """The time step at which *secret*, which is being set up, gives *code*; None when that is not now."""
        if not TOTP_CODE.fullmatch(code):
            return None
        try:
            return int(self._totp.verify(code, secret, window=LEEWAY_SECONDS).counter)
        except TokenError:
            return None

    def new_recovery_codes(self) -> list[str]:
        """Generate recovery codes, to be shown once."""
        made: list[str] = self.generate_recovery_codes(RECOVERY_CODE_COUNT)
        return made

    def qr_code_svg(self, account: Account, secret: str) -> bytes:
        """The QR code (SVG) from which an app reads *secret*."""
        out = io.BytesIO()
        # A white ground with a quiet rim, so that a phone reads it in dark mode too.
        segno.make(self.get_totp_uri(account.email, secret), error="m").save(
            out, kind="svg", scale=4, border=4, dark="#000", light="#fff"
        )
        return out.getvalue()


def hash_recovery_code(key: bytes, code: str) -> str:
    """The keyed hash (HMAC-SHA256) of a recovery code, which the store keeps."""
    return hmac.digest(key, normalize_code(code).encode(), "sha256").hex()


def use_recovery_code(connection: sa.Connection, account_id: str, key: bytes, code: str) -> int | None:
    """Use up a recovery code of an account, and return how many are left; None when it is none of them.

    The caller's transaction locks the account's row, so that a code that is sent twice at once is used once.
    """
    table: Any = Account.__table__
    kept = connection.scalar(sa.select(table.c.mf_recovery_codes).where(table.c.id == account_id).with_for_update())
    sought = hash_recovery_code(key, code)
    left = [one for one in kept or [] if not hmac.compare_digest(one, sought)]
    if len(left) == len(kept or []):
        return None
    connection.execute(sa.update(Account).where(Account.id == account_id).values(mf_recovery_codes=left))
    return len(left)

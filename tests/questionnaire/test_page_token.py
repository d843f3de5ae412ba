"""A token is ours or it is nothing, never grows old, and gives one content one id."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from screener.questionnaire.page_token import derive_release_1_id
from screener.questionnaire.page_token import mint_token
from screener.questionnaire.page_token import verify_token

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Keys:
    current: bytes
    previous: tuple[bytes, ...] = ()


OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


def test_a_token_says_when_it_was_minted_to_the_millisecond() -> None:
    at = NOW + timedelta(milliseconds=123)

    token = verify_token(mint_token(Keys(NEW), at), Keys(NEW))

    assert token is not None
    assert token.minted_at == at


def test_a_token_outlives_a_change_of_key_and_fifty_years() -> None:
    token = verify_token(mint_token(Keys(OLD), NOW - timedelta(days=18_000)), Keys(NEW, previous=(OLD,)))

    assert token is not None
    assert token.key == OLD


def test_a_key_that_was_put_away_signs_nothing_any_more() -> None:
    assert verify_token(mint_token(Keys(OLD), NOW), Keys(NEW)) is None


def test_no_two_tokens_are_alike() -> None:
    assert len({mint_token(Keys(NEW), NOW) for _ in range(500)}) == 500


@given(place=st.integers(0, 79), character=st.sampled_from("ABCwxyz019-_=+/ \n\N{REPLACEMENT CHARACTER}"))
def test_a_token_changed_in_one_place_is_spoilt(place: int, character: str) -> None:
    text = mint_token(Keys(NEW), NOW)
    spoilt = text[:place] + character + text[place + 1 :]

    assert (verify_token(spoilt, Keys(NEW)) is None) == (spoilt != text)


def test_a_token_has_one_spelling() -> None:
    for text in (mint_token(Keys(NEW), NOW) for _ in range(50)):
        if other := {text.replace("-", "+"), text.replace("_", "/")} - {text}:
            assert [verify_token(one, Keys(NEW)) for one in other] == [None] * len(other)


def test_what_was_never_a_token_is_none() -> None:
    texts = ("", "=", "A" * 79, "A" * 80, "A" * 81, "é" * 80, "\x00", "A" * 60_000)

    assert [text for text in texts if verify_token(text, Keys(NEW)) is not None] == []


def of_release_1(key: bytes, at: datetime) -> str:
    """A token as release 1 minted it."""
    signed = hashlib.sha256(key).digest()[:4] + int(at.timestamp() * 1000).to_bytes(8, "big") + secrets.token_bytes(16)
    signature = hmac.digest(key, b"screener token 1\0" + signed, "sha256")
    return base64.urlsafe_b64encode(signed + signature).decode()


def test_a_token_of_release_1_is_taken_and_keeps_the_id_of_release_1() -> None:
    text = of_release_1(OLD, NOW)

    token = verify_token(text, Keys(NEW, previous=(OLD,)))

    assert token is not None
    assert (token.of_release_1, token.minted_at) == (True, NOW)
    assert derive_release_1_id(token, b"content") == hmac.digest(OLD, token.nonce + b"content", "sha256")
    assert verify_token(text, Keys(NEW)) is None


def test_a_token_of_today_is_none_of_release_1() -> None:
    token = verify_token(mint_token(Keys(NEW), NOW), Keys(NEW))

    assert token is not None
    assert not token.of_release_1

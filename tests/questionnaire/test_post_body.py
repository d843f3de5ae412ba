"""The bytes of a page become text exactly, or are named as unreadable."""

from urllib.parse import quote_from_bytes
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from screener.questionnaire.post_body import ParsedBody
from screener.questionnaire.post_body import parse_body
from screener.typed_text import REPLACEMENT
from screener.typed_text import has_control_characters

NAMES = {name.encode(): name for name in ("name_pref", "tx_had", "unread")}
#: NUL, bytes that are no UTF-8 (invalid, overlong, a surrogate, cut off), line ends and other control characters: raw,
#: and percent-encoded.
NOT_TEXT = (
    *(b"A\x00da", b"A%00da", b"A\xffda", b"A%FFda", b"A%C0%AFda", b"A\xc0\xafda", b"A%ED%A0%80da", b"A\xed\xa0\x80da"),
    *(b"A%F0%9F%98da", b"A\xf0\x9f\x98da", b"A%0D%0Ada: x", b"A%1B%5B31mda", b"A%C2%85da", b"A\xc2\x85da", b"A%7Fda"),
)
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")))


@given(TEXT)
def test_whatever_a_browser_encodes_is_read_back_exactly(text: str) -> None:
    posted = parse_body(urlencode({"name_pref": text}).encode(), NAMES)

    assert posted.pairs == (("name_pref", text),)
    assert not posted.unreadable


@given(st.binary(max_size=60))
def test_any_bytes_are_either_exact_or_named(raw: bytes) -> None:
    posted = parse_body(b"name_pref=" + quote_from_bytes(raw, safe="").encode(), NAMES)

    (pair,) = posted.pairs
    assert pair[1].encode() == raw or posted.unreadable == {"name_pref"}


@given(st.binary(max_size=200))
def test_no_bytes_at_all_bring_the_reader_down(body: bytes) -> None:
    assert parse_body(body, NAMES).unreadable <= set(NAMES.values())


def test_bytes_that_are_no_text_are_named_and_the_rest_is_kept() -> None:
    wrong = []
    for raw in NOT_TEXT:
        posted = parse_body(b"name_pref=" + raw + b"&tx_had=1", NAMES)
        (_, value), other = posted.pairs
        is_kept = value.startswith("A" + REPLACEMENT) and "da" in value and other == ("tx_had", "1")
        if posted.unreadable != {"name_pref"} or not is_kept or has_control_characters(value):
            wrong.append((raw, posted))

    assert not wrong


def test_every_control_character_is_named_raw_and_encoded() -> None:
    wrong = []
    for code in (*range(32), *range(127, 160)):
        text = f"A{chr(code)}da"
        for body in (urlencode({"name_pref": text}).encode(), b"name_pref=" + text.encode()):
            posted = parse_body(body, NAMES)
            if posted != ParsedBody((("name_pref", f"A{REPLACEMENT}da"),), frozenset({"name_pref"})):
                wrong.append((body, posted))

    assert not wrong


def test_keys_that_are_not_ours_are_dropped_and_repeated_ones_kept_in_order() -> None:
    posted = parse_body(b"tx_had=2&status=1&tx_had=1&%ff=1&=&x", NAMES)

    assert posted.pairs == (("tx_had", "2"), ("tx_had", "1"))


def test_an_encoded_key_is_the_same_key() -> None:
    assert parse_body(b"name%5Fpref=Ada", NAMES).pairs == (("name_pref", "Ada"),)


def test_a_replaced_character_stays_named_on_the_page_that_gives_it_back() -> None:
    first = parse_body(b"name_pref=A%00da", NAMES)

    second = parse_body(urlencode(first.hidden_pairs()).encode(), NAMES)
    mended = parse_body(urlencode({"unread": "name_pref", "name_pref": "Ada"}).encode(), NAMES)

    assert second.unreadable == {"name_pref"}
    assert not mended.unreadable


def test_a_thousand_pairs_are_read_and_one_more_is_refused() -> None:
    parse_body(b"&".join([b"a=1"] * 1000), NAMES)

    with pytest.raises(RequestEntityTooLarge):
        parse_body(b"&".join([b"a=1"] * 1001), NAMES)

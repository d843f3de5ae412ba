"""The bytes of a page become text exactly, or are named as unreadable."""

from urllib.parse import quote_from_bytes
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from screener.questionnaire.post_body import REPLACEMENT
from screener.questionnaire.post_body import parse_body

OURS = {name.encode(): name for name in ("name_pref", "tx_had", "unread")}
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")))


@given(TEXT)
def test_whatever_a_browser_encodes_is_read_back_exactly(text: str) -> None:
    posted = parse_body(urlencode({"name_pref": text}).encode(), OURS)

    assert posted.pairs == (("name_pref", text),)
    assert not posted.unreadable


@given(st.binary(max_size=60))
def test_any_bytes_are_either_exact_or_named(raw: bytes) -> None:
    posted = parse_body(b"name_pref=" + quote_from_bytes(raw, safe="").encode(), OURS)

    (pair,) = posted.pairs
    assert pair[1].encode() == raw or posted.unreadable == {"name_pref"}


@given(st.binary(max_size=200))
def test_no_bytes_at_all_bring_the_reader_down(body: bytes) -> None:
    assert parse_body(body, OURS).unreadable <= set(OURS.values())


@pytest.mark.parametrize("raw", [b"A\xffda", b"A%FFda", b"A%ED%A0%80da", b"A%C0%AFda"])
def test_bytes_that_are_no_text_are_named_and_the_rest_is_kept(raw: bytes) -> None:
    posted = parse_body(b"name_pref=" + raw, OURS)

    assert posted.unreadable == {"name_pref"}
    value = posted.pairs[0][1]
    assert value.startswith("A" + REPLACEMENT)
    assert value.endswith("da")


@pytest.mark.parametrize("code", [*range(32), *range(127, 160)])
def test_every_control_character_is_named(code: int) -> None:
    posted = parse_body(urlencode({"name_pref": f"A{chr(code)}da"}).encode(), OURS)

    assert posted.unreadable == {"name_pref"}
    assert posted.pairs == (("name_pref", f"A{REPLACEMENT}da"),)


def test_keys_that_are_not_ours_are_dropped_and_repeated_ones_kept_in_order() -> None:
    posted = parse_body(b"tx_had=2&status=1&tx_had=1&%ff=1&=&x", OURS)

    assert posted.pairs == (("tx_had", "2"), ("tx_had", "1"))


def test_an_encoded_key_is_the_same_key() -> None:
    assert parse_body(b"name%5Fpref=Ada", OURS).pairs == (("name_pref", "Ada"),)


def test_a_replaced_character_stays_named_on_the_page_that_gives_it_back() -> None:
    first = parse_body(b"name_pref=A%00da", OURS)

    second = parse_body(urlencode(first.hidden_pairs()).encode(), OURS)
    mended = parse_body(urlencode({"unread": "name_pref", "name_pref": "Ada"}).encode(), OURS)

    assert second.unreadable == {"name_pref"}
    assert not mended.unreadable


def test_a_thousand_pairs_are_read_and_one_more_is_refused() -> None:
    parse_body(b"&".join([b"a=1"] * 1000), OURS)

    with pytest.raises(RequestEntityTooLarge):
        parse_body(b"&".join([b"a=1"] * 1001), OURS)

"""Whatever is put into a field: a clear error with every answer kept, or accepted and exact; never a 5xx."""

import itertools
from collections.abc import Callable
from collections.abc import Iterator
from urllib.parse import quote_from_bytes
from urllib.parse import urlencode

import pytest
from flask import Flask

from screener import db
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.submissions import inbox as letterbox
from tests.support.public_client import ADA
from tests.support.public_client import PublicClient
from tests.support.public_deployment import make_deployment

Opened = Callable[[], list[dict[str, object]]]

CHARACTERS = "Some letters or signs here could not be read. Please type them again."
TEXTS = ("name_pref", "phone", "email", "access_text")
CODED = ("dep_told", "ad_tried", "tx_had", "how_contact", "sms_ok", "voicemail", "when_call", "time_zone", "lang")
FIELDS = (*TEXTS, *CODED, "age_years", "travel_sf", "access", "adult_self")
#: Strange, but text: kept exactly where any text may stand.
STRANGE = {
    "emoji": "Ada 👩🏽‍🚀 🏳️‍🌈",
    "right-to-left": "عائشة مثال",
    "bidi": "Ada \u202egnirts\u2066 x\u2069",
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+1",
    "template": "{{7*7}} ${7*7} {0.__class__} %(x)s",
    "markup": '</title><script>alert(1)</script><b a=\'"&amp;&lt;">',
    "decode once": "%2500 %u0000 &#0; &amp;lt;",
    "blanks around": "  Ada  ",
    "combining": "Z̸̡̛͎a̵l̴g̷o̸ Å ﬁ Ⅷ",
    "separators": "A\u2028d\u2029a\u00a0\u200b\ufeff",
    "not characters": "\ufffe\U0010ffff",
    "mark": "A\ufffdda",
}
#: No text at all: refused beside the field, with what can be read kept.
REFUSED = {
    "NUL": b"A%00da",
    "raw NUL": b"A\x00da",
    "invalid UTF-8": b"A%FFda",
    "raw invalid UTF-8": b"A\xffda",
    "overlong": b"A%C0%AFda",
    "surrogate": b"A%ED%A0%80da",
    "line ends": b"A%0D%0Ada: x",
    "escape": b"A%1B%5B31mda",
    "C1": b"A%C2%85da",
}

#: A field, what is typed there, and the key of the error.
INVALID = (
    ("email", "ada@", "email"),
    ("email", "ada@example.org\u202ecom, bob@example.org", "email"),
    ("phone", "please call", "phone"),
    ("age_years", "thirty", "age"),
    ("age_years", "-1", "age"),
    ("age_years", "1234", "age"),
    ("age_years", "٣٤", "age"),
    ("age_years", "3.5", "age"),
    ("dep_told", "2", "choice"),
    ("dep_told", "1 ", "choice"),
    ("ad_tried", "99999999999", "choice"),
    ("tx_had", "4", "choice"),
    ("when_call", "0", "choice"),
    ("time_zone", "Pacific", "choice"),
    ("lang", "EN", "choice"),
    ("sms_ok", "on", "choice"),
    ("sms_ok", "", "choice"),
    ("voicemail", "=cmd|' /C calc'!A0", "choice"),
    ("access", "{{7*7}}", "choice"),
    ("name_pref", "A" * 81, "long"),
    ("phone", "1" * 41, "long"),
    ("email", "a" * 250 + "@example.org", "long"),
    ("access_text", "a" * 121, "long"),
    ("age_years", "1" * 5000, "age"),
    ("name_pref", "", "name"),
    ("name_pref", " \u3000 ", "name"),
    ("adult_self", "0", "permission"),
)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One deployment for all that is thrown at it here; what lies in its inbox is taken out after each test."""
    return make_deployment(tmp_path_factory.mktemp("hostile") / "data")


@pytest.fixture(scope="module")
def app(deployment: Settings) -> Flask:
    return create_public_app(deployment)


@pytest.fixture(autouse=True)
def emptied(deployment: Settings) -> Iterator[None]:
    yield
    engine = db.connect(deployment.inbox, may="write")
    letterbox.delete_submissions(engine, [sealed.envelope.id for sealed in letterbox.fetch_batch(engine, 1000)])
    engine.dispose()


def refilled(visitor: PublicClient, **answers: str | list[str]) -> tuple[list[tuple[str, str]], str]:
    page = visitor.opens("/en/interest")
    return visitor.fills(page, {**ADA, "dep_told": "9", "when_call": ["1", "4"], **answers}), page.token


def test_what_is_no_text_is_refused_beside_its_field(visitor: PublicClient) -> None:
    """One of each kind; ``tests/questionnaire`` has every byte that is no text, and every field."""
    steps = itertools.cycle(("/en/check", "/en/received"))
    fields = itertools.cycle(FIELDS)
    wrong: dict[str, object] = {}
    for (name, raw), path, field in zip(REFUSED.items(), steps, fields, strict=False):
        others = [pair for pair in refilled(visitor)[0] if pair[0] != field]
        page = visitor.posts_bytes(path, urlencode(others).encode() + b"&" + field.encode() + b"=" + raw)
        kept = set(others) - {("step", "questions")} <= set(page.pairs())
        if (page.status, page.errors(), kept) != (422, {field: CHARACTERS}, True):
            wrong[name] = (path, field, page.status, page.errors(), kept)
        if field in TEXTS and not page.values(field)[0].startswith("A\ufffd"):
            wrong[name] = page.values(field)

    assert not wrong


def test_strange_text_is_kept_exactly(visitor: PublicClient, opened: Opened) -> None:
    for text in STRANGE.values():
        assert visitor.tells(name_pref=text, access_text=text).status == 200, text

    kept = [(submission["name_pref"], submission["access_text"]) for submission in opened()]
    assert kept == [(text, text) for text in STRANGE.values()]


def test_a_number_may_have_words_around_it_and_any_digits(visitor: PublicClient, opened: Opened) -> None:
    for phone in ("ask for Ada, 415 555 0100 ext. 7", "=HYPERLINK(1)", "٤١٥٥٥٥٠١٠٠", "+44 20 7946 0000"):
        assert visitor.tells(phone=phone, email="").status == 200

    assert [submission["phone"] for submission in opened()] == [
        "ask for Ada, 415 555 0100 ext. 7",
        "=HYPERLINK(1)",
        "٤١٥٥٥٥٠١٠٠",
        "+44 20 7946 0000",
    ]


def test_an_address_in_any_script_is_kept_exactly(visitor: PublicClient, opened: Opened) -> None:
    emails = ["ada@example.org", "дада@пример.рф", " ada+x@example.org ", "用户@例え.jp"]
    for email in emails:
        visitor.tells(email=email)

    assert [submission["email"] for submission in opened()] == emails


def test_what_cannot_be_read_is_said_and_everything_kept(visitor: PublicClient, wording_errors: dict[str, str]) -> None:
    wrong = []
    for field, value, error in INVALID:
        pairs, token = refilled(visitor, **{field: value})
        page = visitor.posts("/en/check", pairs)
        kept = all(
            sent in page.values(name)
            for name, sent in pairs
            if name != "step" and (name != field or field in (*TEXTS, "age_years"))
        )
        if (page.status, page.errors(), page.token, kept) != (422, {field: wording_errors[error]}, token, True):
            wrong.append((field, value, page.status, page.errors(), kept))

    assert not wrong


def test_a_code_that_comes_twice_is_not_guessed_at(visitor: PublicClient, wording_errors: dict[str, str]) -> None:
    page = visitor.checks(tx_had=["1", "3", "1"])

    assert (page.status, page.errors()) == (422, {"tx_had": wording_errors["repeated"]})


def test_contradictory_ticks_are_kept_as_sent_in_the_order_of_the_study(visitor: PublicClient, opened: Opened) -> None:
    visitor.tells(tx_had=["9", "0", "3", "1"], how_contact="2")

    assert opened()[0]["tx_had"] == ("1", "3", "0", "9")


def test_one_way_to_be_reached_is_asked_for_beside_both(visitor: PublicClient, wording_errors: dict[str, str]) -> None:
    page = visitor.checks(email="", phone=" ")

    assert page.errors() == {"phone": wording_errors["route"], "email": wording_errors["route"]}


def test_an_unreadable_way_is_an_error_beside_a_readable_one(visitor: PublicClient) -> None:
    page = visitor.checks(email="ada@", phone="+1 415 555 0100")

    assert page.errors().keys() == {"email"}


def test_missing_keys_are_blank_and_keys_that_are_not_ours_do_nothing(visitor: PublicClient, opened: Opened) -> None:
    token = visitor.opens("/en/interest").token
    strange = {"id": "1", "status": "open", "score": "9", "submission": "x", "future_ok": "1", "csrf_token": "x"}

    page = visitor.posts("/en/received", {**ADA, **strange, "token": token}.items())

    assert page.status == 200
    (submission,) = opened()
    assert submission["dep_told"] == ""
    assert submission["tx_had"] == ()
    assert submission["sms_ok"] == "0"
    assert submission.keys().isdisjoint(strange)


def test_a_page_that_is_too_heavy_is_refused(visitor: PublicClient) -> None:
    for size in (64 * 1024, 1024 * 1024):
        page = visitor.posts_bytes("/en/check", b"access_text=" + b"x" * size)

        assert (page.status, page.heading) == (413, "This is too long for our form")


def test_a_page_of_a_thousand_and_one_pairs_is_refused(visitor: PublicClient) -> None:
    assert visitor.posts_bytes("/en/check", b"&".join([b"a"] * 1001)).status == 413


def test_only_what_a_form_sends_is_read(visitor: PublicClient) -> None:
    kinds = ("", "text/plain", "application/json", "multipart/form-data; boundary=x", "application/xml", "nonsense")

    pages = [visitor.posts_bytes("/en/check", urlencode(ADA).encode(), kind) for kind in kinds]

    assert {(page.status, page.heading) for page in pages} == {(415, "We could not read this page")}


def test_a_huge_multipart_page_is_refused_unread(visitor: PublicClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="name_pref"\r\n\r\nAda\r\n'

    assert visitor.posts_bytes("/en/received", part * 50_000, "multipart/form-data; boundary=x").status == 415


def test_another_character_set_in_the_header_changes_nothing(visitor: PublicClient, opened: Opened) -> None:
    pairs = [*visitor.checks().pairs(), ("access_text", "naïve")]

    visitor.posts_bytes(
        "/en/received", urlencode(dict(pairs)).encode(), "application/x-www-form-urlencoded; charset=latin-1"
    )

    assert opened()[0]["access_text"] == "naïve"


def test_any_bytes_under_any_key_are_answered(visitor: PublicClient) -> None:
    fields = [field.encode() for field in (*FIELDS, "token", "leave_blank", "unread")]
    raws = [b"", b"\x00", b"\xff" * 50, b"%", b"%%%", b"=" * 9, b";" * 9, bytes(range(256))]
    values = [one for raw in raws for one in (raw, quote_from_bytes(raw).encode())]

    statuses = {
        (path, visitor.posts_bytes(path, b"&".join(field + b"=" + value for field in fields)).status)
        for path in ("/en/check", "/en/received", "/en/interest")
        for value in values
    }

    assert statuses == {("/en/check", 400), ("/en/received", 400), ("/en/interest", 400)}


def test_the_longest_of_everything_still_fits_into_a_box(visitor: PublicClient, opened: Opened) -> None:
    astronaut = "\U0001f9d1"
    longest = {"name_pref": astronaut * 80, "phone": "1" + astronaut * 39, "access_text": astronaut * 120}
    email = "a" * 64 + "@" + ".".join(["b" * 61] * 3) + ".org"

    page = visitor.tells(**longest, email=email, tx_had=["1", "2", "3", "0", "8", "9"], age_years="   ")

    assert page.status == 200
    assert {name: opened()[0][name] for name in longest} == longest

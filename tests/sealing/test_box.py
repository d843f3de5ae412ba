"""What a box keeps, and what it gives away: nothing but its bucket."""

import hashlib
import hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import mlkem
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from screener.clock import now
from screener.errors import UserError
from screener.sealing import box as layout
from screener.sealing.open import OpeningError
from screener.sealing.open import PrivateKeys
from screener.sealing.open import derive_private_key
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.sealing.open import rewrap_box
from screener.sealing.seal import BUCKETS
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import SealingError
from screener.sealing.seal import recipient_key_ids
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact

STUDY = "nct05870540"
ID = bytes(range(32))


def pairs(contact_seed: bytes, answers_seed: bytes) -> tuple[PublicKeys, PrivateKeys]:
    contact = derive_private_key("contact", contact_seed, created_at=now(), protected=False)
    answers = derive_private_key("answers", answers_seed, created_at=now(), protected=False)
    return PublicKeys(contact.public, answers.public), PrivateKeys((contact,), (answers,))


PUBLIC, PRIVATE = pairs(b"c" * 32, b"a" * 32)


@given(plain=st.binary(max_size=4092), study=st.text(max_size=30), submission=st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_exactly(plain: bytes, study: str, submission: bytes) -> None:
    box = seal_contact(plain, PUBLIC, study=study, submission=submission)

    assert open_contact(box, PRIVATE, study=study, submission=submission) == plain


@given(plain=st.binary(max_size=1020))
def test_answers_open_exactly_and_their_box_has_one_length(plain: bytes) -> None:
    box = seal_answers(plain, PUBLIC, study=STUDY, submission=ID)

    assert open_answers(box, PRIVATE, study=STUDY, submission=ID) == plain
    assert len(box) == len(seal_answers(b"", PUBLIC, study=STUDY, submission=ID)) == 2235


@pytest.mark.parametrize(("compartment", "seal"), [("contact", seal_contact), ("answers", seal_answers)])
def test_every_box_of_a_bucket_has_one_length_and_the_next_bucket_begins_where_it_is_full(
    compartment: Any, seal: Any
) -> None:
    def length(size: int) -> int:
        return len(seal(b"x" * size, PUBLIC, study=STUDY, submission=ID))

    smallest = 0
    for bucket in BUCKETS[compartment]:
        assert {length(size) for size in (smallest, (smallest + bucket) // 2, bucket - 4)} == {bucket + 1211}
        smallest = bucket - 3
    with pytest.raises(SealingError, match="does not fit"):
        length(smallest)


def test_plain_bytes_that_look_like_padding_come_back() -> None:
    for plain in (b"\0", b"\0" * 1020, b"a\0\0", b"\x80" + b"\0" * 7):
        box = seal_answers(plain, PUBLIC, study=STUDY, submission=ID)
        assert open_answers(box, PRIVATE, study=STUDY, submission=ID) == plain


def test_padding_that_is_not_ours_is_refused() -> None:
    padded = layout.pad_plaintext(b"Ada", "answers")
    assert padded is not None
    assert layout.unpad_plaintext(padded, "answers") == b"Ada"

    for spoilt in (padded[:-1] + b"x", padded[:-1], padded + b"\0", b"\0\0\x04\x01" + padded[4:]):
        with pytest.raises(layout.MalformedBoxError):
            layout.unpad_plaintext(spoilt, "answers")


def test_no_part_of_what_is_sealed_can_be_seen_and_two_boxes_share_nothing_but_their_head() -> None:
    first, second = (seal_contact(b"Ada Example, ada@example.org", PUBLIC, study=STUDY, submission=ID) for _ in "12")

    assert b"Ada" not in first
    assert first[:15] == second[:15]
    assert sum(a == b for a, b in zip(first[15:], second[15:], strict=True)) < len(first) // 50


def test_a_box_with_any_byte_changed_does_not_open() -> None:
    box = seal_answers(b"yes", PUBLIC, study=STUDY, submission=ID)

    for place in range(len(box)):
        spoilt = bytearray(box)
        spoilt[place] ^= 1 << (place % 8)
        with pytest.raises(OpeningError):
            open_answers(bytes(spoilt), PRIVATE, study=STUDY, submission=ID)


@given(cut=st.integers(min_value=0, max_value=2234))
def test_a_box_that_was_cut_does_not_open(cut: int) -> None:
    box = seal_answers(b"yes", PUBLIC, study=STUDY, submission=ID)

    with pytest.raises(OpeningError):
        open_answers(box[:cut], PRIVATE, study=STUDY, submission=ID)
    with pytest.raises(OpeningError):
        open_answers(box + b"\0", PRIVATE, study=STUDY, submission=ID)


@given(junk=st.binary(max_size=3000))
def test_bytes_that_are_no_box_are_refused_in_words(junk: bytes) -> None:
    with pytest.raises(OpeningError, match="cannot be opened"):
        open_contact(junk, PRIVATE, study=STUDY, submission=ID)
    with pytest.raises(UserError, match="cannot be read"):
        recipient_key_ids(junk)


def test_a_box_that_was_moved_to_another_place_does_not_open() -> None:
    same, keys = pairs(b"s" * 32, b"s" * 32)
    box = seal_contact(b"Ada Example", same, study=STUDY, submission=ID)
    assert open_contact(box, keys, study=STUDY, submission=ID) == b"Ada Example"

    with pytest.raises(OpeningError, match="another submission"):
        open_contact(box, keys, study=STUDY, submission=ID[::-1])
    with pytest.raises(OpeningError, match="another submission"):
        open_contact(box, keys, study="nct00000000", submission=ID)
    with pytest.raises(OpeningError, match="another submission"):
        open_answers(box, keys, study=STUDY, submission=ID)


@example(parts=("a", b"contactb"), other=("acontact", b"b"))
@given(parts=st.tuples(st.text(max_size=6), st.binary(max_size=6)), other=st.tuples(st.text(), st.binary()))
def test_no_two_places_share_a_binding(parts: tuple[str, bytes], other: tuple[str, bytes]) -> None:
    first, second = (
        layout.associated_data("body", compartment="contact", study=study, submission=submission)
        for study, submission in (parts, other)
    )

    assert (first == second) == (parts == other)
    assert first != layout.associated_data("wrap", compartment="contact", study=parts[0], submission=parts[1])


def test_a_format_or_suite_of_the_future_is_named_and_not_guessed_at() -> None:
    box = seal_contact(b"Ada", PUBLIC, study=STUDY, submission=ID)

    for spoilt in (box[:4] + b"\x02" + box[5:], box[:5] + b"\x02" + box[6:]):
        with pytest.raises(OpeningError, match="format that this version does not know"):
            open_contact(spoilt, PRIVATE, study=STUDY, submission=ID)


def test_a_box_says_which_key_it_wants_and_the_sentence_names_it() -> None:
    _, strangers = pairs(b"x" * 32, b"y" * 32)
    box = seal_contact(b"Ada", PUBLIC, study=STUDY, submission=ID)

    assert recipient_key_ids(box) == (PUBLIC.contact.key_id,)
    with pytest.raises(OpeningError, match=PUBLIC.contact.key_id):
        open_contact(box, strangers, study=STUDY, submission=ID)


def test_wrapping_again_changes_the_key_and_leaves_the_body() -> None:
    public, new = pairs(b"n" * 32, b"m" * 32)
    box = seal_contact(b"Ada Example", PUBLIC, study=STUDY, submission=ID)

    again = rewrap_box(box, PRIVATE, to=public.contact, study=STUDY, submission=ID)

    assert recipient_key_ids(again) == (public.contact.key_id,)
    assert len(again) == len(box)
    assert again[7 + 8 + 1168 :] == box[7 + 8 + 1168 :]
    assert open_contact(again, new, study=STUDY, submission=ID) == b"Ada Example"
    with pytest.raises(OpeningError):
        open_contact(again, PRIVATE, study=STUDY, submission=ID)


def test_a_spoilt_box_is_not_wrapped_again() -> None:
    public, _ = pairs(b"n" * 32, b"m" * 32)
    box = seal_contact(b"Ada Example", PUBLIC, study=STUDY, submission=ID)

    with pytest.raises(OpeningError):
        rewrap_box(box[:-1] + bytes([box[-1] ^ 1]), PRIVATE, to=public.contact, study=STUDY, submission=ID)


def test_a_box_for_several_keys_opens_with_each_of_them() -> None:
    public, second = pairs(b"n" * 32, b"m" * 32)
    box = layout.parse_box(seal_contact(b"Ada", PUBLIC, study=STUDY, submission=ID))
    other = layout.parse_box(rewrap_box(box.to_bytes(), PRIVATE, to=public.contact, study=STUDY, submission=ID))
    both = layout.ParsedBox(box.recipients + other.recipients, box.nonce, box.body).to_bytes()

    assert recipient_key_ids(both) == (PUBLIC.contact.key_id, public.contact.key_id)
    assert open_contact(both, PRIVATE, study=STUDY, submission=ID) == b"Ada"
    assert open_contact(both, second, study=STUDY, submission=ID) == b"Ada"


def test_a_key_of_the_other_compartment_seals_nothing() -> None:
    crossed = PublicKeys(contact=PUBLIC.answers, answers=PUBLIC.contact)

    with pytest.raises(SealingError, match="other compartment"):
        seal_contact(b"Ada", crossed, study=STUDY, submission=ID)


def test_the_seed_expands_as_the_x_wing_draft_says() -> None:
    """The first vector of draft-connolly-cfrg-xwing-kem, appendix C: its seed, and its public key by hash and ends."""
    seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")

    key = derive_private_key("contact", seed, created_at=now(), protected=False)

    raw = key.public.raw
    assert raw[:36].hex() == "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5b19cfc3d"
    assert raw[-28:].hex() == "eff389b27dce59844570216223593d4ba32d9abac8cd049040ef6534"
    assert hashlib.sha256(raw).hexdigest() == "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb"
    assert key.key_id == "2e816deebcd76c5c"


def test_the_wrap_is_rfc_9180_with_x_wing_worked_out_by_hand() -> None:
    """Another reader of the standards opens our boxes: nothing here comes from the library's HPKE."""
    box = layout.parse_box(seal_contact(b"Ada Example", PUBLIC, study=STUDY, submission=ID))
    expanded = hashlib.shake_256(b"c" * 32).digest(96)
    quantum = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    classic = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    wrapped = box.recipients[0][1]
    quantum_part, classic_part, sealed_key = wrapped[:1088], wrapped[1088:1120], wrapped[1120:]
    shared = hashlib.sha3_256(
        quantum.decapsulate(quantum_part)
        + classic.exchange(x25519.X25519PublicKey.from_public_bytes(classic_part))
        + classic_part
        + classic.public_key().public_bytes_raw()
        + bytes.fromhex("5c2e2f2f5e5c")
    ).digest()
    suite = b"HPKE" + bytes.fromhex("647a00010002")
    info = layout.associated_data("wrap", compartment="contact", study=STUDY, submission=ID)

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(prk: bytes, label: bytes, context: bytes, size: int) -> bytes:
        labeled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return HKDFExpand(hashes.SHA256(), size, labeled).derive(prk)

    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    content_key = AESGCM(key).decrypt(nonce, sealed_key, None)
    body_of = layout.associated_data("body", compartment="contact", study=STUDY, submission=ID)
    padded = AESGCM(content_key).decrypt(box.nonce, box.body, body_of)

    assert padded == (b"\0\0\0\x0bAda Example").ljust(1024, b"\0")

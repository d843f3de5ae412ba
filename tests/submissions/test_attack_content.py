"""What a person sent cannot be changed unseen by anybody who has no form key, and a form key tells no answer.

The attacker has what the worker has (the store, the public keys), and sometimes a key more.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from screener.public_app import create_public_app
from screener.sealing.form_key import FormKeyRing
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.settings import Settings
from screener.submissions import content_proof
from screener.submissions.content_proof import ContactProof
from screener.submissions.opening import OpeningKeys
from screener.submissions.opening import ProofResult
from screener.submissions.opening import SealedBoxes
from screener.submissions.opening import open_submission
from screener.submissions.payload import pack_values
from screener.submissions.payload import unpack_proof
from screener.submissions.payload import unpack_values
from screener.worker.loop import Worker
from tests.support.public_client import PublicClient
from tests.support.sent_forms import STUDY
from tests.support.sent_forms import Site

CODES = ("", "0", "1", "8", "9")
ASKED = ("dep_told", "dep_now", "ad_tried", "ad_now")
MARK = "Is not what was sent"
EVE: dict[str, Any] = {"name_pref": "Ada Example", "phone": "+1 415 555 0199", "adult_self": "1"}


@pytest.fixture
def site(deployment: Settings) -> Iterator[Site]:
    made = Site(deployment)
    yield made
    made.close()


def forged_contact(site: Site, reference: str, proof: bytes) -> bytes:
    return seal_contact(pack_values(EVE, proof), site.public, study=STUDY, submission=site.row(reference).id)


def forged_answers(site: Site, reference: str, proof: bytes) -> bytes:
    answers = pack_values({"dep_told": "0"}, proof)
    return seal_answers(answers, site.public, study=STUDY, submission=site.row(reference).id)


def proof_under(key_id: str) -> bytes:
    secret = b"s" * 32
    return ContactProof(secret, content_proof.digest_values(secret, {"dep_told": "0"}), key_id).to_bytes()


def test_what_nobody_touched_is_shown_as_checked(site: Site) -> None:
    reference = site.sends(dep_told="1")

    page = site.shows(reference)

    assert "Checked: unchanged since it was sent." in page.text
    assert "Checked: unchanged since they were sent." in page.text
    assert MARK not in page.text
    assert site.mismatch(reference) == ""


@pytest.mark.parametrize("kind", ["the key in use", "a key that is not there", "no proof", "half a proof"])
def test_another_number_under_a_reference_is_refused_and_recorded(site: Site, kind: str) -> None:
    reference = site.sends(dep_told="1")
    plain = open_contact(site.row(reference).contact_box, site.private, study=STUDY, submission=site.row(reference).id)
    key_id = unpack_proof(plain)[64:].hex()
    proof = {
        "the key in use": proof_under(key_id),
        "a key that is not there": proof_under("0123456789abcdef"),
        "no proof": b"",
        "half a proof": proof_under(key_id)[:40],
    }[kind]

    site.replaces(reference, contact_box=forged_contact(site, reference, proof))
    page = site.shows(reference)

    assert page.status == 200
    assert MARK in page.text
    assert "555 0199" not in page.text
    assert site.mismatch(reference) == "contact"


@pytest.mark.parametrize("proof", [b"", b"s" * 32, b"s" * 5], ids=["no proof", "own secret", "short secret"])
def test_other_answers_under_a_reference_are_refused_and_recorded(site: Site, proof: bytes) -> None:
    reference = site.sends(dep_told="1")

    site.replaces(reference, answers_box=forged_answers(site, reference, proof))
    page = site.shows(reference)

    assert MARK in page.text
    assert "555 0100" in page.text
    assert site.mismatch(reference) == "answers"


def test_two_boxes_that_were_swapped_do_not_open(site: Site) -> None:
    one, other = site.sends(dep_told="1"), site.sends(dep_told="0")
    rows = {reference: site.row(reference) for reference in (one, other)}

    site.replaces(one, contact_box=rows[other].contact_box, answers_box=rows[other].answers_box)
    page = site.shows(one)

    assert (page.status, MARK in page.text) == (200, True)
    assert site.mismatch(one) == "answers contact"


@pytest.mark.parametrize("plain", [b"[" * 900, b"[]", b"\2", b"\2\xff{}", b'{"name_pref": 5}', b"\xff", b"null"])
def test_junk_in_a_box_is_a_mark_and_no_fault(site: Site, plain: bytes) -> None:
    reference = site.sends(dep_told="1")
    bound: Any = {"study": STUDY, "submission": site.row(reference).id}

    boxes = {"contact_box": seal_contact(plain, site.public, **bound)}
    site.replaces(reference, **boxes, answers_box=seal_answers(plain, site.public, **bound))
    page = site.shows(reference)

    assert (page.status, MARK in page.text) == (200, True)


def test_the_contact_key_and_the_form_key_tell_no_answer(site: Site) -> None:
    """Every answer set of four questions, under every secret that the two keys give."""
    typed = {"dep_told": "1", "dep_now": "0", "ad_tried": "8", "ad_now": "9"}
    row = site.row(site.sends(**typed))
    plain = open_contact(row.contact_box, site.private, study=STUDY, submission=row.id)
    proof = content_proof.parse_contact_proof(unpack_proof(plain))
    answers_plain = open_answers(row.answers_box, site.private, study=STUDY, submission=row.id)
    answers = unpack_values(answers_plain)
    assert proof is not None
    contact_digest = content_proof.digest_values(proof.secret, unpack_values(plain))
    derived = content_proof.derive_content_secrets(site.form_key, proof.secret)
    secrets = (site.form_key, proof.secret, derived.contact, derived.answers, b"", row.id)

    def guesses(secret: bytes) -> Iterator[bytes]:
        for codes in itertools.product(CODES, repeat=len(ASKED)):
            guess = {**answers, **dict(zip(ASKED, codes, strict=True))}
            yield content_proof.digest_values(secret, guess)
            yield hashlib.sha256(json.dumps(guess, sort_keys=True).encode()).digest()

    for secret in secrets:
        found = set(guesses(secret))
        assert proof.answers_digest not in found
        assert row.id not in {content_proof.derive_submission_id(site.form_key, contact_digest, one) for one in found}
    assert proof.answers_digest in set(guesses(unpack_proof(answers_plain)))


def test_the_nonce_of_the_page_lies_in_no_box(site: Site) -> None:
    """With it and the form key the secret of the answers could be derived."""
    client = PublicClient(create_public_app(site.settings))
    check = client.checks(phone="+1 415 555 0100", dep_told="1")
    nonce = site.nonce_of(check.token)
    reference = client.sends(check).reference
    Worker(site.settings).run_once()
    row = site.row(reference)
    bound: Any = {"study": STUDY, "submission": row.id}

    opened = open_contact(row.contact_box, site.private, **bound) + open_answers(row.answers_box, site.private, **bound)

    secrets = content_proof.derive_content_secrets(site.form_key, nonce)
    assert secrets.answers in opened
    assert secrets.contact in opened
    assert nonce not in opened
    assert secrets.answers not in open_contact(row.contact_box, site.private, **bound)


def test_a_box_without_a_proof_is_refused_though_the_trail_was_rewritten_too(site: Site) -> None:
    reference = site.sends(dep_told="1")
    row = site.row(reference)
    boxes = SealedBoxes(row.id, forged_contact(site, reference, b""), forged_answers(site, reference, b""))
    ring = FormKeyRing(site.settings.form_keys, site.settings.private_keys)

    opened = open_submission(boxes, OpeningKeys(site.private, ring, STUDY), compare=lambda: None)

    assert opened.answers is not None
    assert (opened.contact.proof, opened.answers.proof) == (ProofResult.ALTERED, ProofResult.ALTERED)
    assert not opened.contact.values

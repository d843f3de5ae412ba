"""What the desk says of a form that nobody touched: checked, sent before proofs, or not to be checked."""

import hmac
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from screener import clock
from screener.sealing.form_key import FormKeyRing
from screener.sealing.form_key import retire_form_keys
from screener.sealing.key_backup import decode_key_backup
from screener.sealing.key_backup import encode_key_backup
from screener.sealing.key_backup import restore_keys
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import list_keys
from screener.sealing.keys import rotate_form_key
from screener.settings import Settings
from screener.submissions.reference import derive_reference
from tests.questionnaire.test_page_token import of_release_1
from tests.support.sent_forms import Site

CHECKED = "Checked: unchanged since it was sent."
MISSING = "Could not be checked for changes: the form key that it was sent under is missing."
BEFORE = "Sent before proofs: changes since it was sent cannot be ruled out."
MARK = "Is not what was sent"


@pytest.fixture
def site(deployment: Settings) -> Iterator[Site]:
    made = Site(deployment)
    yield made
    made.close()


@pytest.fixture
def folders(deployment: Settings) -> KeyFolders:
    return KeyFolders(deployment.public_keys, deployment.private_keys, deployment.form_keys)


def test_a_page_of_release_1_sent_before_and_after_the_upgrade_is_one_submission(site: Site) -> None:
    token = of_release_1(site.form_key, clock.now() - timedelta(hours=1))
    pairs = {"name_pref": "Ada Example", "email": "ada@example.org", "adult_self": "1", "token": token}

    bodies = [site.posts("/en/received", urlencode(pairs)) for _ in range(2)]

    references = {body.partition('class="reference">')[2].partition("<")[0] for body in bodies}
    (reference,) = references
    row = site.row(reference)
    assert reference == derive_reference(row.id)
    nonce = site.nonce_of(token)
    assert row.id == hmac.digest(site.form_key, nonce + site.canonical(row), "sha256")
    page = site.shows(reference)
    assert BEFORE in page.text
    assert "Ada Example" in page.text
    assert site.mismatch(reference) == ""


def test_a_form_key_that_was_replaced_and_put_away_still_checks(site: Site, folders: KeyFolders) -> None:
    reference = site.sends()

    rotate_form_key(folders, at=clock.now() - timedelta(days=31))
    moved = retire_form_keys(folders.form, folders.private, at=clock.now())

    assert len(moved) == 1
    assert [path.name for path in folders.form.iterdir()] == ["current.form-key"]
    (retired,) = folders.private.glob("retired.*.form-key")
    assert retired.stat().st_mode & 0o777 == 0o600
    assert "retired" in {line.state for line in list_keys(folders) if line.name == "form"}
    assert CHECKED in site.shows(reference).text
    assert retire_form_keys(folders.form, folders.private, at=clock.now()) == ()


def test_a_form_key_that_signs_open_pages_is_not_put_away(folders: KeyFolders) -> None:
    rotate_form_key(folders, at=clock.now() - timedelta(days=29))

    assert retire_form_keys(folders.form, folders.private, at=clock.now()) == ()


def test_the_desk_puts_old_form_keys_away_when_it_starts(deployment: Settings, folders: KeyFolders) -> None:
    rotate_form_key(folders, at=clock.now() - timedelta(days=31))

    Site(deployment).close()

    assert len(list(folders.private.glob("retired.*.form-key"))) == 1


def test_a_missing_form_key_reads_as_cannot_be_checked(site: Site, folders: KeyFolders) -> None:
    reference = site.sends()

    rotate_form_key(folders)
    for path in folders.form.glob("previous.*"):
        path.unlink()
    page = site.shows(reference)

    assert MISSING in page.text
    assert "Ada Example" in page.text
    assert MARK not in page.text
    assert site.mismatch(reference) == ""


def test_a_form_key_that_came_while_the_desk_ran_is_found(folders: KeyFolders) -> None:
    ring = FormKeyRing(folders.form, folders.private)
    assert ring.find("0" * 16) is None

    made = rotate_form_key(folders)

    assert ring.find(made.key_id) == made.key


def test_a_key_backup_brings_retired_form_keys_back(folders: KeyFolders, tmp_path: Path) -> None:
    rotate_form_key(folders, at=clock.now() - timedelta(days=31))
    retire_form_keys(folders.form, folders.private, at=clock.now())
    (retired,) = folders.private.glob("retired.*.form-key")
    data = encode_key_backup(folders, passphrase=None)
    before = retired.read_bytes()
    retired.unlink()

    restored = restore_keys(decode_key_backup(data, tmp_path, passphrase=None), folders)

    assert restored == (retired.name,)
    assert retired.read_bytes() == before

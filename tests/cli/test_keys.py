"""``screener keys``, as an operator meets it: on real databases, with submissions in the store."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from click.testing import Result
from pydantic import SecretStr

from screener import audit
from screener.board import board
from screener.cli.keys import keys_group
from screener.cli.passphrase import UNPROTECTED_WARNING
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import iterate_submissions
from screener.follow_up.receipt import receive_submission
from screener.sealing.keys import KeyFolders
from screener.sealing.open import load_private_keys
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.sealing.seal import load_public_keys
from screener.sealing.seal import recipient_key_ids
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.settings import Settings
from screener.submissions import inbox
from screener.submissions import writes
from screener.submissions.envelope import Envelope
from screener.submissions.envelope import SealedSubmission

STUDY = "nct05870540"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

Screener = Callable[..., Result]


@pytest.fixture
def screener(deployment: Settings) -> Screener:
    """Runs ``screener keys …`` on a deployment; a *UserError* comes out as it is."""

    def run(*words: str, settings: Settings = deployment) -> Result:
        return CliRunner().invoke(keys_group, words, obj=settings, catch_exceptions=False)

    return run


def sealed(settings: Settings, number: int) -> SealedSubmission:
    public, submission = load_public_keys(settings.public_keys), hashlib.sha256(bytes([number])).digest()
    return SealedSubmission(
        Envelope(submission, AT, "0" * 64, "en", "direct", "", False),
        seal_contact(b"Ada Example %d" % number, public, study=STUDY, submission=submission),
        seal_answers(b"yes %d" % number, public, study=STUDY, submission=submission),
    )


def keep(settings: Settings, numbers: range) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        for number in numbers:
            receive_submission(connection, sealed(settings, number), at=AT)


def kept(settings: Settings) -> list[StoredSubmission]:
    with reading(connect(settings.store, may="read")) as connection:
        return list(iterate_submissions(connection))


def opened(settings: Settings) -> list[tuple[bytes, bytes]]:
    private = load_private_keys(settings.private_keys, passphrase=None)
    return [
        (
            open_contact(row.contact_box or b"", private, study=STUDY, submission=row.envelope.id),
            open_answers(row.answers_box or b"", private, study=STUDY, submission=row.envelope.id),
        )
        for row in kept(settings)
    ]


def proven(settings: Settings) -> frozenset[str]:
    return board.read_board(connect(settings.board, may="read")).proven_keys


def events(settings: Settings) -> int:
    with reading(connect(settings.store, may="read")) as connection:
        verdict = audit.verify(connection)
    assert verdict.whole
    return verdict.events


def test_creating_where_all_keys_are_is_refused_unless_only_missing_ones_are_asked_for(
    deployment: Settings, screener: Screener
) -> None:
    before = load_public_keys(deployment.public_keys)

    with pytest.raises(UserError, match="All keys are there already and were not changed"):
        screener("create")
    assert "there already" in screener("create", "--if-missing").output
    assert load_public_keys(deployment.public_keys) == before
    assert {before.contact.key_id, before.answers.key_id} <= proven(deployment)
    told = events(deployment)
    screener("create", "--if-missing")
    assert events(deployment) == told


def test_creating_before_the_databases_are_made_makes_the_keys_and_says_what_is_next(
    screener: Screener, tmp_path: Path
) -> None:
    fresh = Settings(data=tmp_path / "fresh")

    said = screener("create", settings=fresh)

    assert said.exit_code == 0
    assert "run 'screener migrate', then 'screener keys prove'" in said.output
    assert UNPROTECTED_WARNING in said.output
    assert load_public_keys(fresh.public_keys)


def test_production_makes_no_key_without_a_passphrase(screener: Screener, tmp_path: Path) -> None:
    production = Settings(env="production", data=tmp_path / "production")

    with pytest.raises(UserError, match="need a passphrase; set SCREENER_KEY_PASSPHRASE_FILE"):
        screener("create", settings=production)
    assert not production.private_keys.exists()


def test_in_production_the_passphrase_of_the_settings_protects_the_keys(
    screener: Screener, tmp_path: Path, light_passphrase: bytes
) -> None:
    secret = SecretStr(light_passphrase.decode())
    production = Settings(env="production", data=tmp_path / "production", key_passphrase=secret)

    said = screener("create", settings=production)

    assert UNPROTECTED_WARNING not in said.output
    assert "keys backup" in said.output
    private = load_private_keys(production.private_keys, passphrase=light_passphrase, production=True)
    assert not private.unprotected


def test_proven_keys_are_on_the_board_and_in_the_audit_trail(deployment: Settings, screener: Screener) -> None:
    before = events(deployment)

    said = screener("prove")

    public = load_public_keys(deployment.public_keys)
    assert "contact: opens what was sealed now and at" in said.output
    assert {public.contact.key_id, public.answers.key_id} <= proven(deployment)
    assert events(deployment) == before + 1


def test_keys_that_do_not_open_are_not_called_proven(
    deployment: Settings, screener: Screener, new_folders: Callable[..., KeyFolders]
) -> None:
    (deployment.public_keys / "contact.public").write_bytes(
        (new_folders("foreign").public / "contact.public").read_bytes()
    )
    before = events(deployment)

    with pytest.raises(UserError, match="is missing on this machine"):
        screener("prove")
    assert events(deployment) == before
    assert load_public_keys(deployment.public_keys).contact.key_id not in proven(deployment)


def test_a_backup_is_written_once_and_proven(deployment: Settings, screener: Screener, tmp_path: Path) -> None:
    out = tmp_path / "keys.backup"

    assert f"screener keys prove --backup {out}" in screener("backup", "--out", str(out)).output
    assert "opens boxes that were sealed before it was made" in screener("prove", "--backup", str(out)).output
    with pytest.raises(UserError, match="already there"):
        screener("backup", "--out", str(out))


def test_lost_keys_come_back_from_the_backup(deployment: Settings, screener: Screener, tmp_path: Path) -> None:
    out = tmp_path / "keys.backup"
    screener("backup", "--out", str(out))
    (deployment.private_keys / "answers.private").unlink()

    assert screener("restore", str(out)).output.startswith("Restored answers.private.")
    assert "contact: opens" in screener("prove").output


def test_after_a_rotation_every_box_is_sealed_to_the_new_keys_and_opens_as_before(
    deployment: Settings, screener: Screener
) -> None:
    keep(deployment, range(3))
    before = opened(deployment)

    said = screener("rotate")

    public = load_public_keys(deployment.public_keys)
    assert "6 boxes sealed again, 0 were sealed to the current key already." in said.output
    assert {recipient_key_ids(row.contact_box or b"") for row in kept(deployment)} == {(public.contact.key_id,)}
    assert {recipient_key_ids(row.answers_box or b"") for row in kept(deployment)} == {(public.answers.key_id,)}
    assert opened(deployment) == before
    assert {public.contact.key_id, public.answers.key_id} <= proven(deployment)
    assert not list(deployment.private_keys.glob("*.rotating"))
    assert "0 boxes sealed again, 6 were" in screener("rotate", "--re-wrap").output


def test_what_still_waits_in_the_inbox_is_sealed_again_too(deployment: Settings, screener: Screener) -> None:
    waiting = sealed(deployment, 7)
    inbox.add_submission(connect(deployment.inbox, may="add"), waiting)

    said = screener("rotate")

    assert "2 boxes sealed again" in said.output
    assert opened(deployment) == [(b"Ada Example 7", b"yes 7")]


def test_a_rotation_of_one_compartment_leaves_the_other_alone(deployment: Settings, screener: Screener) -> None:
    keep(deployment, range(2))
    before = load_public_keys(deployment.public_keys)

    said = screener("rotate", "--compartment", "answers")

    after = load_public_keys(deployment.public_keys)
    assert "2 boxes sealed again" in said.output
    assert after.contact == before.contact
    assert after.answers.key_id != before.answers.key_id


def test_a_rotation_that_is_stopped_while_boxes_are_sealed_again_goes_on_with_the_same_key(
    deployment: Settings, screener: Screener, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(deployment, range(5))
    replace, calls = writes.replace_boxes, iter(range(3))

    def killed(*given: Any, **named: Any) -> object:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return replace(*given, **named)

    monkeypatch.setattr("screener.operations.reseal.BATCH", 2)
    monkeypatch.setattr(writes, "replace_boxes", killed)
    assert screener("rotate", "--compartment", "contact").exit_code == 1
    monkeypatch.setattr(writes, "replace_boxes", replace)
    between = load_public_keys(deployment.public_keys)

    said = screener("rotate", "--compartment", "contact")

    assert load_public_keys(deployment.public_keys) == between
    assert "3 boxes sealed again, 2 were sealed to the current key already." in said.output
    assert [contact for contact, _ in opened(deployment)] == [b"Ada Example %d" % number for number in range(5)]


def test_a_box_that_nobody_here_can_open_is_counted_and_left_as_it_is(deployment: Settings, screener: Screener) -> None:
    keep(deployment, range(1))
    first = load_public_keys(deployment.public_keys).contact.key_id
    with writing(connect(deployment.store, may="write")) as connection:
        box = kept(deployment)[0].contact_box or b""
        writes.replace_boxes(connection, kept(deployment)[0].envelope.id, contact=box[:-1] + bytes([box[-1] ^ 1]))
    spoilt = kept(deployment)[0].contact_box

    said = screener("rotate")

    assert "1 boxes sealed again" in said.output
    assert "1 do not open and were left as they are" in said.output
    assert kept(deployment)[0].contact_box == spoilt
    assert recipient_key_ids(spoilt or b"") == (first,)


def test_no_key_is_switched_while_the_board_cannot_hear_of_it(
    deployment: Settings, screener: Screener, tmp_path: Path
) -> None:
    before = load_public_keys(deployment.public_keys)
    deaf = deployment.model_copy(update={"board_url": f"sqlite:///{tmp_path / 'absent.db'}"})

    with pytest.raises(UnavailableError, match="cannot be used now"):
        screener("rotate", settings=deaf)
    assert load_public_keys(deployment.public_keys) == before
    screener("rotate")
    assert len(load_private_keys(deployment.private_keys, passphrase=None).contact) == 2


def test_what_is_shown_and_said_holds_no_secret(deployment: Settings, screener: Screener) -> None:
    secrets = [json.loads(path.read_text())["secret"] for path in deployment.private_keys.iterdir()]
    secrets += [json.loads(path.read_text())["key"] for path in deployment.form_keys.iterdir()]

    said = screener("show").output + screener("prove").output + screener("rotate", "--form-key").output

    assert load_public_keys(deployment.public_keys).contact.fingerprint in said
    assert "NO PASSPHRASE" in said
    assert secrets
    assert not any(secret in said for secret in secrets)

"""A key backup is worth what can be opened with it, so that is what is tried."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest

from screener.errors import ScreenerError
from screener.errors import UserError
from screener.sealing import protection
from screener.sealing.form_key import load_form_keys
from screener.sealing.key_backup import decode_key_backup
from screener.sealing.key_backup import encode_key_backup
from screener.sealing.key_backup import prove_key_backup
from screener.sealing.key_backup import restore_keys
from screener.sealing.key_backup import write_key_backup
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import begin_key_rotation
from screener.sealing.keys import end_key_rotation
from screener.sealing.keys import rotate_form_key
from screener.sealing.keys import switch_to_new_key
from screener.sealing.open import load_private_keys
from screener.sealing.open import open_answers
from screener.sealing.seal import load_public_keys
from screener.sealing.seal import seal_answers

STUDY = "nct05870540"
ID = bytes(range(32))


def rotate(folders: KeyFolders, passphrase: bytes | None = None) -> None:
    rotation = begin_key_rotation(folders, "answers", passphrase=passphrase)
    switch_to_new_key(folders, rotation)
    end_key_rotation(folders, rotation)


def empty(tmp_path: Path) -> KeyFolders:
    return KeyFolders(*(tmp_path / "new" / name for name in ("public", "private", "form")))


def put_back(out: Path, folders: KeyFolders, passphrase: bytes | None = None) -> tuple[str, ...]:
    return restore_keys(decode_key_backup(out.read_bytes(), out, passphrase=passphrase), folders)


def test_what_was_sealed_before_the_backup_opens_with_nothing_but_the_backup(
    new_folders: Callable[..., KeyFolders], tmp_path: Path, light_passphrase: bytes
) -> None:
    folders = new_folders(passphrase=light_passphrase)
    box = seal_answers(b"yes", load_public_keys(folders.public), study=STUDY, submission=ID)
    rotate(folders, light_passphrase)
    rotate_form_key(folders)
    form_keys = load_form_keys(folders.form)
    write_key_backup(folders, tmp_path / "keys.backup", passphrase=light_passphrase)
    shutil.rmtree(folders.private.parent)

    put_back(tmp_path / "keys.backup", empty(tmp_path), light_passphrase)

    private = load_private_keys(empty(tmp_path).private, passphrase=light_passphrase, production=True)
    assert open_answers(box, private, study=STUDY, submission=ID) == b"yes"
    assert load_form_keys(empty(tmp_path).form) == form_keys


def test_a_backup_is_protected_as_the_keys_are(
    new_folders: Callable[..., KeyFolders], tmp_path: Path, light_passphrase: bytes
) -> None:
    folders = new_folders(passphrase=light_passphrase)
    out = tmp_path / "keys.backup"
    write_key_backup(folders, out, passphrase=light_passphrase)

    assert out.stat().st_mode & 0o777 == 0o600
    assert json.loads((folders.form / "current.form-key").read_text())["key"] not in out.read_text()
    with pytest.raises(UserError, match="passphrase is wrong"):
        decode_key_backup(out.read_bytes(), out, passphrase=b"guess")
    with pytest.raises(UserError, match="passphrase is wrong"):
        encode_key_backup(folders, passphrase=b"another than the keys have")


def test_a_backup_overwrites_nothing(folders: KeyFolders, tmp_path: Path) -> None:
    out = tmp_path / "keys.backup"
    out.write_text("last year's keys")

    with pytest.raises(UserError, match="already there and was not changed"):
        write_key_backup(folders, out, passphrase=None)
    assert out.read_text() == "last year's keys"


def test_a_backup_of_keys_that_are_not_all_there_is_refused(folders: KeyFolders, tmp_path: Path) -> None:
    (folders.private / "contact.private").unlink()

    with pytest.raises(ScreenerError, match=r"contact\.private is not there"):
        write_key_backup(folders, tmp_path / "keys.backup", passphrase=None)
    assert not (tmp_path / "keys.backup").exists()


def test_proving_opens_a_box_that_is_older_than_the_backup_and_leaves_nothing_behind(
    folders: KeyFolders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, room = tmp_path / "keys.backup", tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    made_at = datetime.now(UTC) + timedelta(minutes=1)
    write_key_backup(folders, out, passphrase=None, at=made_at)

    assert prove_key_backup(out, folders.public, passphrase=None) == made_at
    assert list(room.iterdir()) == []


def test_a_backup_that_says_it_is_older_than_the_keys_in_use_is_not_proven(folders: KeyFolders, tmp_path: Path) -> None:
    out = tmp_path / "keys.backup"
    write_key_backup(folders, out, passphrase=None, at=datetime.now(UTC) - timedelta(days=1))

    with pytest.raises(UserError, match="is older than the contact key in use"):
        prove_key_backup(out, folders.public, passphrase=None)


def test_a_backup_from_before_a_rotation_is_not_proven(folders: KeyFolders, tmp_path: Path) -> None:
    write_key_backup(folders, tmp_path / "keys.backup", passphrase=None)
    rotate(folders)

    with pytest.raises(UserError, match="does not hold the keys in use; make a new one"):
        prove_key_backup(tmp_path / "keys.backup", folders.public, passphrase=None)


def test_a_backup_of_other_keys_is_not_proven(new_folders: Callable[..., KeyFolders], tmp_path: Path) -> None:
    write_key_backup(new_folders("other"), tmp_path / "keys.backup", passphrase=None)

    with pytest.raises(UserError, match="does not hold the keys in use"):
        prove_key_backup(tmp_path / "keys.backup", new_folders("ours").public, passphrase=None)


def test_putting_back_changes_no_key_that_is_there_and_brings_the_old_one_as_a_retired_one(
    folders: KeyFolders, tmp_path: Path
) -> None:
    box = seal_answers(b"yes", load_public_keys(folders.public), study=STUDY, submission=ID)
    write_key_backup(folders, tmp_path / "keys.backup", passphrase=None)
    rotate(folders)
    retired = next(folders.private.glob("answers.*.private"))
    retired.unlink()
    before = {path: path.read_bytes() for path in folders.private.parent.rglob("*.*")}

    assert put_back(tmp_path / "keys.backup", folders) == (retired.name,)

    assert before.items() <= {path: path.read_bytes() for path in folders.private.parent.rglob("*.*")}.items()
    private = load_private_keys(folders.private, passphrase=None)
    assert open_answers(box, private, study=STUDY, submission=ID) == b"yes"
    assert put_back(tmp_path / "keys.backup", folders) == ()


@pytest.mark.parametrize("name", ["../evil", "private/../../evil", "private/.evil", "public/contact.private", "/evil"])
def test_a_backup_cannot_write_where_no_key_belongs(tmp_path: Path, light_passphrase: bytes, name: str) -> None:
    header = {"format": "screener key backup 1", "created": datetime.now(UTC).isoformat()}
    data = protection.encrypt_secret(header, json.dumps({name: ""}).encode(), light_passphrase)

    with pytest.raises(ScreenerError, match="is damaged; use another copy"):
        decode_key_backup(data, tmp_path / "keys.backup", passphrase=light_passphrase)


def test_a_spoilt_backup_is_refused(folders: KeyFolders, tmp_path: Path) -> None:
    data = encode_key_backup(folders, passphrase=None)

    for place in range(0, len(data), 997):
        spoilt = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        if spoilt.split() != data.split():
            with pytest.raises(ScreenerError, match=r"keys\.backup"):
                decode_key_backup(spoilt, tmp_path / "keys.backup", passphrase=None)
    with pytest.raises(ScreenerError, match="is damaged"):
        decode_key_backup(data[:-40], tmp_path / "keys.backup", passphrase=None)

"""Keys are made once, shown without secrets, and replaced so that a kill at any moment loses nothing."""

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest

from screener import files
from screener.errors import UserError
from screener.sealing import key_file
from screener.sealing import proof
from screener.sealing.form_key import load_form_keys
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import begin_key_rotation
from screener.sealing.keys import create_keys
from screener.sealing.keys import end_key_rotation
from screener.sealing.keys import list_keys
from screener.sealing.keys import rotate_form_key
from screener.sealing.keys import switch_to_new_key
from screener.sealing.open import OpeningError
from screener.sealing.open import PrivateKeys
from screener.sealing.open import load_private_keys
from screener.sealing.open import open_contact
from screener.sealing.proof import prove_key_pairs
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import load_public_keys
from screener.sealing.seal import seal_contact

STUDY = "nct05870540"
ID = bytes(range(32))


def content(folders: KeyFolders) -> dict[str, bytes]:
    every = (path for folder in (folders.public, folders.private, folders.form) for path in folder.iterdir())
    return {path.name: path.read_bytes() for path in every}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def rotate(folders: KeyFolders) -> None:
    rotation = begin_key_rotation(folders, "contact", passphrase=None)
    if not rotation.switched:
        switch_to_new_key(folders, rotation)
    end_key_rotation(folders, rotation)


def test_created_keys_open_what_they_seal(public: PublicKeys, private: PrivateKeys) -> None:
    box = seal_contact(b"Ada Example", public, study=STUDY, submission=ID)

    assert open_contact(box, private, study=STUDY, submission=ID) == b"Ada Example"
    prove_key_pairs(public, private)


def test_key_files_have_the_rights_that_they_need_whatever_the_umask_is(new_folders: Callable[..., KeyFolders]) -> None:
    before = os.umask(0)
    try:
        folders = new_folders("open")
        os.umask(0o077)
        shut = new_folders("shut")
    finally:
        os.umask(before)

    for made in (folders, shut):
        assert mode(made.private) == 0o700
        assert {mode(path) for path in made.private.iterdir()} == {0o600}
        assert {mode(path) for path in made.public.iterdir()} == {0o644}
        assert {mode(path) for path in made.form.iterdir()} == {0o640}


def test_creating_again_makes_nothing_and_changes_no_byte(folders: KeyFolders) -> None:
    before = content(folders)

    assert create_keys(folders, passphrase=None) == ()
    assert content(folders) == before


@pytest.mark.parametrize("lost", ["contact.public", "answers.proof", "current.form-key"])
def test_creating_again_completes_what_a_kill_left_out(folders: KeyFolders, lost: str) -> None:
    before = content(folders)
    next(path for path in (folders.public / lost, folders.form / lost) if path.exists()).unlink()

    assert len(create_keys(folders, passphrase=None)) == 1

    assert content(folders).keys() == before.keys()
    assert content(folders)["contact.private"] == before["contact.private"]
    prove_key_pairs(load_public_keys(folders.public), load_private_keys(folders.private, passphrase=None))


def test_a_lost_private_key_is_not_made_anew(folders: KeyFolders) -> None:
    (folders.private / "answers.private").unlink()
    before = content(folders)

    with pytest.raises(UserError, match=r"answers\.private is missing although .*answers\.public is there"):
        create_keys(folders, passphrase=None)
    assert content(folders) == before


@pytest.mark.parametrize("moment", range(1, 8))
def test_creating_that_is_stopped_anywhere_is_completed_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    folders = KeyFolders(tmp_path / "public", tmp_path / "private", tmp_path / "form")
    stop_before_write(monkeypatch, moment)
    with pytest.raises(KeyboardInterrupt):
        create_keys(folders, passphrase=None)
    monkeypatch.undo()
    there = content(folders)

    create_keys(folders, passphrase=None)

    assert content(folders) | there == content(folders)
    assert len(content(folders)) == 7
    prove_key_pairs(load_public_keys(folders.public), load_private_keys(folders.private, passphrase=None))


def stop_before_write(monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    """Stop as a kill would, before the file written as number *moment* gets its name."""
    steps = iter(range(1, moment + 1))
    real = {name: getattr(files, name) for name in ("create_file", "replace_file", "move_file", "remove_file")}

    def counted(name: str) -> Callable[..., None]:
        def step(*given: object, **named: object) -> None:
            if next(steps) == moment:
                raise KeyboardInterrupt
            real[name](*given, **named)

        return step

    for name in real:
        monkeypatch.setattr(files, name, counted(name))


def test_after_a_rotation_new_boxes_go_to_the_new_key_and_old_ones_still_open(folders: KeyFolders) -> None:
    before = load_public_keys(folders.public)
    box = seal_contact(b"Ada Example", before, study=STUDY, submission=ID)

    rotate(folders)

    public, private = load_public_keys(folders.public), load_private_keys(folders.private, passphrase=None)
    assert public.contact.key_id != before.contact.key_id
    assert public.answers == before.answers
    assert [key.key_id for key in private.contact] == [public.contact.key_id, before.contact.key_id]
    assert open_contact(box, private, study=STUDY, submission=ID) == b"Ada Example"
    prove_key_pairs(public, private)
    assert sorted(path.name for path in folders.private.iterdir()) == [
        "answers.private",
        f"contact.{before.contact.key_id}.private",
        "contact.private",
    ]


@pytest.mark.parametrize("moment", range(1, 8))
def test_a_rotation_that_is_stopped_anywhere_loses_nothing_and_goes_on_with_the_same_key(
    folders: KeyFolders, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    old = load_public_keys(folders.public)
    old_box = seal_contact(b"before", old, study=STUDY, submission=ID)
    stop_before_write(monkeypatch, moment)
    with pytest.raises(KeyboardInterrupt):
        rotate(folders)
    monkeypatch.undo()

    between = load_public_keys(folders.public)
    between_box = seal_contact(b"between", between, study=STUDY, submission=ID)
    prove_key_pairs(between, load_private_keys(folders.private, passphrase=None))
    rotate(folders)

    public, private = load_public_keys(folders.public), load_private_keys(folders.private, passphrase=None)
    prove_key_pairs(public, private)
    assert open_contact(old_box, private, study=STUDY, submission=ID) == b"before"
    assert open_contact(between_box, private, study=STUDY, submission=ID) == b"between"
    assert len(private.contact) == 2
    assert between.contact.key_id in (old.contact.key_id, public.contact.key_id)
    assert private.contact[0].key_id == public.contact.key_id != old.contact.key_id
    assert proof.proof_sealed_at(folders.public, "contact", PrivateKeys(private.contact[:1], private.answers))


def test_a_rotation_whose_boxes_are_not_all_sealed_again_makes_no_further_key(folders: KeyFolders) -> None:
    first = begin_key_rotation(folders, "contact", passphrase=None)
    switch_to_new_key(folders, first)

    again = begin_key_rotation(folders, "contact", passphrase=None)

    assert (again.switched, again.continued, again.key.key_id) == (True, True, first.key.key_id)
    end_key_rotation(folders, again)
    assert not begin_key_rotation(folders, "contact", passphrase=None).switched


def test_proving_fails_when_the_private_key_in_use_is_not_there(new_folders: Callable[..., KeyFolders]) -> None:
    one, other = new_folders("one"), new_folders("other")

    with pytest.raises(OpeningError, match="is missing on this machine"):
        prove_key_pairs(load_public_keys(one.public), load_private_keys(other.private, passphrase=None))


def test_what_is_shown_names_every_key_and_holds_no_secret(folders: KeyFolders) -> None:
    rotate(folders)
    rotate_form_key(folders)

    lines = list(list_keys(folders))

    assert [(line.name, line.state, line.protected) for line in lines] == [
        ("contact", "public", None),
        ("contact", "current", False),
        ("contact", "retired", False),
        ("answers", "public", None),
        ("answers", "current", False),
        ("form", "current", None),
        ("form", "previous", None),
    ]
    assert lines[0].key_id == lines[1].key_id != lines[2].key_id
    assert lines[0].fingerprint.replace(" ", "").startswith(lines[0].key_id)
    said = repr(lines) + repr(load_form_keys(folders.form)) + repr(load_private_keys(folders.private, passphrase=None))
    secrets = [json.loads((folders.private / "contact.private").read_text())["secret"]]
    secrets += [json.loads(path.read_text())["key"] for path in folders.form.iterdir()]
    assert not any(secret in said for secret in secrets)
    assert repr(load_form_keys(folders.form).current)[2:-1] not in said


def test_the_form_key_that_was_replaced_stays_valid_for_thirty_days(folders: KeyFolders) -> None:
    old = load_form_keys(folders.form).current
    replaced_at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    rotate_form_key(folders, at=replaced_at)

    soon = load_form_keys(folders.form, at=replaced_at + timedelta(days=29, hours=23))
    late = load_form_keys(folders.form, at=replaced_at + timedelta(days=30, seconds=1))
    assert soon.previous == (old,)
    assert soon.current != old
    assert (late.current, late.previous) == (soon.current, ())


@pytest.mark.parametrize("days_ago", [1, 40])
@pytest.mark.parametrize("moment", [1, 2])
def test_a_form_key_rotation_that_is_stopped_keeps_the_key_and_can_be_run_again(
    folders: KeyFolders, monkeypatch: pytest.MonkeyPatch, moment: int, days_ago: int
) -> None:
    old = load_form_keys(folders.form)
    stop_before_write(monkeypatch, moment)
    with pytest.raises(KeyboardInterrupt):
        rotate_form_key(folders, at=datetime.now(UTC) - timedelta(days=days_ago))
    monkeypatch.undo()

    assert load_form_keys(folders.form) == old
    rotate_form_key(folders)
    assert load_form_keys(folders.form).previous == (old.current,)


def test_two_commands_do_not_change_keys_at_once(folders: KeyFolders) -> None:
    with key_file.lock_keys(folders.private), pytest.raises(UserError, match="Another command is changing the keys"):
        begin_key_rotation(folders, "contact", passphrase=None)

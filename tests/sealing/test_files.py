"""Files that are missing, spoilt, readable by others or not ours to write: one sentence with what to do."""

import errno
import json
import os
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from screener import files
from screener.errors import ScreenerError
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.sealing import protection
from screener.sealing.form_key import load_form_keys
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.sealing.open import load_private_keys
from screener.sealing.proof import prove_key_pairs
from screener.sealing.seal import can_read_private_keys
from screener.sealing.seal import load_public_keys

NOBODY = 65534


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_protected_key_opens_with_its_passphrase_only(
    new_folders: Callable[..., KeyFolders], light_passphrase: bytes
) -> None:
    folders = new_folders(passphrase=light_passphrase)

    private = load_private_keys(folders.private, passphrase=light_passphrase, production=True)
    assert not private.unprotected
    prove_key_pairs(load_public_keys(folders.public), private)
    with pytest.raises(UserError, match=r"contact\.private does not open: the passphrase is wrong"):
        load_private_keys(folders.private, passphrase=b"guess")
    with pytest.raises(UserError, match=r"contact\.private is protected by a passphrase; set SCREENER_KEY_PASSPHRASE"):
        load_private_keys(folders.private, passphrase=None)


def test_the_shipped_stretching_is_argon2id_with_real_cost(new_folders: Callable[..., KeyFolders]) -> None:
    folders = new_folders(passphrase=b"correct horse")

    kdf = json.loads((folders.private / "contact.private").read_text())["kdf"]

    assert (kdf["name"], kdf["memory_kib"], kdf["iterations"], kdf["lanes"]) == ("argon2id", 131072, 3, 4)
    assert len(load_private_keys(folders.private, passphrase=b"correct horse").contact) == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"created": "2020-01-01T00:00:00+00:00"},
        {"compartment": "answers"},
        {"key_id": "0" * 16},
        {
            "kdf": {
                "name": "argon2id",
                "memory_kib": 32,
                "iterations": 1,
                "lanes": 1,
                "salt": "AAAAAAAAAAAAAAAAAAAAAA==",
            }
        },
    ],
)
def test_the_header_of_a_protected_key_cannot_be_changed_unnoticed(
    new_folders: Callable[..., KeyFolders], light_passphrase: bytes, spoilt: dict[str, object]
) -> None:
    folders = new_folders(passphrase=light_passphrase)
    change(folders.private / "contact.private", **spoilt)

    with pytest.raises(UserError, match=r"contact\.private (does not open|is damaged)"):
        load_private_keys(folders.private, passphrase=light_passphrase)


@pytest.mark.parametrize("asked", [{"memory_kib": 1 << 40}, {"iterations": 10**9}, {"lanes": 0}, {"lanes": True}])
def test_a_key_file_cannot_ask_for_more_work_than_a_machine_can_do(
    new_folders: Callable[..., KeyFolders], light_passphrase: bytes, asked: dict[str, int]
) -> None:
    folders = new_folders(passphrase=light_passphrase)
    path = folders.private / "contact.private"
    change(path, kdf=json.loads(path.read_text())["kdf"] | asked)

    with pytest.raises(ScreenerError, match="is damaged"):
        load_private_keys(folders.private, passphrase=light_passphrase)


def test_every_byte_of_a_key_file_counts(folders: KeyFolders) -> None:
    """A file with one letter changed is refused in words, or still holds the very same key (white space)."""
    for path in (folders.private / "contact.private", folders.public / "contact.public"):
        whole = path.read_bytes()
        keys = load_private_keys(folders.private, passphrase=None), load_public_keys(folders.public)
        for place in range(0, len(whole), 3):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            try:
                found = load_private_keys(folders.private, passphrase=None), load_public_keys(folders.public)
            except ScreenerError as fault:
                assert path.name in str(fault)
            else:
                assert [key.key_id for key in found[0].contact] == [key.key_id for key in keys[0].contact]
                assert found[1].contact.raw == keys[1].contact.raw
        path.write_bytes(whole)


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe", b"[]", b"null", b"{}", b"[" * 5000, b'{"format": 7}'])
def test_a_file_that_is_no_key_is_named(folders: KeyFolders, junk: bytes) -> None:
    for path, load in (
        (folders.public / "answers.public", lambda: load_public_keys(folders.public)),
        (folders.private / "answers.private", lambda: load_private_keys(folders.private, passphrase=None)),
        (folders.form / "current.form-key", lambda: load_form_keys(folders.form)),
    ):
        path.write_bytes(junk)
        with pytest.raises(ScreenerError, match=path.name):
            load()


def test_a_missing_file_is_named_with_the_command_that_helps(folders: KeyFolders) -> None:
    for path, load, command in (
        (folders.public / "answers.public", lambda: load_public_keys(folders.public), "keys create"),
        (
            folders.private / "answers.private",
            lambda: load_private_keys(folders.private, passphrase=None),
            "keys restore",
        ),
        (folders.form / "current.form-key", lambda: load_form_keys(folders.form), "keys create"),
    ):
        path.unlink()
        with pytest.raises(UnavailableError, match=f"{path.name} is not there; .*{command}"):
            load()


def test_one_key_for_both_compartments_is_refused(folders: KeyFolders) -> None:
    stolen = json.loads((folders.public / "contact.public").read_text())
    (folders.public / "answers.public").write_text(json.dumps(stolen | {"compartment": "answers"}))

    with pytest.raises(UnavailableError, match="hold the same key"):
        load_public_keys(folders.public)


def test_production_refuses_a_key_without_a_passphrase_and_development_can_tell(folders: KeyFolders) -> None:
    assert load_private_keys(folders.private, passphrase=None).unprotected
    with pytest.raises(UserError, match=r"contact\.private has no passphrase, which production does not take"):
        load_private_keys(folders.private, passphrase=None, production=True)


def test_production_refuses_a_private_key_that_others_may_read(
    new_folders: Callable[..., KeyFolders], light_passphrase: bytes
) -> None:
    folders = new_folders(passphrase=light_passphrase)
    (folders.private / "answers.private").chmod(0o640)

    with pytest.raises(UserError, match=r"answers\.private can be read by other users; run 'chmod 600'"):
        load_private_keys(folders.private, passphrase=light_passphrase, production=True)
    assert load_private_keys(folders.private, passphrase=light_passphrase).answers


def test_a_key_that_is_there_is_never_overwritten(folders: KeyFolders) -> None:
    path = folders.private / "contact.private"
    before = path.read_bytes()

    with pytest.raises(UserError, match="already there and was not changed"):
        files.create_file(path, b"another key", mode=0o600)
    assert path.read_bytes() == before
    assert not [name for name in os.listdir(folders.private) if name.startswith(".")]


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "The disk is full"), (errno.EROFS, "cannot be written by this user"), (errno.EIO, "EIO")],
)
def test_a_disk_that_takes_nothing_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def full(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    folders = KeyFolders(tmp_path / "public", tmp_path / "private", tmp_path / "form")
    for folder in (folders.public, folders.private, folders.form):
        folder.mkdir()
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(UserError, match=words):
        create_keys(folders, passphrase=None)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_key_is_flushed_before_it_gets_its_name_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    flush, link = os.fsync, os.link

    def flushed(handle: int) -> None:
        seen.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        flush(handle)

    def named(source: str, target: str, **folders: Any) -> None:
        seen.append("name")
        link(source, target, **folders)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "link", named)
    files.create_file(tmp_path / "key", b"key", mode=0o600)

    assert seen == ["file", "name", "folder"]


@contextmanager
def without_rights() -> Iterator[None]:
    """As a user who is not root, which we may be already."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        os.setegid(group)


@pytest.mark.parametrize(("file", "readable"), [("/etc/shadow", False), ("/etc/passwd", True)])
def test_the_public_process_can_tell_whether_it_could_read_a_private_key(file: str, readable: bool) -> None:
    """Files of the system stand for keys of another user: one that only root reads, one that anybody reads."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        (Path(name) / "answers.0123456789abcdef.private").symlink_to(file)

        with without_rights():
            assert can_read_private_keys(Path(name)) is readable


def test_a_folder_that_is_shut_to_this_user_holds_nothing_for_it() -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "contact.private").symlink_to("/etc/passwd")
        Path(name).chmod(0o700 if os.geteuid() == 0 else 0)

        with without_rights():
            assert not can_read_private_keys(Path(name))
        Path(name).chmod(0o700)


def test_the_user_who_owns_a_key_could_read_it_whatever_its_mode_says() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        path = Path(name) / "contact.private"
        path.touch(mode=0)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)

        with without_rights():
            assert can_read_private_keys(Path(name))


def test_where_there_is_no_private_key_nobody_could_read_one(tmp_path: Path) -> None:
    assert not can_read_private_keys(tmp_path)
    assert not can_read_private_keys(tmp_path / "absent")


def test_the_write_of_a_stretched_key_differs_each_time(light_passphrase: bytes) -> None:
    first, second = (protection.encrypt_secret({"format": "x"}, b"seed", light_passphrase) for _ in "12")

    assert json.loads(first)["sealed"] != json.loads(second)["sealed"]
    assert json.loads(first)["kdf"]["salt"] != json.loads(second)["kdf"]["salt"]

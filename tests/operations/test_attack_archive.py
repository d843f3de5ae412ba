"""A backup archive that was stolen, cut, changed, forged or taken elsewhere opens nothing and brings nothing back."""

import io
import os
import stat
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from screener import clock
from screener.auth.keys import load_desk_keys
from screener.cli.main import run_command
from screener.db import connect
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.operations.drill import drill_archive
from screener.operations.restore import RestoreRequest
from screener.sealing import protection
from screener.sealing.archive import CHUNK_BYTES
from screener.sealing.archive import ArchiveKey
from screener.sealing.archive_keys import RecoveryKey
from screener.sealing.archive_keys import SigningKey
from screener.sealing.archive_keys import create_recovery_key
from screener.sealing.archive_keys import load_recovery_recipient
from screener.sealing.archive_keys import load_signing_key
from screener.sealing.archive_keys import read_recovery_key
from screener.sealing.archive_keys import read_site_key
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.sealing.open import load_private_keys
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AuditActor
from screener.submissions import inbox
from screener.submissions.reference import derive_reference
from screener.worker.loop import Worker
from tests.support.archives import brought_back
from tests.support.archives import made
from tests.support.archives import payload
from tests.support.archives import rewritten
from tests.support.archives import sealed_anew
from tests.support.archives import unsealed
from tests.support.submissions import sealed

PASSPHRASE = b"invented passphrase of this test"


@pytest.fixture(autouse=True)
def _quick_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching costs a fifth of a second for each key; what is tried here does not hang on it."""
    monkeypatch.setitem(protection.STRETCH, "memory_kib", 1024)
    monkeypatch.setitem(protection.STRETCH, "iterations", 1)


@pytest.fixture
def site(deployment: Settings) -> Settings:
    """A deployment whose keys have a passphrase, with a submission, an account and a desk key."""
    for path in (deployment.data / "keys").glob("*/*"):
        path.unlink()
    folders = KeyFolders(deployment.public_keys, deployment.private_keys, deployment.form_keys)
    create_keys(folders, passphrase=PASSPHRASE)
    load_desk_keys(deployment.desk_keys, passphrase=PASSPHRASE)
    inbox.add_submission(connect(deployment.inbox, may="write"), sealed())
    with writing(connect(deployment.store, may="write")) as connection:
        rights = accounts.parse_rights(["administrator"], ["en"])
        by = AuditActor("test", "test")
        invitations.create_invitation(connection, "Ada", "ada@example.org", rights, by=by, at=clock.now())
    Worker(deployment).run_once()
    # More than one chunk, that no packer makes smaller.
    (deployment.data / "keys" / "form" / "ballast").write_bytes(os.urandom(3 * CHUNK_BYTES))
    return deployment


def recovery_of(site: Settings, out: Path) -> RecoveryKey:
    signer = load_signing_key(site.private_keys, passphrase=PASSPHRASE, at=clock.now())
    create_recovery_key(site.public_keys, out, site=signer.public, at=clock.now())
    return read_recovery_key(out)


def stranger() -> SigningKey:
    private = Ed25519PrivateKey.generate()
    return SigningKey(private.public_key().public_bytes_raw(), private)


def refusal(settings: Settings, source: Path, **given: object) -> str:
    """Why *source* is not restored; nothing of it is left in *settings*."""
    with pytest.raises(UserError) as refused:
        brought_back(settings, source, **{"passphrase": PASSPHRASE, **given})  # type: ignore[arg-type]
    left = [path for path in settings.data.rglob("*") if path.is_file() and ".db" not in path.name]
    assert left == []
    return str(refused.value)


def test_a_stolen_archive_can_be_read_by_nobody(site: Settings, empty_deployment: Settings, tmp_path: Path) -> None:
    recovery_of(site, tmp_path / "recovery")
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)
    stolen = archive.read_bytes()

    members = zipfile.ZipFile(io.BytesIO(payload(archive, passphrase=PASSPHRASE)))
    desk_key = members.read("keys/desk/current.desk-key")
    shown = [b"PK\x03\x04", b"manifest", b"submission", b"ada@example.org", b"SBOX", desk_key[:60]]

    assert [word for word in shown if word in stolen] == []
    assert not zipfile.is_zipfile(archive)
    for wrong in (None, b"", b"another passphrase"):
        assert "does not open" in refusal(empty_deployment, archive, passphrase=wrong)


def places_of(data: bytes, path: Path) -> Iterator[tuple[str, int]]:
    """Each member of the ZIP *data*, and a byte of the archive *path* that seals a part of it."""
    start = path.stat().st_size - 64 - len(data) - 16 * -(-len(data) // CHUNK_BYTES)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        for info in opened.infolist():
            place = info.header_offset + 4
            yield info.filename, start + place + 16 * (place // CHUNK_BYTES)


def test_a_changed_member_is_refused_by_its_name(site: Settings, empty_deployment: Settings, tmp_path: Path) -> None:
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)
    whole = archive.read_bytes()
    places = dict(places_of(payload(archive, passphrase=PASSPHRASE), archive))

    for name in ("board/proven_key.jsonl", "keys/public/contact.proof", "keys/desk/current.desk-key", "manifest.json"):
        changed = bytearray(whole)
        changed[places[name]] ^= 1
        archive.write_bytes(changed)
        said = refusal(empty_deployment, archive)
        # The directory of the ZIP, which gives the names, lies in the chunk of the manifest.
        assert name in said or (name == "manifest.json" and "was changed" in said), said


def test_an_archive_that_was_cut_swapped_or_grown_is_refused(
    site: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)
    whole = archive.read_bytes()
    size = CHUNK_BYTES + 16
    start = whole.index(b"}\n") + 2
    first, second, rest = whole[start : start + size], whole[start + size : start + 2 * size], whole[start + 2 * size :]
    harms = {
        "the magic": b"X" + whole[1:],
        "the header": whole.replace(b'"iterations": 1', b'"iterations": 2'),
        "the site key in it": whole[:60] + bytes([whole[60] ^ 1]) + whole[61:],
        "the signature": whole[:-1] + bytes([whole[-1] ^ 1]),
        "one byte cut": whole[:-1],
        "a chunk cut": whole[:start] + first + second,
        "the end cut": whole[: len(whole) - 1000],
        "nearly all cut": whole[: start + 5],
        "a chunk left out": whole[:start] + second + rest,
        "chunks swapped": whole[:start] + second + first + rest,
        "bytes added": whole + b"more",
        "nothing": b"",
        "text": b"hello",
    }

    for harm, data in harms.items():
        archive.write_bytes(data)
        said = refusal(empty_deployment, archive)
        assert said.count(". ") <= 2 and str(archive) in said, (harm, said)
    archive.write_bytes(whole)
    brought_back(empty_deployment, archive, passphrase=PASSPHRASE)


def test_an_archive_that_somebody_else_made_for_the_recovery_key_is_refused(
    site: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    recovery = recovery_of(site, tmp_path / "recovery")
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)
    data = payload(archive, passphrase=PASSPHRASE)
    public = load_recovery_recipient(site.public_keys)

    sealed_anew(archive, data, signer=stranger(), passphrase=b"theirs", recovery=public)
    assert "was made by another site" in refusal(empty_deployment, archive, recovery=recovery)

    pretender = replace(stranger(), public=recovery.site)
    sealed_anew(archive, data, signer=pretender, passphrase=b"theirs", recovery=public)
    assert "was not signed by the site" in refusal(empty_deployment, archive, recovery=recovery)


def test_an_archive_of_another_site_does_not_restore(
    site: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)
    theirs = tmp_path / "theirs.screener"
    data = payload(archive, passphrase=PASSPHRASE)

    sealed_anew(theirs, data, signer=stranger(), passphrase=b"theirs")
    assert "is of another site" in refusal(empty_deployment, theirs)

    sealed_anew(theirs, data, signer=stranger(), passphrase=PASSPHRASE)
    key = ArchiveKey(passphrase=PASSPHRASE, site=read_site_key(site.private_keys))
    with pytest.raises(UserError, match="was made by another site"):
        drill_archive(site, RestoreRequest(theirs, "ada", key, PASSPHRASE), step=lambda size: None)


def with_member(name: str, *, mode: int = 0) -> Callable[[bytes], bytes]:
    """A ZIP with one more member, which its manifest names."""

    def add(data: bytes) -> bytes:
        digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        entry = b'"members": {"%s": "%s", ' % (name.replace("\\", "\\\\").encode(), digest.encode())
        out = io.BytesIO(
            rewritten(data, lambda one, text: text.replace(b'"members": {', entry) if one == "manifest.json" else text)
        )
        with zipfile.ZipFile(out, "a") as opened:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            opened.writestr(info, b"")
        return out.getvalue()

    return add


ESCAPES = {
    "up": with_member("keys/../../escaped"),
    "absolute": with_member("/tmp/escaped"),  # noqa: S108 - it must not be written
    "beside": with_member("escaped"),
    "backslash": with_member("keys\\..\\escaped"),
    "a link": with_member("keys/public/link", mode=stat.S_IFLNK | 0o777),
    "a folder": with_member("keys/public/"),
    "twice": lambda data: with_member("keys/public/x")(with_member("keys/public/x")(data)),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_lead_out_and_links_are_refused_before_anything_is_written(
    site: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)
    signer = load_signing_key(site.private_keys, passphrase=PASSPHRASE, at=clock.now())
    data = payload(archive, passphrase=PASSPHRASE)
    older = data.replace(b"screener archive 2", b"screener backup 1")

    for escape, harm in ESCAPES.items():
        sealed_anew(archive, harm(data), signer=signer, passphrase=PASSPHRASE)
        said = refusal(empty_deployment, archive)
        assert "no archive of Screener holds" in said or "lost or gained members" in said, escape
        archive.write_bytes(harm(older))
        refusal(empty_deployment, archive)

    assert not list(tmp_path.rglob("escaped"))


def test_the_recovery_key_opens_an_archive_whose_passphrase_is_lost(
    site: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    recovery = recovery_of(site, tmp_path / "recovery")
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)

    brought_back(empty_deployment, archive, passphrase=b"the new passphrase", recovery=recovery)

    ours = load_private_keys(site.private_keys, passphrase=PASSPHRASE)
    theirs = load_private_keys(empty_deployment.private_keys, passphrase=b"the new passphrase")
    assert [key.key_id for key in theirs.contact] == [key.key_id for key in ours.contact]
    desk = load_desk_keys(site.desk_keys, passphrase=PASSPHRASE)
    assert load_desk_keys(empty_deployment.desk_keys, passphrase=b"the new passphrase") == desk
    with pytest.raises(UserError, match="passphrase is wrong"):
        load_private_keys(empty_deployment.private_keys, passphrase=PASSPHRASE)


def test_a_recovery_key_that_was_replaced_and_one_from_elsewhere_open_nothing(
    site: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    old = recovery_of(site, tmp_path / "old")
    recovery_of(site, tmp_path / "new")
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)

    assert "was not sealed to this recovery key" in refusal(empty_deployment, archive, recovery=old)
    assert "another site" in refusal(empty_deployment, archive, recovery=replace(old, site=stranger().public))


def test_the_public_part_of_a_recovery_key_opens_nothing(site: Settings, tmp_path: Path) -> None:
    recovery_of(site, tmp_path / "recovery")

    with pytest.raises(UnavailableError, match="screener recovery private key 1"):
        read_recovery_key(site.public_keys / "recovery.public")


def test_a_backup_under_a_wrong_passphrase_is_not_made(site: Settings, tmp_path: Path) -> None:
    for wrong in (None, b"mistyped"):
        with pytest.raises(UserError, match="passphrase"):
            made(site, tmp_path / "all.screener", passphrase=wrong)

    assert not (tmp_path / "all.screener").exists()


def test_keys_that_do_not_open_what_was_sealed_are_not_restored(
    site: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    """The proof that was sealed when the keys were made: another site's keys in our archive do not open it."""
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)
    create_keys(
        KeyFolders(*(tmp_path / "other" / name for name in ("public", "private", "form"))), passphrase=PASSPHRASE
    )
    other = (tmp_path / "other" / "private" / "contact.private").read_bytes()
    for path in (site.data / "keys" / "private").glob("contact.private"):
        path.write_bytes(other)
    swapped = made(site, tmp_path / "swapped.screener", passphrase=PASSPHRASE)

    assert "does not open" in refusal(empty_deployment, swapped) or "is missing on this machine" in refusal(
        empty_deployment, swapped
    )
    brought_back(empty_deployment, archive, passphrase=PASSPHRASE)


def test_a_passphrase_that_is_missing_gets_a_sentence_that_says_what_is_still_possible(
    site: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = made(site, tmp_path / "all.screener", passphrase=PASSPHRASE)
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "elsewhere"))

    assert run_command(["restore", str(archive)]) == 2

    said = capsys.readouterr().err
    assert "--recovery-key" in said and "nothing opens this archive" in said


def test_an_unsealed_archive_holds_the_reference_that_a_sealed_one_hides(deployment: Settings, tmp_path: Path) -> None:
    """The search for what a stolen archive shows finds it in an archive of an earlier release."""
    one = sealed()
    inbox.add_submission(connect(deployment.inbox, may="write"), one)
    Worker(deployment).run_once()
    archive = made(deployment, tmp_path / "all.screener")
    reference = derive_reference(one.envelope.id).encode()

    assert reference not in archive.read_bytes()
    assert reference in unsealed(archive).read_bytes()

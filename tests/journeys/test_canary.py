"""No byte that is left behind tells what was typed: not in files, logs, databases, their journals or backups.

Each field carries a word that nobody else writes. It is searched for as it stands and in the disguises that bytes
wear on disks. The same search finds the words in the opened export, so it can find.
"""

import logging
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from screener.db import connect
from screener.db import writing
from screener.operations.backup import write_backup_archive
from screener.operations.erasure import erase_by_reference
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.worker.loop import Worker
from tests.support.deployment import Postgres
from tests.support.desk_app import DeskApp
from tests.support.http_client import HttpClient
from tests.support.public_client import PublicClient
from tests.support.server import Server

TYPED = {
    "name_pref": "Qzxname Wvkcanary",
    "phone": "ask qzxphone 415 555 0173",
    "email": "qzxmail@example.org",
    "access_text": "qzxaccess äöü",
    "age_years": "117",
}
NOTED = "Qzxnoted"
WORDS = ("Qzxname", "Wvkcanary", "qzxphone", "5550173", "555 0173", "qzxmail", "qzxaccess")


def disguises(word: str) -> Iterator[bytes]:
    """*word* as it may lie on a disk."""
    for raw in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")):
        yield raw
        yield raw.hex().encode()
        for before in range(3):
            # Whatever stands before and after, these characters of Base64 are made of the word alone.
            coded = b64encode(b"\0" * before + raw)
            yield coded[-(-before * 8 // 6) + (before > 0) : (before + len(raw)) * 8 // 6]
    yield quote(word).encode()


def found_in(folder: Path, words: tuple[str, ...] = WORDS) -> set[tuple[str, str]]:
    """Each word, with the file in which one of its disguises lies; archives are looked into."""
    return {
        (name, word)
        for name, data in _everything_in(folder)
        for word in words
        if any(disguise in data for disguise in disguises(word))
    }


def _everything_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for member in archive.namelist():
                        yield f"{path.name}/{member}", archive.read(member)


def test_every_disguise_is_seen_through() -> None:
    for before in ("", "x", "xy", "xyz"):
        text = f"{before}Qzxname{before}"
        for coded in (text.encode(), text.encode("utf-16-le"), text.encode().hex().encode(), b64encode(text.encode())):
            assert any(disguise in coded for disguise in disguises("Qzxname")), coded


def test_what_was_typed_is_in_the_export_and_nowhere_else(server: Server, tmp_path: Path) -> None:
    person = HttpClient(server.port)
    form = person.opens("/en/interest")
    person.sends(form, pairs=person.fills(form, {**TYPED, "email": "qzxmail@"}))
    person.sends(form, pairs=[*person.fills(form, TYPED), ("token", "spoilt")])
    person.opens("/en/nowhere?name=Qzxname")
    person.opens("/en/interest?email=qzxmail%40example.org")
    reference = person.tells_the_site(**TYPED)
    server.wait_until_moved()
    server.expect("backup", "--out", str(tmp_path / "all.screener"))
    opened = tmp_path / "opened"
    opened.mkdir()
    out = opened / "interest.csv"
    server.expect("export", "--profile", "spreadsheet", "--purpose", "test", "--out", str(out))

    assert {word for _, word in found_in(opened)} >= {"Qzxname", "Wvkcanary", "qzxphone", "qzxmail", "qzxaccess"}
    assert {name for name, _ in found_in(opened)} == {out.name}
    assert found_in(server.data) == set()

    out.unlink()
    server.expect("erase", reference, "--reason", "on request")
    assert found_in(tmp_path) == set()


def test_nothing_is_left_in_the_bytes_of_postgresql_and_its_journal(
    postgres_deployment: Settings, postgres: Postgres, tmp_path: Path
) -> None:
    app = create_public_app(postgres_deployment)
    received = PublicClient(app).tells(**TYPED)
    Worker(postgres_deployment).run_once()
    write_backup_archive(
        postgres_deployment, tmp_path / "all.screener", account="ada", passphrase=None, step=lambda _: None
    )
    erase_by_reference(postgres_deployment, received.reference, reason="on request", actor="ada")
    with writing(connect(postgres_deployment.store, may="write")) as connection:
        connection.exec_driver_sql("CREATE TABLE plain AS SELECT 'Qzxplainly' AS said")
    postgres.run("CHECKPOINT")
    app.extensions["screener.intake"].close()

    assert {word for _, word in found_in(postgres.folder, (*WORDS, "Qzxplainly"))} == {"Qzxplainly"}
    assert found_in(tmp_path) == set()


def test_what_staff_read_and_write_lies_open_nowhere(
    any_deployment: Settings, postgres: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A note, an export and a letter on top: what is in them stands where it was asked for, and nowhere else."""
    caplog.set_level(logging.DEBUG)
    public = create_public_app(any_deployment)
    reference = PublicClient(public).tells(**TYPED).reference
    house = DeskApp(any_deployment)
    ada = house.hires("Ada Coordinator")
    Worker(any_deployment).run_once()

    ada.does(reference, "attempt", happened="call:no_answer", days="1", note=f"{NOTED} on the line")
    ada.posts(ada.opens("/queue"), "find", reference=NOTED)
    shown = ada.does(reference, "answers").text
    page = ada.opens("/export")
    archive = ada.client.post("/export", data={**page.filled("export"), "purpose": "test"}, buffered=True).data
    opened = tmp_path / "opened.zip"
    opened.write_bytes(archive)

    assert [word for word in (*WORDS, NOTED) if word not in shown] == ["5550173"]
    assert "Qzxname" in {word for name, word in found_in(tmp_path) if name.startswith("opened.zip/")}
    opened.unlink()
    public.extensions["screener.intake"].close()
    house.close()
    postgres.run("CHECKPOINT")
    assert len(list(any_deployment.email_folder.glob("*.eml"))) == 1
    for folder in (any_deployment.data, postgres.folder):
        assert found_in(folder, (*WORDS, NOTED)) == set()
    assert [word for word in (*WORDS, NOTED) if word in caplog.text] == []

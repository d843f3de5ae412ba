"""What people sent leaves the desk in one archive: for a purpose, after a fresh proof, said before and after."""

import io
import json
import os
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from werkzeug.test import TestResponse

from screener import clock
from screener.auth import sessions
from screener.db import writing
from screener.export import to_zip
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.server import BIN

PURPOSE = "first calls, week 48"


def sent(person: DeskUser, purpose: str = PURPOSE) -> TestResponse:
    """The answer to the button of the export page."""
    page = person.opens("/export")
    return person.client.post("/export", data={**page.filled("export"), "purpose": purpose}, buffered=True)


def archive(answer: TestResponse) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(answer.data))


def exports(house: DeskApp) -> list[Any]:
    return house.trail(start="desk:export:")


def test_the_archive_is_what_the_command_line_writes(any_house: DeskApp, tmp_path: Path) -> None:
    files = tmp_path / "files"
    ada = any_house.hires("Ada Coordinator")
    for name in ("Bo Example", "=cmd|' /C calc'!A0", "Chi Example"):
        any_house.receives({"name_pref": name})

    answer = sent(ada)
    archive(answer).extractall(files)

    assert answer.headers["Content-Disposition"] == 'attachment; filename="interest-2026-11-24-0400.zip"'
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/zip", "no-store")
    (file,) = (path for path in files.iterdir() if path.name.count(".") == 1)
    assert len(list(files.iterdir())) == 3
    settings = any_house.room.settings
    environment = {**os.environ, "SCREENER_DATA": str(settings.data), "SCREENER_DATABASE_URL": settings.database_url}
    command = [str(BIN / "screener"), "verify-export", str(file)]
    checked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert checked.stdout.startswith("whole and genuine\n3 submissions"), checked
    text = file.read_bytes().decode("utf-8-sig")
    assert "Bo Example" in text
    assert "\"'=cmd|' /C calc'!A0\"" in text


def test_the_trail_says_it_before_and_after(house: DeskApp, ada: DeskUser) -> None:
    house.receives()

    answer = sent(ada)

    started, finished = exports(house)
    assert (started["action"], started["actor"]) == ("desk:export:started", ada.email)
    assert started["detail"]["purpose"] == PURPOSE
    assert (finished["action"], finished["detail"]["rows"]) == ("desk:export:finished", 1)
    names = archive(answer).namelist()
    manifest = json.loads(archive(answer).read(names[2]))
    assert (manifest["purpose"], manifest["account"], manifest["rows"]) == (PURPOSE, ada.email, 1)
    page = ada.opens("/export").text
    assert f"{ada.email} {PURPOSE} 1 Complete" in page


def test_it_is_sent_while_it_is_made(house: DeskApp, ada: DeskUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_zip, "CHUNK_BYTES", 1)
    for _ in range(5):
        house.receives()
    page = ada.opens("/export")

    answer = ada.client.post("/export", data={**page.filled("export"), "purpose": PURPOSE}, buffered=False)
    pieces = answer.iter_encoded()
    next(iter(pieces))

    assert [event["action"] for event in exports(house)] == ["desk:export:started"]
    assert b"".join(pieces)
    assert [event["action"] for event in exports(house)] == ["desk:export:started", "desk:export:finished"]


def test_a_download_that_was_cut_does_not_open_and_is_in_the_trail(
    house: DeskApp, ada: DeskUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_zip, "CHUNK_BYTES", 1)
    house.receives()
    page = ada.opens("/export")

    answer = ada.client.post("/export", data={**page.filled("export"), "purpose": PURPOSE}, buffered=False)
    begun = next(iter(answer.iter_encoded()))
    answer.close()

    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(begun))
    assert [event["action"] for event in exports(house)] == ["desk:export:started", "desk:export:failed"]
    assert exports(house)[1]["detail"]["why"] == "GeneratorExit"
    assert "None Cut short: the file is not complete" in ada.opens("/export").text


def test_nothing_is_sent_that_the_trail_cannot_take(house: DeskApp, ada: DeskUser) -> None:
    house.receives()
    page = ada.opens("/export")
    with writing(house.room.store) as connection:
        connection.execute(
            sa.text("CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no'); END")
        )

    answer = ada.client.post("/export", data={**page.filled("export"), "purpose": PURPOSE})

    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "Nothing that was saved before is lost" in answer.text


@pytest.mark.parametrize("purpose", ["", "   ", "two\nlines", "x" * 501, "bell\x07"])
def test_a_purpose_is_asked_for_and_comes_back_as_it_was_typed(house: DeskApp, ada: DeskUser, purpose: str) -> None:
    answer = sent(ada, purpose)

    assert answer.status_code == 422
    assert "Say in one line of at most 500 characters what the file is for." in answer.text
    assert exports(house) == []


def test_a_fresh_proof_is_asked_for(house: DeskApp, ada: DeskUser) -> None:
    page = ada.opens("/export")

    with time_machine.travel(clock.now() + sessions.FRESH_SIGN_IN_AGE + timedelta(seconds=1), tick=False):
        assert ada.opens("/export").status == 403
        answer = ada.client.post("/export", data={**page.filled("export"), "purpose": PURPOSE})

    assert (answer.status_code, "Confirm that it is you" in answer.text) == (403, True)
    assert PURPOSE in answer.text
    assert exports(house) == []


def test_a_missing_key_is_said_before_and_the_rest_is_there(house: DeskApp, ada: DeskUser) -> None:
    house.receives()
    object.__setattr__(house.room.private_keys, "answers", ())

    assert "The private key for the answers is not on this machine" in ada.opens("/export").text
    opened = archive(sent(ada))

    assert json.loads(opened.read(opened.namelist()[2]))["unreadable"] == 1


def test_an_erased_form_has_no_row(house: DeskApp, ada: DeskUser) -> None:
    house.receives({"name_pref": "Bo Example"})
    gone = house.receives({"name_pref": "Gone Example"})
    ada.does(gone, "erase", reason="on_request")

    opened = archive(sent(ada))
    name = opened.namelist()[0]

    assert b"Gone Example" not in opened.read(name)
    assert json.loads(opened.read(f"{name}.manifest.json"))["erased"] == 1


def test_an_administrator_and_a_stranger_get_nothing(house: DeskApp) -> None:
    root = house.hires("Root Example", roles="administrator")

    for browser, status in ((root.client, 403), (house.app.test_client(), 401)):
        assert browser.get("/export").status_code == status
    assert exports(house) == []

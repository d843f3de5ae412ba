"""An export is said before and after, proven by its manifest, and leaves no half file."""

import errno
import hashlib
import json
import os
import resource
from typing import Any

import pytest
import sqlalchemy as sa

from screener import audit
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.os_user import read_os_user
from tests.export.staff import Staff


def test_the_manifest_tells_the_truth(any_staff: Staff) -> None:
    any_staff.keeps_people("Ada Example", "Grace Example")

    any_staff.exports(purpose="first calls, week 45")

    data = any_staff.out.read_bytes()
    manifest = json.loads(any_staff.manifest_path.read_text())
    assert manifest["format"] == "screener-export/1"
    assert (manifest["rows"], manifest["bytes"]) == (2, len(data))
    assert manifest["sha256"] == hashlib.sha256(data).hexdigest()
    assert (manifest["purpose"], manifest["account"], manifest["filter"]) == ("first calls, week 45", "grace", "none")
    assert manifest["wording_versions"] == {"a" * 64: 2}
    assert manifest["columns"] == list(any_staff.rows()[0])
    assert manifest["codebook"]["sha256"] == hashlib.sha256(any_staff.codebook_path.read_bytes()).hexdigest()
    assert manifest["started_at"] <= manifest["finished_at"]


def test_the_files_belong_to_their_owner_only(staff: Staff) -> None:
    staff.exports()

    assert sorted(os.listdir(staff.files)) == [
        "interest.csv",
        "interest.csv.codebook.csv",
        "interest.csv.manifest.json",
    ]
    assert {path.stat().st_mode & 0o777 for path in staff.files.iterdir()} == {0o600}


def test_the_trail_says_who_exports_what_for_before_and_after(any_staff: Staff) -> None:
    any_staff.keeps_people("Ada Example")

    any_staff.exports(purpose="first calls")

    started, finished = any_staff.events()
    assert (started["action"], started["actor"]) == ("cli:export:started", "grace")
    purpose = {"profile": "spreadsheet", "purpose": "first calls", "file": "interest.csv"}
    assert started["detail"] == {**purpose, "os_user": read_os_user()}
    assert finished["action"] == "cli:export:finished"
    assert finished["subject"] == hashlib.sha256(any_staff.manifest_path.read_bytes()).hexdigest()
    assert finished["detail"]["rows"] == 1
    assert finished["detail"]["started"] == started["hash"] == any_staff.manifest().audit_head


def test_the_trail_has_it_before_the_first_byte(staff: Staff) -> None:
    staff.keeps_people("Ada Example")
    seen: list[Any] = []

    def look(_: int) -> None:
        seen.extend((staff.events()[-1]["action"], os.listdir(staff.files)))

    staff.exports(step=look)

    assert seen == ["cli:export:started", []]


def test_nothing_is_exported_that_the_trail_cannot_take(staff: Staff) -> None:
    staff.keeps_people("Ada Example")
    with writing(staff.store) as connection:
        connection.execute(
            sa.text("CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no'); END")
        )

    with pytest.raises((UserError, sa.exc.IntegrityError)):
        staff.exports()

    assert os.listdir(staff.files) == []


def test_without_the_last_word_of_the_trail_there_is_no_file(staff: Staff) -> None:
    staff.keeps_people("Ada Example")
    trigger = (
        "CREATE TRIGGER full BEFORE INSERT ON audit_event WHEN NEW.action = 'cli:export:finished' "
        "BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with writing(staff.store) as connection:
        connection.execute(sa.text(trigger))

    with pytest.raises((UserError, sa.exc.IntegrityError)):
        staff.exports()

    assert os.listdir(staff.files) == []
    assert [event["action"] for event in staff.events()] == ["cli:export:started", "cli:export:failed"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (KeyboardInterrupt(), "was stopped; no file was written"),
        (OSError(errno.ENOSPC, "full"), "The disk is full: .* was not written"),
        (PermissionError(errno.EACCES, "no"), r"cannot be written by this user \(EACCES\)"),
    ],
)
def test_what_goes_wrong_in_the_middle_leaves_no_file_and_is_said(
    staff: Staff, fault: BaseException, sentence: str
) -> None:
    staff.keeps_people("Ada Example")

    def fail(_: int) -> None:
        raise fault

    with pytest.raises(UserError, match=sentence):
        staff.exports(step=fail)

    assert os.listdir(staff.files) == []
    failed = staff.events()[-1]
    assert (failed["action"], failed["detail"]["why"]) == ("cli:export:failed", "UserError")


def test_a_file_that_grows_past_what_the_system_takes_is_no_half_file(staff: Staff) -> None:
    staff.keeps_people(*(f"Example {number}" for number in range(700)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def forbid(_: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))

    try:
        with pytest.raises(UserError, match="disk is full"):
            staff.exports(step=forbid)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert os.listdir(staff.files) == []


def test_an_existing_file_is_never_replaced(staff: Staff) -> None:
    staff.out.write_text("older")

    with pytest.raises(UserError, match="choose another place with --out"):
        staff.exports()

    assert staff.out.read_text() == "older"
    assert os.listdir(staff.files) == ["interest.csv"]


@pytest.mark.parametrize("companion", ["manifest.json", "codebook.csv"])
def test_nor_are_its_companions(staff: Staff, companion: str) -> None:
    (staff.files / f"interest.csv.{companion}").write_text("older")

    with pytest.raises(UserError, match=f"{companion} is already there"):
        staff.exports()

    assert os.listdir(staff.files) == [f"interest.csv.{companion}"]


def test_a_name_that_is_taken_at_the_last_moment_leaves_no_companions(staff: Staff) -> None:
    staff.keeps_people("Ada Example")

    with pytest.raises(UserError, match="csv is already there"):
        staff.exports(step=lambda one: staff.out.write_text("theirs"))

    assert os.listdir(staff.files) == ["interest.csv"]
    assert staff.events()[-1]["action"] == "cli:export:failed"


@pytest.mark.parametrize("purpose", ["", "  ", "two\nlines", "x" * 501])
def test_a_purpose_is_one_line_that_says_something(staff: Staff, purpose: str) -> None:
    with pytest.raises(UserError, match="--purpose"):
        staff.exports(purpose=purpose)

    assert staff.events() == []


def test_what_arrives_during_an_export_waits_for_the_next(any_staff: Staff) -> None:
    any_staff.keeps_people("Ada Example")

    manifest = any_staff.exports(step=lambda one: any_staff.keeps_people("Late Example"))

    assert manifest.rows == 1
    assert any_staff.export_anew().rows == 2


def test_the_trail_stays_whole(any_staff: Staff) -> None:
    any_staff.exports()

    with reading(any_staff.store) as connection:
        assert audit.verify(connection).whole

"""A changed file is found out, and the first row that is not as it was is named."""

from collections.abc import Callable

import pytest

from screener import audit
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.export.csv_file import split_csv_rows
from screener.export.provenance import find_provenance_fault
from screener.export.verify import verify_file
from tests.export.staff import Staff
from tests.support.submissions import ADA
from tests.support.submissions import ADAS_ANSWERS

#: Six people: with the names of the columns, the file has seven rows.
NAMES = ("Ada", "Bea", "Cleo", "Dora", "Eve", "Fay")


@pytest.fixture
def exported(staff: Staff) -> Staff:
    """An export of six people, one of whom typed a line break and quotes."""
    staff.keeps_people(*NAMES[:3])
    staff.keeps(staff.seal({**ADA, "name_pref": 'Dora "\r\n" Example'}, ADAS_ANSWERS))
    staff.keeps_people(*NAMES[4:])
    staff.exports()
    return staff


def swapped(rows: list[bytes]) -> bytes:
    rows[2], rows[4] = rows[4], rows[2]
    return b"".join(rows)


CHANGES: dict[str, tuple[Callable[[list[bytes]], bytes], str]] = {
    "cut between rows": (lambda rows: b"".join(rows[:4]), "cut at row 5"),
    "cut after the names of the columns": (lambda rows: rows[0], "cut at row 2"),
    "cut in a row": (lambda rows: b"".join(rows[:4]) + rows[4][:70], "cut at row 5"),
    "cut in the last line end": (lambda rows: b"".join(rows)[:-1], "cut at row 7"),
    "cut to nothing": (lambda rows: b"", "cut at row 1"),
    "cut in the byte order mark": (lambda rows: rows[0][:2], "cut at row 1"),
    "a byte altered": (lambda rows: b"".join(rows).replace(b"Cleo", b"Clea"), "altered at row 4"),
    "a row break in a cell altered": (lambda rows: b"".join(rows).replace(b'""\r\n""', b'""\n""'), "altered at row 5"),
    "a quote added": (lambda rows: b"".join(rows).replace(b"Bea", b'B"a'), "altered at row 3"),
    "a quote taken away": (lambda rows: b"".join(rows).replace(b'"Bea"', b'Bea"'), "altered at row 3"),
    "two rows swapped": (swapped, "altered at row 3"),
    "a row taken out": (lambda rows: b"".join(rows[:3] + rows[4:]), "altered at row 4"),
    "a row put in": (lambda rows: b"".join([*rows[:3], rows[1], *rows[3:]]), "altered at row 4"),
    "rows added": (lambda rows: b"".join([*rows, rows[1], rows[2]]), "rows added after row 7"),
    "something added": (lambda rows: b"".join(rows) + b"\x00", "rows added after row 7"),
    "the mark taken away": (lambda rows: b"".join(rows)[3:], "altered at row 1"),
    "saved again without quotes": (lambda rows: b"".join(rows).replace(b'"', b""), "altered at row 1"),
    "saved again with other line ends": (lambda rows: b"".join(rows).replace(b"\r\n", b"\n"), "altered at row 1"),
    "saved again with old line ends": (lambda rows: b"".join(rows).replace(b"\r\n", b"\r"), "altered at row 1"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_named_with_its_row(exported: Staff, name: str) -> None:
    change, expected = CHANGES[name]
    with exported.out.open("rb") as file:
        changed = change(list(split_csv_rows(file)))
    assert changed != exported.out.read_bytes()

    exported.out.write_bytes(changed)

    sentence = verify_file(exported.out).sentence
    assert sentence.split(".")[0] == expected
    assert ("Spreadsheet programs" in sentence) == (expected == "altered at row 1")


def test_no_byte_can_be_changed_unseen(exported: Staff) -> None:
    data = exported.out.read_bytes()
    assert verify_file(exported.out).sentence == "whole"

    for place in range(0, len(data), 97):
        exported.out.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert verify_file(exported.out).sentence.startswith(("altered at row", "cut at row"))


def test_no_cut_goes_unseen(exported: Staff) -> None:
    data = exported.out.read_bytes()

    for end in range(0, len(data), 41):
        exported.out.write_bytes(data[:end])
        assert verify_file(exported.out).sentence.startswith("cut at row")


def test_a_codebook_with_other_meanings_is_found_out(exported: Staff) -> None:
    exported.codebook_path.write_bytes(exported.codebook_path.read_bytes().replace(b"Four or more", b"None"))

    assert "codebook" in verify_file(exported.out).sentence


def test_a_file_needs_only_its_manifest(exported: Staff) -> None:
    exported.codebook_path.unlink()

    assert verify_file(exported.out).sentence == "whole"


def broken_manifests(text: str) -> list[str]:
    return [
        "",
        "{",
        "[]",
        text[: len(text) // 2],
        text.replace('"rows": 6', '"rows": 5'),
        text.replace('"note"', '"nota"'),
    ]


def test_a_manifest_that_is_missing_or_none_is_a_problem(exported: Staff) -> None:
    for broken in broken_manifests(exported.manifest_path.read_text()):
        exported.manifest_path.write_text(broken)
        with pytest.raises(UserError, match="manifest"):
            verify_file(exported.out)

    exported.manifest_path.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        verify_file(exported.out)


def test_a_file_that_is_missing_is_a_problem(exported: Staff) -> None:
    exported.out.unlink()

    with pytest.raises(UserError, match="cannot be read"):
        verify_file(exported.out)


def test_a_manifest_whose_hash_was_altered_contradicts_its_rows(exported: Staff) -> None:
    manifest = exported.manifest()
    text = exported.manifest_path.read_text()
    exported.manifest_path.write_text(text.replace(manifest.sha256, "0" * 64))

    with pytest.raises(UserError, match="contradicts itself"):
        verify_file(exported.out)


def test_the_store_vouches_for_the_manifest_that_it_wrote(any_staff: Staff) -> None:
    any_staff.keeps_people("Ada Example")
    any_staff.exports()

    found = verify_file(any_staff.out)
    named = found.manifest_sha256, found.manifest.audit_head

    assert find_provenance_fault(any_staff.store, *named) == ""
    assert find_provenance_fault(connect(any_staff.settings.store, may="read"), *named) == ""


def test_a_trail_that_was_cut_before_an_export_and_written_anew_vouches_for_nothing(exported: Staff) -> None:
    """An attack: the manifest's own event is written again, at the end of a chain without what it does not like."""
    found = verify_file(exported.out)

    exported.tampers_with_trail("DELETE FROM audit_event")
    with writing(exported.store) as connection:
        audit.record(connection, actor="eve", action="cli:export:finished", subject=found.manifest_sha256)

    with reading(exported.store) as connection:
        assert audit.verify(connection).whole
    reason = find_provenance_fault(exported.store, found.manifest_sha256, found.manifest.audit_head)
    assert "the event that the anchor names is not in the trail" in reason


def test_a_manifest_that_was_changed_is_whole_and_proves_nothing(exported: Staff) -> None:
    text = exported.manifest_path.read_text()
    exported.manifest_path.write_text(text.replace("first calls", "newsletter"))

    finding = verify_file(exported.out)

    assert finding.sentence == "whole"
    assert "knows no such manifest" in find_provenance_fault(exported.store, finding.manifest_sha256, audit.START)


@pytest.mark.parametrize("text", ["two\\nlines", "\\u001b[31mred"])
def test_a_manifest_that_would_steer_a_terminal_is_none(exported: Staff, text: str) -> None:
    manifest = exported.manifest_path.read_text()
    exported.manifest_path.write_text(manifest.replace("first calls", text))

    with pytest.raises(UserError, match="manifest"):
        verify_file(exported.out)


def test_another_deployment_vouches_for_nothing_of_ours(exported: Staff, stranger: Staff) -> None:
    sha256 = verify_file(exported.out).manifest_sha256

    assert "knows no such manifest" in find_provenance_fault(stranger.store, sha256, audit.START)


def test_without_a_store_nothing_is_proven(exported: Staff) -> None:
    nowhere = connect("sqlite:////nowhere/store.db", may="read")

    assert find_provenance_fault(nowhere, "0" * 64, audit.START) == "no store is at hand"


def test_a_trail_that_was_tampered_with_vouches_for_nothing(exported: Staff) -> None:
    found = verify_file(exported.out)
    exported.tampers_with_trail()

    assert "is broken" in find_provenance_fault(exported.store, found.manifest_sha256, found.manifest.audit_head)

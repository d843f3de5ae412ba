"""Who is in the file: everyone who was not erased, in order of arrival, whatever can be opened of them."""

from pathlib import Path

import pytest

from screener.db import writing
from screener.export.columns import ENVELOPE
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.queries import find_submissions
from screener.follow_up.service import Edit
from screener.sealing.seal import load_public_keys
from tests.export.staff import BEGAN
from tests.export.staff import Staff
from tests.support.submissions import ADA
from tests.support.submissions import ADAS_ANSWERS


def test_the_order_of_arrival_is_the_only_order(any_staff: Staff) -> None:
    late = any_staff.seal({**ADA, "name_pref": "Late but first"}, ADAS_ANSWERS, minute=900)
    early = any_staff.seal({**ADA, "name_pref": "Early but second"}, ADAS_ANSWERS, minute=1)
    any_staff.keeps(late, early)

    any_staff.exports()

    assert [(row["arrival"], row["name_pref"]) for row in any_staff.rows()] == [
        ("1", "Late but first"),
        ("2", "Early but second"),
    ]


@pytest.mark.slow
def test_more_people_than_one_batch_are_all_there_once(any_staff: Staff) -> None:
    any_staff.keeps_people(*(f"Example {number}" for number in range(703)))

    manifest = any_staff.exports()

    assert [row["name_pref"] for row in any_staff.rows()] == [f"Example {number}" for number in range(703)]
    assert manifest.rows == 703


def test_an_erased_submission_has_no_row_and_is_counted(any_staff: Staff) -> None:
    any_staff.keeps_people("Ada Example", "Erased Example", "Grace Example")
    any_staff.exports()
    reference = any_staff.rows()[1]["reference"]
    with writing(any_staff.store) as connection:
        (kept,) = find_submissions(connection, reference)
        erase_on_request(connection, Edit(kept.envelope.id, kept.version, "cli", BEGAN))

    manifest = any_staff.export_anew()

    assert [row["name_pref"] for row in any_staff.rows()] == ["Ada Example", "Grace Example"]
    assert (manifest.rows, manifest.erased) == (2, 1)
    assert reference.encode() not in any_staff.out.read_bytes()


def swap_key(folder: Path, compartment: str, other: Path) -> None:
    """Put a key of another deployment in place of this one's."""
    (folder / f"{compartment}.private").write_bytes((other / f"{compartment}.private").read_bytes())


def test_a_box_whose_key_is_gone_leaves_its_row_with_what_is_known(staff: Staff, stranger: Staff) -> None:
    staff.keeps_people("Ada Example", "Grace Example")
    swap_key(staff.settings.private_keys, "contact", stranger.settings.private_keys)

    manifest = staff.exports()

    first, second = staff.rows()
    assert (first["unreadable"], first["name_pref"], first["ad_tried"]) == ("contact", "", "4")
    assert second["arrival"] == "2"
    assert manifest.unreadable == 2


def test_when_both_keys_are_gone_the_envelope_is_still_there(staff: Staff, stranger: Staff) -> None:
    staff.keeps_people("Ada Example")
    for compartment in ("contact", "answers"):
        swap_key(staff.settings.private_keys, compartment, stranger.settings.private_keys)

    staff.exports()

    (row,) = staff.rows()
    assert row["unreadable"] == "both"
    assert not any(cell for name, cell in row.items() if name not in ENVELOPE)
    assert all(row[name] for name in ENVELOPE)


def test_boxes_that_were_swapped_between_two_people_do_not_open(staff: Staff) -> None:
    ada, grace = (staff.seal({**ADA, "name_pref": name}, ADAS_ANSWERS) for name in ("Ada Example", "Grace Example"))
    staff.keeps(type(ada)(ada.envelope, grace.contact, ada.answers), grace)

    staff.exports()

    assert [(row["unreadable"], row["name_pref"]) for row in staff.rows()] == [("contact", ""), ("", "Grace Example")]


def test_each_submission_is_heard_as_it_passes(staff: Staff) -> None:
    staff.keeps_people("Ada Example", "Grace Example")
    heard: list[int] = []

    staff.exports(step=heard.append)

    assert heard == [1, 1]


def test_the_keys_of_this_file_are_those_of_its_deployment(staff: Staff, stranger: Staff) -> None:
    ours, theirs = (load_public_keys(each.settings.public_keys) for each in (staff, stranger))

    assert ours.contact.key_id != theirs.contact.key_id

"""Every answer has its place, exactly as it was sent; and there is no place for anything else."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from screener.db import writing
from screener.study.approved_content import canonical_json
from screener.study.contact_fields import CONTACT_FIELDS
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.submissions.payload import FieldValue
from screener.submissions.writes import save_wording
from tests.export.staff import BEGAN
from tests.export.staff import Staff
from tests.support.submissions import ADA
from tests.support.submissions import ADAS_ANSWERS

ENVELOPE = [
    "reference",
    "arrival",
    "received_at",
    "locale",
    "wording_version",
    "source",
    "suspected_spam",
    "state",
    "unreadable",
]
TYPED = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "=1+1",
        "'",
        "''=x",
        '"',
        '";"',
        "+1 415 555 0100",
        "🙂",
        "\u202eadA",
        "أدا",
        "{{7*7}}",
        "00012345",
        "1e309",
        "MAR1",
    ]
)
CONTACT_VALUES = st.fixed_dictionaries(
    {
        each.id: st.lists(st.sampled_from(each.codes), unique=True).map(lambda found: tuple(sorted(found)))
        if each.kind == "choices"
        else st.sampled_from(("", *each.codes))
        if each.codes
        else TYPED
        for each in CONTACT_FIELDS
        if each.id != "future_ok"
    }
)


def read_back(row: dict[str, str], sent: dict[str, FieldValue]) -> dict[str, FieldValue]:
    """What was sent, made from nothing but the cells of its row."""
    values: dict[str, FieldValue] = {}
    for field, value in sent.items():
        ticked = [
            name.partition("___")[2] for name, cell in row.items() if name.startswith(f"{field}___") and cell == "1"
        ]
        values[field] = tuple(ticked) if isinstance(value, tuple) else row[field]
    return values


@pytest.mark.slow
@given_settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CONTACT_VALUES, min_size=4, max_size=20))
def test_what_was_sent_can_be_read_back_exactly(staff: Staff, sent: list[dict[str, FieldValue]]) -> None:
    before = staff.arrivals()
    staff.keeps(*(staff.seal(contact, ADAS_ANSWERS) for contact in sent))

    staff.export_anew()

    rows = staff.rows()[before:]
    assert [read_back(row, contact) for row, contact in zip(rows, sent, strict=True)] == sent


def test_the_columns_are_the_envelope_and_the_fields_of_the_form_and_no_other(staff: Staff) -> None:
    manifest = staff.exports()

    study = load_study(staff.settings.study)
    fields = dict.fromkeys(name.partition("___")[0] for name in manifest.columns[len(ENVELOPE) : -1])
    on_the_form = [each.id for each in CONTACT_FIELDS if each.id != "future_ok"] + [each.id for each in study.asked]
    assert list(manifest.columns[: len(ENVELOPE)]) == ENVELOPE
    assert list(fields) == on_the_form
    assert manifest.columns[-1] == "unlisted"


def test_each_code_of_a_question_with_several_answers_has_its_own_column(staff: Staff) -> None:
    staff.keeps(staff.seal(ADA, ADAS_ANSWERS), staff.seal(ADA, {**ADAS_ANSWERS, "tx_had": ()}))

    staff.exports()

    ada, blank = ([row[f"tx_had___{code}"] for code in ("1", "2", "3", "0", "8", "9")] for row in staff.rows())
    assert ada == ["1", "0", "0", "1", "1", "0"]
    assert blank == [""] * 6


def test_codes_stay_as_they_were_sent(staff: Staff) -> None:
    staff.keeps(staff.seal(ADA, ADAS_ANSWERS))

    staff.exports()

    (row,) = staff.rows()
    assert (row["age_years"], row["ad_tried"], row["dep_now"], row["travel_sf"]) == ("044", "4", "", "2")
    assert row["received_at"] == "2026-11-02T09:01:00Z"
    assert (row["suspected_spam"], row["state"], row["unreadable"], row["unlisted"]) == ("0", "new", "", "")


def older_content(staff: Staff) -> dict[str, Any]:
    """A wording as it was when the study asked one thing more, and offered one code more."""
    study = load_study(staff.settings.study)
    content: dict[str, Any] = json.loads(canonical_json(load_wording(staff.settings.study, study, "en").content))
    questions, words = content["study"]["questions"], content["wording"]["fields"]
    next(each for each in questions if each["id"] == "tx_had")["options"].append("5")
    words["tx_had"]["options"]["5"] = "Talk therapy"
    questions.insert(0, {"id": "heard_of", "kind": "choice", "options": ["1", "0"], "module": None})
    words["heard_of"] = {"label": "Had you heard of us?", "hint": "", "options": {"1": "Yes", "0": "No"}}
    return content


def test_answers_to_a_question_that_is_asked_no_longer_are_not_lost(staff: Staff) -> None:
    content = canonical_json(older_content(staff))
    with writing(staff.store) as connection:
        save_wording(connection, "b" * 64, "en", "nct05870540", content, BEGAN)
    staff.keeps(staff.seal(ADA, {**ADAS_ANSWERS, "heard_of": "0", "tx_had": ("5",)}, wording="b" * 64))
    staff.keeps(staff.seal(ADA, ADAS_ANSWERS))

    manifest = staff.exports()

    then, today = staff.rows()
    assert (then["heard_of"], then["tx_had___5"], then["tx_had___1"]) == ("0", "1", "0")
    assert (today["heard_of"], today["tx_had___5"]) == ("", "0")
    assert manifest.columns.index("tx_had___5") == manifest.columns.index("tx_had___9") + 1
    assert manifest.unlisted == 0
    assert ("heard_of", "Had you heard of us?", "1", "Yes") in staff.codebook()


def test_an_answer_that_no_wording_lists_is_not_lost_either(staff: Staff) -> None:
    staff.keeps_people("Noise Example")
    staff.keeps(
        staff.seal({**ADA, "pager": "=7"}, {**ADAS_ANSWERS, "unheard": ("1",), "tx_had": ("1", "77"), "empty": ""})
    )

    manifest = staff.exports()

    row = staff.rows()[1]
    assert json.loads(row["unlisted"]) == {
        "contact": {"pager": "=7"},
        "answers": {"unheard": ["1"], "tx_had": ["1", "77"]},
    }
    assert manifest.unlisted == 1


def test_the_codebook_says_what_codes_mean(staff: Staff) -> None:
    staff.exports()

    told = {(column, code): label for column, _, code, label in staff.codebook()}
    assert told["ad_tried", "4"] == "Four or more"
    assert told["tx_had___9", "1"] == "I'd rather talk about it"
    assert told["sms_ok", "0"]
    assert told["age_years", ""] == ""
    assert {column for column, _ in told} >= set(staff.manifest().columns)

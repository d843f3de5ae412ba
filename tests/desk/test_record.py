"""The record: discretion first, nothing of the answers before somebody asks, and every reading in the trail."""

import json
import re
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from screener.db import writing
from screener.errors import UnavailableError
from screener.sealing.open import private_key_path
from screener.settings import Settings
from screener.study.approved_content import canonical_json
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.submissions.models import Submission
from screener.submissions.opening import OpenedBox
from screener.submissions.opening import OpenedSubmission
from screener.submissions.writes import save_wording
from tests.desk.conftest import opened
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.submissions import NOON

AWAY: dict[str, str | tuple[str, ...]] = {
    "age_years": "16",
    "dep_told": "0",
    "dep_now": "0",
    "ad_tried": "0",
    "ad_now": "0",
    "tx_had": ("3",),
}
SCRIPT = "<script>alert(1)</script>\"'{{7*7}}"
LONG = "Wolfeschlegel" * 38 + "Berger"
HEBREW = "\u05e2\u05d3\u05d4 \u202e\u05d3\u05d5\u05d2\u05de\u05d4"


def keeps_wording(house: DeskApp, settings: Settings, *, label: str = "") -> str:
    """Keep the words of the study in the store, with one label changed, as the worker does; gives their version."""
    study = load_study(settings.study)
    words = load_wording(settings.study, study, "en")
    content = json.loads(canonical_json(words.content))
    if label:
        content["wording"]["fields"]["dep_told"]["label"] = label
    version = ("b" if label else "a") * 64
    with writing(house.room.store) as connection:
        save_wording(connection, version, "en", study.id, canonical_json(content), NOON)
    return version


def test_it_reads_in_the_order_of_a_call(house: DeskApp, ada: DeskUser) -> None:
    page = ada.record(house.receives({"voicemail": "1", "time_zone": "4", "when_call": ("1", "4")}))

    headings = [heading.get_text(strip=True) for heading in page.soup.select("main h2")]
    assert headings[:5] == [
        "Before you call",
        "Contact",
        "Answers",
        "History",
        "Update this follow-up",
    ]
    assert "with your name and number only" in page.text
    assert "weekday mornings (8 to 12), weekends" in page.text
    assert "It is now 7:00 AM EST for them (Eastern time)." in page.text


@pytest.mark.parametrize(
    ("contact", "links"),
    [
        ({"sms_ok": "1"}, ["tel:+14155550100", "sms:+14155550100", "mailto:ada@example.org"]),
        ({"sms_ok": "0"}, ["tel:+14155550100", "mailto:ada@example.org"]),
        ({"phone": ""}, ["mailto:ada@example.org"]),
        ({"email": "", "phone": "(415) 555\u20110100"}, ["tel:4155550100"]),
        ({"phone": "ask for Ada", "sms_ok": "1"}, ["mailto:ada@example.org"]),
        ({"phone": "1;phone-context=x", "email": "no address"}, []),
        (
            {"email": "a@example.org?cc=b@example.org&body=x"},
            ["tel:+14155550100", "mailto:a@example.org%3Fcc%3Db@example.org%26body%3Dx"],
        ),
        ({"email": "a@example.org\r\nBcc:b"}, ["tel:+14155550100", "mailto:a@example.org%0D%0ABcc%3Ab"]),
    ],
)
def test_links_are_made_only_from_what_may_be_used(
    house: DeskApp, ada: DeskUser, contact: dict[str, str], links: list[str]
) -> None:
    page = ada.record(house.receives(contact))

    assert [*page.links("tel:"), *page.links("sms:"), *page.links("mailto:")] == links


def test_opening_is_in_the_trail_before_a_box_is_touched(
    house: DeskApp, ada: DeskUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = house.receives()
    seen = []

    def watched(*_: object, **__: object) -> OpenedSubmission:
        seen.append([(event["actor"], event["action"], event["subject"]) for event in house.trail()])
        return OpenedSubmission(OpenedBox(error="not now"), None)

    monkeypatch.setattr("screener.desk.record.open_submission", watched)
    ada.record(reference)

    assert seen == [[(ada.email, "desk:record:opened", reference)]]


def test_nothing_is_opened_when_the_trail_cannot_be_written(
    house: DeskApp, ada: DeskUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = house.receives()

    def full(*_: object, **__: object) -> None:
        raise UnavailableError("The database cannot be used now (SQLITE_FULL).")

    monkeypatch.setattr("screener.audit.record", full)
    page = ada.record(reference)

    assert page.status == 503
    assert "Ada Example" not in page.answer.text


def test_the_first_opening_is_kept_and_unopened_records_are_marked(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()
    assert "Not opened" in ada.opens("/queue").text

    ada.record(reference)
    first = house.follow_up(reference).opened_at
    ada.record(reference)

    assert house.follow_up(reference).opened_at == first is not None
    assert house.follow_up(reference).version == 1
    assert "Not opened" not in ada.opens("/queue").text


def test_answers_are_shown_on_request_and_that_is_in_the_trail(
    house: DeskApp, ada: DeskUser, deployment: Settings
) -> None:
    reference = house.receives(wording=keeps_wording(house, deployment))
    before = ada.record(reference)
    assert "044" not in before.answer.text

    page = ada.posts(before, "answers")

    assert page.status == 200
    shown = {
        row.dt.get_text(strip=True): [dd.get_text(strip=True) for dd in row.select("dd")]
        for row in page.soup.select(".asked > div")
    }
    assert len(shown) == 7
    assert ["044"] in shown.values()
    assert ["Left blank"] in shown.values()
    assert [event["action"] for event in house.trail()][-2:] == ["desk:record:opened", "desk:answers:shown"]
    assert "044" not in str(house.trail())


def test_the_words_are_those_that_the_person_saw(house: DeskApp, ada: DeskUser, deployment: Settings) -> None:
    keeps_wording(house, deployment)
    old = keeps_wording(house, deployment, label="An older question?")
    reference = house.receives(wording=old)

    page = ada.does(reference, "answers")

    assert "An older question?" in page.text


def test_answers_without_their_wording_stand_as_they_were_sent(house: DeskApp, ada: DeskUser) -> None:
    page = ada.does(house.receives(wording="f" * 64), "answers")

    assert "Age years 044" in page.text
    assert "Tx had 1 0 8" in page.text


@pytest.mark.slow
def test_two_records_that_differ_in_answers_are_the_same_until_they_are_shown(
    house: DeskApp, ada: DeskUser, deployment: Settings
) -> None:
    version = keeps_wording(house, deployment)
    through = house.receives(wording=version, at=NOON)
    away = house.receives(answers=AWAY, wording=version, at=NOON)

    def seen(reference: str, *deeds: str) -> str:
        pages = [ada.record(reference), *(ada.does(reference, deed) for deed in deeds)]
        pages.append(ada.does(reference, "attempt", happened="call:no_answer", days="1", note="tried"))
        pages.append(ada.does(reference, "move", state="study_team_not_continuing", decided_by="Dr. Example"))
        text = "\n".join(page.answer.text for page in pages).replace(reference, "REFERENCE")
        return re.sub(r'name="csrf_token" value="[^"]+"', "", text)

    assert seen(through, "claim", "undo") == seen(away, "claim", "undo")
    assert seen(through, "answers") != seen(away, "answers")


@pytest.mark.parametrize("hostile", [SCRIPT, LONG, HEBREW])
def test_whatever_was_typed_is_text_on_every_page(
    house: DeskApp, ada: DeskUser, deployment: Settings, hostile: str
) -> None:
    short = hostile[:60]
    contact = dict.fromkeys(("phone", "email", "access_text", "how_contact", "time_zone", "lang", "voicemail"), short)
    answers: dict[str, str | tuple[str, ...]] = {"age_years": hostile[:200], "dep_told": short, "tx_had": (short, "1")}
    reference = house.receives(
        {**contact, "name_pref": hostile, "when_call": (short,), "access": (short,)},
        answers,
        wording=keeps_wording(house, deployment),
    )
    pages = [
        ada.record(reference),
        ada.does(reference, "answers"),
        ada.does(reference, "note", note=hostile[:400]),
        ada.does(reference, "move", state=hostile, decided_by=hostile, other_reference=hostile),
        ada.does(reference, "attempt", happened=hostile, note=hostile, state=hostile, day=hostile, days=hostile),
        ada.opens(f"/queue?show={quote(hostile)}"),
    ]

    for page in pages:
        assert not page.soup.select("script:not([src])")
        assert "'49" not in page.text
    assert hostile in pages[0].soup.select_one(".name bdi").get_text()
    assert house.history(reference)[0].kind == "note"


@pytest.mark.parametrize(("lost", "kept"), [("contact", "044"), ("answers", "Ada Example")])
def test_a_missing_key_is_named_and_the_rest_works(deployment: Settings, lost: str, kept: str) -> None:
    path = private_key_path(deployment.private_keys, lost)
    path.rename(path.with_suffix(".away"))
    (house,) = houses = list(_opened(deployment))
    ada = house.hires("Ada Coordinator")
    reference = house.receives()

    page = ada.does(reference, "answers")
    assert page.status == 200
    missing = f"the private key {getattr(house.room.public_keys, lost).key_id} is missing on this machine"
    assert f"The sealed {lost} part cannot be opened: {missing}" in page.text
    assert kept in page.text
    noted = ada.does(reference, "note", note="Noted anyway")
    assert (noted.status, "Noted anyway" in noted.text) == (200, lost == "contact")
    assert "No answer" in ada.does(reference, "attempt", happened="call:no_answer").text
    for each in houses:
        each.room.close()


def _opened(settings: Settings) -> list[DeskApp]:
    return [next(opened(settings))]


def test_a_box_of_somebody_else_stays_shut_and_the_page_says_so(house: DeskApp, ada: DeskUser) -> None:
    mine, other = house.receives(), house.receives({"name_pref": "Somebody Else"})
    boxes = sa.select(Submission.contact_box).where(Submission.reference == other).scalar_subquery()
    with writing(house.room.store) as connection:
        connection.execute(sa.update(Submission).where(Submission.reference == mine).values(contact_box=boxes))

    page = ada.record(mine)

    assert "does not open" in page.text
    assert "Somebody Else" not in page.text


def test_a_record_has_one_address(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    for typed in (f"{reference}~", reference.replace("-", ""), f" {reference}"):
        answer = ada.client.get(f"/record/{typed}")
        assert (answer.status_code, answer.headers.get("Location")) == (303, f"/record/{reference}")
    assert house.trail() == []


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("2222-2222-2222-2", "No form has the reference"),
        ("2222-2222-2222-3", "typing error"),
        ("hello", "not a reference"),
    ],
)
def test_an_unknown_reference_gets_a_sentence_and_no_event(
    house: DeskApp, ada: DeskUser, reference: str, sentence: str
) -> None:
    page = ada.record(reference)

    assert (page.status, sentence in page.text) == (404, True)
    assert house.trail() == []


def test_of_two_with_one_reference_neither_is_opened(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives({"name_pref": "First"}, id_=b"\0" * 31 + b"\x09")
    twin = (9 + 23**12).to_bytes(32, "big")
    assert house.receives({"name_pref": "Second"}, id_=twin) == reference

    page = ada.record(reference)

    assert "Two forms have reference" in page.text
    assert "First" not in page.text
    assert house.trail() == []

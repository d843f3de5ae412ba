"""The study lead reads the trail: by reference, by person; every read is there, this one too."""

import pytest

from screener.desk import audit_views as trail
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser


@pytest.fixture
def lead(house: DeskApp) -> DeskUser:
    """The study lead."""
    return house.hires("Lea Lead", roles="study_lead")


def told(page: DeskPage) -> list[tuple[str, str, str]]:
    """Who, what and about what: each row of the page."""
    rows = page.soup.select(".ledger tbody tr")
    cells = [[" ".join(cell.get_text(" ").split()) for cell in row.select("td")] for row in rows]
    return [(who, what.partition(" (")[0], about) for _, who, what, about, _ in cells]


def test_every_read_of_one_submission_is_there(house: DeskApp, ada: DeskUser, grace: DeskUser, lead: DeskUser) -> None:
    one, other = house.receives(), house.receives()
    ada.does(one, "answers")
    grace.record(one)
    grace.record(other)

    page = lead.posts(lead.opens("/audit"), "audit", reference=one.lower().replace("-", " "))

    assert told(page) == [
        (grace.email, "Opened the record", one),
        (ada.email, "Viewed the answers", one),
        (ada.email, "Opened the record", one),
        (ada.email, "Opened the record", one),
    ]


def test_everything_that_one_person_did_is_there(
    house: DeskApp, ada: DeskUser, grace: DeskUser, lead: DeskUser
) -> None:
    reference = house.receives()
    ada.does(reference, "claim")
    grace.record(reference)

    page = lead.posts(lead.opens("/audit"), "audit", person=grace.email)

    assert told(page) == [(grace.email, "Opened the record", reference)]


def test_who_reads_the_trail_stands_in_it(house: DeskApp, lead: DeskUser) -> None:
    lead.opens("/audit")
    lead.opens("/audit?person=somebody@example.org")

    assert told(lead.opens("/audit")) == [(lead.email, "Viewed the audit trail", "")] * 2
    assert house.trail()[1]["detail"] == {"person": "somebody@example.org"}


def test_a_colleague_is_named_and_not_numbered(house: DeskApp, ada: DeskUser, grace: DeskUser, lead: DeskUser) -> None:
    reference = house.receives()
    ada.does(reference, "assign", to=grace.id)

    page = lead.opens("/audit")

    assert "To: Grace Coordinator" in page.text
    assert grace.id not in page.text


def test_the_way_leads_through_all_events_once(
    house: DeskApp, ada: DeskUser, lead: DeskUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "EVENTS_PER_PAGE", 3)
    reference = house.receives()
    for _ in range(7):
        ada.record(reference)

    page, seen = lead.opens(f"/audit?reference={reference}"), list[str]()
    while True:
        seen += [row.get_text(strip=True) for row in page.soup.select(".ledger tbody th")]
        more = page.soup.select_one(".more a")
        if more is None:
            break
        page = lead.opens(str(more["href"]))

    assert seen == ["7", "6", "5", "4", "3", "2", "1"]


@pytest.mark.parametrize(
    "asked",
    ["sort=at", "person=a&person=b", "before=0x", "before=-1", "before=99999999999", "before=", "reference=zzz"],
)
def test_what_is_not_known_is_a_sentence(house: DeskApp, lead: DeskUser, asked: str) -> None:
    page = lead.opens(f"/audit?{asked}")

    assert (page.status, page.text.startswith("Events not found")) == (400, True)


def test_a_reference_that_cannot_be_one_comes_back_as_it_was_typed(house: DeskApp, lead: DeskUser) -> None:
    page = lead.posts(lead.opens("/audit"), "audit", reference="<script>", person="ada@example.org")

    assert (page.status, page.filled("audit")["reference"]) == (422, "<script>")
    assert page.filled("audit")["person"] == "ada@example.org"
    assert "This is not a reference" in page.text


@pytest.mark.parametrize("roles", ["coordinator", "administrator"])
def test_it_is_for_the_study_lead_alone(house: DeskApp, roles: str) -> None:
    other = house.hires("Otto Other", roles=roles)

    assert other.opens("/audit").status == 403
    assert "Audit trail" not in other.opens("/account").text


def test_no_content_is_there(house: DeskApp, ada: DeskUser, lead: DeskUser) -> None:
    reference = house.receives({"name_pref": "Typed-Name"}, {"access_text": "Typed-Answer"})
    page = ada.does(reference, "attempt", happened="incoming:spoke_full", note="Typed-Note", state="reached")
    ada.posts(page, "move", state="study_team_not_continuing", decided_by="Typed-DeskUser")

    assert "Typed" not in lead.opens("/audit").text

"""The way through the steps: forward, back, skipped, changed and home again; nothing typed is ever lost on it."""

from collections.abc import Callable

import pytest

from screener.questionnaire.form import STEP_PATHS
from screener.submissions.envelope import SealedSubmission
from tests.support.public_client import ADA
from tests.support.public_client import PublicClient
from tests.support.public_client import PublicPage

Opened = Callable[[], list[dict[str, object]]]
Inbox = Callable[[], list[SealedSubmission]]
ON = "Continue"
HOME = "Check your answers"


def contact_of(visitor: PublicClient, **answers: str | list[str]) -> PublicPage:
    """The second step, with *answers* given on the first."""
    return visitor.goes(visitor.opens("/en/interest"), **answers)


def check_of(visitor: PublicClient, **answers: str | list[str]) -> PublicPage:
    page = visitor.goes(contact_of(visitor, **answers), name_pref="Ada Example", email="ada@example.org")
    return visitor.goes(page, adult_self="1")


def test_step_by_step_everything_arrives_as_it_was_given(visitor: PublicClient, opened: Opened) -> None:
    questions = visitor.opens("/en/interest")
    contact = visitor.goes(questions, age_years="34", dep_told="9", ad_now="", tx_had=["1", "0"])
    permission = visitor.goes(contact, name_pref="Ada Example", phone="+1 415 555 0100", when_call=["1", "4"])
    check = visitor.goes(permission, adult_self="1")
    received = visitor.goes(check)

    headings = [page.heading for page in (questions, contact, permission, check, received)]
    assert headings == ["A few questions about you", "How to reach you", "Your OK", HOME, "We have your form"]
    assert {page.token for page in (questions, contact, permission, check)} == {questions.token}
    (submission,) = opened()
    assert {name: value for name, value in submission.items() if value and value != "0"} == {
        "age_years": "34",
        "dep_told": "9",
        "tx_had": ("1", "0"),
        "name_pref": "Ada Example",
        "phone": "+1 415 555 0100",
        "when_call": ("1", "4"),
        "adult_self": "1",
    }


def test_each_page_says_which_step_it_is(visitor: PublicClient) -> None:
    check = check_of(visitor)
    pages = [visitor.posts(f"/en/{address}", check.pairs()) for address in (*STEP_PATHS.values(), "check")]

    said = [[one.get_text(strip=True) for one in page.soup.select("p.step")] for page in pages]

    assert said == [[f"Step {number} of 4"] for number in (1, 2, 3, 4)]


def test_what_cannot_be_read_stays_in_front_of_the_person_and_nothing_else_is_asked(visitor: PublicClient) -> None:
    page = visitor.goes(visitor.opens("/en/interest"), age_years="thirty")

    assert (page.status, page.heading) == (422, "A few questions about you")
    assert page.errors().keys() == {"age_years"}
    assert page.values("age_years") == ["thirty"]
    assert visitor.goes(page, age_years="30").heading == "How to reach you"


def test_a_step_that_was_not_filled_in_yet_is_not_called_wrong(visitor: PublicClient) -> None:
    page = contact_of(visitor)

    assert (page.status, page.errors(), page.soup.select("#summary, [aria-invalid]")) == (200, {}, [])


def test_on_the_way_back_nothing_is_asked_and_everything_kept(visitor: PublicClient) -> None:
    contact = contact_of(visitor, dep_told="1")

    back = visitor.presses(contact, "Back", email="ada@", lang="yue")

    assert (back.status, back.errors(), back.values("dep_told")) == (200, {}, ["1"])
    again = visitor.goes(back)
    assert (again.values("email"), again.values("lang")) == (["ada@"], ["yue"])
    assert visitor.goes(again).errors().keys() == {"name_pref", "email"}


def test_what_could_not_be_read_is_still_named_after_a_way_back(visitor: PublicClient) -> None:
    contact = contact_of(visitor)
    body = f"token={contact.token}&step=contact&email=ada%40example.org&name_pref=A%00da".encode()

    back = visitor.posts_bytes("/en/interest", body)
    forward = visitor.goes(visitor.goes(back))

    assert (back.status, back.errors()) == (200, {})
    assert forward.errors().keys() == {"name_pref"}


def test_an_answer_that_came_twice_is_not_halved_by_a_way_back(visitor: PublicClient) -> None:
    contact = contact_of(visitor)

    back = visitor.posts("/en/interest", [*contact.pairs(), ("voicemail", "0"), ("voicemail", "2")])

    assert back.values("voicemail") == ["0", "2"]
    page = visitor.posts("/en/check", back.pairs())
    assert "voicemail" in page.errors()


def test_everybody_may_skip_all_questions_and_keeps_what_can_be_read(visitor: PublicClient, opened: Opened) -> None:
    page = visitor.presses(visitor.opens("/en/interest"), "Skip all questions", age_years="thirty", dep_told="8")
    assert (page.status, page.heading, page.errors()) == (200, "How to reach you", {})

    check = visitor.goes(visitor.goes(page, name_pref="Ada Example", email="ada@example.org"), adult_self="1")
    assert check.heading == HOME, "a question that was skipped is not asked again"

    visitor.goes(check)
    assert (opened()[0]["dep_told"], opened()[0]["age_years"]) == ("8", "")


def test_who_goes_straight_to_how_to_reach_you_may_go_back_to_the_questions(visitor: PublicClient) -> None:
    page = visitor.opens("/en/contact")

    assert page.heading == "How to reach you"
    assert visitor.presses(page, "Back", name_pref="Ada").heading == "A few questions about you"


@pytest.mark.parametrize(
    ("field", "heading"),
    [("dep_now", "A few questions about you"), ("phone", "How to reach you"), ("adult_self", "Your OK")],
)
def test_a_change_leads_to_its_step_and_home_again(visitor: PublicClient, field: str, heading: str) -> None:
    check = check_of(visitor, dep_now="1")
    (button,) = check.soup.select(f'button[formaction*="#{field}"]')

    step = visitor.posts(str(button["formaction"]).partition("#")[0], [*check.pairs(), ("then", "check")])

    assert (step.status, step.heading) == (200, heading)
    assert step.soup.select(f"#{str(button['formaction']).partition('#')[2]}")
    assert [one.get_text(strip=True) for one in step.soup.select(".actions button")] == [HOME]
    assert visitor.presses(step, HOME).heading == HOME


def test_a_change_that_cannot_be_read_still_leads_home(visitor: PublicClient) -> None:
    step = visitor.posts("/en/contact", [*check_of(visitor).pairs(), ("then", "check")])

    wrong = visitor.presses(step, HOME, email="ada@")
    assert (wrong.status, wrong.heading, list(wrong.errors())) == (422, "How to reach you", ["email"])

    assert visitor.presses(wrong, HOME, email="grace@example.org").heading == HOME


def test_there_is_a_change_for_every_answer(visitor: PublicClient) -> None:
    check = check_of(visitor)

    rows = check.soup.select(".told > div")

    assert len(rows) == 19
    for row in rows:
        (button,) = row.select("button")
        (asked,) = row.select("dt")
        assert button["aria-describedby"] == asked["id"]
        assert str(button["formaction"]).startswith(tuple(f"/en/{address}#" for address in STEP_PATHS.values()))


def test_a_step_that_nobody_knows_is_none(visitor: PublicClient) -> None:
    pairs = [pair for pair in check_of(visitor).pairs() if pair[0] != "step"]

    for said in ("", "received", "../check", "9"):
        assert visitor.posts("/en/contact", [*pairs, ("step", said), ("then", said)]).status == 200
        assert visitor.posts("/en/check", [*pairs, ("step", said), ("then", said)]).heading == HOME


def test_a_spoilt_token_gives_the_step_back_with_everything(visitor: PublicClient) -> None:
    contact = contact_of(visitor, dep_told="1")
    pairs = [pair for pair in visitor.fills(contact, {"name_pref": "Ada", "phone": "1"}) if pair[0] != "token"]

    page = visitor.posts("/en/permission", [*pairs, ("token", "spoilt")])

    assert (page.status, page.heading) == (400, "How to reach you")
    assert "This page was open for a long time." in page.text
    assert (page.values("dep_told"), page.values("name_pref")) == (["1"], ["Ada"])
    assert visitor.goes(page).heading == "Your OK"


def test_the_box_for_programs_stands_where_no_browser_fills_in_anything(visitor: PublicClient, inbox: Inbox) -> None:
    """A browser fills in names and addresses: it must never make a person look like a program."""
    questions, contact = visitor.opens("/en/interest"), visitor.opens("/en/contact")
    (trap,) = questions.soup.select("#leave_blank")

    assert trap["autocomplete"] == "off"
    assert not questions.soup.select("[autocomplete]:not([autocomplete=off])")
    assert not contact.soup.select("#leave_blank, [name=leave_blank]")
    page = contact_of(visitor, leave_blank="http://example.org")
    visitor.goes(visitor.goes(visitor.goes(page, name_pref="A", phone="1"), adult_self="1"))
    assert [sealed.envelope.suspected_spam for sealed in inbox()] == [True]


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("flyer", "flyer"),
        ("", "direct"),
        ("direct", "direct"),
        ("nowhere", "other"),
        ("<b>", "other"),
        ("a" * 99, "other"),
    ],
)
def test_the_label_of_a_link_lands_in_the_envelope(visitor: PublicClient, inbox: Inbox, label: str, kept: str) -> None:
    lead = visitor.client.get("/", query_string={"s": label}).headers["Location"]
    start = visitor.opens(lead)
    (link,) = [one for one in start.soup.select("main a.button") if one.get_text(strip=True) == "Start the form"]

    page = visitor.opens(str(link["href"]))
    contact = visitor.presses(visitor.goes(visitor.goes(page)), "Back") if label == "flyer" else visitor.goes(page)
    contact = contact if contact.heading == "How to reach you" else visitor.goes(contact)
    visitor.goes(visitor.goes(visitor.goes(contact, name_pref="Ada", phone="1"), adult_self="1"))

    assert [sealed.envelope.source for sealed in inbox()] == [kept]
    assert lead == ("/en/" if kept == "direct" else f"/en/?s={kept}")


def test_a_label_is_read_from_the_page_like_any_other_hidden_value(visitor: PublicClient, inbox: Inbox) -> None:
    visitor.sends(visitor.checks(source="'; DROP TABLE inbox; --"))

    assert [sealed.envelope.source for sealed in inbox()] == ["other"]


def test_every_page_carries_the_label_on(visitor: PublicClient) -> None:
    for path in ("", "about", "interest", "contact", "privacy", "accessibility"):
        page = visitor.opens(f"/en/{path}?s=flyer")
        ours = [str(link["href"]) for link in page.soup.select("a[href^='/']")]
        assert ours
        assert [link for link in ours if not link.endswith("?s=flyer")] == []


def test_a_spoilt_token_alone_calls_no_field_wrong(visitor: PublicClient) -> None:
    page = visitor.posts("/en/contact", [("token", "spoilt"), ("step", "contact")])

    assert (page.status, page.heading, page.errors()) == (400, "How to reach you", {})
    assert "This page was open for a long time." in page.text


def test_an_old_check_page_with_an_answer_that_is_known_no_more_leads_to_its_step(visitor: PublicClient) -> None:
    pairs = [("token", "spoilt"), ("step", "check"), ("then", "check"), *ADA.items(), ("dep_told", "77")]

    page = visitor.posts("/en/contact", pairs)

    assert (page.status, page.heading) == (400, "A few questions about you")
    assert page.errors().keys() == {"dep_told"}


def test_what_was_typed_outlives_a_language_that_is_gone(visitor: PublicClient) -> None:
    check = visitor.checks(dep_told="9")

    page = visitor.posts("/xx/received", check.pairs())

    assert page.status == 404
    assert set(check.pairs()) <= set(page.pairs())
    (form,) = page.soup.select("form")
    assert form["action"] == "/en/check", "nothing is sent from a page that nobody can find"
    assert visitor.goes(page).heading == HOME


def test_rubbish_that_leads_nowhere_is_no_page_of_ours(visitor: PublicClient) -> None:
    for body in (b"", b"a=b", b"x" * 70_000):
        assert visitor.posts_bytes("/xx/nowhere", body).soup.select("main form") == []

"""What people meet when the form closes under their hands, and how long their page is still taken."""

from datetime import UTC
from datetime import date
from datetime import datetime

from tests.support.public_client import PublicClient
from tests.support.public_deployment import PublicDeployment


def test_a_page_opened_before_the_closing_is_taken_for_two_hours(open_form: PublicDeployment) -> None:
    visitor = PublicClient(open_form.app)
    check = visitor.checks()
    open_form.check_after(60)
    open_form.set_status("paused")
    late = open_form.check_after(2)
    assert not late.is_open

    refused = visitor.opens("/en/interest")
    taken = visitor.sends(check)
    open_form.check_after(7190)
    open_form.beat()
    open_form.check_after(2)
    changed = visitor.posts("/en/interest", check.pairs())
    open_form.check_after(8)
    too_late = visitor.sends(check)

    assert (refused.status, refused.heading) == (200, "This form is closed for now")
    assert taken.status == 200
    assert "The site stopped taking new forms while you were writing" in taken.text
    assert changed.status == 200
    assert (too_late.status, too_late.heading) == (503, "This form is closed for now")
    assert set(check.pairs()) <= set(too_late.pairs())


def test_a_page_minted_after_the_closing_has_no_grace(open_form: PublicDeployment) -> None:
    visitor = PublicClient(open_form.app)
    open_form.set_status("paused")
    check = visitor.checks()

    open_form.check_after(2)

    assert visitor.sends(check).status == 503


def test_no_grace_bridges_a_fault(open_form: PublicDeployment) -> None:
    visitor = PublicClient(open_form.app)
    check = visitor.checks()
    open_form.check_after(60)
    open_form.set_status("closed")
    open_form.settings.public_keys.joinpath("answers.public").unlink()

    open_form.check_after(2)

    assert visitor.sends(check).status == 503


def test_a_closed_form_says_so_and_a_page_that_comes_in_is_given_back(open_form: PublicDeployment) -> None:
    visitor = PublicClient(open_form.app)
    check = visitor.checks(dep_told="9")
    open_form.settings.public_keys.joinpath("answers.public").unlink()
    open_form.check_after(2)

    shown = [visitor.opens("/en/"), visitor.opens("/en/interest")]
    refused = [visitor.posts(path, check.pairs()) for path in ("/en/check", "/en/interest", "/en/received")]

    for page in shown:
        assert (page.status, page.heading) == (503, "This form is not open right now")
        assert page.answer.headers["Retry-After"]
    for page in refused:
        assert (page.status, page.heading) == (503, "Please try again later")
        assert page.answer.headers["Retry-After"]
        assert sorted(page.pairs()) == sorted(check.pairs())


def test_saying_again_that_it_is_paused_lengthens_no_grace(open_form: PublicDeployment) -> None:
    visitor = PublicClient(open_form.app)
    check = visitor.checks()
    open_form.check_after(60)
    open_form.set_status("paused")
    open_form.check_after(7000)
    open_form.set_status("paused")
    open_form.beat()
    open_form.check_after(300)
    open_form.beat()
    open_form.check_after(2)

    assert visitor.sends(check).status == 503


def test_an_approval_that_ends_at_midnight_closes_under_an_open_page_and_a_new_one_opens_it_again(
    production_form: PublicDeployment,
) -> None:
    public_form = production_form
    public_form.approve(irb_number="2", expires_on=date(2026, 11, 23))
    visitor = PublicClient(public_form.app)
    public_form.clock.move_to(datetime(2026, 11, 23, 23, 59, 50, tzinfo=UTC), tick=False)
    public_form.beat()
    check = visitor.checks(dep_told="9")
    public_form.clock.move_to(datetime(2026, 11, 24, 0, 0, 1, tzinfo=UTC), tick=False)
    public_form.beat()

    shown = [visitor.opens("/en/"), visitor.opens("/en/interest")]
    refused = [visitor.posts(path, check.pairs()) for path in ("/en/check", "/en/interest", "/en/received")]

    assert [name for name, _ in public_form.availability.check("en").reasons] == ["wording"]
    for page in shown:
        assert (page.status, page.heading) == (503, "This form is not open right now")
    for page in refused:
        assert (page.status, page.heading) == (503, "Please try again later")
        assert sorted(page.pairs()) == sorted(check.pairs())

    public_form.approve(irb_number="3", approved_on=date(2026, 11, 24), expires_on=date(2027, 11, 23))
    assert public_form.check_after(2).is_open
    assert visitor.opens("/en/interest").status == 200
    assert visitor.posts("/en/received", refused[-1].pairs()).reference

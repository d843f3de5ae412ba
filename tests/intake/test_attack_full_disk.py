"""A flood that fills the disk closes the form in words before anything is lost, and the form opens again by itself."""

import shutil
from collections.abc import Callable

import pytest

from screener.study.wording import Wording
from tests.support.public_client import ADA
from tests.support.public_client import PublicClient
from tests.support.public_deployment import PublicDeployment

MEGABYTE = 1024 * 1024
SetFree = Callable[[int], None]


@pytest.fixture
def set_free(monkeypatch: pytest.MonkeyPatch) -> SetFree:
    """Say how many megabytes are free on every disk."""

    def say(megabytes: int) -> None:
        usage = shutil._ntuple_diskusage(10**12, 0, megabytes * MEGABYTE)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    return say


def test_a_full_disk_closes_the_form_with_what_was_typed_and_space_opens_it(
    production_form: PublicDeployment, set_free: SetFree, wording: Wording
) -> None:
    visitor = PublicClient(production_form.app)
    page = visitor.checks()

    set_free(499)
    production_form.beat()
    availability = production_form.check_after(2)
    refused, notice = visitor.sends(page), visitor.opens("/en/interest")

    assert (availability.is_open, availability.is_fault) == (False, True)
    assert availability.reasons == (("disk", "499 / 500"),)
    assert (refused.status, refused.answer.headers["Retry-After"]) == (503, "60")
    assert refused.values("name_pref") == [ADA["name_pref"]]
    assert notice.heading == wording.notices.not_ready.heading
    assert notice.soup.select_one("aside.crisis a[href='tel:988']")

    set_free(549)
    assert not production_form.check_after(2).is_open
    set_free(551)
    assert production_form.check_after(2).is_open
    assert visitor.sends(page).status == 200


def test_a_floor_of_nothing_and_a_disk_that_cannot_be_measured_close_nothing(
    production_form: PublicDeployment, set_free: SetFree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(shutil, "disk_usage", refuse)
    assert production_form.check_after(2).is_open

    set_free(0)
    monitor = production_form.availability
    monitor.settings = monitor.settings.model_copy(update={"min_free_megabytes": 0})
    assert production_form.check_after(2).is_open

"""A release keeps an approved form open: its version changes with what an IRB approves, and with nothing else.

Both formats are tried with a later release, whose models and interface files have more keys than today's.
"""

import shutil
from pathlib import Path
from typing import Annotated

import pytest

from screener.packet.tables import list_module_rows
from screener.questionnaire.form import define_form
from screener.settings import Settings
from screener.study import contact_fields
from screener.study import loader
from screener.study import wording_files
from screener.study.approved_content import STAFF
from screener.study.contact_fields import ContactField
from screener.study.model import ResponseTimes
from screener.study.model import Study
from screener.study.wording import CommonWording
from screener.study.wording import InterfaceText
from screener.study.wording import LocaleWording
from screener.study.wording import Sentence
from screener.study.wording_files import INTERFACE_FOLDER
from tests.support.study_folder import Folder
from tests.support.study_folder import refusal

WORDS = "wording.en.toml"
INTERFACE = "interface.en.toml"
RELEASE_1 = Path(__file__).parents[1] / "releases" / "1" / "study"
HEAD = 'locale = "en"\nstatus = "source"\n'


class LaterCommonWording(CommonWording):
    new_link: InterfaceText
    new_promise: Sentence | None = None


class LaterWording(LocaleWording):
    common: LaterCommonWording


class LaterClocks(ResponseTimes):
    text_days: int | None = None


class LaterStudy(Study):
    clocks: LaterClocks
    reminder: Annotated[str, STAFF] = "08:00"


@pytest.fixture(params=["format 1", "format 2"])
def approved(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    """A study folder whose English an IRB approved, in either format."""
    shutil.copytree(RELEASE_1 if request.param == "format 1" else Settings().study, tmp_path / "approved")
    return Folder(tmp_path / "approved")


def install_later_release(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A program with one interface key, one staff key and two optional approved keys more."""
    shutil.copytree(INTERFACE_FOLDER, folder)
    Folder(folder).edit(INTERFACE, "[common]\n", '[common]\nnew_link = "A new link"\n')
    monkeypatch.setattr(wording_files, "INTERFACE_FOLDER", folder)
    for module in (loader, wording_files):
        monkeypatch.setattr(module, "LocaleWording", LaterWording)
    monkeypatch.setattr(loader, "Study", LaterStudy)


def test_a_later_release_gives_an_approved_form_no_other_version(
    approved: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = {locale: approved.wording(locale) for locale in ("en", "es")}

    install_later_release(monkeypatch, tmp_path / "interface")

    after = {locale: approved.wording(locale) for locale in ("en", "es")}
    assert {locale: words.version for locale, words in after.items()} == {
        locale: words.version for locale, words in before.items()
    }
    for words in after.values():
        assert isinstance(words.common, CommonWording)
        assert words.common.model_dump()["new_link"] == "A new link"
        assert words.common.model_dump()["new_promise"] is None


def test_a_key_for_staff_changes_no_version_and_a_promise_does(
    approved: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install_later_release(monkeypatch, tmp_path / "interface")
    before = approved.wording().version

    approved.edit("study.toml", 'id = "nct05870540"', 'id = "nct05870540"\nreminder = "09:00"')
    assert approved.wording().version == before

    approved.edit("study.toml", "reply_days = 3", "reply_days = 3\ntext_days = 2")
    promised = approved.wording().version
    approved.edit(WORDS, "[common]\n", '[common]\nnew_promise = "We send one text at most."\n')
    assert len({before, promised, approved.wording().version}) == 3


def test_a_contact_field_of_a_later_release_is_not_asked_by_an_approved_form(
    approved: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = approved.wording().version
    later = ContactField(id="pronouns", step="contact", kind="text", module="later", example="they")

    monkeypatch.setattr(contact_fields, "CONTACT_FIELDS", (*contact_fields.CONTACT_FIELDS, later))

    assert approved.wording().version == before
    assert "pronouns" not in define_form(approved.study(), approved.wording()).steps["contact"]
    assert "later" not in [name for name, *_ in list_module_rows(approved.study())]
    approved.edit(
        "study.toml", "[modules.future]", '[modules.later]\non = true\ndescription = "Pronouns"\n\n[modules.future]'
    )
    assert "fields.pronouns is missing, and the form asks it" in refusal(approved.wording)


def test_a_changed_approved_sentence_changes_the_version(approved: Folder) -> None:
    before = approved.wording().version

    approved.edit(WORDS, "It takes about 5 minutes.", "It takes about 6 minutes.")

    assert approved.wording().version != before


@pytest.fixture
def release_1(tmp_path: Path) -> Folder:
    shutil.copytree(RELEASE_1, tmp_path / "release-1")
    return Folder(tmp_path / "release-1")


def test_format_1_takes_interface_text_that_it_lacks_from_the_program(release_1: Folder) -> None:
    release_1.edit(WORDS, 'skip_link = "Skip to the main part"\n', "")

    assert release_1.wording().common.skip_link == "Skip to the main part"

    release_1.edit(WORDS, 'quick_exit = "Leave this page"\n', "")
    assert "common.quick_exit is missing" in refusal(release_1.wording)


def test_format_1_ignores_keys_that_the_program_no_longer_knows(release_1: Folder) -> None:
    before = release_1.wording()

    release_1.edit(WORDS, "[common]\n", '[common]\ngone = "An old sentence."\n')
    release_1.edit(WORDS, "[preview]\n", '[preview]\ngone = "An old reason."\n')
    release_1.edit(WORDS, "[fields.phone]\n", '[fields.phone]\ngone = "An old hint."\n')

    after = release_1.wording()
    assert after.common == before.common
    assert after.fields == before.fields
    assert after.version != before.version


def test_the_study_folder_may_say_interface_text_in_its_own_words(folder: Folder) -> None:
    before = folder.wording()

    (folder.path / INTERFACE).write_text(f'{HEAD}\n[common]\nnext = "Go on"\n', encoding="utf-8")

    after = folder.wording()
    assert (after.common.next, after.common.back) == ("Go on", before.common.back)
    assert after.version == before.version
    assert after.interface_version != before.interface_version


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            f'{HEAD}\n[common]\nquick_exit = "Go"\n',
            "common.quick_exit is no interface text: what an IRB approves is in",
        ),
        (f'{HEAD}\n[common]\nnxt = "Go on"\n', "common.nxt is no interface text"),
        (f"{HEAD}\n[common]\nnext = 3\n", "common.next must be text in quotation marks"),
        (f'{HEAD}\n[preview]\nstat = "Go on"\n', "preview.stat input should be 'keys', 'wording'"),
        (f'{HEAD}\n[common]\nnext = "To {{detail}}"\n', "common.next says {detail}, which stands for nothing here"),
        ('[common]\nnext = "Go on"\n', 'needs locale = "en" and status = "draft" or "reviewed" at its top'),
        ('locale = "en"\nstatus = "approved"\n', 'needs locale = "en" and status = "draft" or "reviewed" at its top'),
        ("locale =\nstatus = 1\n", "line 1: invalid value"),
    ],
)
def test_a_mistake_in_interface_text_is_named_with_its_file(folder: Folder, text: str, fault: str) -> None:
    (folder.path / INTERFACE).write_text(text, encoding="utf-8")

    assert fault in refusal(folder.wording)
    assert str(folder.path / INTERFACE) in refusal(folder.wording)
    assert WORDS not in refusal(folder.wording)


def test_a_language_without_interface_text_shows_the_english_one(folder: Folder) -> None:
    text = (folder.path / WORDS).read_text(encoding="utf-8").replace('locale = "en"', 'locale = "ko"')
    (folder.path / "wording.ko.toml").write_text(text, encoding="utf-8")

    assert folder.wording("ko").common.next == "Continue"
    assert not wording_files.read_wording_source(folder.path, "ko").has_interface
    assert folder.wording("ko").interface_status == "draft"

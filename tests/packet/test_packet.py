"""The packet as an IRB reads it: all words, which version, what changed, who approved it; and how it is asked for."""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from screener import clock
from screener.cli.main import run_command
from screener.mail.kinds import MESSAGE_KINDS
from screener.operations.migrate import migrate_all
from screener.packet import chromium
from screener.packet.emails import SENT_WHEN
from screener.packet.renderer import EXAMPLE_REFERENCE
from screener.packet.screens import SCREENS
from screener.settings import ROOT
from screener.settings import Settings
from screener.settings import load_settings
from screener.study.approved_content import interface_content
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.wording import LocaleWording
from screener.study_checks.sentences import is_inside
from screener.study_checks.sentences import mark_of
from screener.study_checks.sentences import sentences_of
from tests.packet.conftest import Command
from tests.packet.conftest import words_of
from tests.packet.test_screens import reviewed
from tests.packet.test_screens import visible
from tests.study.pseudo import write_pseudo
from tests.support.public_pages import EVERY_PAGE
from tests.support.public_pages import PublicScenario
from tests.support.study_folder import Folder

TODAY = clock.now().date()
Made = Callable[[str], str]
#: What stands above a preview only, and a sentence that is shown with a day in it.
SHIPPED = Settings().study
TRANSLATION = "vi"
SAID = set(LocaleWording.model_fields) - {"preview"}
NOT_SHOWN = ("common.preview_title", "common.preview_lead", "common.draft", "common.checked")


def approves(locale: str = "en") -> None:
    days = ["--on", TODAY.isoformat(), "--until", (TODAY + timedelta(days=300)).isoformat()]
    assert (
        run_command(["wording", "approve", "--locale", locale, "--irb", "Example IRB", "--number", "26-0100", *days])
        == 0
    )


def part(html: str, name: str) -> str:
    """The text of one part of the packet."""
    (section,) = BeautifulSoup(html, "html.parser").select(f'section[aria-labelledby="{name}"]')
    return " ".join(section.get_text(" ").split())


def test_each_screen_has_every_visible_sentence_of_its_page(shipped_packet: Made, deployment: Settings) -> None:
    """What the application says when the page is reached, beside its picture or in what stands on every screen."""
    screens, served = screens_of(shipped_packet(TRANSLATION)), reviewed(deployment)
    missing: dict[str, list[str]] = {}

    for name, shown in EVERY_PAGE.items():
        data = served.data.with_name(f"house {name}")
        shutil.copytree(served.data, data)
        with pytest.MonkeyPatch.context() as patch:
            house = PublicScenario(served.model_copy(update={"data": data}), patch, TRANSLATION)
            missing[name] = [one for one in visible(shown.reach(house).answer.text) if one not in screens[name]]

    assert {name: words for name, words in missing.items() if words} == {}


def screens_of(html: str) -> dict[str, str]:
    """The text of each screen, with what stands on all of them."""
    page = BeautifulSoup(html, "html.parser")
    frame = " ".join(one.get_text(" ") for one in page.select("#every ~ .said"))
    articles = page.select("article.screen")
    return {
        screen.name: " ".join(f"{frame} {article.get_text(' ')}".split())
        for screen, article in zip(SCREENS, articles, strict=True)
    }


def test_it_has_every_sentence_of_the_wording_and_of_the_interface_text(shipped_packet: Made) -> None:
    """All that a person can read in the languages that there are; the preview is for those who set the form up."""
    study = load_study(SHIPPED)
    missing: dict[str, list[str]] = {}

    for locale in list_locales(SHIPPED):
        sentences = sentences_of(load_wording(SHIPPED, study, locale).model_dump(include=SAID, mode="json"))
        asked = [path for path in sentences if is_inside(path, "fields") and path.split(".")[1] not in study.shown()]
        text = words_of(shipped_packet(locale)).replace(EXAMPLE_REFERENCE, "{reference}")
        missing[locale] = [
            path
            for path, sentence in sentences.items()
            if path not in (*NOT_SHOWN, *asked) and sentence.removeprefix(mark_of(sentence)) not in text
        ]

    assert {locale: paths for locale, paths in missing.items() if paths} == {}
    assert len(missing) == 5


def test_the_interface_text_stands_apart_with_a_version_of_its_own(shipped_packet: Made) -> None:
    words = load_wording(SHIPPED, load_study(SHIPPED), "es")
    interface = part(shipped_packet("es"), "interface")

    for path in sentences_of(interface_content(words)):
        assert is_inside(path, "preview") or path in interface
    assert "common.skip_link" in interface
    assert "common.quick_exit" not in interface
    assert f"{words.interface_version} , draft" in words_of(shipped_packet("es"))


def test_it_has_every_email_whole(shipped_packet: Made) -> None:
    emails = part(shipped_packet("en"), "emails")

    assert set(SENT_WHEN) == set(MESSAGE_KINDS)
    assert {path.parent.name for path in (ROOT / "templates" / "email").glob("*/body.txt")} == set(MESSAGE_KINDS)
    for sentence in (
        "1 new form at Screener",
        "3 new forms are waiting for you.",
        "An approval ends in 30 days",
        "An approval ends in 1 day",
        "An approval ends today",
        "An approval has ended",
        "If that is done in time, people will notice nothing.",
        "It opens again by itself when a new approval is recorded.",
        "This is an automated email.",
        "no email, no text and no other message to participants",
    ):
        assert sentence in emails


def test_a_translation_stands_beside_english_sentence_by_sentence(shipped_packet: Made, study: Folder) -> None:
    beside = part(shipped_packet("fil"), "beside")
    english, words = study.wording("en"), study.wording("fil")

    assert f"pages.start.body[5] {english.pages.start.body[4]} {words.pages.start.body[4]}" in beside
    assert 'aria-labelledby="beside"' not in shipped_packet("en")


def test_a_pseudo_locale_is_shown_as_every_other(packet: Made, study: Folder) -> None:
    write_pseudo(study.path)
    html = packet("en-XA")

    assert study.wording("en-XA").pages.start.heading in words_of(html)
    assert BeautifulSoup(html, "html.parser").select('[lang="en-XA"]')


def test_it_says_which_words_these_are_at_the_head_of_each_section(shipped_packet: Made, study: Folder) -> None:
    html, version = shipped_packet("en"), study.wording().version
    page = BeautifulSoup(html, "html.parser")

    assert version in words_of(html)
    heads = page.select("section > h2, nav > h2, .screen > h3, header > h1")
    assert len(heads) > len(SCREENS)
    for head in heads:
        stamp = head.find_next_sibling("p", class_="stamp")
        assert stamp is not None
        assert stamp.get_text() == f"Locale en, version {version[:12]}"


def test_without_a_register_it_does_not_say_that_nobody_approved(shipped_packet: Made) -> None:
    html = shipped_packet("en")

    assert "There was no register of approvals at hand" in words_of(html)
    assert "cannot say what changed" in part(html, "changes")
    assert "all of it is new" not in part(html, "changes")


def test_with_a_register_and_no_approval_it_says_that(packet: Made) -> None:
    migrate_all(load_settings())

    assert "This text has not been approved yet. No approval of any version in this language" in words_of(packet("en"))


def test_an_approval_of_this_very_text_is_on_the_cover(packet: Made, study: Folder) -> None:
    migrate_all(load_settings())
    approves()
    html = packet("en")

    assert "An IRB approved this very text: Example IRB, number 26-0100" in words_of(html)
    assert study.wording().version in part(html, "changes")
    assert "Nothing changed since the last approval" in part(html, "changes")


def test_what_changed_since_the_last_approval_is_told_and_nothing_else(packet: Made, study: Folder) -> None:
    migrate_all(load_settings())
    approves()
    approved = study.wording().version
    study.edit("wording.en.toml", "Nothing is kept until you press Send.", "We keep nothing before you press Send.")
    html = packet("en")

    assert "No approval holds for this text today." in words_of(html)
    changes = part(html, "changes")
    assert "1 change, in the order of the files" in changes
    assert "Nothing is kept until you press Send. We keep nothing before you press Send." in changes
    assert approved in changes


def test_placeholders_are_named_as_placeholders(packet: Made, shipped_packet: Made, study: Folder) -> None:
    before = words_of(shipped_packet("en"))
    study.edit("study.toml", 'name = "[Site name - placeholder]"', 'name = "Example Clinic"')
    after = words_of(packet("es"))

    assert "[Site name - placeholder] (a placeholder: the site has not filled this in)" in before
    assert "Site Example Clinic Address [site address - placeholder] (a placeholder" in after
    assert "[Site name - placeholder]" not in after


def test_faults_of_the_words_are_on_the_cover_and_the_packet_is_made(screener: Command, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "study")
    folder.edit("wording.en.toml", "Nothing is kept until you press Send.", "You are eligible.")
    out = tmp_path / "en.html"

    code, said = screener("wording", "packet", "--locale", "en", "--out", str(out))

    assert code == 0
    assert "The check of the words found this many faults: 1." in said
    assert '"You are eligible."' in said
    assert "No approval is recorded while it does" in words_of(out.read_text(encoding="utf-8"))
    assert "judges the person who reads it" in words_of(out.read_text(encoding="utf-8"))


def test_without_a_browser_the_packet_is_whole_and_says_what_it_lacks(screener: Command, tmp_path: Path) -> None:
    code, said = screener("wording", "packet", "--locale", "en", "--out", str(tmp_path / "en.html"))
    html = (tmp_path / "en.html").read_text(encoding="utf-8")

    assert code == 0
    assert "the pictures and the PDF were left out" in said
    assert "SCREENER_CHROMIUM" in said
    assert "made without a browser, so it has no pictures" in words_of(html)
    assert "<img" not in html
    assert sorted(path.name for path in tmp_path.glob("en.*")) == ["en.html"]


@pytest.mark.parametrize("taken", ["en.html", "en.pdf"])
def test_nothing_is_replaced(taken: str, screener: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / taken).write_text("mine")
    # Never started: the names are taken before the browser is.
    monkeypatch.setenv("SCREENER_CHROMIUM", "/bin/true")

    code, said = screener("wording", "packet", "--locale", "en", "--out", str(tmp_path / "en.html"))

    assert code == 2
    assert f"{taken} is already there and was not changed" in said
    assert [path.name for path in tmp_path.glob("en.*")] == [taken]
    assert (tmp_path / taken).read_text() == "mine"


@pytest.mark.parametrize(
    ("locale", "out", "sentence"),
    [
        ("xx", "x.html", "There is no wording for that locale; the study has: en, es, fil, vi, zh-Hant."),
        ("en", "nowhere/x.html", "does not exist: make it, or choose another place with --out."),
        ("en", "x.pdf", "give --out a name that ends in .html."),
    ],
)
def test_bad_input_is_told_in_a_sentence(
    locale: str, out: str, sentence: str, screener: Command, tmp_path: Path
) -> None:
    code, said = screener("wording", "packet", "--locale", locale, "--out", str(tmp_path / out))

    assert code == 2
    assert sentence in said
    assert "Traceback" not in said
    assert not (tmp_path / out).exists()


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("no such program", "SCREENER_CHROMIUM names no program that can be started"),
        ("/bin/true", "The browser ended by itself."),
        ("/etc/passwd", "SCREENER_CHROMIUM names no program"),
    ],
)
def test_a_browser_that_is_none_is_told_in_a_sentence(
    named: str, sentence: str, screener: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_CHROMIUM", named)

    code, said = screener("wording", "packet", "--locale", "en", "--out", str(tmp_path / "en.html"))

    assert code == 2
    assert sentence in said
    assert not list(tmp_path.glob("en.*"))


def test_a_browser_that_hangs_is_ended(screener: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "hangs"
    program.write_text('#!/bin/sh\necho $$ > "$(dirname "$0")/number"\nexec /bin/sleep 600\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("SCREENER_CHROMIUM", str(program))
    monkeypatch.setattr(chromium, "TIMEOUT_SECONDS", 0.5)

    code, said = screener("wording", "packet", "--locale", "en", "--out", str(tmp_path / "en.html"))

    assert code == 2
    assert "The browser gave no answer" in said
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "number").read_text()), 0)

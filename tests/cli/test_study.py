"""``screener study`` and ``screener wording``, as a person at the command line meets them."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture

from screener import audit
from screener import clock
from screener.board import board
from screener.cli.main import run_command
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.operations.migrate import migrate_all
from screener.settings import load_settings
from screener.study.approvals import Approval
from screener.study.approvals import find_approval_in_force
from screener.submissions import writes
from screener.submissions.models import WordingVersion
from tests.support.study_folder import Folder

Command = Callable[..., tuple[int, str]]
TODAY = clock.now().date()
LATER = TODAY + timedelta(days=364)


@pytest.fixture
def screener(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command line over a study folder of its own: gives the exit code and everything that was said."""
    monkeypatch.setenv("SCREENER_STUDY", str(folder.path))
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))

    def command(*words: str) -> tuple[int, str]:
        code = run_command(words)
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


@pytest.fixture
def migrated(screener: Command) -> Command:
    migrate_all(load_settings())
    return screener


def approval_of(locale: str = "en", on: date = TODAY, until: date = LATER, **more: str) -> list[str]:
    words = ["wording", "approve", "--locale", locale, "--irb", "Example IRB", "--number", "26-0100"]
    words += ["--on", on.isoformat(), "--until", until.isoformat()]
    return words + [word for name, value in more.items() for word in (f"--{name}", value)]


def noon_of(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def published() -> tuple[Approval, ...]:
    return board.read_board(connect(load_settings().board, may="read")).approvals


def test_check_names_locales_versions_and_placeholders(screener: Command, folder: Folder) -> None:
    code, said = screener("study", "check")

    assert code == 0
    assert "7 questions, 1 locale(s)." in said
    assert f"en  {folder.wording().version}  source" in said
    assert "in production the form stays closed: site.name, site.address, site.phone" in said


def test_check_says_all_that_is_wrong_and_exits_with_2(screener: Command, folder: Folder) -> None:
    (folder.path / "wording.es.toml").write_text("locale =\n", encoding="utf-8")
    folder.edit("wording.en.toml", "[fields.phone]", "[fields.fax]")

    code, said = screener("study", "check")

    assert code == 2
    assert "fields.fax has words for a field that the study does not have" in said
    assert "wording.es.toml, line 1: invalid value" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("group", ["study", "wording"])
def test_check_names_every_fault_of_the_words_and_exits_with_1(screener: Command, folder: Folder, group: str) -> None:
    folder.edit("wording.en.toml", "You can skip any question.", "See if you qualify. Call 988.")
    text = (folder.path / "wording.en.toml").read_text(encoding="utf-8").replace('locale = "en"', 'locale = "fil"')
    (folder.path / "wording.fil.toml").write_text(text, encoding="utf-8")

    code, said = screener(group, "check")

    assert code == 1
    assert "7 questions, 2 locale(s)." in said
    assert "wording.en.toml: pages.start.body[7] judges the person who reads it" in said
    assert "wording.en.toml: pages.start.body[7] has the crisis number in figures" in said
    assert "Write {crisis_number} instead." in said
    assert re.search(r"^en: \d+ sentences, 2 faults\.$", said, re.MULTILINE)
    assert re.search(r"^fil: \d+ sentences, 3 faults\.$", said, re.MULTILINE)
    assert "screener wording translated" in said


@pytest.mark.parametrize("group", ["study", "wording"])
def test_check_of_words_without_a_fault_is_one_line_and_exits_with_0(screener: Command, group: str) -> None:
    code, said = screener(group, "check")

    assert code == 0
    assert re.search(r"^en: \d+ sentences, no faults\.\n\Z", said, re.MULTILINE)


def test_every_language_that_is_shipped_is_checked_and_has_no_fault(
    whole_folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCREENER_STUDY", str(whole_folder.path))

    code = run_command(("study", "check"))

    said = capsys.readouterr().out
    checked = re.findall(r"^(\S+): \d+ sentences, no faults\.$", said, re.MULTILINE)
    assert (code, checked) == (0, ["en", "es", "fil", "vi", "zh-Hant"])
    assert "7 questions, 5 locale(s)." in said


def test_words_with_a_fault_are_served_and_not_approved(migrated: Command, folder: Folder) -> None:
    folder.edit("wording.en.toml", "You can skip any question.", "See if you qualify. Call 988.")
    assert "Call 988." in " ".join(folder.wording().pages.start.body)

    code, said = migrated(*approval_of())

    assert code == 2
    assert "The words of en have 2 faults, and nothing was recorded." in said
    assert "The first: wording.en.toml: pages.start.body[7] judges" in said
    assert published() == ()


def test_a_translation_that_fell_behind_is_not_approved(migrated: Command, folder: Folder) -> None:
    text = (folder.path / "wording.en.toml").read_text(encoding="utf-8")
    text = text.replace('locale = "en"', 'locale = "vi"').replace('status = "source"', 'status = "reviewed"')
    (folder.path / "wording.vi.toml").write_text(text, encoding="utf-8")
    with_reviewed_interface(folder, "vi")
    migrated("wording", "translated", "--locale", "vi")
    folder.edit("wording.en.toml", "Skip this question", "Leave this question out")

    code, said = migrated(*approval_of("vi", reviewer="Ada Example"))

    assert code == 2
    assert "have 1 fault, and nothing was recorded. The first: wording.vi.toml: common.skip_question is stale" in said
    assert migrated(*approval_of())[0] == 0


def test_a_copy_can_be_edited_and_used(screener: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = screener("study", "copy", str(tmp_path / "etc" / "ours"))

    assert code == 0
    assert f"SCREENER_STUDY={tmp_path / 'etc' / 'ours'} screener study check" in said
    ours = Folder(tmp_path / "etc" / "ours")
    ours.edit("study.toml", "[Site name - placeholder]", "Harbour Example Centre")
    monkeypatch.setenv("SCREENER_STUDY", str(ours.path))
    code, said = screener("study", "check")
    assert code == 0
    assert "site.name" not in said


def test_a_copy_overwrites_nothing(screener: Command, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "study.toml").write_text("edited", encoding="utf-8")

    code, said = screener("study", "copy", str(tmp_path / "ours"))

    assert code == 2
    assert "is not empty, and nothing in it was changed" in said
    assert (tmp_path / "ours" / "study.toml").read_text(encoding="utf-8") == "edited"


def test_a_copy_to_where_nothing_can_be_written_says_so(screener: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, said = screener("study", "copy", str(tmp_path / "file" / "ours"))

    assert code == 2
    assert "cannot be written (File exists)" in said


def test_before_an_approval_the_list_says_that_the_form_stays_closed(migrated: Command) -> None:
    code, said = migrated("wording", "list")

    assert code == 0
    assert "No approval is in force today: in production the form stays closed." in said


def test_an_approval_opens_exactly_the_words_that_were_approved(migrated: Command, folder: Folder) -> None:
    version = folder.wording().version

    code, said = migrated(*approval_of())

    assert code == 0, said
    assert f"Approved by Example IRB, number 26-0100, until {LATER} (364 days left)." in said
    assert "Still placeholders" in said
    assert find_approval_in_force(published(), version, "en", TODAY) is not None
    assert "364 days left" in migrated("wording", "list")[1]

    folder.edit("wording.en.toml", "Skip this question", "Leave this question out")
    assert find_approval_in_force(published(), folder.wording().version, "en", TODAY) is None
    assert "No approval is in force today" in migrated("wording", "list")[1]


def test_an_approval_may_be_recorded_twice_and_renewed(migrated: Command, folder: Folder) -> None:
    longer = LATER + timedelta(days=365)

    assert migrated(*approval_of())[0] == 0
    assert migrated(*approval_of())[0] == 0
    code, said = migrated(*approval_of(until=longer))

    assert code == 0, said
    held = find_approval_in_force(published(), folder.wording().version, "en", TODAY)
    assert held is not None
    assert held.expires_on == longer


def test_the_words_are_kept_for_ever_and_the_approval_stands_in_the_audit_trail(
    migrated: Command, folder: Folder
) -> None:
    wording = folder.wording()

    migrated(*approval_of())
    migrated(*approval_of())

    with reading(connect(load_settings().store, may="read")) as connection:
        kept = connection.execute(sa.select(WordingVersion.version, WordingVersion.content)).one()
        query = sa.select(audit.EVENTS.c.action).where(audit.EVENTS.c.action.startswith("cli:wording"))
        actions = connection.scalars(query.order_by(audit.EVENTS.c.seq)).all()
    assert kept.version == wording.version
    assert json.loads(kept.content) == wording.content
    assert hashlib.sha256(kept.content.encode()).hexdigest() == wording.version
    assert actions == ["cli:wording:kept", "cli:wording:approved", "cli:wording:approved"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"on": TODAY + timedelta(days=1)}, "An approval can be recorded from its first day on"),
        ({"on": LATER, "until": LATER}, "The last day of an approval comes after its first"),
        ({"on": LATER, "until": TODAY}, "The last day of an approval comes after its first"),
        ({"on": date(2020, 1, 1), "until": date(2021, 1, 1)}, "This approval has ended"),
        ({"locale": "fr"}, "There is no wording for that locale; the study has: en."),
        ({"irb": " "}, "An approval needs the name of the IRB and its number"),
        ({"irb": "x" * 201}, "one line of at most 200"),
        ({"number": "two\nlines"}, "one line of at most 200"),
    ],
)
def test_an_approval_that_cannot_hold_is_refused(migrated: Command, given: dict[str, str], why: str) -> None:
    code, said = migrated(*approval_of(**given))  # type: ignore[arg-type]

    assert code == 2
    assert why in said
    assert published() == ()


def with_spanish(folder: Folder, status: str = "reviewed") -> None:
    text = (folder.path / "wording.en.toml").read_text(encoding="utf-8")
    spanish = text.replace('locale = "en"', 'locale = "es"').replace('status = "source"', f'status = "{status}"')
    (folder.path / "wording.es.toml").write_text(spanish, encoding="utf-8")


def with_reviewed_interface(folder: Folder, locale: str) -> None:
    (folder.path / f"interface.{locale}.toml").write_text(
        f'locale = "{locale}"\nstatus = "reviewed"\n', encoding="utf-8"
    )


def test_a_list_says_that_an_approval_ends_soon_and_when_it_has_ended(
    migrated: Command, time_machine: TimeMachineFixture
) -> None:
    migrated(*approval_of())

    time_machine.move_to(noon_of(LATER - timedelta(days=31)), tick=False)
    calm = migrated("wording", "list")[1]
    time_machine.move_to(noon_of(LATER - timedelta(days=30)), tick=False)
    soon = migrated("wording", "list")[1]
    time_machine.move_to(noon_of(LATER - timedelta(days=1)), tick=False)
    one_day = migrated("wording", "list")[1]
    time_machine.move_to(noon_of(LATER + timedelta(days=1)), tick=False)
    over = migrated("wording", "list")[1]

    assert "(31 days left)" in calm
    assert "It ends soon" not in calm
    assert "(30 days left)" in soon
    assert f"It ends soon: after {LATER} the form does not open. Ask for its renewal now." in soon
    assert "(1 day left)" in one_day
    assert f"in production the form stays closed. The approval ended on {LATER}." in over


def test_a_list_says_that_a_draft_is_not_served(migrated: Command, folder: Folder) -> None:
    with_spanish(folder, "draft")

    said = migrated("wording", "list")[1].split("es  ")[1]

    assert "Draft: not shown in production." in said
    assert said.lower().count("draft") == 3


def test_before_an_approval_everything_is_new(migrated: Command, folder: Folder) -> None:
    with_spanish(folder)
    migrated(*approval_of())

    code, said = migrated("wording", "diff")

    english, spanish = said.split("es  ")
    assert code == 0
    assert "Nothing changed since version" in english
    assert re.search(r"No version of es was approved yet: everything is new \([1-9]\d\d sentences\)\.", spanish)


def test_a_diff_tells_old_and_new_sentence_and_fact_since_the_version_approved_last(
    migrated: Command, folder: Folder
) -> None:
    first = folder.wording().version
    migrated(*approval_of())
    folder.edit("wording.en.toml", "Skip this question", "Leave this question out")
    second = folder.wording().version
    migrated(*approval_of())
    folder.edit("wording.en.toml", "It takes about 5 minutes.", f"It takes {'very ' * 30}long.")
    folder.edit("study.toml", "[modules.source]\non = false", "[modules.source]\non = true")

    code, said = migrated("wording", "diff", "--locale", "en")
    since = migrated("wording", "diff", "--since", first[:8])[1]

    assert code == 0
    assert f"2 changes since version {second[:12]}:" in said
    assert "    study.modules.source.on\n      - false\n      + true\n" in said
    assert "      - It takes about 5 minutes.\n      + It takes very" in said
    assert max(map(len, said.splitlines())) <= 100
    assert "Skip this question" not in said
    assert f"3 changes since version {first[:12]}:" in since
    assert "    wording.common.skip_question\n      - Skip this question\n      + Leave this question out\n" in since


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("--since", "abc"), "Name a version by 8 to 64 of its first digits"),
        (("--since", "12345678%"), "Name a version by 8 to 64 of its first digits"),
        (("--since", "0" * 64), "No stored version begins like that. The store has: {version} (en)."),
        (("--since", "{version}", "--locale", "es"), "That version is for en; ask for --locale en."),
        (("--locale", "fr"), "There is no wording for that locale; the study has: en."),
    ],
)
def test_a_version_that_cannot_be_compared_with_is_refused(
    migrated: Command, folder: Folder, given: tuple[str, ...], why: str
) -> None:
    version = folder.wording().version[:12]
    migrated(*approval_of())

    code, said = migrated("wording", "diff", *(word.format(version=version) for word in given))

    assert code == 2
    assert why.format(version=version) in said


def test_a_beginning_that_two_versions_share_names_neither(migrated: Command) -> None:
    with writing(connect(load_settings().store, may="write")) as connection:
        for last in "12":
            writes.save_wording(connection, "a" * 63 + last, "en", "s", "{}", clock.now())

    code, said = migrated("wording", "diff", "--since", "a" * 8)

    assert (code, said) == (2, "Several versions begin like that; give more of its digits.\n")


def test_a_day_that_is_no_day_is_refused(migrated: Command) -> None:
    words = ["31.12.2027" if word == LATER.isoformat() else word for word in approval_of()]

    assert migrated(*words)[0] == 2
    assert published() == ()


def test_a_translation_needs_a_review_and_the_name_of_the_reviewer(migrated: Command, folder: Folder) -> None:
    with_spanish(folder, "draft")

    assert "This translation is a draft" in migrated(*approval_of("es"))[1]
    folder.edit("wording.es.toml", 'status = "draft"', 'status = "reviewed"')
    assert migrated("wording", "translated", "--locale", "es")[0] == 0
    assert "The interface text in es is a draft" in migrated(*approval_of("es", reviewer="Ada Example"))[1]
    with_reviewed_interface(folder, "es")
    assert "give --reviewer" in migrated(*approval_of("es"))[1]
    code, said = migrated(*approval_of("es", reviewer="Ada Example"))

    assert code == 0, said
    assert [approval.reviewer for approval in published()] == ["Ada Example"]


def test_without_databases_an_approval_is_refused_with_a_sentence(screener: Command) -> None:
    code, said = screener(*approval_of())

    assert code == 2
    assert "cannot be used now" in said

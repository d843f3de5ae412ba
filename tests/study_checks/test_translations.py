"""A translation is known by the English that each of its sentences was made from."""

import hashlib
import re
import tomllib
from collections.abc import Callable

import pytest

from screener.cli.main import run_command
from screener.errors import UserError
from screener.study.loader import list_locales
from screener.study_checks import translations as translation
from screener.study_checks.sentences import WordingFault
from tests.support.study_folder import Folder
from tests.support.study_folder import refusal

#: Any language but English will do; with English words in it, so that only what a test changes is a fault.
OWN = "wording.fil.toml"
ENGLISH = "wording.en.toml"
BODY = "pages.start.body"
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def translated(folder: Folder) -> Folder:
    """A study folder with a translation of every sentence, recorded."""
    text = (folder.path / ENGLISH).read_text(encoding="utf-8")
    text = text.replace('locale = "en"', 'locale = "fil"').replace('status = "source"', 'status = "draft"')
    (folder.path / OWN).write_text(text, encoding="utf-8")
    translation.record_marks(translation.wording_translation(folder.path, "fil"))
    return folder


@pytest.fixture
def screener(translated: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("SCREENER_STUDY", str(translated.path))

    def command(*words: str) -> tuple[int, str]:
        code = run_command(words)
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


def record(folder: Folder, *only: str) -> translation.RecordedMarks:
    return translation.record_marks(translation.wording_translation(folder.path, "fil"), only)


def found(folder: Folder) -> dict[str, str]:
    return {fault.path: fault.wrong for fault in faults(folder)}


def faults(folder: Folder) -> tuple[WordingFault, ...]:
    return translation.find_translation_faults(folder.path, "fil")


def test_what_was_just_translated_is_not_behind(translated: Folder) -> None:
    assert faults(translated) == ()
    assert translation.find_translation_faults(translated.path, "en") == ()


def test_the_record_holds_hashes_by_key_path_and_no_words(translated: Folder) -> None:
    text = (translated.path / "translated.fil.toml").read_text(encoding="utf-8")
    marks = tomllib.loads(text)["sentences"]

    sentence = b"Nothing is kept until you press Send."
    assert marks["pages.start.body[9]"] == hashlib.sha256(sentence).hexdigest()[:12]
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in marks.values())
    assert marks["common.skip_question"] == translation.hash_sentence("Skip this question")
    assert marks["fields.adult_self.label"] == translation.hash_sentence(
        "I am 18 or older. This form is about me. {site_name} may keep it and contact me about this study."
    )
    assert not {"locale", "name", "direction", "status", "crisis.number", "fields.dep_told.hint"} & set(marks)
    assert "errors.age" not in marks
    assert text.startswith("# Written by")


def test_the_record_is_no_wording_and_goes_with_a_copy(translated: Folder) -> None:
    assert list_locales(translated.path) == ("en", "fil")
    assert translated.wording("fil").locale == "fil"


def test_a_changed_english_sentence_is_stale_and_no_other(translated: Folder) -> None:
    translated.edit(ENGLISH, "Skip this question", "Leave this question out")
    translated.edit(ENGLISH, "No computer decides. Only the", "No computer decides. Just the")

    assert found(translated) == {
        "common.skip_question": "is stale: English has changed since",
        f"{BODY}[5]": "is stale: English has changed since",
    }
    assert 'English says now: "Leave this question out"' in faults(translated)[0].do


def test_a_changed_fact_of_the_site_makes_nothing_stale(translated: Folder) -> None:
    translated.edit("study.toml", "[Site name - placeholder]", "The Example Centre")

    assert faults(translated) == ()


def test_a_new_english_paragraph_is_named_and_those_that_it_moves_are_not(translated: Folder) -> None:
    translated.edit(ENGLISH, '  "## What this form does",', '  "This is new.",\n  "## What this form does",')

    assert found(translated) == {
        BODY: "has 17 paragraphs, and English has 18",
        f"{BODY}[3]": "is not marked: no record of the English it was made from",
    }
    translated.edit(OWN, '  "## What this form does",', '  "Bago ito.",\n  "## What this form does",')
    assert set(found(translated)) == {f"{BODY}[3]"}

    marked = record(translated, f"{BODY}[3]")

    assert marked == translation.RecordedMarks(new=(f"{BODY}[3]",), changed=(), dropped=())
    assert faults(translated) == ()


def test_an_english_paragraph_that_was_taken_out_is_named(translated: Folder) -> None:
    translated.edit(ENGLISH, '  "Nothing is kept until you press Send.",\n', "")

    assert found(translated) == {
        BODY: "has 17 paragraphs, and English has 16",
        f"{BODY}[9]": "was made from an English sentence that is there no more",
    }


def test_paragraphs_that_changed_places_are_found(translated: Folder) -> None:
    first, second = '  "Nothing is kept until you press Send.",\n', '  "## Before you start",\n'
    text = (translated.path / ENGLISH).read_text(encoding="utf-8")
    text = text.replace(first, "", 1).replace(second, first + second, 1)
    (translated.path / ENGLISH).write_text(text, encoding="utf-8")

    assert any(path.startswith(BODY) for path in found(translated))


def test_a_missing_sentence_and_one_too_many_are_named(translated: Folder) -> None:
    translated.edit(ENGLISH, 'hint = ""\noptions', 'hint = "Take your time."\noptions')
    translated.edit(OWN, '5 = "Any time"', '5 = "Any time"\n\n[fields.home_help.more]\nnote = "Dagdag"')
    translated.edit(OWN, 'other = "Another language (write it below)"\n', "")

    assert found(translated) == {
        "fields.dep_told.hint": "is missing",
        "fields.lang.options.other": "is missing",
        "fields.home_help.more.note": "says something where English says nothing",
    }
    assert faults(translated)[0].do == 'Translate it; in English: "Take your time."'


def test_a_sentence_that_english_has_no_more_is_extra_until_it_is_taken_out(translated: Folder) -> None:
    translated.edit(ENGLISH, "A first name or nickname is fine. Use a name that is safe for you.", "")

    wrongs = [fault.wrong for fault in faults(translated) if fault.path == "fields.name_pref.hint"]
    assert wrongs == [
        "says something where English says nothing",
        "was made from an English sentence that is there no more",
    ]
    translated.edit(OWN, "A first name or nickname is fine. Use a name that is safe for you.", "")
    assert record(translated).dropped == ("fields.name_pref.hint",)
    assert faults(translated) == ()


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ('"## Before you start"', '"Before you start"', "is another kind of paragraph than in English"),
        ('"- The form works', '"The form works', "is another kind of paragraph than in English"),
        ("within {reply_days} work", "within some work", "does not say {reply_days}, which English says"),
        ("Skip this", "Skip {site_name}", "says {site_name}, which English does not say"),
    ],
)
def test_another_shape_than_english_is_found(translated: Folder, old: str, new: str, wrong: str) -> None:
    translated.edit(OWN, old, new)

    assert [fault.wrong for fault in faults(translated)] == [wrong]


def test_crisis_lines_may_say_something_else_and_still_go_stale(translated: Folder) -> None:
    translated.edit(OWN, '  "If someone is in danger right now, call 911.",\n', "")
    translated.edit(OWN, "In Spanish: call {crisis_number} and press 2.", "Sabihin: Tagalog.")
    assert faults(translated) == ()

    translated.edit(ENGLISH, "It is free, day and night.", "It is free at any time.")

    assert found(translated) == {"crisis.lines[2]": "is stale: English has changed since"}
    assert all(len(reason.split()) > 5 for reason in translation.OTHERWISE.values())


def test_a_translation_without_a_record_is_one_fault(translated: Folder) -> None:
    (translated.path / "translated.fil.toml").unlink()

    assert found(translated) == {
        "locale": "names a translation without a record of the English it was made from",
    }


def test_a_sentence_that_is_not_in_the_record_is_unmarked(translated: Folder) -> None:
    record = translated.path / "translated.fil.toml"
    lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
    record.write_text("".join(line for line in lines if "common.skip_question" not in line), encoding="utf-8")

    assert found(translated) == {"common.skip_question": "is not marked: no record of the English it was made from"}


@pytest.mark.parametrize("text", ["a = 1", "[sentences]\na = 1", "sentences = 1"])
def test_a_record_that_no_command_wrote_is_refused(translated: Folder, text: str) -> None:
    (translated.path / "translated.fil.toml").write_text(text, encoding="utf-8")

    assert "remove it, and run that again" in refusal(lambda: faults(translated))


def test_a_translation_without_its_source_says_so(translated: Folder) -> None:
    (translated.path / ENGLISH).unlink()

    (fault,) = faults(translated)

    assert "its source cannot be used" in fault.wrong


def test_only_names_what_is_there(translated: Folder) -> None:
    with pytest.raises(UserError, match=r"No sentence stands at pages.nowhere"):
        record(translated, "pages.nowhere")


def test_the_command_says_what_is_new_and_leaves_the_rest_stale(screener: Command, translated: Folder) -> None:
    translated.edit(ENGLISH, "Skip this question", "Leave this question out")
    translated.edit(ENGLISH, "Leave this page", "Leave it now")

    code, said = screener("wording", "translated", "--locale", "fil", "--only", "common.skip_question")

    assert code == 0, said
    assert said == "changed  common.skip_question\ntranslated.fil.toml: 0 new, 1 changed, 0 dropped.\n"
    assert set(found(translated)) == {"common.quick_exit"}
    assert "0 new, 1 changed, 0 dropped." in screener("wording", "translated", "--locale", "fil")[1]
    assert "0 new, 0 changed, 0 dropped." in screener("wording", "translated", "--locale", "fil")[1]
    assert faults(translated) == ()


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_english_is_no_translation(screener: Command, locale: str) -> None:
    code, said = screener("wording", "translated", "--locale", locale)

    assert code == 2
    assert "There is no translation for that locale; the study has: fil." in said


def test_what_cannot_be_loaded_is_not_recorded(screener: Command, translated: Folder) -> None:
    before = (translated.path / "translated.fil.toml").read_bytes()
    translated.edit(OWN, "[fields.phone]", "[fields.fax]")

    assert screener("wording", "translated", "--locale", "fil")[0] == 2
    assert (translated.path / "translated.fil.toml").read_bytes() == before

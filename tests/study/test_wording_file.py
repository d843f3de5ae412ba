"""A wording is read strictly, filled in once, and named by what it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from screener.settings import Settings
from screener.study.approved_content import approved_content
from screener.study.approved_content import canonical_json
from screener.study.approved_content import content_hash
from screener.study.approved_content import interface_content
from screener.study.loader import list_locales
from screener.study.wording import LocaleWording
from screener.study.wording import Wording
from screener.study.wording_files import merge_tables
from tests.support.study_folder import Folder
from tests.support.study_folder import refusal

WORDS = "wording.en.toml"
LOCALES = list_locales(Settings().study)
SITE = {
    "[Site name - placeholder]": "Harbour Example Centre",
    "[site telephone - placeholder]": "+1 415 555 0100",
    "reply_days = 3": "reply_days = 4",
    "days = 180": "days = 90",
    "backup_days = 30": "backup_days = 21",
}


def _sentences(content: object) -> list[str]:
    if isinstance(content, dict):
        return [sentence for part in content.values() for sentence in _sentences(part)]
    if isinstance(content, list):
        return [sentence for part in content for sentence in _sentences(part)]
    return [content] if isinstance(content, str) else []


def test_the_facts_of_the_site_are_filled_in(folder: Folder) -> None:
    for old, new in SITE.items():
        folder.edit("study.toml", old, new)

    wording = folder.wording()

    assert wording.common.site_header == "Harbour Example Centre"
    assert wording.fields["sms_ok"].label == "Yes, Harbour Example Centre may text me about this study."
    start = " ".join(wording.pages.start.body)
    assert "within 4 work days" in start
    assert "We erase your form 90 days after" in start
    assert start.endswith("You can also call us: +1 415 555 0100.")
    assert "Backup copies are gone 21 days later at the latest." in " ".join(wording.pages.privacy.body)


def test_only_a_date_the_reference_and_the_detail_are_left_for_later(folder: Folder) -> None:
    wording = folder.wording()

    text = json.dumps(wording.content)

    assert text.count("{") == text.count("}")
    left = [sentence for sentence in _sentences(json.loads(text)) if "{" in sentence]
    reference = "Your reference is {reference}. Write it down or take a photo."
    assert sorted(left) == ["Last checked on {checked_on}.", reference, reference]
    assert "{detail}" in wording.preview["status"]


@pytest.mark.parametrize("locale", LOCALES)
def test_each_language_is_filled_in_as_far_as_english_is(whole_folder: Folder, locale: str) -> None:
    for old, new in SITE.items():
        whole_folder.edit("study.toml", old, new)

    wording = whole_folder.wording(locale)

    assert wording.common.site_header == "Harbour Example Centre"
    start, privacy = " ".join(wording.pages.start.body), " ".join(wording.pages.privacy.body)
    assert "+1 415 555 0100" in start
    assert {"4", "90"} <= set(re.findall(r"\d+", start))
    assert {"90", "21"} <= set(re.findall(r"\d+", privacy))
    left = [name for sentence in _sentences(wording.content) for name in re.findall(r"\{\w+\}", sentence)]
    assert sorted(left) == ["{checked_on}", "{reference}", "{reference}"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('site_header = "{site_name}"', 'site_header = "{site}"', "common.site_header says {site}, which stands for"),
        ('site_header = "{site_name}"', 'site_header = "{ site_name }"', "common.site_header has a brace that belongs"),
        ('site_header = "{site_name}"', 'site_header = "{{x"', "common.site_header has a brace that belongs"),
        ('heading = "Your OK"', 'heading = "{reference}"', "pages.permission.heading says {reference}, which stands"),
        ("Call {site_phone}.", "Call {detail}.", "notices.waitlist.body[2] says {detail}, which stands for nothing"),
        ("Your reference is {reference}.", "Thank you.", "pages.received.body must say {reference}"),
        ('quick_exit = "Leave this page"\n', "", "common.quick_exit is missing"),
        ('quick_exit = "Leave', 'quick_ext = "Leave', "common.quick_ext is not a key that is known here"),
        ('quick_exit = "Leave this page"', "quick_exit = 3", "common.quick_exit must be text in quotation marks"),
        ('quick_exit = "Leave this page"', 'quick_exit = ""', "common.quick_exit must say something"),
        ('quick_exit = "Leave', 'quick_exit = " Leave', "common.quick_exit must be one line, with no blanks at its"),
        ('quick_exit = "Leave', 'quick_exit = "Leave\\u0000', "common.quick_exit must be one line, with no blanks"),
        ("lines = [", 'lines = "Call 988."\nelse = [', "crisis.lines must be a list"),
        ('name = "English"', 'name = "English"\nscore = "3"', "score is not a key that is known here"),
        ('status = "source"', 'status = "approved"', "status input should be 'source', 'draft' or 'reviewed'"),
        ('locale = "en"', 'locale = "es"', 'locale must be "en", as the name of the file says'),
        ("format = 2", "format = 3", "is of format 3, and this release reads formats 1 and 2"),
        ("format = 2", 'format = "2"', "is of format '2', and this release reads formats 1 and 2"),
        (
            "[crisis]",
            '[errors]\nage = "Numbers only."\n\n[crisis]',
            "errors.age is interface text: move it to interface.en",
        ),
        ("[fields.ad_now]", "[fields.ad_later]", "fields.ad_now is missing, and the form asks it"),
        ("[fields.ad_now]", "[fields.ad_later]", "fields.ad_later has words for a field that the study does not have"),
        ("[fields.phone]", "[fields.fax]", "fields.phone is missing, and the form asks it"),
        ('0 = "None of these"\n', "", "fields.tx_had.options.0 is missing"),
        ('0 = "None of these"\n', '0 = "None"\n4 = "TMS"\n', "fields.tx_had.options.4 has words for no code"),
        ('hint = "You can leave this blank."', 'required = "yes"', "fields.age_years.required is not a key"),
        ('other = "Another language (write it below)"', "", "fields.lang.options.other is missing"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key_path(folder: Folder, old: str, new: str, said: str) -> None:
    folder.edit(WORDS, old, new)

    assert said in refusal(folder.wording)
    assert str(folder.path / WORDS) in refusal(folder.wording)


def test_all_mistakes_stand_in_one_message(folder: Folder) -> None:
    folder.edit(WORDS, 'site_header = "{site_name}"', 'site_header = "{who}"')
    folder.edit(WORDS, '0 = "None of these"\n', "")
    folder.edit(WORDS, 'direction = "ltr"', "direction = 1")

    said = refusal(folder.wording)

    assert all(path in said for path in ("common.site_header", "fields.tx_had.options.0", "direction"))


def test_a_module_that_is_off_may_have_no_words_and_one_that_is_on_must(folder: Folder) -> None:
    text = (folder.path / WORDS).read_text(encoding="utf-8")
    start = text.index("[fields.heard]")
    end = text.index("# ---- How to reach")
    (folder.path / WORDS).write_text(text[:start] + text[end:], encoding="utf-8")

    assert "heard" not in folder.wording().fields

    folder.edit("study.toml", "[modules.source]\non = false", "[modules.source]\non = true")
    assert "fields.heard is missing, and the form asks it" in refusal(folder.wording)


def test_the_version_does_not_change_with_the_layout_of_the_files(folder: Folder) -> None:
    before = folder.wording().version

    folder.edit("study.toml", "[clocks]\nreply_days = 3\n", "")
    with (folder.path / "study.toml").open("a", encoding="utf-8") as file:
        file.write("\n\n# last of all\n[clocks]\nreply_days  =  3 # days\n")
    folder.edit(WORDS, '1 = "An interpreter"\n', "")
    folder.edit(WORDS, '6 = "Something else"\n', '6 = "Something else"\n1 = "An interpreter"\n')
    folder.edit(WORDS, 'locale = "en"\nname = "English"\n', 'name = "English"\n\nlocale = "en"\n')

    assert folder.wording().version == before
    assert len(before) == 64


def test_the_version_changes_with_any_sentence_that_an_irb_approves(folder: Folder) -> None:
    wording = folder.wording()
    approved = json.loads(canonical_json(wording.content))

    altered = [_version(wording, approved, one) for one in _each_altered(approved["wording"])]

    assert len(altered) > 250
    assert len({wording.version, *altered}) == len(altered) + 1


def test_the_version_does_not_change_with_any_interface_text(folder: Folder) -> None:
    wording = folder.wording()
    approved = json.loads(canonical_json(wording.content))
    each = _each_altered(json.loads(canonical_json(interface_content(wording))))

    assert len(each) > 70
    assert {_version(wording, approved, one) for one in each} == {wording.version}
    assert {content_hash(one) for one in each}.isdisjoint({wording.interface_version})


def _version(wording: Wording, approved: dict[str, Any], altered: dict[str, Any]) -> str:
    """The version of *wording*, once the sentences *altered* stand in it."""
    data = wording.model_dump(mode="json", include=set(LocaleWording.model_fields))
    words = LocaleWording.model_validate_json(json.dumps(merge_tables(data, altered)))
    return content_hash({**approved, "wording": approved_content(words)})


def _each_altered(content: dict[str, Any]) -> list[dict[str, Any]]:
    """*content* again and again, each time with another one of its sentences changed."""
    found: list[dict[str, Any]] = []

    def walk(part: object, path: tuple[str | int, ...]) -> None:
        if isinstance(part, str):
            copy = json.loads(json.dumps(content))
            inside = copy
            for step in path[:-1]:
                inside = inside[step]
            inside[path[-1]] = "rtl" if part == "ltr" else f"{part}x"
            found.append(copy)
        elif isinstance(part, dict):
            for key, value in part.items():
                walk(value, (*path, key))
        elif isinstance(part, list):
            for index, value in enumerate(part):
                walk(value, (*path, index))

    walk(content, ())
    return found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reply_days = 3", "reply_days = 4"),
        ("days = 180", "days = 90"),
        ("[Site name - placeholder]", "Harbour Example Centre"),
        ("[modules.source]\non = false", "[modules.source]\non = true"),
        ('options = ["1", "2", "0", "8", "9"]', 'options = ["0", "1", "2", "8", "9"]'),
        ("https://www.weather.gov/", "https://weather.example/"),
    ],
)
def test_the_version_changes_with_what_shapes_the_form(folder: Folder, old: str, new: str) -> None:
    before = folder.wording().version

    folder.edit("study.toml", old, new)

    assert folder.wording().version != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("study.toml", "[on-call contact for safety concerns - placeholder]", "Ada Example, +1 415 555 0100"),
        ("study.toml", 'title = "BPL-003', 'title = "Staff title of BPL-003'),
        ("study.toml", 'description = "How the person', 'description = "In which way the person'),
        (WORDS, 'status = "source"', 'status = "reviewed"'),
        ("study.toml", 'by = ["language", "turn"]', 'by = ["turn"]'),
        ("study.toml", '"news"]', '"news", "poster"]'),
        ("study.toml", "# checked_on =", "checked_on = 2026-11-23"),
    ],
)
def test_what_no_participant_reads_needs_no_new_version(folder: Folder, name: str, old: str, new: str) -> None:
    before = folder.wording().version

    folder.edit(name, old, new)

    assert folder.wording().version == before


def test_the_content_holds_each_question_with_its_exact_words(folder: Folder) -> None:
    content = folder.wording().content

    assert content["study"]["questions"][2] == {"id": "dep_now", "kind": "choice", "options": ["1", "0", "8", "9"]}
    assert content["wording"]["fields"]["dep_now"]["label"] == "Do you have depression now?"
    assert json.loads(canonical_json(content)) == content


def test_the_locales_are_those_of_the_files(folder: Folder) -> None:
    for name in ("wording.zh-Hant.toml", "wording.es.toml"):
        (folder.path / name).touch()

    assert list_locales(folder.path) == ("en", "es", "zh-Hant")


def test_a_wording_with_a_name_that_is_no_locale_is_refused(folder: Folder) -> None:
    (folder.path / "wording.en_US.toml").touch()

    assert "wording.en_US.toml is not named like wording.en.toml" in refusal(lambda: list_locales(folder.path))


def test_a_folder_without_words_is_refused(tmp_path: Path) -> None:
    assert "has no wording.<locale>.toml; set SCREENER_STUDY" in refusal(lambda: list_locales(tmp_path))
    assert "has no wording.<locale>.toml; set SCREENER_STUDY" in refusal(lambda: list_locales(tmp_path / "absent"))


def test_a_missing_wording_is_named(folder: Folder) -> None:
    assert "wording.es.toml is missing" in refusal(lambda: folder.wording("es"))


def test_a_syntax_error_in_a_wording_is_named_with_its_line(folder: Folder) -> None:
    (folder.path / WORDS).write_text('locale = "en"\nname =\n', encoding="utf-8")

    assert "wording.en.toml, line 2: invalid value" in refusal(folder.wording)

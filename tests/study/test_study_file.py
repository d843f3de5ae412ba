"""A study file is read strictly: a mistake is named with its file and key path, and a rule has no place."""

import os

import pytest

from screener.sealing.box import ANSWERS
from screener.sealing.box import pad_plaintext
from screener.study.model import Study
from screener.submissions.payload import pack_values
from tests.support.study_folder import Folder
from tests.support.study_folder import refusal

DEP_NOW = 'id = "dep_now"\nkind = "choice"\noptions = ["1", "0", "8", "9"]'
RULES = (
    'exclude_if = ["0"]',
    "score = 1",
    "min = 18",
    "max = 75",
    "required = true",
    'expected = "1"',
    "weight = 2",
    'criterion_threshold = "2"',
    'webhook_if = "1"',
)


def test_the_seven_questions_are_asked_in_the_order_of_the_page(folder: Folder) -> None:
    asked = [question.id for question in folder.study().asked]

    assert asked == ["age_years", "dep_told", "dep_now", "ad_tried", "ad_now", "tx_had", "travel_sf"]


def test_the_sensitive_module_stands_before_the_last_easy_question(folder: Folder) -> None:
    folder.edit("study.toml", "[modules.sensitive]\non = false", "[modules.sensitive]\non = true")

    asked = [question.id for question in folder.study().asked]

    assert asked[-3:] == ["psy_told", "health_any", "travel_sf"]


def test_codes_are_those_of_the_study_and_reserved_ones_are_not_shown(folder: Folder) -> None:
    codes = {question.id: question.options for question in folder.study().questions}

    assert codes["age_years"] == ()
    assert codes["dep_told"] == ("1", "0", "8", "9")
    assert codes["ad_tried"] == ("0", "1", "2", "3", "4", "8", "9")
    assert codes["tx_had"] == ("1", "2", "3", "0", "8", "9")
    assert codes["travel_sf"] == ("1", "2", "0", "8", "9")
    assert codes["heard"] == ("1", "2", "3", "4", "5", "6", "7", "10", "8", "9")


def test_every_module_is_off(folder: Folder) -> None:
    modules = folder.study().modules

    assert {name: module.on for name, module in modules.items()} == {
        "sensitive": False,
        "logistics": False,
        "source": False,
        "future": False,
    }


def test_every_fact_about_the_site_is_a_placeholder_that_says_so(folder: Folder) -> None:
    study = folder.study()

    assert study.placeholders() == (
        "site.name",
        "site.address",
        "site.phone",
        "site.investigator",
        "site.irb_name",
        "site.on_call",
        "registry.checked_on",
    )
    assert all("placeholder" in fact for fact in study.site.model_dump().values() if fact)


def test_a_fact_that_is_filled_in_is_no_placeholder(folder: Folder) -> None:
    folder.edit("study.toml", "[site telephone - placeholder]", "+1 415 555 0100")

    assert "site.phone" not in folder.study().placeholders()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_about_an_answer_is_refused(folder: Folder, rule: str) -> None:
    folder.edit("study.toml", DEP_NOW, f"{DEP_NOW}\n{rule}")

    said = refusal(folder.study)

    name = rule.partition(" ")[0]
    assert f"study.toml cannot be used: questions[dep_now].{name} is not a key that is known here" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "dep_now"', 'id = "dep_told"', "questions has the id dep_told twice"),
        (DEP_NOW, DEP_NOW.replace('"0"', '"1"'), "questions[dep_now] has the code 1 twice"),
        (DEP_NOW, f'{DEP_NOW}\nmodule = "hidden"', "modules has no [modules.hidden], which the form needs"),
        (DEP_NOW, DEP_NOW.replace("choice", "text"), "questions[dep_now].kind input should be 'choice', 'choices'"),
        (DEP_NOW, DEP_NOW.replace("choice", "whole_number"), "questions[dep_now] has a kind and options that do not"),
        (DEP_NOW, 'id = "dep_now"\nkind = "choices"', "questions[dep_now] has a kind and options that do not"),
        (DEP_NOW, DEP_NOW.replace('"8"', "8"), "questions[dep_now].options[3] must be text in quotation marks"),
        (DEP_NOW, DEP_NOW.replace('"8"', '""'), "questions[dep_now].options[3] is not written as such a value is"),
        (DEP_NOW, 'id = "dep_now"\nkind = "choice"\noptions = "1089"', "questions[dep_now].options must be a list"),
        ('id = "dep_now"\n', "", "questions[3].id is missing"),
        ('id = "dep_now"', 'id = "email"', "questions[email] has an id that the form uses for something else"),
        ('id = "dep_now"', 'id = "token"', "questions[token] has an id that the form uses for something else"),
        ('id = "dep_now"', 'id = "Dep now"', "questions[Dep now].id is not written as such a value is"),
        ("reply_days = 3", 'reply_days = "3"', "clocks.reply_days must be a whole number"),
        ("reply_days = 3", "reply_days = true", "clocks.reply_days must be a whole number"),
        ("reply_days = 3", "reply_days = 0", "clocks.reply_days input should be greater than or equal to 1"),
        ("days = 180", "days = -1", "retention.days input should be greater than or equal to 1"),
        ("on = false", 'on = "no"', "modules.sensitive.on must be true or false"),
        ("[modules.future]", "[modules.later]", "modules has no [modules.future], which the form needs"),
        ("[site]", "[place]", "site is missing"),
        ("[site]", "[place]", "place is not a key that is known here"),
        ('phone_link = ""', 'phone_link = "javascript:alert(1)"', "site.phone_link is not written as such a value is"),
        ("https://www.weather.gov/", "http://weather", "quick_exit is not written as such a value is"),
        ("[Site name - placeholder]", "The {site_name} clinic", "site.name says {site_name}, which stands for nothing"),
        ("[Site name - placeholder]", " ", "site.name is not written as such a value is"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key_path(folder: Folder, old: str, new: str, said: str) -> None:
    folder.edit("study.toml", old, new)

    assert said in refusal(folder.study)
    assert str(folder.path / "study.toml") in refusal(folder.study)


def test_all_mistakes_stand_in_one_message(folder: Folder) -> None:
    folder.edit("study.toml", "reply_days = 3", "reply_days = 0")
    folder.edit("study.toml", DEP_NOW, f"{DEP_NOW}\nscore = 1")
    folder.edit("study.toml", "[Site name - placeholder]", "{who}")

    said = refusal(folder.study)

    assert all(path in said for path in ("clocks.reply_days", "questions[dep_now].score", "site.name says {who}"))


def test_a_syntax_error_is_named_with_its_line(folder: Folder) -> None:
    folder.edit("study.toml", 'id = "nct05870540"', 'id = "nct05870540')

    assert "study.toml, line 6: illegal character" in refusal(folder.study)


def test_a_file_cut_in_the_middle_is_named(folder: Folder) -> None:
    (folder.path / "study.toml").write_text('id = "x"\nquestions = [', encoding="utf-8")

    assert "study.toml, last line: invalid value" in refusal(folder.study)


def test_bytes_that_are_no_utf8_are_named_with_their_line(folder: Folder) -> None:
    (folder.path / "study.toml").write_bytes(b'id = "x"\ntitle = "caf\xe9"\n')

    assert "study.toml, line 2: this is not UTF-8" in refusal(folder.study)


def test_an_empty_folder_is_named(folder: Folder) -> None:
    (folder.path / "study.toml").unlink()

    assert (
        refusal(folder.study) == f"{folder.path / 'study.toml'} is missing; set SCREENER_STUDY to a folder that has it."
    )


def test_a_folder_in_place_of_the_file_is_named(folder: Folder) -> None:
    os.remove(folder.path / "study.toml")
    (folder.path / "study.toml").mkdir()

    assert "study.toml cannot be read; check its owner and its mode." in refusal(folder.study)


def test_answers_that_could_not_fit_into_their_box_are_refused_at_the_start(folder: Folder) -> None:
    more = "".join(
        f'\n[[questions]]\nid = "more_questions_about_something_{number}"\nkind = "choice"\noptions = ["1"]\n'
        for number in range(20)
    )
    with (folder.path / "study.toml").open("a", encoding="utf-8") as file:
        file.write(more)

    assert "questions has more than fits into one box (1,024 bytes for all answers together)" in refusal(folder.study)


def test_a_study_cannot_be_changed_once_it_is_loaded(folder: Folder) -> None:
    study = folder.study()

    with pytest.raises(ValueError, match="frozen"):
        study.id = "another"


def test_no_part_of_a_study_has_a_place_for_a_rule() -> None:
    words = str(Study.model_json_schema()["$defs"]["Question"]["properties"].keys())

    assert words == "dict_keys(['id', 'kind', 'options', 'module'])"


def test_the_longest_answers_to_every_question_fit_into_their_box(folder: Folder) -> None:
    longest = {
        question.id: question.options if question.kind == "choices" else max((*question.options, "000"), key=len)
        for question in folder.study().questions
    }

    packed = pack_values(longest)

    assert len(packed) > 200
    assert pad_plaintext(packed, ANSWERS) is not None

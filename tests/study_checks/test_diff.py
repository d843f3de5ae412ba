"""What changed between two contents is told sentence by sentence, and nothing else is."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from screener.study.approved_content import canonical_json
from screener.study_checks.diff import WordingChange
from screener.study_checks.diff import count_sentences
from screener.study_checks.diff import list_changes
from screener.study_checks.diff import split_paragraph
from tests.support.study_folder import Folder

RELEASE_1 = Path(__file__).parents[1] / "releases" / "1" / "study"


def content(folder: Folder) -> dict[str, Any]:
    """As the store keeps it: sorted, and with lists for tuples."""
    kept: dict[str, Any] = json.loads(canonical_json(folder.wording().content))
    return kept


def body(*paragraphs: str) -> dict[str, Any]:
    return {"wording": {"body": list(paragraphs)}}


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the texts and numbers of *tree* are."""
    if isinstance(tree, (dict, list)):
        pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return [leaf for key, value in pairs for leaf in leaves(value, (*path, key))]
    return [] if tree is None else [path]


def test_the_kept_content_and_the_fresh_one_are_alike(folder: Folder) -> None:
    assert list_changes(content(folder), folder.wording().content) == ()


#: The one section that the study of today has and that of release 1 does not.
ADDED_SINCE_RELEASE_1 = "wording.pages.privacy.appointment"


def test_the_same_words_in_another_format_are_no_change(folder: Folder) -> None:
    (folder.path / "study.toml").write_bytes((RELEASE_1 / "study.toml").read_bytes())
    new = content(folder)
    (folder.path / "wording.en.toml").write_bytes((RELEASE_1 / "wording.en.toml").read_bytes())
    old = content(folder)

    assert "errors" in old["wording"]
    for changes in (list_changes(old, new), list_changes(new, old)):
        assert {change.path.partition("[")[0] for change in changes} == {ADDED_SINCE_RELEASE_1}


def test_a_sentence_in_a_paragraph_is_told_alone_with_its_place(folder: Folder) -> None:
    old = content(folder)
    folder.edit("wording.en.toml", "It takes about 5 minutes.", "It takes about 7 minutes.")

    (change,) = list_changes(old, content(folder))

    assert change.path.startswith("wording.pages.start.body[")
    assert (change.before, change.after) == ("It takes about 5 minutes.", "It takes about 7 minutes.")


def test_facts_of_the_study_that_shape_the_form_are_told_where_they_stand_and_where_they_are_read(
    folder: Folder,
) -> None:
    old = content(folder)
    folder.edit("study.toml", "reply_days = 3", "reply_days = 5")
    folder.edit("study.toml", 'id = "dep_now"\nkind = "choice"', 'id = "dep_now"\nkind = "choices"')

    found = list_changes(old, content(folder))

    assert WordingChange("study.clocks.reply_days", "3", "5") in found
    assert WordingChange("study.questions[dep_now].kind", "choice", "choices") in found
    read = [change for change in found if change.path.startswith("wording.")]
    assert read
    assert all("3 work days" in change.before and "5 work days" in change.after for change in read)


def test_what_only_staff_read_is_no_change(folder: Folder) -> None:
    old = content(folder)
    folder.edit("study.toml", 'by = ["language", "turn"]', 'by = ["turn"]')
    folder.edit("wording.en.toml", 'status = "source"', 'status = "reviewed"')

    assert list_changes(old, content(folder)) == ()


def test_a_change_of_any_text_or_number_is_seen(folder: Folder) -> None:
    old = content(folder)
    places = leaves(old)

    for place in places:
        new = deepcopy(old)
        part = new
        for step in place[:-1]:
            part = part[step]
        part[place[-1]] = "Something else." if isinstance(part[place[-1]], str) else 77
        assert list_changes(old, new), place
    assert len(places) > 300


def test_a_paragraph_that_came_or_went_leaves_the_others_as_they_are() -> None:
    old, new = body("One two.", "Three four."), body("One two.", "New words.", "Three four.")

    assert list_changes(old, new) == (WordingChange("wording.body[2]", "", "New words."),)
    assert list_changes(new, old) == (WordingChange("wording.body[2]", "New words.", ""),)


def test_paragraphs_that_changed_places_or_were_joined_are_told() -> None:
    apart, joined = body("First words.", "Other words."), body("First words. Other words.")

    assert list_changes(apart, body("Other words.", "First words."))
    assert list_changes(apart, joined)
    assert list_changes(joined, apart)


def test_several_changed_paragraphs_are_told_one_by_one() -> None:
    old, new = body("Calm day.", "Cold night."), body("Calm hour.", "Cold year. It ends.")

    assert list_changes(old, new) == (
        WordingChange("wording.body[1]", "Calm day.", "Calm hour."),
        WordingChange("wording.body[2]", "Cold night.", "Cold year. It ends."),
    )


def test_an_order_of_questions_is_a_change_and_so_is_one_that_came(folder: Folder) -> None:
    old = content(folder)
    new = deepcopy(old)
    new["study"]["questions"].reverse()
    new["study"]["questions"].append({"id": "dep_new", "kind": "choice", "options": ["1", "0"], "module": None})

    order, *others = list_changes(old, new)

    assert order.path == "study.questions"
    assert order.before.startswith("age_years, dep_told")
    assert [change.path for change in others][:2] == ["study.questions[dep_new].id", "study.questions[dep_new].kind"]
    assert {change.before for change in others} == {""}


def test_a_place_that_holds_another_kind_of_thing_now_is_told_and_breaks_nothing() -> None:
    assert list_changes({"a": "text"}, {"a": ["text"]}) == (WordingChange("a", "text", '["text"]'),)
    assert list_changes({"a": {"b": "text"}}, {"a": "text"}) == (WordingChange("a", '{"b": "text"}', "text"),)


def test_a_content_against_none_is_all_new(folder: Folder) -> None:
    found = list_changes({}, content(folder))

    assert {change.before for change in found} == {""}
    assert [(one.path, one.before) for one in list_changes(content(folder), {})] == [
        (one.path, one.after) for one in found
    ]
    assert count_sentences(content(folder)) > len([one for one in found if one.path.startswith("wording.")])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("You can skip it. You can skip all.", ["You can skip it.", " You can skip all."]),
        ("Ask Dr. Ada Example. Call us.", ["Ask Dr. Ada Example.", " Call us."]),
        ("您可以跳過。都可以跳過。", ["您可以跳過。", "都可以跳過。"]),
        ("", []),
    ],
)
def test_sentences_are_cut_where_a_reader_stops(text: str, parts: list[str]) -> None:
    assert split_paragraph(text) == parts
    assert "".join(split_paragraph(text)) == text

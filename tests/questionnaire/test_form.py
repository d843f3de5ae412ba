"""The form is built from the study, says everything in the wording's words, and carries nobody's answers."""

import gc
from datetime import UTC
from datetime import datetime

import pytest

from screener.questionnaire.fields import AnyOf
from screener.questionnaire.form import CONTACT
from screener.questionnaire.form import PERMISSION
from screener.questionnaire.form import InterestForm
from screener.questionnaire.form import interest_form
from screener.questionnaire.post_body import Posted
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.model import Module
from screener.study.model import Study
from screener.submissions.payload import CONTACT_FIELDS

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


class Keys:
    current = b"k" * 32
    previous: tuple[bytes, ...] = ()


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(Settings().study)


@pytest.fixture(scope="module")
def form(study: Study) -> type[InterestForm]:
    return interest_form(study, load_wording(Settings().study, study, "en"))


def filled(form: type[InterestForm], **answers: str) -> InterestForm:
    return form(Posted(tuple(answers.items())), Keys(), NOW)


def test_what_the_form_keeps_is_what_the_compartments_know(form: type[InterestForm], study: Study) -> None:
    blank = filled(form)

    assert tuple(blank.answers()) == tuple(question.id for question in study.asked)
    known = {column.id for column in CONTACT_FIELDS}
    assert set(blank.contact()) | {"future_ok"} == known
    assert set(CONTACT + PERMISSION) == known


def test_each_field_of_ours_has_the_codes_that_the_wording_has_words_for(
    form: type[InterestForm], study: Study
) -> None:
    blank = filled(form)

    for name, codes in study.fields().items():
        if name in blank and codes and name not in ("sms_ok", "adult_self"):
            assert blank[name].codes - {""} == set(codes), name


def test_a_module_that_is_on_is_asked_and_kept(study: Study) -> None:
    on = {name: Module(on=True, description="on") for name in study.modules}
    whole = study.model_copy(update={"modules": on})
    form = interest_form(whole, load_wording(Settings().study, study, "en"))

    blank = filled(form)

    assert {"psy_told", "heard"} <= set(blank.answers())
    assert blank.contact()["future_ok"] == "0"
    assert isinstance(blank["heard"], AnyOf)


def test_no_two_forms_share_what_was_typed(form: type[InterestForm]) -> None:
    first = filled(form, name_pref="Ada Example", age_years="34", tx_had="1")
    first.validate()

    second = filled(form)

    assert second.name_pref.data == ""
    assert second.answers()["tx_had"] == ()
    assert not second.errors


def test_a_form_that_was_let_go_leaves_nothing_behind(form: type[InterestForm]) -> None:
    filled(form, name_pref="Adaqzx").validate()

    gc.collect()

    assert not [one for one in gc.get_objects() if isinstance(one, InterestForm) and one.name_pref.data == "Adaqzx"]
    assert all(field._form is None for field in form.made.values())


def test_every_message_that_the_form_can_say_is_ours(form: type[InterestForm]) -> None:
    wording = form.wording.errors
    wrong = filled(form, age_years="x", dep_told="7", tx_had="7", lang="xx", email="@", phone="-", sms_ok="x")

    wrong.validate()

    said = {message for messages in wrong.errors.values() for message in messages}
    assert said <= set(wording.model_dump().values())
    assert wording.age in said
    assert len(wrong.errors) == 10

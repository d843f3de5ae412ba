"""The form is built from the study and the table of contact fields, and carries nobody's answers."""

import gc
import re
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from wtforms.meta import DefaultMeta

from screener.questionnaire.field_cache import CachingMeta
from screener.questionnaire.fields import MultipleChoiceField
from screener.questionnaire.form import PAGE_FIELDS
from screener.questionnaire.form import FormDefinition
from screener.questionnaire.form import InterestForm
from screener.questionnaire.form import define_form
from screener.questionnaire.post_body import ParsedBody
from screener.settings import ROOT
from screener.settings import Settings
from screener.study.contact_fields import CONTACT_FIELDS
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.model import PAGE_IDS
from screener.study.model import PAGE_INPUTS
from screener.study.model import Question
from screener.study.model import Study
from screener.study.model import StudyModule
from screener.study.wording import FieldWording

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TEMPLATES = ROOT / "templates"
#: What can be wrong, in every kind of field, and what cannot.
ANSWERS: tuple[dict[str, str], ...] = (
    {},
    {"age_years": "x", "dep_told": "7", "tx_had": "7", "lang": "xx", "email": "@", "phone": "-", "sms_ok": "x"},
    {"age_years": "34", "tx_had": "1", "name_pref": "Ada Example", "email": "ada@example.org", "adult_self": "1"},
)


class Keys:
    current = b"k" * 32
    previous: tuple[bytes, ...] = ()


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(Settings().study)


@pytest.fixture(scope="module")
def definition(study: Study) -> FormDefinition:
    return define_form(study, load_wording(Settings().study, study, "en"))


def filled(definition: FormDefinition, **answers: str) -> InterestForm:
    return definition.load(ParsedBody(tuple(answers.items())), Keys(), NOW)


def errors(form: InterestForm) -> dict[str, list[str]]:
    return {name: list(found) for step in form.steps.values() for name, found in step.errors.items()}


def test_the_compartments_hold_the_questions_and_the_contact_fields_in_the_order_of_the_form(
    definition: FormDefinition, study: Study
) -> None:
    blank = definition.blank()

    assert list(blank.answers()) == [question.id for question in study.asked]
    assert list(blank.contact()) == [field.id for field in CONTACT_FIELDS if not field.module]


def test_each_field_has_the_codes_that_the_study_and_the_table_give_it(
    definition: FormDefinition, study: Study
) -> None:
    fields = {field.short_name: field for step in definition.blank().steps.values() for field in step}

    codes = {name: set(getattr(field, "codes", ())) - {""} for name, field in fields.items()}

    assert codes == {name: set(found) for name, found in study.fields().items() if name in fields}


def test_a_module_that_is_on_is_asked_and_kept(study: Study) -> None:
    on = {name: StudyModule(on=True, description="on") for name in study.modules}
    whole = study.model_copy(update={"modules": on})

    blank = define_form(whole, load_wording(Settings().study, study, "en")).blank()

    assert {"psy_told", "heard"} <= set(blank.answers())
    assert blank.contact()["future_ok"] == "0"
    assert isinstance(blank.steps["questions"]["heard"], MultipleChoiceField)


def test_no_two_forms_share_what_was_typed(definition: FormDefinition) -> None:
    first = filled(definition, name_pref="Ada Example", age_years="34", tx_had="1")
    first.validate()

    second = filled(definition)

    assert second.contact()["name_pref"] == ""
    assert second.answers()["tx_had"] == ()
    assert not errors(second)


def test_a_form_that_was_let_go_leaves_nothing_behind(definition: FormDefinition) -> None:
    filled(definition, name_pref="Adaqzx").validate()

    gc.collect()

    left = [one for one in gc.get_objects() if isinstance(one, InterestForm)]
    assert not [form for form in left if form.contact()["name_pref"] == "Adaqzx"]
    assert all(getattr(field, "data", "") != "Adaqzx" for field in definition.meta._built.values())


@pytest.mark.parametrize("answers", ANSWERS)
def test_a_copied_field_reads_and_says_what_a_field_that_is_built_anew_does(
    definition: FormDefinition, answers: dict[str, str]
) -> None:
    class Plain(CachingMeta):
        bind_field = DefaultMeta.bind_field

    copied = [filled(definition, **answers) for _ in range(2)][1]
    built = filled(FormDefinition(definition.wording, definition.steps, Plain()), **answers)

    assert copied.validate() == built.validate()
    assert errors(copied) == errors(built)
    assert (copied.contact(), copied.answers()) == (built.contact(), built.answers())


@pytest.mark.parametrize(("body", "key"), [("unreadable", "characters"), ("repeated", "repeated")])
def test_every_field_says_what_could_not_be_read_or_came_twice(definition: FormDefinition, body: str, key: str) -> None:
    message = definition.wording.errors.model_dump()[key]
    wrong = {}
    for name in [name for fields in definition.steps.values() for name in fields]:
        pairs = (*(pair for pair in ANSWERS[2].items() if pair[0] != name), (name, "1"))
        if body == "unreadable":
            form = definition.load(ParsedBody(pairs, frozenset({name})), Keys(), NOW)
        else:
            form = definition.load(ParsedBody((*pairs, (name, "1"))), Keys(), NOW)
        form.validate()
        if errors(form) != {name: [message]}:
            wrong[name] = errors(form)

    assert not wrong


def test_every_message_that_the_form_can_say_is_ours(definition: FormDefinition) -> None:
    wording = definition.wording.errors
    wrong = filled(definition, **ANSWERS[1])

    wrong.validate()

    said = {*wrong.token_errors, *(message for messages in errors(wrong).values() for message in messages)}
    assert said <= set(wording.model_dump().values())
    assert wording.age in said
    assert len(errors(wrong)) == 9
    assert wrong.token_errors == (wording.token,)


def test_a_question_may_have_the_name_of_anything_that_a_form_of_the_library_has(definition: FormDefinition) -> None:
    names = [name for name in dir(InterestForm) if re.fullmatch("[a-z][a-z_]*[a-z]", name)]
    study = load_study(Settings().study)
    questions = tuple(Question(id=name, kind="choice", options=("1", "2")) for name in names)
    words = {name: FieldWording(label=name, hint="", options={"1": "Yes", "2": "No"}) for name in names}
    wording = definition.wording.model_copy(update={"fields": {**definition.wording.fields, **words}})

    form = filled(define_form(study.model_copy(update={"questions": questions}), wording), **dict.fromkeys(names, "2"))

    assert len(names) > 10
    assert form.answers() == dict.fromkeys(names, "2")
    form.validate()
    assert not form.steps["questions"].errors


def test_no_question_may_have_the_name_of_another_input_or_the_id_of_another_element() -> None:
    used = {TEMPLATES / "base.html", *TEMPLATES.glob("intake/*.html"), *TEMPLATES.glob("errors/*.html")}
    used |= {TEMPLATES / name for path in used for name in re.findall(r'"(components/\w+\.html)"', read(path))}
    ids = {id_ for path in used for id_ in re.findall(r'\sid="([a-z_]+)"', read(path))}

    assert set(PAGE_FIELDS) == PAGE_INPUTS
    assert ids - PAGE_INPUTS == PAGE_IDS


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")

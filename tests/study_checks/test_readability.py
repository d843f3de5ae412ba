"""Sentences are found, counted and graded as a reader would, in each language that is measured."""

import pytest

from screener.study_checks import readability as reading


@pytest.mark.parametrize(
    ("word", "count"),
    [("medicine", 3), ("voice", 1), ("depression", 3), ("trouble", 2), ("used", 1), ("needed", 2), ("times", 1)],
)
def test_english_syllables_are_counted_well_enough(word: str, count: int) -> None:
    assert reading.count_syllables(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *(("de", 1), ("que", 1), ("guía", 2), ("siguiente", 3), ("agua", 2)),  # a u that is said, or not
        *(("bilingüe", 3), ("pingüino", 3), ("vergüenza", 3)),
        *(("ciudad", 2), ("cuidado", 3), ("estudio", 3), ("nuevo", 2), ("depresión", 3), ("después", 2)),
        *(("leer", 2), ("área", 3), ("aéreo", 4), ("ahora", 3), ("creo", 2), ("país", 2), ("todavía", 4)),
        *(("ahí", 2), ("búho", 2), ("prohíbe", 3), ("prohibir", 2), ("deshielo", 3), ("leído", 3), ("cuídese", 3)),
        *(("y", 1), ("muy", 1), ("hoy", 1), ("ayer", 2), ("yo", 1), ("leyes", 2), ("apoyo", 3)),
        *(("chico", 2), ("equipo", 3), ("medicamento", 5), ("confidencialidad", 6), ("988", 1)),
    ],
)
def test_spanish_syllables_follow_from_the_spelling(word: str, count: int) -> None:
    assert reading.count_spanish_syllables(word) == count
    assert reading.count_spanish_syllables(word.upper()) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("## What we keep", 1),
        ("It may not help you. It can have risks.", 2),
        ("¿Necesita ayuda? ¡Llame ahora!¿Sí?", 3),
        ("Si está fuera de EE. UU., llame al número local. Es gratis.", 2),
        ("De 8 a. m. a 12 p. m. cada día", 1),
        ("您可以略過任何問題。我們不會保存！可以嗎？", 3),
        ("研究團隊說：「請致電。」請保留表格。", 3),
        ("Quý vị có thể bỏ qua. Không sao.", 2),
        ("Laktawan ang tanong na ito. Ayos lang iyon!", 2),
        ("...", 0),
    ],
)
def test_sentences_are_found_in_every_script(text: str, count: int) -> None:
    assert len(reading.split_sentences(text)) == count


def test_chinese_is_counted_by_characters_and_a_number_is_one() -> None:
    assert len(reading.split_characters("請致電 +1 415 555 0100，謝謝。")) == 9


def test_crawfords_formula_is_the_published_one() -> None:
    """Twenty words of 38 syllables in two sentences: 10 sentences and 190 syllables in 100 words."""
    text = "La casa tiene una puerta verde para que todos entren. "
    text += "Mi madre come manzanas rojas cuando llega mi hermano Pablo."
    words = reading.split_words(text)

    assert (len(words), sum(map(reading.count_spanish_syllables, words))) == (20, 38)
    assert reading.grade_texts([text], "es") == pytest.approx(-0.205 * 10 + 0.049 * 190 - 3.407)


@pytest.mark.parametrize(
    ("locale", "hard"),
    [
        (
            "en",
            "Participation necessitates comprehensive psychiatric evaluation, including documentation of therapies.",
        ),
        (
            "es",
            "La participación requiere evaluaciones psiquiátricas comprensivas, incluyendo documentación terapéutica.",
        ),
    ],
)
def test_a_hard_page_is_found(locale: str, hard: str) -> None:
    assert reading.grade_texts([hard], locale) > 10

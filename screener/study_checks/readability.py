"""How hard a text is to read: its sentences, how long they are, and the school grade that can read them.

English is graded after Flesch and Kincaid. Its syllables are counted as groups of vowels, which needs no
dictionary and is seldom off by more than one word in twenty.

Spanish is graded after Alan N. Crawford, "Fórmula y gráfico para determinar la comprensibilidad de textos de
nivel primario en castellano", Lectura y Vida 6 (4), 1985 (first as "A Spanish language Fry-type readability
procedure", California State University, Los Angeles, 1984): made from 789 passages of readers for grades 1 to 6, so
it says more about a text that children can read than about how far another one is beyond them. Spanish is written as
it is spoken, and its syllables follow from the spelling.

For Chinese, Filipino and Vietnamese no formula of such a standing is known to us, and none is made up: their sentences
are held short, and a reader judges the rest. In every language the grade of one short sentence is noise, of a page
it is not.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

WORD = re.compile(r"[^\W_](?:[\w'’.-]*[^\W_])?")
#: Chinese has no blanks between words: a character counts, and so does a run of Latin letters or figures.
CHARACTER = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[A-Za-z0-9][A-Za-z0-9'.-]*")
#: A full stop and a blank, but not within "EE. UU.", "8 a. m."; Chinese needs no blank, nor does what begins with ¿.
END = re.compile(
    r"(?<=[.?!:])(?<!\bEE\.)(?<!\b[apm]\.)(?<!\bDr\.)(?<!\bDra\.)\s+"
    r"|(?<=[.?!])(?=[¿¡])"
    r"|(?<=[。！？：])(?![」』）])\s*|(?<=[。！？：][」』）])\s*"
)
VOWELS = re.compile(r"[aeiouy]+")
#: A silent ending: the e of "use", the ed of "used", the es of "times".
SILENT = re.compile(r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouytd]ed$|[^aeiouysczgxh]es$")
#: In Spanish the y of "voy" and "y" is a vowel, and that of "ayer" is not. An h parts nothing ("prohi-bir"), and
#: whether the u of "que" and "guía" is spoken makes no difference: it leans on its neighbour.
SPANISH_Y = re.compile(r"y(?![aeiouáéíóúü])")
SPANISH_VOWELS = re.compile(r"[aeiouáéíóúü]+")
#: Each of these is the heart of a syllable of its own; i, u and ü beside one lean on it ("ciudad", "bilingüe").
SPANISH_STRONG = re.compile(r"[aeoáéíóú]")


def split_sentences(text: str) -> list[str]:
    """The sentences of *text*; a heading or a label is one, too."""
    return [sentence for sentence in END.split(text.removeprefix("## ").removeprefix("- ")) if WORD.search(sentence)]


def split_words(sentence: str) -> list[str]:
    return WORD.findall(sentence)


def split_characters(sentence: str) -> list[str]:
    """What is counted where words are not set apart."""
    return CHARACTER.findall(sentence)


def count_syllables(word: str) -> int:
    """How many syllables an English word has, about."""
    word = word.lower().removesuffix("'s")
    count = len(VOWELS.findall(word))
    return max(count - 1 if SILENT.search(word) else count, 1)


def count_spanish_syllables(word: str) -> int:
    """How many syllables a Spanish word has."""
    word = SPANISH_Y.sub("i", word.lower().replace("h", ""))
    groups: list[str] = SPANISH_VOWELS.findall(word)
    return max(sum(max(len(SPANISH_STRONG.findall(group)), 1) for group in groups), 1)


def flesch_kincaid_grade(parts: int, found: Sequence[str]) -> float:
    return 0.39 * len(found) / parts + 11.8 * sum(map(count_syllables, found)) / len(found) - 15.59


def crawford_grade(parts: int, found: Sequence[str]) -> float:
    a_hundred = 100 / len(found)
    return -0.205 * parts * a_hundred + 0.049 * sum(map(count_spanish_syllables, found)) * a_hundred - 3.407


#: The languages that can be graded, by locale; each measure takes the number of sentences, and the words.
MEASURES: Mapping[str, Callable[[int, Sequence[str]], float]] = {"en": flesch_kincaid_grade, "es": crawford_grade}


def grade_texts(texts: Sequence[str], locale: str = "en") -> float:
    """The school grade of *texts* together, in a language that can be graded."""
    parts = [sentence for text in texts for sentence in split_sentences(text)]
    return MEASURES[locale](len(parts), [word for part in parts for word in split_words(part)])

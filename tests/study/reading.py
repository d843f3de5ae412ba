"""How hard a text is to read: its sentences, and their grade after Flesch and Kincaid.

Syllables are counted as groups of vowels, which needs no dictionary and is seldom off by more than one
word in twenty; the grade of one short sentence is noise, of a page it is not.
"""

import re

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'.-]*[A-Za-z0-9]|[A-Za-z0-9]")
END = re.compile(r"(?<=[.?!:])\s+")
VOWELS = re.compile(r"[aeiouy]+")
#: An ending that is written and not said: the e of "use", the ed of "used", the es of "times".
SILENT = re.compile(r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouytd]ed$|[^aeiouysczgxh]es$")


def sentences(text: str) -> list[str]:
    """The sentences of *text*; a heading or a label is one, too."""
    return [sentence for sentence in END.split(text.removeprefix("## ").removeprefix("- ")) if WORD.search(sentence)]


def words(sentence: str) -> list[str]:
    return WORD.findall(sentence)


def syllables(word: str) -> int:
    """How many syllables an English word has, about."""
    word = word.lower().removesuffix("'s")
    count = len(VOWELS.findall(word))
    return max(count - 1 if SILENT.search(word) else count, 1)


def grade(texts: list[str]) -> float:
    """The school grade of *texts* together."""
    parts = [sentence for text in texts for sentence in sentences(text)]
    found = [word for part in parts for word in words(part)]
    return 0.39 * len(found) / len(parts) + 11.8 * sum(map(syllables, found)) / len(found) - 15.59

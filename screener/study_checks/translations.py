"""Which sentences of a translation say what the English ones say now, and which are stale.

Beside ``wording.<locale>.toml`` stands ``translated.<locale>.toml``: for each sentence of English that was translated,
the first figures of its SHA-256, by key path. A command writes it, never a hand. A changed English sentence has another
hash, so that the translation of it is known to be stale, and no other is. Nothing that serves pages reads this.
"""

import hashlib
import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from screener.errors import UserError
from screener.study.wording_files import INTERFACE_FOLDER
from screener.study.wording_files import SOURCE
from screener.study.wording_files import TWO_FILES
from screener.study.wording_files import is_interface
from screener.study.wording_files import read_interface
from screener.study.wording_files import read_toml
from screener.study.wording_files import read_wording_source
from screener.study.wording_files import without_head
from screener.study_checks.sentences import PLACEHOLDER
from screener.study_checks.sentences import WordingFault
from screener.study_checks.sentences import is_inside
from screener.study_checks.sentences import mark_of
from screener.study_checks.sentences import sentences_of

FIGURES = 12
SECTION = "sentences"
WRITTEN_BY = (
    "# Written by `screener wording translated`, and never by hand: the English that each sentence was made from.\n"
)
#: Parts of which a translation may say something else than English does, and why.
OTHERWISE = {
    "crisis.lines": "the languages in which the line answers, and the key to press, differ from language to language",
}

Sentences = Mapping[str, str]
#: Key path to the hash of the English sentence; what ``translated.<locale>.toml`` holds.
Marks = Mapping[str, str]


@dataclass(frozen=True)
class TranslationPair:
    """The sentences of a translation and of its source, and the file that has the marks between them."""

    english: Sentences
    own: Sentences
    marks_path: Path
    #: Whether a key path is compared here.
    has: Callable[[str], bool]

    def marks(self) -> Marks:
        """What the translation was made from; nothing, when no mark has been recorded yet."""
        return {path: one for path, one in read_marks(self.marks_path).items() if self.has(path)}


@dataclass(frozen=True)
class RecordedMarks:
    """What one run of the command changed: key paths."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    dropped: tuple[str, ...]


def wording_translation(folder: Path, locale: str) -> TranslationPair:
    """The wording of *locale* in the study *folder*, beside English; without interface text once either is format 2."""
    sources = [read_wording_source(folder, one) for one in (SOURCE, locale)]
    apart = any(one.format == TWO_FILES for one in sources)

    def has(path: str) -> bool:
        return not (apart and is_interface(path))

    english, own = ({p: text for p, text in sentences_of(one.wording).items() if has(p)} for one in sources)
    return TranslationPair(english, own, folder / f"translated.{locale}.toml", has)


def interface_translation(locale: str) -> TranslationPair:
    """The interface text that comes with Screener in *locale*, beside English."""
    files = (INTERFACE_FOLDER / f"interface.{one}.toml" for one in (SOURCE, locale))
    english, own = (sentences_of(without_head(read_interface(file))) for file in files)
    return TranslationPair(english, own, INTERFACE_FOLDER / f"translated.{locale}.toml", is_interface)


def hash_sentence(sentence: str) -> str:
    """What is kept of an English sentence: enough to know it by, and nothing to read."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:FIGURES]


def find_translation_faults(folder: Path, locale: str) -> tuple[WordingFault, ...]:
    """What *locale* lacks, has too much, or has of an older English; nothing for English itself."""
    if locale == SOURCE:
        return ()
    try:
        translation = wording_translation(folder, locale)
    except UserError:
        mend = f"put wording.{SOURCE}.toml beside it, and mend what `screener wording check` says of it"
        return (WordingFault("locale", "", "is a translation, and its source cannot be used", mend),)
    return compare_translation(translation)


def compare_translation(translation: TranslationPair) -> tuple[WordingFault, ...]:
    """What a translation lacks, has too much, or has of an older English."""
    english, own = translation.english, translation.own
    return (*_shape(english, own), *_missing_and_extra(english, own), *_stale(english, own, translation.marks()))


def read_marks(path: Path) -> Marks:
    """The marks in the file at *path*; none, when it is not there. Raises *UserError* when a hand has written it."""
    if not path.exists():
        return {}
    data = read_toml(path)
    marks = data.get(SECTION)
    if set(data) == {SECTION} and isinstance(marks, dict) and all(isinstance(one, str) for one in marks.values()):
        return {str(key): value for key, value in marks.items()}
    raise UserError(f"{path} is not as `screener wording translated` writes it; remove it, and run that again.")


def record_marks(translation: TranslationPair, only: tuple[str, ...] = ()) -> RecordedMarks:
    """Write down that the sentences, or those in *only*, were translated from English as it is now."""
    english, own = translation.english, translation.own
    unknown = [part for part in only if not any(_meant(path, (part,)) for path in (*english, *own))]
    if unknown:
        raise UserError(f"No sentence stands at {unknown[0]}; name a key path such as pages.start.body[3].")
    before, gone = _aligned(translation.marks(), english)
    now = {path: hash_sentence(text) for path, text in english.items() if path in own or _is_otherwise(path)}
    if only:
        now = {path: one for path, one in now.items() if _meant(path, only)}
        now |= {path: one for path, one in before.items() if not _meant(path, only)}
    _write(translation.marks_path, {path: now[path] for path in english if path in now})
    return RecordedMarks(
        new=tuple(path for path in now if path not in before),
        changed=tuple(path for path in now if path in before and before[path] != now[path]),
        dropped=(*gone, *(path for path in before if path not in now)),
    )


def _meant(path: str, only: tuple[str, ...]) -> bool:
    return any(is_inside(path, part) for part in only)


def _write(path: Path, marks: Marks) -> None:
    lines = "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in marks.items())
    path.write_text(f"{WRITTEN_BY}\n[{SECTION}]\n{lines}", encoding="utf-8")


def _is_otherwise(path: str) -> bool:
    return any(is_inside(path, part) for part in OTHERWISE)


def _list_of(path: str) -> str:
    """The list that the paragraph at *path* stands in, or nothing."""
    return path.rpartition("[")[0]


def _lists(sentences: Sentences) -> dict[str, list[str]]:
    """Each list and the key paths of its paragraphs."""
    found: dict[str, list[str]] = {}
    for path in sentences:
        if name := _list_of(path):
            found.setdefault(name, []).append(path)
    return found


def _shape(english: Sentences, own: Sentences) -> Iterator[WordingFault]:
    """Lists of another length; and, where paragraph stands beside paragraph, what kind it is and what it names."""
    theirs, uneven = _lists(own), set()
    for name, paths in _lists(english).items():
        count = len(theirs.get(name, ()))
        if count != len(paths) and not _is_otherwise(name):
            uneven.add(name)
            do = "Give each paragraph of English one of its own, in the same order."
            yield WordingFault(name, "", f"has {count} paragraphs, and English has {len(paths)}", do)
    for path in english:
        if path in own and not _is_otherwise(path) and _list_of(path) not in uneven:
            yield from _differences(path, english[path], own[path])


def _differences(path: str, english: str, own: str) -> Iterator[WordingFault]:
    if mark_of(english) != mark_of(own):
        do = f'English begins it with "{mark_of(english)}" (## a heading, - an item of a list, nothing a paragraph).'
        yield WordingFault(path, own, "is another kind of paragraph than in English", do)
    expected, found = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(own))
    for name in sorted(expected - found):
        yield WordingFault(
            path, own, f"does not say {{{name}}}, which English says", "Put it in; it becomes a fact of the site."
        )
    for name in sorted(found - expected):
        yield WordingFault(
            path, own, f"says {{{name}}}, which English does not say", "Take it out, or compare the two."
        )


def _missing_and_extra(english: Sentences, own: Sentences) -> Iterator[WordingFault]:
    """Sentences that only one of the two has; paragraphs of a list are counted, not named."""
    for path, text in english.items():
        if path not in own and not _list_of(path):
            yield WordingFault(path, "", "is missing", f'Translate it; in English: "{text}"')
    for path, text in own.items():
        if path not in english and not (_list_of(path) and _list_of(path) in _lists(english)):
            yield WordingFault(path, text, "says something where English says nothing", "Take it out.")


def _stale(english: Sentences, own: Sentences, marks: Marks) -> Iterator[WordingFault]:
    if not marks:
        do = "When each sentence says what English says now: screener wording translated"
        yield WordingFault("locale", "", "names a translation without a record of the English it was made from", do)
        return
    aligned, gone = _aligned(marks, english)
    lists = _lists(english), _lists(own)
    for path, text in english.items():
        if aligned.get(path) == hash_sentence(text) or not (path in own or _list_of(path)):
            continue
        shifted = len({len(one.get(_list_of(path), ())) for one in lists}) > 1
        yield _behind(path, text, "" if shifted else own.get(path, ""), known=path in aligned)
    yield from map(_gone, gone)


def _aligned(marks: Marks, english: Sentences) -> tuple[dict[str, str], list[str]]:
    """*marks* by the key paths of today, and the paths of marks that nothing stands for any more.

    A paragraph that was put in or taken out moves the others, and they are no staler for it.
    """
    kept = {path: one for path, one in marks.items() if not _list_of(path) and path in english}
    gone = [path for path in marks if not _list_of(path) and path not in english]
    now, before = _lists(english), _lists(marks)
    for name in now | before:
        paths, old = now.get(name, []), before.get(name, [])
        hashes = [hash_sentence(english[path]) for path in paths]
        compared = SequenceMatcher(None, [marks[path] for path in old], hashes, autojunk=False)
        for _, first, last, start, end in compared.get_opcodes():
            kept |= {path: marks[was] for path, was in zip(paths[start:end], old[first:last], strict=False)}
            gone += old[first + end - start : last]
    return kept, gone


def _behind(path: str, english: str, own: str, *, known: bool) -> WordingFault:
    wrong = (
        "is stale: English has changed since" if known else "is not marked: no record of the English it was made from"
    )
    do = f'English says now: "{english}" When the translation says so too: screener wording translated'
    return WordingFault(path, own, wrong, do)


def _gone(path: str) -> WordingFault:
    do = "Compare the two; when the translation is right: screener wording translated"
    return WordingFault(path, "", "was made from an English sentence that is there no more", do)

"""Invented people, the same ones for the same number, and nobody whom there is.

Their names end in "Example", their telephone numbers are of those that are kept for stories (555-01xx), and their
addresses lie in a domain that takes no mail.
"""

import random
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from screener.study.contact_fields import ContactField
from screener.study.model import Question
from screener.study.model import Study

Typed = Mapping[str, str | tuple[str, ...]]

GIVEN = (
    *("Ada", "Amir", "Bea", "Carlos", "Chidi", "Dana", "Elena", "Farid", "Grace", "Hana", "Ivan", "Joy", "Kofi"),
    *("Lan", "Luis", "Mai", "Mina", "Nadia", "Noor", "Olga", "Omar", "Pilar", "Quinn", "Rosa", "Sami", "Tala"),
    *("Uma", "Vera", "Wei", "Ximena", "Yusuf", "Zoe"),
)
AREAS = ("415", "510", "650", "628", "707", "925", "209", "916")
#: Languages of the call, the usual ones several times.
LANGUAGES = ("en",) * 9 + ("es",) * 4 + ("yue", "yue", "cmn", "cmn", "fil", "vi", "ase", "other", "")
ACCESS_TEXT = ("Please speak slowly.", "I use a screen reader.", "Two short calls are better than a long one.")


@dataclass(frozen=True)
class Someone:
    """What one invented person types, and how they go about it."""

    name: str
    typed: Typed
    #: They fill in what people leave blank, as programs do.
    trapped: bool = False
    #: They send the form before anybody could have read it.
    hasty: bool = False


def invented(study: Study, number: int, *, seed: int) -> list[Someone]:
    """So many people, each with answers to what *study* asks."""
    chance = random.Random(seed)  # noqa: S311 - it invents people, and guards nothing
    return [_someone(study, order, chance) for order in range(number)]


def reachable(one: Someone, channels: Sequence[str]) -> Someone:
    """*one*, who gave and allowed what the desk uses in their story."""
    more: dict[str, str] = {}
    order = sum(one.name.encode())
    if {"call", "text"} & set(channels):
        more["phone"] = str(one.typed["phone"] or _phone(order))
    if "text" in channels:
        more["sms_ok"] = "1"
    if "email" in channels:
        more["email"] = str(one.typed["email"] or _address(one.name, order))
    return replace(one, typed={**one.typed, **more})


def _someone(study: Study, order: int, chance: random.Random) -> Someone:
    initial = chance.choice("ABCDEFGHJKLMNPRSTVW")
    name = f"{chance.choice(GIVEN)} {initial}. Example"
    answers = {question.id: _answer(question, chance) for question in study.asked}
    return Someone(name, {**_contact_answers(study, name, order, chance), **answers})


def _contact_answers(study: Study, name: str, order: int, chance: random.Random) -> Typed:
    """Contact answers that go together: there is a way to reach everyone, and no OK to texts without a telephone."""
    phone = _phone(order) if chance.random() < 0.9 else ""
    email = _address(name, order) if not phone or chance.random() < 0.7 else ""
    texts = {"nickname": name, "phone": phone, "email": email, "": ""}
    answers = {
        field.id: texts[field.format] if field.kind == "text" else _contact_choice(field, chance)
        for field in study.contact_fields
    }
    answers["lang"] = chance.choice(LANGUAGES)
    if not phone:
        answers["sms_ok"] = ""
    if "6" in answers["access"]:
        answers["access_text"] = chance.choice(ACCESS_TEXT)
    return answers


def _contact_choice(field: ContactField, chance: random.Random) -> str | tuple[str, ...]:
    """One of the codes, the first more often than the others, or none; what is required is ticked."""
    if field.kind == "tick":
        return "1" if field.required == "yes" or chance.random() < 0.5 else ""
    if field.kind == "choices":
        return tuple(sorted(chance.sample(field.codes, chance.randint(0, 2))))
    return chance.choice((field.codes[0], *field.codes, ""))


def _phone(order: int) -> str:
    return f"({AREAS[order // 100 % len(AREAS)]}) 555-01{order % 100:02}"


def _address(name: str, order: int) -> str:
    return f"{name.partition(' ')[0].lower()}.{order}@example.org"


def _answer(question: Question, chance: random.Random) -> str | tuple[str, ...]:
    """Anything that can be answered, or nothing: no answer goes with another, or with what happens later."""
    if question.kind == "whole_number":
        return str(chance.randint(18, 79)) if chance.random() < 0.9 else ""
    if question.kind == "choices":
        picked = set(chance.sample(question.options, min(len(question.options), chance.randint(0, 2))))
        return tuple(code for code in question.options if code in picked)
    return chance.choice((*question.options, ""))

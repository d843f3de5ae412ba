"""Invented participants: the same ones for the same seed, and no real person.

Their names end in "Example", their telephone numbers are of the range reserved for fiction (555-01xx), and their
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

FormAnswers = Mapping[str, str | tuple[str, ...]]

GIVEN_NAMES = (
    *("Ada", "Amir", "Bea", "Carlos", "Chidi", "Dana", "Elena", "Farid", "Grace", "Hana", "Ivan", "Joy", "Kofi"),
    *("Lan", "Luis", "Mai", "Mina", "Nadia", "Noor", "Olga", "Omar", "Pilar", "Quinn", "Rosa", "Sami", "Tala"),
    *("Uma", "Vera", "Wei", "Ximena", "Yusuf", "Zoe"),
)
AREA_CODES = ("415", "510", "650", "628", "707", "925", "209", "916")
#: Languages of the call, the usual ones several times.
LANGUAGES = ("en",) * 9 + ("es",) * 4 + ("yue", "yue", "cmn", "cmn", "fil", "vi", "ase", "other", "")
ACCESS_TEXTS = ("Please speak slowly.", "I use a screen reader.", "Two short calls are better than a long one.")


@dataclass(frozen=True)
class InventedParticipant:
    """What one invented person types, and how."""

    name: str
    typed: FormAnswers
    #: Fills in the field that people leave blank, as programs do.
    fills_trap: bool = False
    #: Sends the form before a person could have read it.
    is_hasty: bool = False


def invent_participants(study: Study, number: int, *, seed: int) -> list[InventedParticipant]:
    """Return *number* people, each with answers to what *study* asks."""
    rng = random.Random(seed)  # noqa: S311 - not for security
    return [_invent(study, index, rng) for index in range(number)]


def make_reachable(one: InventedParticipant, channels: Sequence[str]) -> InventedParticipant:
    """Return *one* with the contact details and permissions for *channels*, which their scenario uses."""
    more: dict[str, str] = {}
    index = sum(one.name.encode())
    if {"call", "text"} & set(channels):
        more["phone"] = str(one.typed["phone"] or _phone(index))
    if "text" in channels:
        more["sms_ok"] = "1"
    if "email" in channels:
        more["email"] = str(one.typed["email"] or _address(one.name, index))
    return replace(one, typed={**one.typed, **more})


def _invent(study: Study, index: int, rng: random.Random) -> InventedParticipant:
    initial = rng.choice("ABCDEFGHJKLMNPRSTVW")
    name = f"{rng.choice(GIVEN_NAMES)} {initial}. Example"
    answers = {question.id: _answer(question, rng) for question in study.asked}
    return InventedParticipant(name, {**_contact_answers(study, name, index, rng), **answers})


def _contact_answers(study: Study, name: str, index: int, rng: random.Random) -> FormAnswers:
    """Return contact answers that go together: everyone can be reached, and texts are allowed only with a telephone."""
    phone = _phone(index) if rng.random() < 0.9 else ""
    email = _address(name, index) if not phone or rng.random() < 0.7 else ""
    texts = {"nickname": name, "phone": phone, "email": email, "": ""}
    answers = {
        field.id: texts[field.format] if field.kind == "text" else _contact_choice(field, rng)
        for field in study.contact_fields
    }
    answers["lang"] = rng.choice(LANGUAGES)
    if not phone:
        answers["sms_ok"] = ""
    if "6" in answers["access"]:
        answers["access_text"] = rng.choice(ACCESS_TEXTS)
    return answers


def _contact_choice(field: ContactField, rng: random.Random) -> str | tuple[str, ...]:
    """Return one of the codes, the first more often than the others, or none; what is required is ticked."""
    if field.kind == "tick":
        return "1" if field.required == "yes" or rng.random() < 0.5 else ""
    if field.kind == "choices":
        return tuple(sorted(rng.sample(field.codes, rng.randint(0, 2))))
    return rng.choice((field.codes[0], *field.codes, ""))


def _phone(index: int) -> str:
    return f"({AREA_CODES[index // 100 % len(AREA_CODES)]}) 555-01{index % 100:02}"


def _address(name: str, index: int) -> str:
    return f"{name.partition(' ')[0].lower()}.{index}@example.org"


def _answer(question: Question, rng: random.Random) -> str | tuple[str, ...]:
    """Return any answer, or none: it depends on no other answer, and nothing later depends on it."""
    if question.kind == "whole_number":
        return str(rng.randint(18, 79)) if rng.random() < 0.9 else ""
    if question.kind == "choices":
        picked = set(rng.sample(question.options, min(len(question.options), rng.randint(0, 2))))
        return tuple(code for code in question.options if code in picked)
    return rng.choice((*question.options, ""))

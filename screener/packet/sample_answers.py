"""The invented person whose answers stand in the packet, and what they type wrongly.

One person for all pages, and nobody whom there is: a reviewer sees how a filled-in form looks, and reads at the head
of each such screen that the answers are invented.
"""

from collections.abc import Mapping
from collections.abc import Sequence

from screener.study.model import Study

Pairs = tuple[tuple[str, str], ...]
Typed = Mapping[str, str | Sequence[str]]

CONTACT: Typed = {
    "name_pref": "Ada Example",
    "phone": "+1 415 555 0100",
    "email": "ada@example.org",
    "how_contact": "1",
    "sms_ok": "1",
    "voicemail": "1",
    "when_call": ("2", "4"),
    "time_zone": "1",
    "lang": "en",
    "access": ("5",),
    "access_text": "Please speak slowly.",
    "adult_self": "1",
}
#: What is needed, and nothing more.
LEAST: Typed = {"name_pref": "Ada Example", "email": "ada@example.org", "adult_self": "1"}
AGE = "44"

#: A code that no list of answers has.
NO_CODE = "77"


def everything(study: Study) -> Pairs:
    """An answer to all that *study* asks but the last: the first of a list, the first two where several are ticked."""
    answers: dict[str, str | Sequence[str]] = {}
    for question in study.asked[:-1]:
        if question.kind == "whole_number":
            answers[question.id] = AGE
        else:
            answers[question.id] = question.options[:2] if question.kind == "choices" else question.options[0]
    return pairs({**answers, **CONTACT})


def pairs(typed: Typed) -> Pairs:
    """What a browser would send of it."""
    return tuple((name, one) for name, value in typed.items() for one in ([value] if isinstance(value, str) else value))


def wrong_answers(study: Study) -> Pairs:
    """Answers to the questions that cannot be read, each in the way of its kind."""
    spoilt = {"whole_number": "thirty", "choice": NO_CODE, "choices": NO_CODE}
    return pairs({**CONTACT, **{question.id: spoilt[question.kind] for question in study.asked}})


def twice_answered(study: Study) -> Pairs:
    """Every question answered twice, as a spoilt page would send it."""
    return tuple((question.id, one) for question in study.asked for one in _twice(question.options or (AGE, AGE)))


def _twice(codes: Sequence[str]) -> Sequence[str]:
    return (codes[0], codes[0])


WRONG_CONTACT = pairs({**CONTACT, "name_pref": "", "phone": "please call", "email": "ada@", "lang": NO_CODE})
LONG_CONTACT = pairs({**CONTACT, "name_pref": "Ada " * 30, "access_text": "Please speak slowly. " * 8})
NOBODY_REACHED = pairs({"adult_self": "1"})

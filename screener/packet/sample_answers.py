"""The invented person whose answers stand in the packet, and what they type wrongly.

One invented person for all pages: a reviewer sees how a filled-in form looks, and reads at the head
of each such screen that the answers are invented.
"""

from collections.abc import Mapping
from collections.abc import Sequence

from screener.study.model import Study

Pairs = tuple[tuple[str, str], ...]
Typed = Mapping[str, str | Sequence[str]]

AGE = "44"
#: What cannot be read of a text, by its format.
SPOILT_TEXT = {"nickname": "", "phone": "please call", "email": "ada@"}

#: A code that no list of answers has.
NO_CODE = "77"


def all_answers(study: Study) -> Pairs:
    """An answer to all that *study* asks but the last: the first of a list, the first two where several are ticked."""
    answers: dict[str, str | Sequence[str]] = {}
    for question in study.asked[:-1]:
        if question.kind == "whole_number":
            answers[question.id] = AGE
        else:
            answers[question.id] = question.options[:2] if question.kind == "choices" else question.options[0]
    return form_pairs({**answers, **contact_answers(study)})


def contact_answers(study: Study) -> Typed:
    """An answer to every contact field that *study* asks."""
    return {field.id: field.example for field in study.contact_fields}


def least_answers(study: Study) -> Pairs:
    """Nothing but what is required; of a telephone number and an email, the email."""
    required = [each for each in study.contact_fields if each.required == "yes" or each.format == "email"]
    return form_pairs({field.id: field.example for field in required})


def form_pairs(typed: Typed) -> Pairs:
    """What a browser would send of it."""
    return tuple((name, one) for name, value in typed.items() for one in ([value] if isinstance(value, str) else value))


def wrong_answers(study: Study) -> Pairs:
    """Answers to the questions that cannot be read, each in the way of its kind."""
    spoilt = {"whole_number": "thirty", "choice": NO_CODE, "choices": NO_CODE}
    return form_pairs({**contact_answers(study), **{question.id: spoilt[question.kind] for question in study.asked}})


def twice_answered(study: Study) -> Pairs:
    """Every question answered twice, as a spoilt page would send it."""
    return tuple((question.id, one) for question in study.asked for one in _twice(question.options or (AGE, AGE)))


def _twice(codes: Sequence[str]) -> Sequence[str]:
    return (codes[0], codes[0])


def wrong_contact(study: Study) -> Pairs:
    """Contact answers that cannot be read, each text in the way of its format, and one code that is none."""
    texts = {field.id: SPOILT_TEXT[field.format] for field in study.contact_fields if field.format}
    return form_pairs({**contact_answers(study), **texts, "lang": NO_CODE})


def long_contact(study: Study) -> Pairs:
    """Contact answers of which two texts are too long."""
    return form_pairs({**contact_answers(study), "name_pref": "Ada " * 30, "access_text": "Please speak slowly. " * 8})


#: Neither a telephone number nor an email.
NO_CONTACT_ROUTE = form_pairs({"adult_self": "1"})

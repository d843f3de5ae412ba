"""The reference: the short code by which people name a submission, on the telephone and on paper.

Twelve characters and a check character, from an alphabet without vowels (no words), without 0, 1, I, O, L, B, S
and Z (no look-alikes). Its length, 23, is prime: with weights 1 to 12 the check character finds every single wrong
character and every swap of two. A reference is a fixed function of the id, so none is ever assigned.
"""

from screener.errors import UserError
from screener.typed_text import normalize_code

ALPHABET = "23456789CDFGHJKMNPRTWXY"
LENGTH = 12


def derive_reference(submission_id: bytes) -> str:
    """Derive the reference of a submission from its id: ``XXXX-XXXX-XXXX-C``."""
    number = int.from_bytes(submission_id, "big")
    code = ""
    for _ in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        code += ALPHABET[rest]
    return _grouped(code + _check(code))


def parse_reference(text: str) -> str:
    """Parse a reference as it was typed; only its letters and digits count, in either case.

    Raises *UserError* when it is none.
    """
    code = normalize_code(text).upper()
    if len(code) != LENGTH + 1 or set(code) - set(ALPHABET):
        raise UserError(
            "This is not a reference: it has 13 letters and digits, as XXXX-XXXX-XXXX-X. Please read it again."
        )
    if _check(code[:LENGTH]) != code[LENGTH]:
        raise UserError(
            "This reference has a typing error: its last character does not fit the others. Please read it again."
        )
    return _grouped(code)


def _check(code: str) -> str:
    weighted = sum(weight * ALPHABET.index(character) for weight, character in enumerate(code, start=1))
    return ALPHABET[weighted % len(ALPHABET)]


def _grouped(code: str) -> str:
    return "-".join((code[:4], code[4:8], code[8:12], code[12:]))

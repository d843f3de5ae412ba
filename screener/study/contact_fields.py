"""The contact fields: how to reach a participant, and their permission; the same for every study.

This table is the only list of them. The form and its check page, the contact compartment, the columns of an export,
the desk, the packet and the demonstration read it: a new field is one row here, and its words in the wording files.
Rows stand in the order of the form, which is also the order of the compartment and of the columns. Ids and codes are
sealed into boxes and exported: they never change, and never change what they mean.

It lies in ``study``, below the form and below export, because a wording must have words for each of these fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: The module of a study that asks whether the participant may hear of other studies; every study file lists it. The
#: module of a field that a later release adds is off in a study file that does not list it.
FUTURE = "future"


@dataclass(frozen=True, kw_only=True)
class ContactField:
    """One contact field: its codes, where it is asked, and how it is checked; its words are in the wording."""

    id: str
    #: The step of the form that asks it.
    step: Literal["contact", "permission"]
    kind: Literal["text", "choice", "choices", "tick"]
    #: The codes of its answers; for text there are none.
    codes: tuple[str, ...] = ()
    #: The most characters of a text, counted after composing accents (NFC).
    max_characters: int = 200
    #: What a text is: decides what a browser may fill in, and what can be read.
    format: Literal["", "nickname", "phone", "email"] = ""
    #: Whether a choice is shown as a drop-down list rather than as radio buttons.
    is_dropdown: bool = False
    #: Whether it must be answered; ``either``: it, or another field that says the same.
    required: Literal["no", "yes", "either"] = "no"
    #: The key, in ``errors`` of the wording, of the sentence for a required field that was left blank.
    missing_error: str = ""
    #: The module of the study that switches it on; without one it is on every form. A new field needs a module:
    #: a form that an IRB approved before must not ask it.
    module: str = ""
    #: What the invented participant of the packet answers.
    example: str | tuple[str, ...]


_TICK = ("0", "1")

CONTACT_FIELDS: tuple[ContactField, ...] = (
    ContactField(
        id="name_pref",
        step="contact",
        kind="text",
        max_characters=80,
        format="nickname",
        required="yes",
        missing_error="name",
        example="Ada Example",
    ),
    ContactField(
        id="phone",
        step="contact",
        kind="text",
        max_characters=40,
        format="phone",
        required="either",
        missing_error="route",
        example="+1 415 555 0100",
    ),
    ContactField(
        id="email",
        step="contact",
        kind="text",
        max_characters=254,
        format="email",
        required="either",
        missing_error="route",
        example="ada@example.org",
    ),
    ContactField(id="how_contact", step="contact", kind="choice", codes=("1", "2", "3", "4"), example="1"),
    ContactField(id="sms_ok", step="contact", kind="tick", codes=_TICK, example="1"),
    ContactField(id="voicemail", step="contact", kind="choice", codes=("0", "1", "2"), example="1"),
    ContactField(id="when_call", step="contact", kind="choices", codes=("1", "2", "3", "4", "5"), example=("2", "4")),
    ContactField(
        id="time_zone",
        step="contact",
        kind="choice",
        codes=("1", "2", "3", "4", "5", "6", "7", "8"),
        is_dropdown=True,
        example="1",
    ),
    ContactField(
        id="lang",
        step="contact",
        kind="choice",
        codes=("en", "es", "yue", "cmn", "fil", "vi", "ase", "other"),
        is_dropdown=True,
        example="en",
    ),
    ContactField(id="access", step="contact", kind="choices", codes=("1", "2", "3", "4", "5", "6"), example=("5",)),
    ContactField(id="access_text", step="contact", kind="text", max_characters=120, example="Please speak slowly."),
    ContactField(
        id="adult_self",
        step="permission",
        kind="tick",
        codes=_TICK,
        required="yes",
        missing_error="permission",
        example="1",
    ),
    ContactField(id="future_ok", step="permission", kind="tick", codes=_TICK, module=FUTURE, example="1"),
)


def contact_field_codes() -> Mapping[str, tuple[str, ...]]:
    """The codes of every contact field, by its id; for text there are none."""
    return {field.id: field.codes for field in CONTACT_FIELDS}

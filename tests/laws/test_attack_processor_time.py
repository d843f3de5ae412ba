"""No text shuts the form or the desk: whatever reads what is typed takes at most three times as long for twice as much.

Which functions and forms read it is found in the code. Time is this thread's processor time, the best of several; what
reads the longest text within *UNNOTICED_SECONDS* is not measured further. Argon2 alone is left out: its cost is its
purpose, and does not grow with the password.
"""

import importlib
import inspect
import pkgutil
import re
import time
import unicodedata
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError

import screener
from screener import clock
from screener.auth.context import AUTH_EXTENSION
from screener.auth.forms import NewPasswordForm
from screener.desk.list_query import ListQuery
from screener.errors import ScreenerError
from screener.public_app import create_public_app
from screener.questionnaire.form import FormDefinition
from screener.questionnaire.form import define_form
from screener.questionnaire.post_body import parse_body
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.web.app import MAX_BODY_BYTES
from screener.web.forms import AccessibleForm

#: As long as a POST may be, with two bytes a character.
LONGEST = MAX_BODY_BYTES // 2
UNNOTICED_SECONDS = 0.03
#: Repeated, each has been slow for some parser: accents out of order, one letter that becomes many, blanks, figures,
#: separators, brackets, quotes, escapes.
PIECES = (
    *("\u0301\u0323", "\u0344", "\ufdfa", "e\u0345", "a", "1", "\u0663", " ", "\t\n", "-", "@", ".", "a.", "a@", "("),
    *("[", '"', "\\", "%", "%41", "\0", ",", ",a;q=1", ";", ":", "/", "1:", "&=", "+", "\U0001f9d1"),
)
#: The names under which text travels that was typed, and what a function is given beside it.
TYPED = {
    *("accept_language", "address", "body", "cell", "code", "email", "header", "password", "raw", "text", "typed"),
    *("account", "name", "purpose", "signed", "tag", "value"),
}


class Keys:
    current = b"k" * 32
    previous: tuple[bytes, ...] = ()


BESIDE: dict[str, Any] = {"keys": Keys(), "max_characters": 200, "names": {b"a": "a"}, "served": ("en", "zh-Hant")}
#: These read their own files and settings, and nothing that is typed at the form or the desk.
UNTYPED_MODULES = r"_server$|^screener\.(sealing|demo|packet|study_checks)\b"
#: Argon2.
LEFT_OUT = {"check_password", "make_password_hash", "is_password_correct"}
#: What a function says to a text that it cannot read; a view, that it has no request (its forms are read below).
ANSWERS = (RuntimeError, ScreenerError, ValueError, HTTPException, ValidationError)


def seconds(call: Callable[[], object]) -> float:
    began = time.thread_time()
    with suppress(*ANSWERS):
        call()
    return time.thread_time() - began


def slow_pieces(read: Callable[[str], object], longest: int = LONGEST) -> list[str]:
    """The pieces that *read* takes more than three times as long for when there are twice as many of them."""
    return [piece for piece in PIECES if is_slow(read, piece, longest)]


def is_slow(read: Callable[[str], object], piece: str, longest: int) -> bool:
    whole_text, half_text = ((piece * size)[:size] for size in (longest, longest // 2))
    if seconds(lambda: read(whole_text)) < UNNOTICED_SECONDS:
        return False
    for times in (3, 12):  # the second look is for what a loaded machine did to the first
        half = min(seconds(lambda: read(half_text)) for _ in range(times))
        whole = min(seconds(lambda: read(whole_text)) for _ in range(times))
        if whole <= max(3 * half, UNNOTICED_SECONDS):
            return False
    return True


def reading_functions() -> Iterator[tuple[str, Callable[[str], object]]]:
    """The functions of the package that take typed text, by its name, and nothing else that a test cannot give."""
    for module in pkgutil.walk_packages(screener.__path__, "screener."):
        if re.search(UNTYPED_MODULES, module.name):
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            if inspect.isfunction(function) and function.__module__ == module.name and name not in LEFT_OUT:
                needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
                typed = [one for one in needed if one.name in TYPED and one.annotation in (str, bytes, str | None)]
                if typed and all(one in typed or one.name in BESIDE for one in needed):
                    yield f"{module.name}.{name}", reader_of(function, needed, typed)


def reader_of(function: Callable[..., object], needed: list[inspect.Parameter], typed: list[inspect.Parameter]) -> Any:
    def read(text: str) -> object:
        given = {one.name: BESIDE.get(one.name) for one in needed}
        given |= {one.name: text.encode() if one.annotation is bytes else text for one in typed}
        positional = [given.pop(one.name) for one in needed if one.kind is not one.KEYWORD_ONLY]
        return function(*positional, **given)

    return read


def every_form(of: Any) -> set[Any]:
    """The subclasses of *of* in the package, to any depth."""
    found = {each for one in of.__subclasses__() for each in (one, *every_form(one))}
    return {each for each in found if each.__module__.startswith("screener.")}


@pytest.fixture(scope="module")
def definition() -> FormDefinition:
    study = load_study(Settings().study)
    return define_form(study, load_wording(Settings().study, study, "en"))


def test_what_grows_with_the_square_of_a_text_is_found() -> None:
    assert "\u0301\u0323" in slow_pieces(lambda text: unicodedata.normalize("NFC", text), LONGEST // 4)
    assert slow_pieces(str.lower) == []


def test_every_function_that_reads_typed_text_takes_its_time_in_proportion() -> None:
    found = dict(reading_functions())

    slow = {name: pieces for name, read in found.items() if (pieces := slow_pieces(read))}

    assert len(found) > 30
    assert slow == {}


def test_every_form_of_the_desk_takes_its_time_in_proportion() -> None:
    forms = every_form(AccessibleForm) | every_form(ListQuery)
    slow = {}
    app = Flask("test")
    app.secret_key = "invented"
    app.extensions[AUTH_EXTENSION] = SimpleNamespace(password_context=("Example Site",))
    with app.test_request_context(method="POST"):
        for form in forms:
            more = {"email": "ada@example.org", "name": "Ada"} if issubclass(form, NewPasswordForm) else {}
            names = list(form(formdata=MultiDict(), **more).data)

            def read(text: str, form: Any = form, names: list[str] = names, more: Any = more) -> object:
                made = form(formdata=MultiDict(dict.fromkeys(names, text)), **more)
                for field in made:
                    if getattr(field, "choices", ()) is None:
                        field.choices = []
                return made.validate()

            if pieces := slow_pieces(read, LONGEST // 2):
                slow[form.__name__] = pieces

    assert len(forms) > 15
    assert slow == {}


def test_the_public_form_takes_its_time_in_proportion(definition: FormDefinition) -> None:
    names = definition.field_names()

    def read(text: str) -> object:
        value = text.encode()
        body = b"&".join(name + b"=" + value for name in (*names, b"unknown"))
        return definition.load(parse_body(body, names), Keys(), clock.now()).validate()

    assert slow_pieces(read, LONGEST // 8) == []


def test_every_header_that_a_page_reads_takes_its_time_in_proportion(deployment: Settings) -> None:
    client = create_public_app(deployment.model_copy(update={"trusted_proxies": 1})).test_client()
    names = ("Accept-Language", "Content-Type", "Cookie", "Host", "If-None-Match", "Range", "X-Forwarded-For")
    longest = 8190

    def read(text: str) -> object:
        value = quote(text, safe=' ,;:=@.()-"%/[]+&1a')[: len(text)]
        return client.get("/", headers=dict.fromkeys(names, value)).status_code

    assert slow_pieces(read, longest) == []

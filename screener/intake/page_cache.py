"""How the pages of one locale are made: once, and kept ready.

A page is the same for everybody but for one short string (the token; on the received page the reference),
so it is drawn once with a mark in that place, cut there, and kept; a visit only joins the pieces. What a
page says about the state of the house (banner, notice) is part of what it is kept under.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup
from markupsafe import escape

from screener.errors import UserError
from screener.intake.availability import Door
from screener.settings import ROOT
from screener.study.model import Study
from screener.study.wording import Wording
from screener.web.app import StaticFiles
from screener.web.app import create_template_environment
from screener.web.locales import format_long_date

#: Different states of the house that are kept at once; beyond that all are drawn anew.
MOST_READY = 200
REFERENCE = "{reference}"


@dataclass(frozen=True)
class Place:
    """Where a page stands: its address after the locale (empty: it has none in another language), and what the
    address carries on."""

    path: str
    tail: str


@dataclass(frozen=True)
class Language:
    """One of the languages that a page may be read in, by its own name, and where it is."""

    locale: str
    name: str
    address: str


class Pages:
    """The pages of one locale; *spoken* are those that the house has, this one included."""

    def __init__(
        self,
        study: Study,
        wording: Wording,
        static: StaticFiles,
        spoken: Mapping[str, Wording],
        *,
        development: bool,
    ) -> None:
        self.wording = wording
        self.spoken = spoken
        self.development = development
        self.mark = f"[{secrets.token_hex(16)}]"
        self._environment = environment()
        self._facts = {
            "w": wording,
            "static": static.url_of,
            "quick_exit": study.quick_exit,
            "here": f"/{wording.locale}",
            "registry": study.registry.url,
            "registry_checked": self._on(study.registry.checked_on) if study.registry.checked_on else "",
            "telephone": (study.site.phone, study.site.phone_link),
        }
        self._ready: dict[object, tuple[str, ...]] = {}

    def drawn(self, template: str, door: Door | None, place: Place, **facts: object) -> str:
        """A page drawn for one visit."""
        page = self._environment.get_template(template)
        said = {
            **self._facts,
            "preview": self.development,
            "draft": self.wording.common.draft if self.wording.status == "draft" else "",
            "banner": self._banner(door),
            "notice": door.notice if door else "",
            "notice_checked": self.checked(door),
            "languages": self._languages(door, place) if place.path else (),
            "tail": place.tail,
        }
        return page.render(said | facts)

    def ready(
        self, template: str, door: Door | None, place: Place, *, key: str = "", gap: str = "", **facts: object
    ) -> bytes:
        """A page that is the same for everybody but for its *gap*; *key* says which of a template's pages it is."""
        kept_as = template, key, place, door and (door.reasons, door.notice, door.checked_on, door.spoken)
        pieces = self._ready.get(kept_as)
        if pieces is None:
            if len(self._ready) >= MOST_READY:
                self._ready.clear()
            pieces = tuple(self.drawn(template, door, place, gap=self.mark, **facts).split(self.mark))
            self._ready[kept_as] = pieces
        return gap.join(pieces).encode()

    def checked(self, door: Door | None) -> str:
        """When somebody last looked whether the form is open, as a sentence; empty when nobody ever did."""
        return self._on(door.checked_on) if door and door.checked_on else ""

    def _on(self, day: date) -> str:
        return self.wording.common.checked.format(checked_on=format_long_date(day, self.wording.locale))

    def _languages(self, door: Door | None, place: Place) -> tuple[Language, ...]:
        """The languages to change to; none when there is no other."""
        spoken = door.spoken if door else frozenset(self.spoken)
        found = tuple(
            Language(locale, words.name, f"/{locale}{place.path}")
            for locale, words in self.spoken.items()
            if locale in spoken or locale == self.wording.locale
        )
        return found if len(found) > 1 else ()

    def _banner(self, door: Door | None) -> tuple[str, ...]:
        """What would keep the form closed in production."""
        sentences: Mapping[Any, str] = self.wording.preview
        return tuple(sentences[reason].format(detail=detail) for reason, detail in (door.reasons if door else ()))


@cache
def environment() -> jinja2.Environment:
    """The public templates, compiled once for all locales, so that a mistake in one stops the start and not a visit.

    Raises *UserError* that names the template.
    """
    made = create_template_environment(ROOT / "templates")
    made.filters.update(linked=linked, blocks=blocks)
    for name in made.list_templates(filter_func=_is_public):
        try:
            made.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise UserError(f"The template {name} cannot be used (line {error.lineno}); mend it.") from None
    return made


def _is_public(name: str) -> bool:
    """Letters and the desk are for staff, the packet is for an IRB, and their templates ask for other facts."""
    return not name.startswith(("email/", "desk/", "packet/", "staff/"))


def blocks(body: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """The paragraphs of a wording's body: headings (``##``), lists (runs of ``-``) and plain ones."""
    made: list[tuple[str, list[str]]] = []
    for text in body:
        if text.startswith("## "):
            made.append(("heading", [text[3:]]))
        elif not text.startswith("- "):
            made.append(("text", [text]))
        elif made and made[-1][0] == "list":
            made[-1][1].append(text[2:])
        else:
            made.append(("list", [text[2:]]))
    return made


@jinja2.pass_context
def linked(context: jinja2.runtime.Context, text: str, reference: str = "") -> Markup:
    """*text* with the site's telephone number as a link, and the reference in its place."""
    number, link = context["telephone"]
    phone = Markup('<span class="phone">{}</span>').format(number)
    if link:
        phone = Markup('<a class="phone" href="{}">{}</a>').format(link, number)
    marked = escape(text).replace(REFERENCE, Markup('<strong class="reference">{}</strong>').format(reference))
    return marked.replace(escape(number), phone)

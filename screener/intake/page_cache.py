"""The page cache of one locale: pages are rendered once, and kept.

A page is the same for every visit but for one short string (the token; on the received page the reference),
so it is rendered once with a placeholder in that place, split there, and kept; a visit only joins the pieces. What a
page shows of the availability (banner, notice) is part of the key.
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
from screener.intake.availability import FormAvailability
from screener.settings import ROOT
from screener.study.model import Study
from screener.study.wording import Wording
from screener.web.app import StaticFiles
from screener.web.app import create_template_environment
from screener.web.locales import format_long_date

#: How many pages one cache keeps; when it is full, all are rendered anew.
MAX_CACHED_PAGES = 200
REFERENCE_PLACEHOLDER = "{reference}"


@dataclass(frozen=True)
class PageAddress:
    """The address of a page: its path after the locale (empty: not available in another language), and the query
    string that its links carry on."""

    path: str
    query: str


@dataclass(frozen=True)
class LanguageLink:
    """One of the languages that a page may be read in, by its own name, and the address there."""

    locale: str
    name: str
    address: str


class PageCache:
    """Renders the pages of one locale; *wordings* are those of all locales, this one included."""

    def __init__(
        self,
        study: Study,
        wording: Wording,
        static: StaticFiles,
        wordings: Mapping[str, Wording],
        *,
        development: bool,
    ) -> None:
        self.wording = wording
        self.wordings = wordings
        self.development = development
        self._placeholder = f"[{secrets.token_hex(16)}]"
        self._environment = load_public_templates()
        self._common = {
            "w": wording,
            "static": static.url_of,
            "quick_exit": study.quick_exit,
            "here": f"/{wording.locale}",
            "registry": study.registry.url,
            "registry_checked": self._checked_on(study.registry.checked_on),
            "telephone": (study.site.phone, study.site.phone_link),
        }
        self._cached: dict[object, tuple[str, ...]] = {}

    def render(
        self, template: str, availability: FormAvailability | None, address: PageAddress, **context: object
    ) -> str:
        """Render a page for one visit; *availability* is None before it was ever checked."""
        page_context = {
            **self._common,
            "preview": self.development,
            "draft": self.wording.common.draft if self.wording.status == "draft" else "",
            "banner": self._banner(availability),
            "notice": availability.notice if availability else "",
            "notice_checked": self.checked_sentence(availability),
            "languages": self._language_links(availability, address) if address.path else (),
            "query": address.query,
        }
        return self._environment.get_template(template).render(page_context | context)

    def render_cached(
        self,
        template: str,
        availability: FormAvailability | None,
        address: PageAddress,
        *,
        key: str = "",
        insert: str = "",
        **context: object,
    ) -> bytes:
        """A page that differs between visits only in *insert*; *key* tells the pages of one template apart."""
        shown = availability and (
            availability.reasons,
            availability.notice,
            availability.checked_on,
            availability.readable_locales,
        )
        cache_key = template, key, address, shown
        pieces = self._cached.get(cache_key)
        if pieces is None:
            if len(self._cached) >= MAX_CACHED_PAGES:
                self._cached.clear()
            page = self.render(template, availability, address, insert=self._placeholder, **context)
            pieces = self._cached[cache_key] = tuple(page.split(self._placeholder))
        return insert.join(pieces).encode()

    def checked_sentence(self, availability: FormAvailability | None) -> str:
        """When the intake status was last confirmed, as a sentence; empty when it never was."""
        return self._checked_on(availability.checked_on if availability else None)

    def _checked_on(self, day: date | None) -> str:
        return self.wording.common.checked.format(checked_on=format_long_date(day, self.wording.locale)) if day else ""

    def _language_links(self, availability: FormAvailability | None, address: PageAddress) -> tuple[LanguageLink, ...]:
        """The languages to change to; none when there is no other."""
        readable = availability.readable_locales if availability else frozenset(self.wordings)
        links = tuple(
            LanguageLink(locale, words.name, f"/{locale}{address.path}")
            for locale, words in self.wordings.items()
            if locale in readable or locale == self.wording.locale
        )
        return links if len(links) > 1 else ()

    def _banner(self, availability: FormAvailability | None) -> tuple[str, ...]:
        """The development banner: what would keep the form closed in production."""
        sentences: Mapping[Any, str] = self.wording.preview
        reasons = availability.reasons if availability else ()
        return tuple(sentences[reason].format(detail=detail) for reason, detail in reasons)


@cache
def load_public_templates() -> jinja2.Environment:
    """The public templates, compiled once for all locales, so that a mistake in one stops the start and not a visit.

    Raises *UserError* that names the template.
    """
    environment = create_template_environment(ROOT / "templates")
    environment.filters.update(linked=link_telephone, blocks=group_blocks)
    for name in environment.list_templates(filter_func=_is_public):
        try:
            environment.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise UserError(f"The template {name} cannot be used (line {error.lineno}); mend it.") from None
    return environment


def _is_public(name: str) -> bool:
    """Messages and the desk are for staff, the packet is for an IRB, and their templates need another context."""
    return not name.startswith(("email/", "desk/", "packet/", "staff/"))


def group_blocks(body: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Template filter: the blocks of a wording's body: headings (``##``), lists (runs of ``-``) and paragraphs."""
    blocks: list[tuple[str, list[str]]] = []
    for text in body:
        if text.startswith("## "):
            blocks.append(("heading", [text[3:]]))
        elif not text.startswith("- "):
            blocks.append(("text", [text]))
        elif blocks and blocks[-1][0] == "list":
            blocks[-1][1].append(text[2:])
        else:
            blocks.append(("list", [text[2:]]))
    return blocks


@jinja2.pass_context
def link_telephone(context: jinja2.runtime.Context, text: str, reference: str = "") -> Markup:
    """Template filter: *text* with the site's telephone number as a link, and the reference in its place."""
    number, link = context["telephone"]
    phone = Markup('<span class="phone">{}</span>').format(number)
    if link:
        phone = Markup('<a class="phone" href="{}">{}</a>').format(link, number)
    reference_markup = Markup('<strong class="reference">{}</strong>').format(reference)
    return escape(text).replace(REFERENCE_PLACEHOLDER, reference_markup).replace(escape(number), phone)

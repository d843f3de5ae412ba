"""Render the pages of the form as the public process does, without a deployment or a database.

The code that serves the pages renders them (``intake.page_cache``, ``questionnaire.view_model``, ``form``). Only what a
deployment would add is made here: a token under a key that no process knows, an example reference, and a day.
"""

import secrets
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime

from screener.intake.availability import FormAvailability
from screener.intake.page_cache import PageAddress
from screener.intake.page_cache import PageCache
from screener.intake.submit_views import RECEIVED
from screener.packet.sample_answers import Pairs
from screener.questionnaire import view_model
from screener.questionnaire.form import CHECK
from screener.questionnaire.form import NONCE_FIELD
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.form import InterestForm
from screener.questionnaire.form import define_form
from screener.questionnaire.page_token import mint_token
from screener.questionnaire.post_body import ParsedBody
from screener.study.model import Study
from screener.study.wording import Wording
from screener.web.app import StaticFiles

#: Has the shape of a reference and is never given to a submission.
EXAMPLE_REFERENCE = "EXAM-PLE0-0000-0"


class RelativeStaticFiles(StaticFiles):
    """The style sheet, the script and the mark as files beside the page."""

    def url_of(self, name: str) -> str:
        return self.files[name][1].name


@dataclass(frozen=True)
class _Keys:
    """A form key that is made for one packet; no process knows it."""

    current: bytes
    previous: tuple[bytes, ...] = ()


class PageRenderer:
    """Renders the pages of one locale as production shows them."""

    def __init__(self, study: Study, wording: Wording, spoken: Mapping[str, Wording], at: datetime) -> None:
        self.study = study
        self.wording = wording
        self.at = at
        self.pages = PageCache(study, wording, RelativeStaticFiles(), spoken, development=False)
        self.open = FormAvailability(
            is_open=True,
            notice="",
            is_fault=False,
            reasons=(),
            keys=None,
            readable_locales=frozenset(spoken),
            checked_on=at.date(),
        )
        self._form = define_form(study, wording)
        self._keys = _Keys(secrets.token_bytes(32))

    def waitlist_availability(self) -> FormAvailability:
        """The availability of a form that is open while the study is on its waiting list."""
        return replace(self.open, notice="waitlist")

    def render_start(self, availability: FormAvailability) -> str:
        return self.pages.render("intake/start.html", availability, PageAddress("/", ""))

    def render_text_page(self, name: str) -> str:
        """Render a page without a form: about, privacy or accessibility."""
        template = "intake/about.html" if name == "about" else "intake/text.html"
        return self.pages.render(template, self.open, PageAddress(f"/{name}", ""), words=self.wording.pages[name])

    def render_notice(self, name: str, path: str = "/") -> str:
        """Render the notice that replaces the form."""
        availability = replace(self.open, is_open=False, notice=name)
        facts = {"words": self.wording.notices[name], "checked": self.pages.checked_sentence(availability)}
        return self.pages.render("intake/notice.html", availability, PageAddress(path, ""), **facts)

    def render_blank_step(self, step: str, availability: FormAvailability) -> str:
        """A step before anything is filled in."""
        facts = {**view_model.blank_step_context(self._form, step), "source": "", "insert": self._token()}
        return self.pages.render("intake/step.html", availability, PageAddress(f"/{STEP_PATHS[step]}", ""), **facts)

    def render_step(self, step: str, pairs: Pairs, then: str = "", unreadable: Sequence[str] = ()) -> str:
        """Render a step with what was typed."""
        return self._step(self._filled(pairs, unreadable), step, then)

    def render_refused_step(self, step: str, pairs: Pairs, unreadable: Sequence[str] = ()) -> str:
        """Render a step with its errors, as the check page sends it back."""
        form = self._filled(pairs, unreadable)
        form.validate()
        return self._step(form, step, "" if step == tuple(STEP_PATHS)[-1] else CHECK, failed=True)

    def render_check(self, pairs: Pairs, *alert: str) -> str:
        facts = {**view_model.check_context(self._filled(pairs), *alert), "source": ""}
        return self.pages.render("intake/check.html", self.open, PageAddress(f"/{CHECK}", ""), **facts)

    def render_received(self, *, late: bool = False) -> str:
        """Render the received page; *late*: in the grace period after the form was closed."""
        words = self.wording.notices.grace if late else self.wording.pages.received
        return self.pages.render(
            "intake/received.html", self.open, PageAddress("", ""), words=words, insert=EXAMPLE_REFERENCE
        )

    def render_error(self, name: str) -> str:
        """Render an error page without answers."""
        facts = {"words": self.wording.error_pages[name], "checked": ""}
        return self.pages.render("errors/error.html", self.open, PageAddress("/", ""), **facts)

    def render_kept(self, name: str, pairs: Pairs, path: str = RECEIVED) -> str:
        """Render an error page, or a notice that the form was closed meanwhile, that keeps the answers."""
        closed = name in type(self.wording.notices).model_fields
        availability = replace(self.open, is_open=False, notice=name) if closed else self.open
        facts = {
            "words": self.wording.notices[name] if closed else self.wording.error_pages[name],
            "checked": self.pages.checked_sentence(availability) if closed else "",
            "pairs": pairs,
            "action": f"/{self.wording.locale}/{path}",
        }
        return self.pages.render("errors/kept.html", availability, PageAddress(f"/{CHECK}", ""), **facts)

    def _step(self, form: InterestForm, step: str, then: str, *, failed: bool = False) -> str:
        facts = {**view_model.step_context(form, step, then, failed=failed), "source": ""}
        return self.pages.render("intake/step.html", self.open, PageAddress(f"/{STEP_PATHS[step]}", ""), **facts)

    def _filled(self, pairs: Pairs, unreadable: Sequence[str] = ()) -> InterestForm:
        posted = ParsedBody(((NONCE_FIELD, self._token()), *pairs), frozenset(unreadable))
        return self._form.load(posted, self._keys, self.at)

    def _token(self) -> str:
        return mint_token(self._keys, self.at)


def list_unreadable_fields(renderer: PageRenderer) -> list[str]:
    """The ids of every other question, to be shown as unreadable."""
    return [question.id for question in renderer.study.asked][::2]

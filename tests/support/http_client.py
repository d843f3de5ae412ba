"""A client of the shipped public server over HTTP, as a browser without script and cookies."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4 import Tag

from tests.support.html_forms import Pairs
from tests.support.html_forms import Typed
from tests.support.html_forms import read_pairs
from tests.support.html_forms import replace_values

REFERENCE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]\b")


class Unanswered(Exception):
    """No answer came, or one that says "not now"."""


@dataclass(frozen=True)
class HttpPage:
    """What came back: the status and the parsed page."""

    status: int
    soup: BeautifulSoup
    url: str

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def reference(self) -> str:
        found = REFERENCE.search(self.text)
        return found.group() if found else ""

    def filled(self) -> Pairs:
        """The pairs that a browser would send with the page's POST form as it stands."""
        return read_pairs(self._form())

    def action(self, button: str | None = None) -> str:
        """Where the page's POST form goes, by the button whose value or text begins with *button*."""
        form = self._form()
        target = str(form.get("action", ""))
        for one in self.soup.select("button"):
            if button and one.get_text(strip=True).startswith(button):
                target = str(one.get("formaction") or (one.find_parent("form") or form).get("action", ""))
        return urllib.parse.urljoin(self.url, target)

    def _form(self) -> Tag:
        form = self.soup.select_one("form[method=post]")
        assert form is not None, f"no form on this page: {self.text[:200]}"
        return form


class HttpClient:
    """Keeps the page in front of them, so that sending again sends the very same page."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self.form: HttpPage | None = None
        self.check: HttpPage | None = None

    def opens(self, path: str) -> HttpPage:
        return self._asks(self._base + path, None)

    def sends(self, page: HttpPage, button: str | None = None, pairs: Pairs | None = None) -> HttpPage:
        """Presses *button* on *page*, with what stands in it, or with *pairs*."""
        body = urllib.parse.urlencode(page.filled() if pairs is None else pairs).encode()
        return self._asks(urllib.parse.urljoin(self._base, urllib.parse.urlparse(page.action(button)).path), body)

    def fills(self, page: HttpPage, answers: Typed) -> Pairs:
        """The pairs of *page* with *answers* in place of what stood there."""
        return replace_values(page.filled(), answers)

    def tells_the_site(self, **answers: str | list[str]) -> str:
        """The whole way, going on where it was cut; returns the reference. Raises *Unanswered*."""
        if self.form is None:
            self.form = self._expects(self.opens("/en/interest"), 200)
        if self.check is None:
            self.check = self.goes_on(self.form, {"adult_self": "1", **answers})
        received = self._expects(self.sends(self.check, "Send"), 200)
        assert received.reference, f"no reference on the received page: {received.text[:300]}"
        return received.reference

    def goes_on(self, page: HttpPage, answers: Typed) -> HttpPage:
        """Step by step to the check page, with *answers* where each is asked."""
        while not page.action("Send").endswith("/received"):
            asked = {str(field["name"]) for field in page.soup.select("main :is(input, select)")}
            here = {name: value for name, value in answers.items() if name in asked}
            page = self._expects(self.sends(page, pairs=self.fills(page, here)), 200)
        return page

    def _expects(self, page: HttpPage, status: int) -> HttpPage:
        if page.status in {429, 502, 503}:
            raise Unanswered(str(page.status))
        assert page.status == status, f"{page.status}: {page.text[:300]}"
        return page

    def _asks(self, url: str, body: bytes | None) -> HttpPage:
        request = urllib.request.Request(url, data=body)  # noqa: S310 - loopback only
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return HttpPage(answer.status, BeautifulSoup(answer.read(), "html5lib"), answer.url)
        except urllib.error.HTTPError as answer:
            with answer:
                return HttpPage(answer.code, BeautifulSoup(answer.read(), "html5lib"), url)
        except (OSError, ValueError, EOFError) as error:
            raise Unanswered(type(error).__name__) from None
        except Exception as error:
            if type(error).__module__ != "http.client":
                raise
            raise Unanswered(type(error).__name__) from None

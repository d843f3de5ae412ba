"""A scan of the form and of the desk behind nginx, in production; exits with 1 when there is anything to mend.

The reports are in ``build/attack``. The form's limit of POSTs is lifted, so that what the scanner sends reaches the
code behind it; everything else is as a site has it. The desk is scanned with the session of a person who has every
role, who must still be signed in at the end. A scan that did not read the pages that it must is no pass.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext

from screener.staff.models import Role
from tests.attack.accepted import is_accepted
from tests.attack.wapiti import FOLDER
from tests.attack.wapiti import LEVELS
from tests.attack.wapiti import Report
from tests.attack.wapiti import Target
from tests.attack.wapiti import install
from tests.attack.wapiti import scan
from tests.browser import driver
from tests.browser.fixtures import PATIENCE
from tests.browser.fixtures import launched
from tests.journeys.nginx import Nginx
from tests.journeys.production import Production
from tests.journeys.test_the_whole_story import Someone
from tests.journeys.test_the_whole_story import checks_answers
from tests.journeys.test_the_whole_story import fills_in
from tests.journeys.test_the_whole_story import opens_when_ready

FORMS = 3
#: What the button of a form would send, as wapiti wants it: it encodes the values itself.
WOULD_SEND = "button => [...new FormData(button.form, button)].map(pair => pair.join('=')).join('&')"
#: Where the scanner starts, and what it must reach from there by the links and forms that it finds.
FORM_START = ("/", "/en/", "/en/interest", "/en/privacy")
FORM_REACHED = (("POST", "/en/contact"), ("POST", "/en/received"))
DESK_START = ("/queue?show=all", "/audit", "/export", "/team", "/account")
DESK_REACHED = (("POST", "/queue/claim"), ("POST", "/find"), ("POST", "/export"), ("POST", "/team"))
#: What ends the session with which the desk is scanned.
DESK_EXCLUDED = ("/sign-out", "/account/session")


@dataclass(frozen=True)
class Result:
    """One target's report, and what it lacks: sentences."""

    target: str
    report: Report
    lacks: tuple[str, ...]

    @property
    def to_mend(self) -> list[str]:
        return [
            f"{self.target}: {LEVELS[one.level]}: {one.category}: {one.method} {one.path} {one.parameter}: {one.info}"
            for one in self.report.findings
            if one.level > 0 and not is_accepted(self.target, one)
        ]


def main() -> int:
    """Scan both, print a table, and everything that is to be mended."""
    options = argparse.ArgumentParser(prog="python -m tests.attack", description="Scan the form and the desk.")
    options.add_argument("--module-seconds", type=int, default=60, help="how long each of wapiti's modules may take")
    options.add_argument("--only", choices=("form", "desk"), help="scan one of the two")
    given = options.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    install()
    with running_production() as production, open_browser() as context:
        targets = prepare_targets(production, context)
        results = [scan_target(target, given.module_seconds) for target in targets if given.only in (None, target.name)]
        if not is_signed_in(production, context):
            results.append(Result("desk", Report((), ()), ("desk: the session ended before the scan",)))
    print(f"\n{'target':10}{'pages':>8}", *(f"{level:>14}" for level in (*LEVELS, "accepted")), sep="")
    for result in results:
        accepted = [is_accepted(result.target, one) for one in result.report.findings]
        levels = Counter(one.level for one in result.report.findings)
        counts = (*(levels[level] for level in range(len(LEVELS))), sum(accepted))
        print(f"{result.target:10}{len(result.report.pages):8}", *(f"{count:14}" for count in counts), sep="")
    failures = [line for result in results for line in (*result.to_mend, *result.lacks)]
    print(f"The reports are in {FOLDER}.", *failures, sep="\n")
    return 1 if failures else 0


@contextmanager
def running_production() -> Iterator[Production]:
    """A deployment in production behind nginx, which answers with pages of ours what it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        production = Production(Path(folder), proxy=Nginx, SCREENER_POSTS_PER_MINUTE="0")
        try:
            production.start()
            production.public.expect("error-pages", str(Path(folder) / "nginx" / "pages"))
            yield production
        finally:
            production.stop()


@contextmanager
def open_browser() -> Iterator[BrowserContext]:
    """A window that takes the certificate of the tests."""
    with driver.running() as playwright:
        browser = launched(playwright)
        context = browser.new_context(ignore_https_errors=True)
        context.set_default_timeout(PATIENCE)
        yield context
        browser.close()


def prepare_targets(production: Production, context: BrowserContext) -> list[Target]:
    """The form with everything filled in, and the desk with what was sent before and a session that may do all."""
    print("Signing in a person with every role, and sending invented forms ...", flush=True)
    someone = Someone(production, context, "root@example.org")
    someone.takes_up(production.invites("Root", *(role.value for role in Role)))
    page = context.new_page()
    opens_when_ready(page, production)
    records = [f"/record/{fills_in(page, production)}" for _ in range(FORMS)]
    checks_answers(page, production)
    whole_form = page.get_by_role("button", name="Send").evaluate(WOULD_SEND)
    production.carrying.wait_until_moved()
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    return [
        Target("form", production.form, "/en/received", FORM_START, FORM_REACHED, data=whole_form),
        Target("desk", production.desk, "/", (*DESK_START, *records), DESK_REACHED, DESK_EXCLUDED, cookie=cookie),
    ]


def scan_target(target: Target, module_seconds: int) -> Result:
    print(f"Scanning the {target.name} ...", flush=True)
    report = scan(target, module_seconds=module_seconds)
    return Result(target.name, report, tuple(unvisited(target, report)))


def is_signed_in(production: Production, context: BrowserContext) -> bool:
    page = context.new_page()
    page.goto(f"{production.desk}/account")
    return page.locator(".leave button").count() > 0


def unvisited(target: Target, report: Report) -> Iterator[str]:
    """What the scan had to read and did not, in sentences."""
    for method, path in (*(("GET", path) for path in target.start), *target.reached):
        if not report.has_read(method, path.partition("?")[0]):
            yield f"{target.name}: the scan did not reach {method} {path}"


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.browser.lighthouse``: Lighthouse's figures for the start page and the form, into ``docs``.

It looks at the house as ``docs/operate.md`` sets it up for production, with invented facts about a site, behind a proxy
with TLS: a development server tells search engines to stay away, and so would be judged for what it is not.
The telephone and the slow line are those that Lighthouse itself takes for mobile.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.browser import chromium
from tests.browser import driver
from tests.browser.fixtures import launched
from tests.browser.packages import FOLDER
from tests.browser.packages import NODE
from tests.browser.packages import NotThere
from tests.browser.packages import once
from tests.journeys.production import Production
from tests.journeys.test_the_whole_story import Someone
from tests.journeys.test_the_whole_story import opens_when_ready
from tests.support.server import ROOT

VERSION = "13.5.0"
OUT = ROOT / "docs" / "lighthouse.md"
PAGES = {"Start page": "/en/", "Form": "/en/interest"}
CATEGORIES = ("accessibility", "best-practices", "seo", "performance")
FLAGS = "--headless=new --ignore-certificate-errors"
PATIENCE = 600
INTRODUCTION = """# Lighthouse

What Lighthouse {version} said on {day}, with Chromium {browser}, about the house as it stands in
production with invented facts about a site, behind a proxy with TLS that does not compress. Mobile, with Lighthouse's
own slow line and slow processor; each figure is out of 100. Taken anew with `python -m tests.browser.lighthouse`.
"""


def program() -> Path:
    """Lighthouse itself, at the version above; fetched the first time, and no script of its packages is run."""
    folder = once(FOLDER / f"lighthouse-{VERSION}", _install)
    return folder / "node_modules" / "lighthouse" / "cli" / "index.js"


def _install(into: Path) -> None:
    npm: list[str | Path] = [NODE / "bin" / "node", NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    command = [*npm, "install", f"lighthouse@{VERSION}", "--save-exact", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        [*command, "--prefix", into],
        cwd=into,
        env={**os.environ, "NODE_USE_SYSTEM_CA": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise NotThere(f"lighthouse {VERSION} cannot be fetched from the npm registry: {done.stderr.strip()[-500:]}")


def report_on(url: str) -> dict[str, Any]:
    """All that Lighthouse says of *url*."""
    found = chromium.find()
    flags = " ".join((FLAGS, *chromium.ARGUMENTS))
    command: list[str | Path] = [
        NODE / "bin" / "node",
        program(),
        url,
        "--output=json",
        "--quiet",
        f"--chrome-flags={flags}",
    ]
    command += [f"--only-categories={','.join(CATEGORIES)}", "--form-factor=mobile", "--throttling-method=simulate"]
    environment = {**os.environ, **found.environment, "CHROME_PATH": str(found.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise NotThere(f"Lighthouse did not come to an end: {done.stderr.strip()[-500:]}")
    return dict(json.loads(done.stdout))


def lacking(report: dict[str, Any]) -> list[str]:
    """What cost points, in Lighthouse's own words."""
    weighty = [one for name in CATEGORIES for one in report["categories"][name]["auditRefs"] if one["weight"]]
    judged = [report["audit_action"][one["id"]] for one in weighty]
    missed = [one for one in judged if one["score"] is not None and one["score"] < 0.9]
    return [f"{one['title']} ({one['id']}) {one.get('explanation', '')}".strip() for one in missed]


def table(reports: dict[str, dict[str, Any]]) -> str:
    names = [next(iter(reports.values()))["categories"][name]["title"] for name in CATEGORIES]
    lines = [f"| Page | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    for page, report in reports.items():
        scores = [f"{report['categories'][name]['score'] * 100:.0f}" for name in CATEGORIES]
        lines.append(f"| {page} | {' | '.join(scores)} |")
    missed = {f"- {page}: {fault}" for page, report in reports.items() for fault in lacking(report)}
    return "\n".join([*lines, *(["", "What cost points:", "", *sorted(missed)] if missed else [])])


def opens(house: Production) -> None:
    """A coordinator takes up an invitation, and so the form opens: before that nobody could be told of one."""
    with driver.running() as playwright:
        browser = launched(playwright)
        context = browser.new_context(ignore_https_errors=True)
        Someone(house, context, "grace@example.org").takes_up(house.invites("Grace", "coordinator"))
        opens_when_ready(context.new_page(), house)
        browser.close()


def measured() -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        house = Production(Path(folder))
        try:
            house.start()
            opens(house)
            return {name: report_on(f"{house.form}{path}") for name, path in PAGES.items()}
        finally:
            house.stop()


def main() -> None:
    reports = measured()
    first = next(iter(reports.values()))
    browser = first["environment"]["hostUserAgent"].partition("Chrome/")[2].split(" ")[0]
    day = f"{datetime.now(UTC):%-d %B %Y}"
    said = INTRODUCTION.format(version=first["lighthouseVersion"], day=day, browser=browser)
    OUT.write_text(f"{said}\n{table(reports)}\n", encoding="utf-8")
    print(OUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    try:
        main()
    except NotThere as reason:
        sys.exit(str(reason))

"""wapiti, the scanner: pinned, in an environment of its own, and its report as findings."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.server import ROOT

FOLDER = ROOT / "build" / "attack"
HERE = Path(__file__).parent
#: wapiti's *common* modules, without *ssl* and *ssrf*: the certificate is a test's own, and a request that the server
#: would make shows at a machine on the internet only (Screener makes none). Then those that fit what we are; *ldap* is
#: not one: nothing here speaks it, and its one sign is that two pages differ, as those of a desk do while attacked.
MODULES = (
    *("cookieflags", "csp", "exec", "file", "http_headers", "permanentxss", "redirect", "sql", "upload", "xss"),
    *("backup", "crlf", "csrf", "htaccess", "methods", "timesql"),
)
LEVELS = ("informational", "low", "medium", "high", "critical")


@dataclass(frozen=True)
class Target:
    """What is scanned: the first request to *url*, a POST where it has *data*, and the paths to go on with.

    *reached* are methods and paths that must be reached from there, *exclude* paths that are left alone; *cookie* goes
    with every request.
    """

    name: str
    url: str
    first: str
    start: Sequence[str]
    reached: Sequence[tuple[str, str]] = ()
    exclude: Sequence[str] = ()
    data: str = ""
    cookie: str = field(default="", repr=False)


@dataclass(frozen=True)
class Finding:
    """One line of a report: what, where, how bad (an index into *LEVELS*)."""

    category: str
    level: int
    method: str
    path: str
    parameter: str
    info: str
    module: str


@dataclass(frozen=True)
class Report:
    """What a scan saw and found."""

    #: Method, path and status of each page that was read.
    pages: tuple[tuple[str, str, int], ...]
    findings: tuple[Finding, ...]

    def has_read(self, method: str, path: str) -> bool:
        """Whether the page was there and took what was sent, or said what to look at again (422)."""
        return any((method, path, status) in self.pages for status in (200, 303, 422))


def install() -> Path:
    """The Python of an environment with wapiti in it; made when the pins or the Python are others than last time."""
    pins = HERE / "requirements.txt"
    digest = sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:16]
    environment = FOLDER / f"wapiti-{digest}"
    python = environment / "bin" / "python"
    ready = environment / "ready"
    if not ready.exists():
        print(f"Setting up the scanner in {environment.relative_to(ROOT)} (two minutes, once) ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
        subprocess.run([*pip, "install", "--require-hashes", "-r", pins], check=True)
        ready.touch()
    return python


def scan(target: Target, *, module_seconds: int) -> Report:
    """Scan *target*, each module for at most *module_seconds*; the reports go into the build folder.

    An empty report, which is no pass, where the scanner itself fails. Few pages of a kind: an audit trail has a page
    for every filter.
    """
    python = install()
    report = FOLDER / f"{target.name}.json"
    report.unlink(missing_ok=True)
    command: list[str | Path] = [python, HERE / "local_scanner.py", python.parent / "wapiti"]
    command += ["-u", f"{target.url}{target.first}", *(("--data", target.data) if target.data else ())]
    command += [part for path in target.start for part in ("-s", f"{target.url}{path}")]
    command += [part for path in target.exclude for part in ("-x", f"{target.url}{path}")]
    command += ["-C", target.cookie] if target.cookie else []
    command += ["--scope", "domain", "-m", ",".join(MODULES), "--no-bugreport", "--tasks", "4"]
    command += ["--flush-session", "--store-session", FOLDER / "session", "--store-config", FOLDER / "config"]
    command += ["--max-scan-time", str(10 * module_seconds), "--max-attack-time", str(module_seconds), "-t", "60"]
    command += [
        "--max-files-per-dir",
        "200",
        "--max-links-per-page",
        "60",
        "-dr",
        "1",
        "-v",
        "1",
        "-f",
        "json",
        "-o",
        report,
    ]
    code = subprocess.run(command, cwd=FOLDER, check=False).returncode
    if code or not report.exists():
        print(f"The scanner ended with {code} before its report was whole; run it again.")
        return Report((), ())
    return read_report(report)


def read_report(path: Path) -> Report:
    """The pages and findings of wapiti's JSON report."""
    said = json.loads(path.read_text(encoding="utf-8"))
    crawled = [page["request"] for page in said["infos"]["crawled_pages"]]
    pages = tuple((page["method"], urlsplit(page["url"]).path, page["status_code"]) for page in crawled)
    findings = tuple(
        Finding(category, *(one[key] for key in ("level", "method", "path", "parameter", "info", "module")))
        for kind in ("vulnerabilities", "anomalies", "additionals")
        for category, found in said[kind].items()
        for one in found
    )
    return Report(pages, findings)

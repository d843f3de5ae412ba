"""A scan passes only when it read what it must and found nothing above informational that is not on the list."""

import json
import socket
from pathlib import Path

import pytest

from tests.attack import __main__ as attack
from tests.attack import accepted
from tests.attack.local_scanner import resolve_locally
from tests.attack.wapiti import Finding
from tests.attack.wapiti import Report
from tests.attack.wapiti import Target
from tests.attack.wapiti import read_report

FOUND = {"method": "GET", "path": "/en/", "parameter": "s", "info": "reflected", "module": "xss", "level": 2}
TARGET = Target("form", "https://form.localhost", "/", ("/en/", "/queue?show=all"), [("POST", "/en/received")])


def written(folder: Path, *, pages: dict[str, int], found: list[dict[str, object]]) -> Report:
    path = folder / "form.json"
    crawled = [
        {"request": {"method": "GET", "url": f"https://form.localhost:1{page}", "status_code": status}}
        for page, status in pages.items()
    ]
    said = {"vulnerabilities": {"XSS": found}, "anomalies": {}, "additionals": {}, "infos": {"crawled_pages": crawled}}
    path.write_text(json.dumps(said))
    return read_report(path)


def test_a_finding_fails_the_scan_until_it_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = written(tmp_path, pages={}, found=[FOUND, {**FOUND, "level": 0}, {**FOUND, "path": "/en/other"}])
    result = attack.Result("form", report, ())
    before = result.to_mend
    line = accepted.Accepted("form", "XSS", "GET", "/en/", "s", "refl*", "it is no fault")
    monkeypatch.setattr(accepted, "ACCEPTED", (line,))

    assert [one.partition(": XSS")[0] for one in before] == ["form: medium"] * 2
    assert [one.split()[4] for one in result.to_mend] == ["/en/other"]
    assert not line.matches("desk", Finding("XSS", 2, "GET", "/en/", "s", "reflected", "xss"))


def test_a_scan_that_did_not_read_its_pages_is_no_pass(tmp_path: Path) -> None:
    report = written(tmp_path, pages={"/en/": 200, "/queue": 401}, found=[])

    lacks = list(attack.unvisited(TARGET, report))

    assert lacks == [
        "form: the scan did not reach GET /queue?show=all",
        "form: the scan did not reach POST /en/received",
    ]


def test_the_scanner_finds_no_other_machine() -> None:
    assert resolve_locally("desk.localhost", 443, type=socket.SOCK_STREAM)[0][4] == ("127.0.0.1", 443)
    with pytest.raises(socket.gaierror):
        resolve_locally("example.org", 443)

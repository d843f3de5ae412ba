"""A Firefox, driven over the port that it opens itself (Marionette), so that no driver has to be fetched beside it.

The protocol is what geckodriver speaks to it: the length of a JSON text, a colon, the text. A command is answered in
turn, and names what WebDriver names.
"""

import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.browser import debian
from tests.support.server import free_port

PATIENCE = 300
#: The key by which WebDriver marks an element.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
#: A browser of a test asks nobody but the page.
SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
LABELLED = """
const said = (one) => one.textContent.replace(/\\s+/g, " ").trim();
return [...document.querySelectorAll("label")].filter((one) => said(one).startsWith(arguments[0]))
  .map((one) => one.control).find((one) => one && one.checkVisibility()) || null
"""


class Unwilling(AssertionError):
    """Firefox could not do what it was asked."""


def program() -> debian.Program:
    """The Firefox that the tests drive. Raises *NotThere* with what to do."""
    found = debian.find("firefox-esr", ["firefox-esr", "firefox"], "usr/lib/firefox-esr/firefox-esr")
    libraries = os.pathsep.join(filter(None, (str(found.path.parent), found.environment.get("LD_LIBRARY_PATH"))))
    return debian.Program(found.path, {"LD_LIBRARY_PATH": libraries} if found.environment else {})


class Firefox:
    """One Firefox without a window, its profile in *folder*."""

    def __init__(self, folder: Path) -> None:
        port, found = free_port(), program()
        settings = {**SETTINGS, "marionette.port": port}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
        (folder / "user.js").write_text("\n".join(lines))
        with (folder / "firefox.log").open("wb") as log:
            self._process = subprocess.Popen(
                [found.path, "--headless", "--marionette", "--no-remote", "--profile", folder],
                env={**os.environ, **found.environment, "HOME": str(folder)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._line = self._connected(port, folder / "firefox.log")
        self._answers = self._line.makefile("rb")
        self._number = 0
        self._hear()
        self._asks("WebDriver:NewSession", capabilities={})
        self._asks("WebDriver:SetTimeouts", implicit=0, pageLoad=PATIENCE * 1000)

    def _connected(self, port: int, log: Path) -> socket.socket:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            except OSError:
                time.sleep(0.1)
        self.close()
        raise Unwilling(f"Firefox does not start: {log.read_text(errors='replace')[-1000:]}")

    def close(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if hasattr(self, "_line"):
            self._answers.close()
            self._line.close()

    def opens(self, url: str) -> None:
        self._asks("WebDriver:Navigate", url=url)

    def runs(self, script: str, *arguments: object) -> Any:
        return self._asks("WebDriver:ExecuteScript", script=script, args=list(arguments))["value"]

    @property
    def text(self) -> str:
        """What stands on the page for a reader, with each run of blanks as one."""
        return re.sub(r"\s+", " ", str(self.runs("return document.body.innerText")))

    @property
    def cookies(self) -> list[object]:
        return list(self._asks("WebDriver:GetCookies"))

    def sees(self, words: str) -> str:
        """Wait until *words* are on the page; gives all that is."""
        until = time.monotonic() + PATIENCE
        while words not in self.text:
            assert time.monotonic() < until, f"{words!r} never came:\n{self.text}"
            time.sleep(0.05)
        return self.text

    def follows(self, link: str) -> None:
        self._presses(self._found("link text", link))

    def presses(self, button: str) -> None:
        self._presses(self._found("xpath", f"//main//button[normalize-space()={json.dumps(button)}]"))

    def fills(self, label: str, value: str) -> None:
        """Type *value* into the field whose label begins with *label*."""
        field = self._labelled(label)
        self._asks("WebDriver:ElementClear", id=field)
        self._asks("WebDriver:ElementSendKeys", id=field, text=value)

    def chooses(self, label: str, to: str = "") -> None:
        """Choose or tick the answer *label*; with *to*, the one of the group whose question begins so."""
        if not to:
            self._presses(self._labelled(label))
            return
        group = f"//fieldset[starts-with(normalize-space(legend), {json.dumps(to)})]"
        self._presses(self._found("xpath", f"{group}//label[normalize-space()={json.dumps(label)}]"))

    def _labelled(self, label: str) -> str:
        found = self.runs(LABELLED, label)
        assert found, f"no field is labelled {label!r}:\n{self.text}"
        return str(found[ELEMENT])

    def _found(self, by: str, what: str) -> str:
        return str(self._asks("WebDriver:FindElement", using=by, value=what)["value"][ELEMENT])

    def _presses(self, element: str) -> None:
        self._asks("WebDriver:ElementClick", id=element)

    def _asks(self, command: str, **arguments: object) -> Any:
        self._number += 1
        said = json.dumps([0, self._number, command, arguments]).encode()
        self._line.sendall(str(len(said)).encode() + b":" + said)
        _, _, error, result = self._hear()
        if error:
            raise Unwilling(f"{command}: {error['error']}: {error['message']}")
        return result

    def _hear(self) -> Any:
        length = b""
        while (one := self._answers.read(1)) != b":":
            assert one, "Firefox ended"
            length += one
        return json.loads(self._answers.read(int(length)))

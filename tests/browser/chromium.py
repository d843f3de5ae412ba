"""A Chromium to drive: the one that is named, else the one that is installed, else one from the npm registry.

``SCREENER_CHROMIUM`` names one. The registry's is built for bare servers and brings its own libraries and fonts, so
it runs where nothing but Python was installed. A machine that has none of the three gets a sentence, never a skip.
"""

import os
import platform
import shutil
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import brotli

from screener.packet.chromium import ISOLATION_ARGUMENTS
from screener.packet.chromium import PROGRAM_NAMES
from tests.browser.packages import FOLDER
from tests.browser.packages import NotThere
from tests.browser.packages import Package
from tests.browser.packages import extract
from tests.browser.packages import once

PACKAGE = Package(
    "@sparticuz/chromium",
    "153.0.0",
    "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
)
ARGUMENTS = ISOLATION_ARGUMENTS
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="cwd">{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """Where the browser is, and what its environment must hold beside our own."""

    path: Path
    environment: dict[str, str]


def find() -> Chromium:
    """The browser that the tests drive. Raises *NotThere* with what to do."""
    if named := os.environ.get("SCREENER_CHROMIUM"):
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise NotThere("SCREENER_CHROMIUM names no program that can be started; name a Chromium, or unset it.")
        return Chromium(Path(named), {})
    for name in PROGRAM_NAMES:
        if installed := shutil.which(name):
            return Chromium(Path(installed), {})
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise NotThere("There is no Chromium on this machine; install one, or name one with SCREENER_CHROMIUM.")
    return _from_registry()


def _from_registry() -> Chromium:
    folder = once(FOLDER / f"chromium-{PACKAGE.version}", _unpack)
    environment = {
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, (str(folder / "lib"), os.environ.get("LD_LIBRARY_PATH")))),
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
    }
    return Chromium(folder / "chromium", environment)


def _unpack(into: Path) -> None:
    """The package holds one compressed program, and archives of the libraries and fonts that it needs."""
    packed = PACKAGE.unpacked() / "bin"
    program = into / "chromium"
    program.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    program.chmod(0o755)
    for name in ("al2023", "swiftshader", "fonts"):
        with tarfile.open(fileobj=BytesIO(brotli.decompress((packed / f"{name}.tar.br").read_bytes()))) as archive:
            extract(archive, into)
    folder = FOLDER / f"chromium-{PACKAGE.version}"
    (into / "fonts.conf").write_text(FONTS.format(fonts=folder / "fonts", cache=folder / "fonts-cache"))

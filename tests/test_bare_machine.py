"""``make test`` passes on a Debian with nothing but Python, make and git, of which nobody set up anything.

A root of its own is made from Debian's packages (debootstrap), the committed tree is cloned into it, and everything
else is what ``make`` fetches. That takes root, mounts and the network; a machine that lacks one of them says which.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from screener.settings import ROOT
from tests.browser import debian
from tests.browser.packages import NotThere

SUITE = "bookworm"
PACKAGES = "python3,python3-venv,make,git,ca-certificates"
COMMAND = "cd /src && make test"
#: What lets this machine reach its package registries: files, and settings by the beginnings of their names.
FILES = ("/etc/resolv.conf", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
SETTINGS = ("PIP_", "SSL_CERT", "NODE_EXTRA_CA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA")
#: Inside a mount space of its own, so that the mounts go with the process, however it ends.
ENTER = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" sh -c "$1"'

pytestmark = [pytest.mark.release, pytest.mark.timeout(4 * 3600)]


def missing() -> str:
    """What this machine lacks for a root of its own, or nothing."""
    if os.geteuid() != 0:
        return "a bare root is made by root"
    lacking = [name for name in ("unshare", "chroot", "mount", "git") if not shutil.which(name)]
    if lacking:
        return f"there is no {lacking[0]}"
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return "" if probe.returncode == 0 else "mounts are not allowed here"


def debootstrap(root: Path) -> None:
    try:
        program = debian.find("debootstrap", ["debootstrap"], "usr/sbin/debootstrap")
    except NotThere as reason:
        pytest.skip(str(reason))
    scripts = program.path.parents[1] / "share" / "debootstrap"
    command = [program.path, "--variant=minbase", f"--include={PACKAGES}", SUITE, root]  # its own default mirror
    environment = {**os.environ, **program.environment, "DEBOOTSTRAP_DIR": str(scripts)}
    done = subprocess.run(["sh", *map(str, command)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def settings_of(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name.upper().startswith(SETTINGS)}
    return {**kept, "HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "CI": "true"}


def test_everything_passes_on_a_bare_debian(tmp_path: Path) -> None:
    if reason := missing():
        pytest.skip(reason)
    root = tmp_path / "root"

    debootstrap(root)
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, root / "src"], check=True)
    for name in FILES:
        if Path(name).exists():
            shutil.copy(name, root / name.lstrip("/"))
    enter = ["unshare", "--mount", "sh", "-c", ENTER, str(root), COMMAND]
    done = subprocess.run(enter, env=settings_of(os.environ), capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]

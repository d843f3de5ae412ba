"""The shipped server as a deployment runs it: gunicorn and the worker as processes of their own, on loopback."""

import csv
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
#: Seconds that a process may take to start, to move what waits, or to end.
PATIENCE = 300


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Server:
    """One deployment over one data folder, whose processes can be started, killed and started again."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.port, self.desk_port = free_port(), free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SCREENER_")},
            "SCREENER_DATA": str(data),
            "SCREENER_PUBLIC_PORT": str(self.port),
            "SCREENER_DESK_PORT": str(self.desk_port),
            **settings,
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def set_up(self) -> None:
        """What ``make run`` does before it starts anything."""
        self.expect("migrate")
        self.expect("keys", "create", "--if-missing")

    def start(self) -> None:
        self.start_worker()
        self.start_public()

    def start_public(self) -> None:
        command: list[str | Path] = [BIN / "gunicorn", "--config", "python:screener.public_server", "wsgi:public()"]
        self._start("public", command)
        self._wait_for(self._answers, "the public process does not answer")

    def start_worker(self) -> None:
        self._start("worker", [BIN / "screener", "worker"])

    def start_desk(self) -> str:
        """Start the desk too; gives the invitation that it prints while nobody has come, or nothing."""
        self._start("desk", [BIN / "gunicorn", "--config", "python:screener.desk_server", "wsgi:desk()"])
        log = self.data / "desk.log"
        self._wait_for(lambda: "The desk is at" in log.read_text(), "the desk does not start")
        self._wait_for(lambda: self._answers(self.desk_port, "/sign-in"), "the desk does not answer")
        found = re.findall(r"http://\S+/invitation#\S+", log.read_text())
        return str(found[-1]) if found else ""

    def kill_desk(self) -> None:
        self._kill("desk")

    def kill_public(self) -> None:
        self._kill("public")

    def kill_worker(self) -> None:
        self._kill("worker")

    def stop(self) -> None:
        """An orderly end, and SIGKILL for what does not take it."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(PATIENCE)
        self._processes.clear()

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def child(self, name: str) -> int:
        """The process that *name* started first: the one that answers, where there is only one."""
        pid = self.pid(name)
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def screener(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What the command line says."""
        command = [str(BIN / "screener"), *arguments]
        return subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)

    def expect(self, *arguments: str) -> str:
        """What the command line prints, when it must succeed."""
        done = self.screener(*arguments)
        assert done.returncode == 0, f"screener {' '.join(arguments)}: {done.stderr or done.stdout}"
        return done.stdout

    def wait_until_moved(self) -> None:
        """Moves what waits in the inbox, whether or not a worker runs."""
        self.expect("worker", "--once")

    def exported(self) -> list[dict[str, str]]:
        """The rows of a fresh export, with the formula guard undone."""
        out = self.data / f"export-{time.monotonic_ns()}.csv"
        self.expect("export", "--profile", "spreadsheet", "--purpose", "test", "--out", str(out))
        rows = csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline=""))
        return [{name: value.removeprefix("'") for name, value in row.items()} for row in rows]

    def _start(self, name: str, command: list[Path | str]) -> None:
        log = (self.data / f"{name}.log").open("ab")
        with log:
            self._processes[name] = subprocess.Popen(
                [str(part) for part in command],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _kill(self, name: str) -> None:
        """The whole process group at once, as when the machine loses a container."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)

    def _answers(self, port: int = 0, path: str = "/en/") -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=60):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def _wait_for(self, holds: Callable[[], bool], otherwise: str) -> None:
        until = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > until:
                logs = "\n".join(path.read_text()[-2000:] for path in self.data.glob("*.log"))
                raise AssertionError(f"{otherwise}\n{logs}")
            time.sleep(0.05)

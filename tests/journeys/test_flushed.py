"""Sent means kept: whoever reads "we have your form" has it on the disk, and not in some memory.

One worker process of the shipped server is watched through ptrace, as strace does it. Between the first byte that a
submission writes into the inbox and the first byte of the answer to the person there must be a flush of that file,
after the last of its writes.
"""

import os
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

import pytest
from ptrace.debugger import NewProcessEvent
from ptrace.debugger import ProcessEvent
from ptrace.debugger import ProcessSignal
from ptrace.debugger import PtraceDebugger
from ptrace.debugger.debugger import THREAD_TRACE_FLAGS
from ptrace.func_call import FunctionCallOptions

from tests.support.http_client import HttpClient
from tests.support.server import Server

WRITES = ("pwrite64", "write")
FLUSHES = ("fsync", "fdatasync")
ANSWERS = ("sendto", "sendmsg")
PEOPLE = 10


@dataclass(frozen=True)
class Call:
    """One call of the kernel: its name, and the file or socket that it was for."""

    name: str
    target: str


def watched(pid: int, while_this: Callable[[], None]) -> list[Call]:
    """What the process *pid* asks of the kernel while *while_this* runs; the process ends with it."""
    done = threading.Thread(target=while_this)
    calls: list[Call] = []
    with _attached(pid) as debugger:
        done.start()
        for event in _stops(debugger, done):
            call = event.process.syscall_state.event(FunctionCallOptions())
            if call.result is None and call.name in (*WRITES, *FLUSHES, *ANSWERS):
                calls.append(Call(call.name, _target(pid, call.arguments[0].value)))
            event.process.syscall()
    return calls


@contextmanager
def _attached(pid: int) -> Iterator[PtraceDebugger]:
    debugger = PtraceDebugger()
    debugger.traceClone()
    for thread in sorted(int(name) for name in os.listdir(f"/proc/{pid}/task")):
        debugger.addProcess(thread, is_attached=False, is_thread=thread != pid).syscall()
    try:
        yield debugger
    finally:
        os.kill(pid, SIGKILL)
        for process in reversed(debugger.list):
            os.waitpid(process.pid, THREAD_TRACE_FLAGS)


def _stops(debugger: PtraceDebugger, done: threading.Thread) -> Iterator[ProcessEvent]:
    """Each stop at a call, until *done* is; what else happens to a thread is passed on."""
    while done.is_alive():
        try:
            yield debugger.waitSyscall()
        except ProcessSignal as signal:
            signal.process.syscall(signal.signum)
        except NewProcessEvent as new:
            new.process.syscall()
            new.process.parent.syscall()


def _target(pid: int, number: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/fd/{number}")
    except OSError:
        return ""


def acknowledged_unflushed(calls: list[Call]) -> tuple[int, int]:
    """How many answers followed a write to the inbox, and before how many of them it was not on the disk."""
    answers = unflushed = 0
    written = dirty = False
    for call in calls:
        if call.name in WRITES and Path(call.target).name.startswith("inbox.db"):
            written = dirty = True
        elif call.name in FLUSHES and Path(call.target).name.startswith("inbox.db"):
            dirty = False
        elif call.name in ANSWERS and call.target.startswith("socket:") and written:
            answers, unflushed, written = answers + 1, unflushed + dirty, False
    return answers, unflushed


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Server]:
    """A server of one process, and no worker, so that nothing but sending writes to the inbox."""
    data = tmp_path / "served"
    data.mkdir()
    server = Server(data, GUNICORN_CMD_ARGS="--workers 1")
    server.set_up()
    server.start_public()
    yield server
    server.stop()


def test_every_acknowledgement_comes_after_a_flush(alone: Server) -> None:
    references: list[str] = []

    def sends() -> None:
        for number in range(PEOPLE):
            person = HttpClient(alone.port)
            references.append(person.tells_the_site(name_pref=f"Invented {number}", email="flush@example.org"))

    calls = watched(alone.child("public"), sends)

    answers, unflushed = acknowledged_unflushed(calls)
    assert len(set(references)) == PEOPLE
    assert answers >= PEOPLE
    assert unflushed == 0


def test_an_answer_before_its_flush_would_be_seen() -> None:
    write, flush, answer = Call("pwrite64", "/d/inbox.db-wal"), Call("fdatasync", "/d/inbox.db-wal"), "socket:[1]"

    assert acknowledged_unflushed([write, flush, Call("sendto", answer)]) == (1, 0)
    assert acknowledged_unflushed([write, Call("sendto", answer), flush]) == (1, 1)
    assert acknowledged_unflushed([flush, write, Call("sendto", answer)]) == (1, 1)
    assert acknowledged_unflushed([write, Call("fdatasync", "/d/board.db"), Call("sendto", answer)]) == (1, 1)

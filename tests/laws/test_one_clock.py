"""There is one clock, the demo alone may move it, and moving it moves it for nobody else."""

import re
import threading
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from screener import clock
from screener.settings import PACKAGE
from screener.settings import ROOT

MOVES = re.compile(r"\b(moved_to|_MOVED_BY)\b")
#: Ways to ask for the time past our clock. Where a moment is handed in, the machine's may stand for want of one.
ASKS = re.compile(r"(?<!\bor )\bdatetime\.now\(|\b(utcnow|today)\(\)|\btime\.time\(")
LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)
CODE = sorted(PACKAGE.rglob("*.py"))


def test_the_demo_alone_moves_the_clock() -> None:
    moving = [path for path in [*CODE, ROOT / "wsgi.py"] if MOVES.search(path.read_text(encoding="utf-8"))]

    assert {path.relative_to(PACKAGE).parts[0] for path in moving} == {"clock.py", "demo"}


def test_no_other_module_asks_the_machine_for_the_time() -> None:
    asking = [path.relative_to(PACKAGE).as_posix() for path in CODE if ASKS.search(path.read_text(encoding="utf-8"))]

    assert set(asking) <= {"clock.py"}


def test_a_moved_clock_goes_on_and_comes_back() -> None:
    with clock.moved_to(LONG_AGO):
        first, second = clock.now(), clock.now()
        with clock.moved_to(LONG_AGO - timedelta(days=1)):
            assert clock.now() < LONG_AGO
        assert LONG_AGO <= first <= second <= clock.now() < LONG_AGO + timedelta(minutes=1)

    assert abs(clock.now() - LONG_AGO) > timedelta(hours=1)


def test_no_other_thread_sees_it_move() -> None:
    seen = []

    with clock.moved_to(LONG_AGO):
        other = threading.Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join()

    assert abs(seen[0] - LONG_AGO) > timedelta(hours=1)

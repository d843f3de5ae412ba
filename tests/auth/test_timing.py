"""A name that nobody has is answered as slowly as a known one: a permutation test over both.

If the two kinds of answer took the same time, shuffling the labels would change nothing: the difference that was
measured lies well among those of shuffled labels. Source of the method: Fisher, "The Design of Experiments", 1935.
"""

import random
import statistics
import time

import pytest
import time_machine

from screener.auth import lockout
from screener.settings import Settings
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.submissions import NOON

ROUNDS = 24
#: Seconds; smaller differences drown in any network, and in ours.
NOTICED = 0.004
NAMES = ("ada@example.org", "eve@example.org")


def p_value(known: list[float], unknown: list[float], rng: random.Random) -> float:
    def apart(one: list[float], other: list[float]) -> float:
        return abs(statistics.median(one) - statistics.median(other))

    measured, pool = apart(known, unknown), [*known, *unknown]
    as_far = 0
    for _ in range(2000):
        rng.shuffle(pool)
        as_far += apart(pool[: len(known)], pool[len(known) :]) >= measured
    return as_far / 2000


@pytest.mark.slow
def test_unknown_names_take_as_long_as_known_ones(
    deployment: Settings, monkeypatch: pytest.MonkeyPatch, shipped_passwords: None
) -> None:
    with time_machine.travel(NOON, tick=True) as clock:
        house = DeskApp(deployment, clock)
        house.onboards("Ada", "administrator")
        monkeypatch.setattr(lockout, "MAX_FAILED_ATTEMPTS", 10_000)
        asker, times = DeskUser(house.app), dict[str, list[float]]()
        page = asker.opens("/sign-in")
        for number in range(ROUNDS * 2):
            email = NAMES[(number + number // 2) % 2]
            begun = time.process_time()
            answer = asker.posts(page, "/sign-in", email=email, password="four loud words there")
            times.setdefault(email, []).append(time.process_time() - begun)
            assert answer.status == 422
        house.close()

    known, unknown = (times[name] for name in NAMES)
    chance = random.Random(1)  # noqa: S311 - it only shuffles labels
    apart = abs(statistics.median(known) - statistics.median(unknown))
    assert p_value(known, unknown, chance) > 0.01 or apart < NOTICED


def test_this_test_would_notice() -> None:
    rng = random.Random(2)  # noqa: S311 - it only makes up times

    assert (
        p_value([rng.gauss(0.06, 0.005) for _ in range(ROUNDS)], [rng.gauss(0.01, 0.005) for _ in range(ROUNDS)], rng)
        < 0.01
    )

"""Non-interference: two submissions that differ only in answers are the same for everyone who cannot open a box.

In each pair one person answers as somebody whom a screener would let through, and the other as somebody whom it would
turn away; everything else is equal. Whatever follows the check page is compared once id and reference are masked:
page and headers, envelope, lengths of the boxes, log, follow-up, audit. And neither may take longer than the other.
Source of the definition: Goguen and Meseguer, "Security Policies and Security Models", 1982.
"""

import logging
import random
import re
import statistics
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from werkzeug.test import Client
from werkzeug.test import TestResponse

from screener import audit
from screener.db import connect
from screener.db import reading
from screener.follow_up.models import FollowUp
from screener.intake import submit as sending
from screener.sealing.seal import seal_answers
from screener.settings import Settings
from screener.submissions import inbox
from screener.submissions.envelope import Envelope
from screener.submissions.models import Submission
from screener.submissions.payload import pack_values
from screener.worker.loop import Worker
from tests.support.submissions import NOON

#: How many pairs are compared on every channel, and how many by the time that the processor takes.
PAIRS, TIMED_PAIRS = 60, 200
#: Fields where a screener's rule would look: what "through" says, and what "away" says. As many signs in each.
THROUGH = {"age_years": "34", "dep_told": "1", "dep_now": "1", "ad_tried": "4", "ad_now": "1", "tx_had": "1"}
AWAY = {"age_years": "16", "dep_told": "0", "dep_now": "0", "ad_tried": "0", "ad_now": "0", "tx_had": "3"}
#: How rarely chance alone may look like a difference of time.
RARE = 0.0005

Answers = dict[str, str]


def pairs(number: int, chance: random.Random) -> Iterator[tuple[Answers, Answers]]:
    """*number* pairs: some of the telling fields, the same in both, and a contact that is the pair's own."""
    for one in range(number):
        told = chance.sample(sorted(THROUGH), chance.randint(1, len(THROUGH)))
        contact = {
            "name_pref": f"Invented Pair {one}",
            "email": f"pair{one}@example.org",
            "lang": chance.choice(["", "en", "es"]),
            "adult_self": "1",
        }
        yield (
            {**contact, **{field: THROUGH[field] for field in told}},
            {**contact, **{field: AWAY[field] for field in told}},
        )


class Watcher:
    """Sends submissions and looks at every channel that they leave through."""

    def __init__(self, app: Flask, settings: Settings, clock: time_machine.Traveller) -> None:
        self._client = Client(app)
        self._settings = settings
        self._clock = clock
        self._worker = Worker(settings)
        self._inbox = connect(settings.inbox, may="write")
        self._store = connect(settings.store, may="read")
        self._log: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: self._log.append(record.getMessage())  # type: ignore[method-assign]
        logging.getLogger().addHandler(handler)

    def sends(self, answers: Answers) -> tuple[TestResponse, float]:
        """The received page, and the seconds of the processor that sending took."""
        self._clock.move_to(NOON, tick=False)
        (token,) = re.findall(r'name="token"[^>]* value="([^"]+)"', self._client.get("/en/interest").text)
        self._clock.shift(60)
        pairs = urlencode({**answers, "token": token})
        began = time.thread_time()
        answer = self._client.post("/en/received", data=pairs, content_type="application/x-www-form-urlencoded")
        return answer, time.thread_time() - began

    def sees(self, answers: Answers) -> dict[str, object]:
        """What somebody without a key could see of one submission, by channel."""
        self._log.clear()
        answer, _ = self.sends(answers)
        (waits,) = inbox.fetch_batch(self._inbox, 2)
        self._worker.run_once()
        return {
            "status": answer.status_code,
            "headers": list(answer.headers),
            "page": re.sub(r'(class="reference">)[^<]+', r"\1", answer.text),
            "envelope": {**vars(waits.envelope), "id": len(waits.envelope.id)},
            "boxes": (len(waits.contact), len(waits.answers)),
            "log": list(self._log),
            **self._kept(waits.envelope.id),
        }

    def _kept(self, submission_id: bytes) -> dict[str, object]:
        submission, follow_up = Submission.__table__, FollowUp.__table__
        masked = {"id", "submission_id", "reference", "arrival", "contact_box", "answers_box"}
        with reading(self._store) as connection:
            kept = connection.execute(sa.select(submission).where(submission.c.id == submission_id)).mappings().one()
            work = connection.execute(sa.select(follow_up).where(follow_up.c.submission_id == submission_id))
            event = connection.execute(sa.select(audit.EVENTS).where(audit.EVENTS.c.subject == kept["reference"]))
            (told,) = event.mappings()
            return {
                "submission": {name: value for name, value in kept.items() if name not in masked},
                "kept boxes": (len(kept["contact_box"]), len(kept["answers_box"])),
                "follow-up": {name: value for name, value in work.mappings().one().items() if name not in masked},
                "audit": (
                    told["actor"],
                    told["action"],
                    re.sub(r'"arrival": \d+|"(?:envelope|contact_box|answers_box)": "[\w:]+"', "", told["detail"]),
                ),
            }


@pytest.fixture
def watcher(public: Flask, deployment: Settings, time_machine) -> Watcher:  # type: ignore[no-untyped-def]
    time_machine.move_to(NOON, tick=False)
    return Watcher(public, deployment, time_machine)


def likely_by_chance(differences: list[float], chance: random.Random, shuffles: int = 10_000) -> float:
    """How often a mean as far from zero comes about when each pair's two may as well be exchanged (sign-flip test).

    Source: R. A. Fisher, The Design of Experiments, 1935, section 21.
    """
    found = abs(sum(differences))
    sizes = [abs(one) for one in differences]
    beyond = sum(abs(sum(size if chance.random() < 0.5 else -size for size in sizes)) >= found for _ in range(shuffles))
    return (beyond + 1) / (shuffles + 1)


def trimmed(differences: list[float]) -> list[float]:
    """Without what the machine did meanwhile: each value held within three deviations of the middle."""
    middle = statistics.median(differences)
    reach = 4.4 * statistics.median(abs(one - middle) for one in differences)
    return [min(max(one, middle - reach), middle + reach) for one in differences]


def differences_of_time(watcher: Watcher, chance: random.Random) -> list[float]:
    """How much longer "through" took than "away", in seconds, for each pair; either may be the first."""
    differences = []
    for pair in pairs(TIMED_PAIRS, chance):
        took = {one: watcher.sends(pair[one])[1] for one in chance.sample((0, 1), 2)}
        differences.append(took[0] - took[1])
    return differences


@pytest.mark.slow
def test_pairs_are_equal_on_every_channel(watcher: Watcher) -> None:
    chance = random.Random(60)  # noqa: S311 - it chooses who is compared
    watcher.sees(next(pairs(1, chance))[0])  # before it, no worker has run
    for through, away in pairs(PAIRS, chance):
        first, second = watcher.sees(through), watcher.sees(away)
        assert first == second
        assert first["status"] == 200


@pytest.mark.slow
def test_pairs_take_the_same_time_to_send(watcher: Watcher) -> None:
    chance = random.Random(200)  # noqa: S311 - it chooses who is compared
    watcher.sends(next(pairs(1, chance))[0])

    found = likely_by_chance(trimmed(differences_of_time(watcher, chance)), chance)
    if found <= RARE:  # once in two thousand runs chance does this; twice in a row only a difference does
        found = likely_by_chance(trimmed(differences_of_time(watcher, chance)), chance)

    assert found > RARE


def leaks_by_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sending, "seal_answers", lambda said, *a, **k: seal_answers(said, *a, **k) + said[-1:] * said.count(b"34")
    )


def leaks_by_log(monkeypatch: pytest.MonkeyPatch) -> None:

    def tells(said: bytes, *given: Any, **named: Any) -> bytes:
        if b"34" in said:
            logging.getLogger("screener.sending").warning("sealed one more")
        return seal_answers(said, *given, **named)

    monkeypatch.setattr(sending, "seal_answers", tells)


def leaks_by_source(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes] = []
    pack = sending.pack_submission

    def listens(token: Any, contact: Any, answers: Any) -> Any:
        said.append(pack_values(answers))
        return pack(token, contact, answers)

    monkeypatch.setattr(sending, "pack_submission", listens)
    monkeypatch.setattr(
        sending, "Envelope", lambda **facts: Envelope(**{**facts, "source": "a" if b"34" in said[-1] else "b"})
    )


@pytest.mark.parametrize("leak", [leaks_by_length, leaks_by_log, leaks_by_source])
def test_a_leak_would_be_seen(watcher: Watcher, monkeypatch: pytest.MonkeyPatch, leak) -> None:  # type: ignore[no-untyped-def]
    leak(monkeypatch)
    contact = {"name_pref": "Invented Leak", "email": "leak@example.org", "adult_self": "1"}

    assert watcher.sees({**contact, **THROUGH}) != watcher.sees({**contact, **AWAY})


def test_a_slower_half_would_be_seen() -> None:
    chance = random.Random(1)  # noqa: S311 - it makes invented times
    fair = [chance.gauss(0, 1) for _ in range(TIMED_PAIRS)]

    assert likely_by_chance(trimmed(fair), chance) > RARE
    assert likely_by_chance(trimmed([one + 0.4 for one in fair]), chance) <= RARE

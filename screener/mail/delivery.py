"""One round of the post: what is due goes out, and each letter is marked as soon as it is gone."""

import time

import sqlalchemy as sa

from screener import clock
from screener.mail import outbox
from screener.mail import transport as post
from screener.mail.messages import compose
from screener.mail.outbox import Owed
from screener.settings import Settings

#: Letters a round, and seconds after which the rest waits: submissions are moved in between.
MOST = 20
LONGEST = 20


def send_due(settings: Settings, store: sa.Engine) -> int:
    """Send the letters that are due; returns how many the post took. Raises *UnavailableError* for the store only."""
    outbox.withdraw(store, at=clock.now())
    letters = outbox.lease(store, at=clock.now(), limit=MOST)
    if not letters:
        return 0
    sent = 0
    until = time.monotonic() + LONGEST
    try:
        with post.opened(settings) as line:
            while letters and time.monotonic() < until:
                sent += _send(settings, store, line, letters[0])
                letters.pop(0)
    except post.TROUBLE as trouble:
        _later(store, letters, type(trouble).__name__)
        return sent
    _later(store, letters, "out of time")
    return sent


def _send(settings: Settings, store: sa.Engine, line: post.Line, letter: Owed) -> bool:
    try:
        line.send(compose(letter, settings))
    except post.Refused as refusal:
        outbox.mark_failed(store, letter, str(refusal), at=clock.now(), for_good=True)
        return False
    outbox.mark_sent(store, letter, at=clock.now())
    return True


def _later(store: sa.Engine, letters: list[Owed], fault: str) -> None:
    for letter in letters:
        outbox.mark_failed(store, letter, fault, at=clock.now(), for_good=False)

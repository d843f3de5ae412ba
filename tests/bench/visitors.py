"""People who come at once: each a connection of its own that gets the form and, if told to, checks and sends it.

A process of its own, ``python -m tests.bench.visitors PORT WAY SECONDS PEOPLE``, so that what it costs is not
counted as the server's.
"""

import http.client
import json
import re
import sys
import threading
import time
from urllib.parse import urlencode

from tests.bench.people import invented

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN = re.compile(rb'name="token" value="([^"]+)"')
REFERENCE = re.compile(rb"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]")
#: What a visitor does after getting the form.
WAYS = {"get": (), "send": ("received",), "check and send": ("check", "received")}


def body_of(number: int) -> bytes:
    """What an invented person typed, as a browser sends it, without the token."""
    contact, answers = invented(number)
    pairs = [
        (name, each)
        for name, value in {**answers, **contact}.items()
        for each in (value if isinstance(value, tuple) else (value,))
    ]
    return urlencode(pairs).encode()


class Visitor(threading.Thread):
    """One person after another, until the time is over."""

    def __init__(self, port: int, way: str, until: float, number: int) -> None:
        super().__init__()
        self._port, self._steps, self._until = port, WAYS[way], until
        self._body = body_of(number)
        self.done, self.failed, self.waits = 0, 0, list[float]()

    def run(self) -> None:
        while time.perf_counter() < self._until:
            try:
                came_through = self._visit()
            except OSError:
                came_through = False
            self.done += came_through
            self.failed += not came_through

    def _visit(self) -> bool:
        """Whether the person got what they came for: the form, or a reference. Notes how long the last answer took."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            began = time.perf_counter()
            answer = _asked(line, "GET", "interest")
            token = TOKEN.search(answer)
            for step in self._steps if token else ():
                began = time.perf_counter()
                answer = _asked(line, "POST", step, self._body + b"&token=" + token[1])
            self.waits.append(time.perf_counter() - began)
        finally:
            line.close()
        return bool(REFERENCE.search(answer)) if self._steps else bool(answer)


def _asked(line: http.client.HTTPConnection, method: str, step: str, body: bytes | None = None) -> bytes:
    """The page that comes back; empty if it is not what was asked for."""
    line.request(method, f"/en/{step}", body, FORM if body else {})
    answer = line.getresponse()
    page = answer.read()
    return page if answer.status == 200 else b""


def come(port: int, way: str, seconds: float, people: int) -> dict[str, object]:
    """How many came through and how many did not, and how long each waited for the last answer."""
    until = time.perf_counter() + seconds
    visitors = [Visitor(port, way, until, number) for number in range(people)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    waits = [wait for visitor in visitors for wait in visitor.waits]
    return {
        "done": sum(each.done for each in visitors),
        "failed": sum(each.failed for each in visitors),
        "waits": waits,
    }


if __name__ == "__main__":
    port, way, seconds, people = sys.argv[1:]
    print(json.dumps(come(int(port), way, float(seconds), int(people))))

"""A proxy on loopback that sometimes cuts the line on the answer's way back.

The request always arrives; the person just never sees the reply, as on a telephone in a tunnel. What they do next,
send the same page again, is what the tests are about.
"""

import random
import socket
import threading
from types import TracebackType


class Cutter:
    """Forwards connections to *port*; one in *every* answers is cut after its first bytes."""

    def __init__(self, port: int, *, every: int, seed: int) -> None:
        self._target = port
        self._every = every
        self._chance = random.Random(seed)  # noqa: S311 - it chooses whose line is cut
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.cut = 0

    def __enter__(self) -> "Cutter":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        """One connection: all of the request through, the answer through or cut."""
        with near:
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=60)
            except OSError:
                return
            with far:
                threading.Thread(target=_pump, args=(near, far), daemon=True).start()
                if self._chance.randrange(self._every) == 0:
                    self.cut += 1
                    _wait_for_answer(far)
                    # Closing alone would wait for the thread that still reads from it.
                    near.shutdown(socket.SHUT_RDWR)
                    return
                _pump(far, near)


def _wait_for_answer(far: socket.socket) -> None:
    """The server has done its work once the first byte of its answer is there."""
    try:
        far.recv(1)
    except OSError:
        return


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return

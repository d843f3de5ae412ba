"""Run a program of another environment with a resolver that knows names of this machine only.

``localhost`` and what ends so is loopback (RFC 6761, 6.3), which not every resolver knows; any other name does not
exist, so that a scan reaches no machine but this one. Arguments: the program's path, then its own.
"""

import runpy
import socket
import sqlite3
import sys
from functools import partial
from typing import Any

resolve = socket.getaddrinfo


def resolve_locally(host: Any, *arguments: Any, **options: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name == "localhost" or name.endswith(".localhost"):
        name = "127.0.0.1"
    if name != "127.0.0.1":
        raise socket.gaierror(socket.EAI_NONAME, "only names of this machine are looked up")
    return resolve(name, *arguments, **options)


if __name__ == "__main__":
    socket.getaddrinfo = resolve_locally
    # wapiti keeps what it did in SQLite and gives up after five seconds, which a loaded machine may take.
    vars(sqlite3)["connect"] = partial(sqlite3.connect, timeout=300)
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")

"""The two kinds of error whose text is meant for a person; anything else that is raised is a defect.

*UserError* and *UnavailableError* are siblings, so that a handler for a form's errors never catches a database
fault. Catch *ScreenerError* only where a process ends (command line, server start); ``tests/laws`` lists those places.
Neither text ever carries an answer, a name or a key.
"""

import sys
from typing import NoReturn

#: Exit code of a process that ends with the sentence of an error.
EXIT_CODE = 2


class ScreenerError(Exception):
    """Base of the errors whose text is shown to a person: what is wrong, and what to do next."""


class UserError(ScreenerError):
    """Input, a setting or a file that a person can correct: shown beside the form, or printed with exit code 2."""


class UnavailableError(ScreenerError):
    """Inbox, board, store or keys cannot be used now: a 503 on the web, exit code 2 on the command line."""


def print_error(error: object) -> int:
    """Print the sentence of *error* to standard error, without a traceback; return the exit code that belongs to it."""
    if sys.stderr is not None:  # it is None when the parent process closed it
        print(error, file=sys.stderr)
    return EXIT_CODE


def exit_with_error(error: object) -> NoReturn:
    """End the process with the sentence of *error*."""
    raise SystemExit(print_error(error))

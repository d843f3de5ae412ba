"""Faults that a person can mend.

A *Problem* carries one plain sentence for the person at the command line: what is wrong and what to do
next. It never carries an answer, a name or a key. Anything else that is raised is a defect of ours.
"""


class Problem(Exception):
    """A fault with a sentence for the operator; the command line prints it and exits with 2."""


class Unavailable(Problem):
    """A part that we need (inbox, board, store, keys) cannot serve now; on the web this is a 503."""

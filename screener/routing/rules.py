"""Whose submission it is, by the envelope alone.

A rule is handed an envelope and the coordinators, and nothing else exists in this room: what a person said about
themselves is in a box that no module here can name. So no rule can prefer anyone by it.
"""

from collections.abc import Sequence

from screener.staff.directory import Coordinator
from screener.study.model import Routing
from screener.submissions.envelope import Envelope


def assignee(envelope: Envelope, coordinators: Sequence[Coordinator], rules: Routing) -> Coordinator | None:
    """Who takes *envelope*: of *coordinators*, whoever waited longest first, the first that every rule leaves.

    None when there is nobody at all. A rule that would leave nobody is passed over: a call in the second-best
    language is better than no call.
    """
    left = list(coordinators)
    for rule in rules.by:
        if rule == "language" and envelope.call_language:
            left = [one for one in left if envelope.call_language in one.languages] or left
    return left[0] if left else None

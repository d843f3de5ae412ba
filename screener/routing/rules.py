"""Choose the assignee of a submission, by its envelope alone.

A rule is handed an envelope and the coordinators; the answers are in a box that no module here can import a way to
open. So no rule can prefer a person by what they answered.
"""

from collections.abc import Sequence

from screener.staff.directory import Coordinator
from screener.study.model import RoutingRules
from screener.submissions.envelope import Envelope


def choose_assignee(envelope: Envelope, coordinators: Sequence[Coordinator], rules: RoutingRules) -> Coordinator | None:
    """The assignee of *envelope*: of *coordinators*, in the order of their turn, the first that every rule leaves.

    None when there are no coordinators. A rule that would leave none is skipped: a call in the second-best language
    is better than no call.
    """
    left = list(coordinators)
    for rule in rules.by:
        if rule == "language" and envelope.call_language:
            left = [one for one in left if envelope.call_language in one.languages] or left
    return left[0] if left else None

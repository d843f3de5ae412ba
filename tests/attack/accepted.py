"""Findings that are no fault, each with its reason; one that no scan has any more is to be taken out."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.attack.wapiti import Finding


@dataclass(frozen=True)
class Accepted:
    """What is accepted at one target; *path* and *info* are patterns (``*``)."""

    target: str
    category: str
    method: str
    path: str
    parameter: str
    info: str
    reason: str

    def matches(self, target: str, finding: Finding) -> bool:
        return (
            (self.target, self.category, self.method, self.parameter)
            == (target, finding.category, finding.method, finding.parameter)
            and fnmatchcase(finding.path, self.path)
            and fnmatchcase(finding.info, self.info)
        )


ACCEPTED: tuple[Accepted, ...] = ()


def is_accepted(target: str, finding: Finding) -> bool:
    """Whether *finding* is above informational and on the list."""
    return any(one.matches(target, finding) for one in ACCEPTED)

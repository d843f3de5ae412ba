"""The retention period of each wording version: the days that an approved form promised to the person who sent it.

The study file on the disk is not asked: a period that no approval covers erases nothing.
"""

import json
from collections.abc import Mapping

import sqlalchemy as sa

from screener.study.approved_content import content_hash
from screener.submissions.models import ApprovalRecord
from screener.submissions.models import WordingVersion


def read_approved_periods(connection: sa.Connection) -> Mapping[str, int]:
    """Days by wording version, for each version whose approval was ever recorded.

    A saved wording whose content is not what its version is the hash of counts as not approved.
    """
    approved = sa.select(ApprovalRecord.wording_version)
    query = sa.select(WordingVersion.version, WordingVersion.content).where(WordingVersion.version.in_(approved))
    found = {row.version: json.loads(row.content) for row in connection.execute(query)}
    return {
        version: days
        for version, content in found.items()
        if content_hash(content) == version and (days := _read_days(content)) is not None
    }


def _read_days(content: Mapping[str, object]) -> int | None:
    study = content.get("study")
    retention = study.get("retention") if isinstance(study, dict) else None
    days = retention.get("days") if isinstance(retention, dict) else None
    return days if isinstance(days, int) and days >= 1 else None

"""Every action that the code records in the audit trail is an *AuditAction* with a sentence, and no other is."""

import re
from pathlib import Path

from screener.audit_actions import AuditAction
from screener.board.board import STATUSES
from screener.settings import PACKAGE

ACTION = re.compile(r'"(?:cli|desk|worker):([a-z_]+:[a-z_]+)"')
#: What an account event is called: the word that is handed to ``AuditActor.record_event``.
OF_AN_ACCOUNT = re.compile(r'\.record_event\(\s*connection, "([a-z_]+)"')


def left_by_the_code() -> set[str]:
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path(PACKAGE).rglob("*.py"))
    accounts = {f"account:{verb}" for verb in OF_AN_ACCOUNT.findall(source)}
    #: Those whose names are put together, each beside what it is put together from.
    others = {
        *(f"intake:{status}" for status in STATUSES),
        "account:refused",
        "account:second_factor_given",
    }
    return set(ACTION.findall(source)) | accounts | others


def test_every_action_has_words_and_every_word_an_action() -> None:
    assert set(AuditAction) == left_by_the_code()
    assert all(action.sentence for action in AuditAction)

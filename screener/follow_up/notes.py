"""What the boxes of notes are bound to, and how all of them are found when keys change."""

from collections.abc import Sequence

import sqlalchemy as sa

from screener.submissions.store import Note


def purpose(study: str) -> str:
    """What stands in a note's box where a study's id stands in a submission's, so that neither passes for the other."""
    return f"{study} note"


def notes_of(connection: sa.Connection, ids: Sequence[bytes]) -> list[tuple[bytes, int, bytes]]:
    """The notes of these submissions that were not erased: submission, version, box."""
    query = sa.select(Note.submission_id, Note.version, Note.box).where(
        Note.submission_id.in_(ids), Note.box.is_not(None)
    )
    return [(row.submission_id, row.version, row.box) for row in connection.execute(query)]


def replace_note(connection: sa.Connection, submission_id: bytes, version: int, box: bytes) -> None:
    """Put a re-wrapped box in place of a note's own; one that was erased meanwhile stays erased."""
    there = Note.submission_id == submission_id, Note.version == version, Note.box.is_not(None)
    connection.execute(sa.update(Note).where(*there).values(box=box))

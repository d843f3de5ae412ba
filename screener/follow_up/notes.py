"""The sealed notes of follow-ups: what their boxes are bound to, how they are re-sealed and erased."""

from collections.abc import Sequence

import sqlalchemy as sa

from screener.follow_up.models import Note


def note_purpose(study: str) -> str:
    """What a note's box is bound to in place of the study's id, so that notes and answers never pass for each other."""
    return f"{study} note"


def list_notes(connection: sa.Connection, ids: Sequence[bytes]) -> list[tuple[bytes, int, bytes]]:
    """The notes of these submissions that were not erased: submission, version, box."""
    query = sa.select(Note.submission_id, Note.version, Note.box).where(
        Note.submission_id.in_(ids), Note.box.is_not(None)
    )
    return [(row.submission_id, row.version, row.box) for row in connection.execute(query)]


def replace_note(connection: sa.Connection, submission_id: bytes, version: int, box: bytes) -> None:
    """Store a re-sealed box in place of a note's own; one that was erased meanwhile stays erased."""
    there = Note.submission_id == submission_id, Note.version == version, Note.box.is_not(None)
    connection.execute(sa.update(Note).where(*there).values(box=box))


def erase_notes(connection: sa.Connection, submission_id: bytes) -> None:
    """Erase the boxes of a submission's notes; that there were notes stays."""
    connection.execute(sa.update(Note).where(Note.submission_id == submission_id).values(box=None))

"""Reseal every box in the store to the current key of its compartment, after a key rotation.

Only the wrapped content key of a box changes, and only after the box was opened, so a damaged box is never vouched for.
Each batch is a transaction of its own, and a box already sealed to the current key is left alone, so a run may be
killed anywhere and started again.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa

from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.follow_up import notes
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import iterate_submissions
from screener.sealing.box import ANSWERS
from screener.sealing.box import CONTACT
from screener.sealing.open import PrivateKeys
from screener.sealing.open import rewrap_box
from screener.sealing.seal import PublicKey
from screener.sealing.seal import recipient_key_ids
from screener.submissions import writes

BATCH = 200


@dataclass
class ResealCounts:
    """What became of the boxes of one run."""

    #: Sealed again in this run.
    sealed_again: int = 0
    #: Sealed to the current key before.
    current: int = 0
    #: Left as they are, because no key here opens them.
    left: int = 0

    def as_detail(self) -> dict[str, int]:
        """The counts as an audit event carries them."""
        return {"sealed_again": self.sealed_again, "current": self.current, "left": self.left}

    def sentence(self) -> str:
        """The counts as the command says them."""
        said = f"{self.sealed_again} boxes sealed again, {self.current} were sealed to the current key already"
        if not self.left:
            return f"{said}."
        return f"{said}, {self.left} do not open and were left as they are; put back their key, then use --re-wrap."


def reseal_all(
    store: sa.Engine, private: PrivateKeys, *, to: Mapping[str, PublicKey], study: str, tick: Callable[[int], object]
) -> ResealCounts:
    """Seal the boxes of the compartments in *to* to those keys; *tick* hears how many submissions went by."""
    counts, after = ResealCounts(), 0
    while batch := _batch(store, after):
        changes = [(kept, _reseal_boxes(kept, private, to, study, counts)) for kept in batch]
        _write(store, [(kept.envelope.id, boxes) for kept, boxes in changes if boxes])
        if ANSWERS in to:
            _reseal_notes(store, [kept.envelope.id for kept in batch], private, to[ANSWERS], study, counts)
        after = batch[-1].arrival
        tick(len(batch))
    return counts


def _batch(store: sa.Engine, after: int) -> list[StoredSubmission]:
    with reading(store) as connection:
        return list(islice(iterate_submissions(connection, after=after, batch=BATCH), BATCH))


def _write(store: sa.Engine, changes: Sequence[tuple[bytes, Mapping[str, bytes]]]) -> None:
    if not changes:
        return
    with writing(store) as connection:
        for submission, boxes in changes:
            writes.replace_boxes(connection, submission, contact=boxes.get(CONTACT), answers=boxes.get(ANSWERS))


def _reseal_notes(
    store: sa.Engine, ids: Sequence[bytes], private: PrivateKeys, key: PublicKey, study: str, counts: ResealCounts
) -> None:
    """The notes about these submissions, which are sealed to the key of the answers."""
    with reading(store) as connection:
        found = notes.list_notes(connection, ids)
    changed = [
        (submission, version, again)
        for submission, version, box in found
        if (again := _reseal(box, private, key, notes.note_purpose(study), submission, counts))
    ]
    if changed:
        with writing(store) as connection:
            for submission, version, box in changed:
                notes.replace_note(connection, submission, version, box)


def _reseal_boxes(
    kept: StoredSubmission, private: PrivateKeys, to: Mapping[str, PublicKey], study: str, counts: ResealCounts
) -> dict[str, bytes]:
    """The boxes of *kept* that are now sealed to the key they should be sealed to."""
    boxes = {CONTACT: kept.contact_box, ANSWERS: kept.answers_box}
    return {
        compartment: again
        for compartment, box in boxes.items()
        if box is not None
        and compartment in to
        and (again := _reseal(box, private, to[compartment], study, kept.envelope.id, counts))
    }


def _reseal(
    box: bytes, private: PrivateKeys, key: PublicKey, study: str, submission: bytes, counts: ResealCounts
) -> bytes | None:
    """*box* sealed to *key*; None when it is already, or when no key here opens it."""
    try:
        if recipient_key_ids(box) == (key.key_id,):
            counts.current += 1
            return None
        again = rewrap_box(box, private, to=key, study=study, submission=submission)
    except UserError:
        counts.left += 1
        return None
    counts.sealed_again += 1
    return again

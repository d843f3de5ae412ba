"""What the desk works with, made once when the process starts and handed in."""

from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from typing import cast

import sqlalchemy as sa
from flask import current_app

from screener import clock
from screener.errors import ScreenerError
from screener.sealing.form_key import FormKeyRing
from screener.sealing.form_key import retire_form_keys
from screener.sealing.open import PrivateKeys
from screener.sealing.open import load_private_keys
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.model import Study
from screener.submissions.opening import OpeningKeys

EXTENSION = "screener.desk"


@dataclass(frozen=True)
class DeskContext:
    """The desk of one study: the store, the keys that open its boxes, and the keys that seal a note."""

    settings: Settings
    study: Study
    store: sa.Engine
    private_keys: PrivateKeys
    public_keys: PublicKeys
    form_keys: FormKeyRing
    #: Authenticates notes.
    note_key: bytes = field(repr=False)

    @property
    def opening_keys(self) -> OpeningKeys:
        """What opens and checks the boxes of this study."""
        return OpeningKeys(self.private_keys, self.form_keys, self.study.id)

    def close(self) -> None:
        """Close the connections; for a process that makes several applications."""
        self.store.dispose()


def load_desk_context(settings: Settings, store: sa.Engine, *, note_key: bytes) -> DeskContext:
    """Load study and keys of a deployment over its *store*. Raises *UserError* when one of them cannot be used.

    A missing private key does not keep the desk shut: the record says which one is missing, and everything else works.
    """
    # The form keys may be another user's, or on another machine: then `screener keys retire` moves them there.
    with suppress(ScreenerError):
        retire_form_keys(settings.form_keys, settings.private_keys, at=clock.now())
    return DeskContext(
        settings=settings,
        study=load_study(settings.study),
        store=store,
        private_keys=load_private_keys(
            settings.private_keys, passphrase=settings.passphrase_bytes, production=settings.in_production, some=True
        ),
        public_keys=load_public_keys(settings.public_keys),
        form_keys=FormKeyRing(settings.form_keys, settings.private_keys),
        note_key=note_key,
    )


def desk_context() -> DeskContext:
    """The context of the application that serves this request."""
    return cast(DeskContext, current_app.extensions[EXTENSION])

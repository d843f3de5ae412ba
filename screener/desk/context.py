"""Everything that the desk works with, made once at the start of the process and handed in."""

from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from flask import current_app

from screener.sealing.open import PrivateKeys
from screener.sealing.open import load_private_keys
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.model import Study

EXTENSION = "screener.desk"


@dataclass(frozen=True)
class Room:
    """The desk of one study: the store, the keys that open its boxes, and the keys that shut a note."""

    settings: Settings
    study: Study
    store: sa.Engine
    opens: PrivateKeys
    shuts: PublicKeys

    def close(self) -> None:
        """Let go of the connections; whoever makes several applications in one process calls this."""
        self.store.dispose()


def open_room(settings: Settings, store: sa.Engine) -> Room:
    """The room of a deployment, over its *store*. Raises *UserError* when study, keys or passphrase cannot be used.

    A private key that is not there does not keep the desk shut: the record says which one is missing, and who needs
    the rest of it can work.
    """
    secret = settings.key_passphrase
    passphrase = secret.get_secret_value().encode() if secret else None
    return Room(
        settings=settings,
        study=load_study(settings.study),
        store=store,
        opens=load_private_keys(
            settings.private_keys, passphrase=passphrase, production=settings.in_production, some=True
        ),
        shuts=load_public_keys(settings.public_keys),
    )


def room() -> Room:
    """The room that this process serves."""
    return cast(Room, current_app.extensions[EXTENSION])

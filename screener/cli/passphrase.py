"""What commands need to work with private keys: their folders, the passphrase, and the keys that it opens."""

import sys

import click

from screener.errors import UserError
from screener.sealing.keys import KeyFolders
from screener.sealing.open import PrivateKeys
from screener.sealing.open import has_passphrase_on_all_keys
from screener.sealing.open import load_private_keys
from screener.settings import Settings

UNPROTECTED_WARNING = (
    "Development keys: no passphrase protects them, so anyone who can read the key folder can read everything."
)


def key_folders_of(settings: Settings) -> KeyFolders:
    """Return the folders of the keys."""
    return KeyFolders(public=settings.public_keys, private=settings.private_keys, form=settings.form_keys)


def read_passphrase(settings: Settings, *, new: bool = False) -> bytes | None:
    """Return the passphrase of the private keys: from the settings, else from a prompt; None where none is used.

    Raises *UserError* when one is needed (always in production) and there is none.
    """
    if given := settings.passphrase_bytes:
        return given
    if not settings.in_production and not has_passphrase_on_all_keys(settings.private_keys):
        return None
    if not sys.stdin.isatty():
        raise UserError(
            "The private keys need a passphrase; set SCREENER_KEY_PASSPHRASE_FILE or SCREENER_KEY_PASSPHRASE, "
            "or run this at a terminal, where it is asked for."
        )
    asked: str = click.prompt("Passphrase of the private keys", hide_input=True, confirmation_prompt=new, err=True)
    return asked.encode()


def load_staff_keys(settings: Settings, *, passphrase: bytes | None) -> PrivateKeys:
    """Return the private keys for a command of the staff side; warn when they are unprotected. Raises *UserError*."""
    found = load_private_keys(settings.private_keys, passphrase=passphrase, production=settings.in_production)
    if found.unprotected:
        click.echo(UNPROTECTED_WARNING, err=True)
    return found

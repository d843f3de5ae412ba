"""``screener keys``: make, show, back up, put back, prove and change the keys of a deployment.

What is done here is told twice: to the audit trail (who did it, never the key), and to the board, which says
that a key was proven; in production the form stays closed for a key that nobody has proven.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from screener import audit
from screener import clock
from screener.board import board
from screener.cli.acting import acting_account
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.operations import reseal as rekey
from screener.sealing import key_backup
from screener.sealing import key_file
from screener.sealing import keys as key_folders
from screener.sealing import proof
from screener.sealing.box import ANSWERS
from screener.sealing.box import COMPARTMENTS
from screener.sealing.box import CONTACT
from screener.sealing.keys import Folders
from screener.sealing.open import PrivateKeys
from screener.sealing.open import are_protected
from screener.sealing.open import load_private_keys
from screener.sealing.seal import PublicKey
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.study.loader import load_study
from screener.submissions import queries
from screener.worker.context import open_job_context
from screener.worker.move import move_submissions

UNPROTECTED = "Development keys: no passphrase protects them, so whoever can read the key folder can read everything."
A_FILE = click.Path(dir_okay=False, path_type=Path)


def folders_of(settings: Settings) -> Folders:
    """Where *settings* keep the keys."""
    return Folders(public=settings.public_keys, private=settings.private_keys, form=settings.form_keys)


def passphrase_of(settings: Settings, *, new: bool = False) -> bytes | None:
    """The passphrase of the private keys: from the settings, else asked for at a terminal; None where none is used.

    Raises *UserError* when one is needed (always in production) and there is none.
    """
    if settings.key_passphrase and (given := settings.key_passphrase.get_secret_value()):
        return os.fsencode(given)
    if not settings.in_production and not are_protected(settings.private_keys):
        return None
    if not sys.stdin.isatty():
        raise UserError(
            "The private keys need a passphrase; set SCREENER_KEY_PASSPHRASE_FILE or SCREENER_KEY_PASSPHRASE, "
            "or run this at a terminal, which asks for it."
        )
    asked: str = click.prompt("Passphrase of the private keys", hide_input=True, confirmation_prompt=new, err=True)
    return asked.encode()


def staff_keys(settings: Settings, *, passphrase: bytes | None) -> PrivateKeys:
    """The private keys, for a command of the staff side; says so when they lie open. Raises *UserError*."""
    found = load_private_keys(settings.private_keys, passphrase=passphrase, production=settings.in_production)
    if found.unprotected:
        click.echo(UNPROTECTED, err=True)
    return found


@click.group()
def keys() -> None:
    """Make, show, back up, put back, prove and change the keys."""


@keys.command()
@click.option("--if-missing", is_flag=True, help="Say nothing and change nothing when all keys are there.")
@acting_account
@click.pass_obj
def create(settings: Settings, if_missing: bool, account: str) -> None:
    """Make the two key pairs and the form key; overwrite nothing."""
    passphrase = passphrase_of(settings, new=not settings.private_keys.exists())
    made = key_folders.create_keys(folders_of(settings), passphrase=passphrase, at=clock.now())
    if not made and not if_missing:
        raise UserError("All keys are there already and were not changed; 'screener keys rotate' replaces them.")
    public, private = load_public_keys(settings.public_keys), staff_keys(settings, passphrase=passphrase)
    proof.prove(public, private)
    where = settings.public_keys.parent
    click.echo(f"Made {', '.join(made)} in {where}." if made else f"The keys are there already, in {where}.")
    try:
        if made or not _known_to_board(settings, public):
            action = "cli:keys:created" if made else "cli:keys:proved"
            _tell(settings, action, account, (public.contact, public.answers), made=", ".join(made))
    except UnavailableError:
        click.echo("The databases are not there yet: run 'screener migrate', then 'screener keys prove'.")
    if made and settings.in_production:
        click.echo("Next: 'screener keys backup --out FILE'; without a backup a lost key is a lost submission.")


@keys.command()
@click.pass_obj
def show(settings: Settings) -> None:
    """List the keys: ids, fingerprints and dates, and nothing secret."""
    for line in key_folders.show_keys(folders_of(settings)):
        parts = [f"{line.name:8}{line.state:9}", line.key_id, f"made {line.created_at:%Y-%m-%d}"]
        if line.replaced_at:
            parts.append(f"replaced {line.replaced_at:%Y-%m-%d}")
        if line.protected is not None:
            parts.append("passphrase" if line.protected else "NO PASSPHRASE")
        click.echo("  ".join(parts))
        if line.fingerprint:
            click.echo(f"{'':17}{line.fingerprint}")


@keys.command()
@click.option("--out", required=True, type=A_FILE, help="The file to write; it must not be there yet.")
@acting_account
@click.pass_obj
def backup(settings: Settings, out: Path, account: str) -> None:
    """Write every key into one file, protected as the keys are. Keep it, and its passphrase, apart."""
    passphrase = passphrase_of(settings)
    private = staff_keys(settings, passphrase=passphrase)
    _record(settings, "cli:keys:backup_started", account, file=out.name)
    key_backup.write_backup(folders_of(settings), out, passphrase=passphrase)
    _record(settings, "cli:keys:backed_up", account, keys=_ids(key.public for key in private.contact + private.answers))
    click.echo(f"Wrote {out}. Prove it: screener keys prove --backup {out}")


@keys.command()
@click.argument("file", type=A_FILE)
@acting_account
@click.pass_obj
def restore(settings: Settings, file: Path, account: str) -> None:
    """Put back the keys of a key backup that are missing here; overwrite nothing."""
    passphrase = passphrase_of(settings)
    data = key_file.read_bytes(file, missing="check the path")
    found = key_backup.read_backup(data, file, passphrase=passphrase)
    put_back = key_backup.restore_keys(found, folders_of(settings))
    click.echo(f"Put back {', '.join(put_back)}." if put_back else "Nothing was missing; no key was changed.")
    try:
        _record(settings, "cli:keys:restored", account, files=", ".join(put_back))
    except UnavailableError:
        click.echo("The store is not there yet, so this is not in the audit trail: run 'screener migrate'.")


@keys.command()
@click.option("--backup", "file", type=A_FILE, help="Open with nothing but this key backup.")
@acting_account
@click.pass_obj
def prove(settings: Settings, file: Path | None, account: str) -> None:
    """Show that what is sealed can be opened: something sealed now, and something sealed before."""
    passphrase = passphrase_of(settings)
    public = load_public_keys(settings.public_keys)
    if file is not None:
        made_at = key_backup.prove_backup(file, settings.public_keys, passphrase=passphrase)
        click.echo(f"The key backup of {made_at:%Y-%m-%d %H:%M} UTC opens boxes that were sealed before it was made.")
    else:
        private = staff_keys(settings, passphrase=passphrase)
        proof.prove(public, private)
        for compartment in COMPARTMENTS:
            sealed_at = proof.sealed_at(settings.public_keys, compartment, private)
            click.echo(f"{compartment}: opens what was sealed now and at {sealed_at:%Y-%m-%d %H:%M} UTC.")
    where = "backup" if file else "keys"
    _tell(settings, "cli:keys:proved", account, (public.contact, public.answers), opened_with=where)


@keys.command()
@click.option(
    "--compartment", type=click.Choice(["both", *COMPARTMENTS]), default="both", show_default=True, help="Whose key."
)
@click.option("--form-key", is_flag=True, help="Change the form key instead; open pages stay good for 30 days.")
@click.option("--re-wrap", is_flag=True, help="Make no key; seal again what is still sealed to a retired one.")
@acting_account
@click.pass_obj
def rotate(settings: Settings, compartment: str, form_key: bool, re_wrap: bool, account: str) -> None:
    """Replace keys and seal every box again. Safe to stop at any moment: run it again and it goes on."""
    _record(settings, "cli:keys:rotation_started", account, keys="form" if form_key else compartment)
    if form_key:
        made = key_folders.rotate_form_key(folders_of(settings))
        _record(settings, "cli:keys:rotated", account, form_key=made.key_id)
        click.echo(f"The form key is now {made.key_id}; pages signed with the one before are taken for 30 days.")
        return
    chosen = COMPARTMENTS if compartment == "both" else (compartment,)
    passphrase = passphrase_of(settings)
    staff_keys(settings, passphrase=passphrase)
    begun = [] if re_wrap else [_switched(settings, name, passphrase) for name in chosen]
    private = load_private_keys(settings.private_keys, passphrase=passphrase, production=settings.in_production)
    counts = _seal_again(settings, private, chosen)
    for rotation in begun:
        key_folders.end_rotation(folders_of(settings), rotation)
    current = [private.of(name)[0].public for name in chosen]
    _record(settings, "cli:keys:rotated", account, keys=_ids(current), **counts.as_detail())
    click.echo(counts.sentence())
    if not re_wrap:
        click.echo("Copy the public keys to every public host, then make a new key backup: screener keys backup")


def _switched(settings: Settings, compartment: str, passphrase: bytes | None) -> key_folders.Rotation:
    """The rotation of *compartment*, its new key proven, known to the board, and in its place.

    The board hears first: production would close the form for a key that it does not know.
    """
    folders = folders_of(settings)
    rotation = key_folders.begin_rotation(folders, compartment, passphrase=passphrase)
    if not rotation.switched:
        used = load_public_keys(settings.public_keys)
        private = load_private_keys(settings.private_keys, passphrase=passphrase, production=settings.in_production)
        new = {CONTACT: used.contact, ANSWERS: used.answers, compartment: rotation.key}
        proof.prove(PublicKeys(contact=new[CONTACT], answers=new[ANSWERS]), private)
        _publish(settings, [rotation.key])
        key_folders.switch_keys(folders, rotation)
    word = "goes on with" if rotation.continued else "is now"
    click.echo(f"The {compartment} key {word} {rotation.key.key_id}.")
    return rotation


def _seal_again(settings: Settings, private: PrivateKeys, chosen: Iterable[str]) -> rekey.Counts:
    """Move what waits in the inbox into the store, as the worker does, and seal every box of the store again."""
    study = load_study(settings.study).id
    move_submissions(open_job_context(settings))
    engine = connect(settings.store, may="write")
    to = {name: private.of(name)[0].public for name in chosen}
    with reading(engine) as connection:
        length = queries.count_submissions(connection)
    with click.progressbar(length=length, label="Sealing again", file=sys.stderr) as bar:
        return rekey.seal_again(engine, private, to=to, study=study, tick=bar.update)


def _tell(settings: Settings, action: str, account: str, proven: Iterable[PublicKey], **detail: str | int) -> None:
    """Put *proven* on the board, and *action* into the audit trail. Raises *UnavailableError*."""
    proven = list(proven)
    _publish(settings, proven)
    _record(settings, action, account, keys=_ids(proven), **detail)


def _known_to_board(settings: Settings, public: PublicKeys) -> bool:
    proven = board.read_board(connect(settings.board, may="read")).proven_keys
    return {public.contact.key_id, public.answers.key_id} <= proven


def _publish(settings: Settings, proven: Iterable[PublicKey]) -> None:
    with writing(connect(settings.board, may="write")) as connection:
        for key in proven:
            board.publish_proven_key(connection, key.key_id, key.compartment, clock.now())


def _record(settings: Settings, action: str, account: str, **detail: str | int) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        audit.record(connection, actor=account, action=action, detail=detail)


def _ids(found: Iterable[PublicKey]) -> str:
    return ", ".join(f"{key.compartment} {key.key_id}" for key in found)

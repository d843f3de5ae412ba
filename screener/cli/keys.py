"""``screener keys``: create, show, back up, restore, prove and rotate the keys of a deployment.

Each command records twice: in the audit trail (who did it, never the key), and on the board, which lists the keys that
were proven; in production the form stays closed for a key that was not.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from screener import audit
from screener import clock
from screener.auth.keys import describe_desk_key
from screener.auth.keys import seal_desk_key
from screener.board import board
from screener.cli.account_option import account_option
from screener.cli.archive import recovery_command
from screener.cli.passphrase import key_folders_of
from screener.cli.passphrase import load_staff_keys
from screener.cli.passphrase import read_passphrase
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.operations import reseal
from screener.sealing import form_key
from screener.sealing import key_backup
from screener.sealing import key_file
from screener.sealing import keys
from screener.sealing import proof
from screener.sealing.box import ANSWERS
from screener.sealing.box import COMPARTMENTS
from screener.sealing.box import CONTACT
from screener.sealing.open import PrivateKeys
from screener.sealing.open import load_private_keys
from screener.sealing.seal import PublicKey
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.study.loader import load_study
from screener.submissions import queries
from screener.worker.context import open_job_context
from screener.worker.move import move_submissions

FILE_PATH = click.Path(dir_okay=False, path_type=Path)


@click.group("keys")
def keys_group() -> None:
    """Create, show, back up, restore, prove and rotate the keys."""


keys_group.add_command(recovery_command)


@keys_group.command("create")
@click.option("--if-missing", is_flag=True, help="Do nothing when all keys are there.")
@account_option
@click.pass_obj
def create_keys_command(settings: Settings, if_missing: bool, account: str) -> None:
    """Create the two key pairs and the form key; overwrite nothing."""
    passphrase = read_passphrase(settings, new=not settings.private_keys.exists())
    made = keys.create_keys(key_folders_of(settings), passphrase=passphrase, at=clock.now())
    if not made and not if_missing:
        raise UserError("All keys are there already and were not changed; 'screener keys rotate' replaces them.")
    public, private = load_public_keys(settings.public_keys), load_staff_keys(settings, passphrase=passphrase)
    proof.prove_key_pairs(public, private)
    where = settings.public_keys.parent
    click.echo(f"Created {', '.join(made)} in {where}." if made else f"The keys are there already, in {where}.")
    try:
        if made or not _is_on_board(settings, public):
            action = "cli:keys:created" if made else "cli:keys:proved"
            _record_proof(settings, action, account, (public.contact, public.answers), made=", ".join(made))
    except UnavailableError:
        click.echo("The databases are not there yet: run 'screener migrate', then 'screener keys prove'.")
    if made and settings.in_production:
        click.echo("Next: 'screener keys backup --out FILE'; without a backup a lost key is a lost submission.")


@keys_group.command("show")
@click.pass_obj
def show_keys_command(settings: Settings) -> None:
    """List the keys: ids, fingerprints and dates, and nothing secret."""
    for line in keys.list_keys(key_folders_of(settings)):
        parts = [f"{line.name:8}{line.state:9}", line.key_id, f"created {line.created_at:%Y-%m-%d}"]
        if line.replaced_at:
            parts.append(f"replaced {line.replaced_at:%Y-%m-%d}")
        if line.protected is not None:
            parts.append("passphrase" if line.protected else "NO PASSPHRASE")
        click.echo("  ".join(parts))
        if line.fingerprint:
            click.echo(f"{'':17}{line.fingerprint}")
    if (desk_key := describe_desk_key(settings.desk_keys)) is not None:
        created_at, protected = desk_key
        how = "passphrase" if protected else "NO PASSPHRASE: 'screener keys prove' puts it under the one of the others"
        click.echo(f"{'desk':8}{'current':9}  created {created_at:%Y-%m-%d}  {how}")


@keys_group.command("retire")
@account_option
@click.pass_obj
def retire_keys_command(settings: Settings, account: str) -> None:
    """Move form keys that were replaced more than 30 days ago to the private keys, for the checks of what was sent.

    The desk does this at each start; a daily timer of the user that owns the keys does it in time.
    """
    moved = form_key.retire_form_keys(settings.form_keys, settings.private_keys, at=clock.now())
    if moved:
        _record_event(settings, "cli:keys:retired", account, form_key=", ".join(moved))
    click.echo(f"Moved {', '.join(moved)} to {settings.private_keys}." if moved else "There was none to move.")


@keys_group.command("backup")
@click.option("--out", required=True, type=FILE_PATH, help="The file to write; it must not exist.")
@account_option
@click.pass_obj
def backup_keys_command(settings: Settings, out: Path, account: str) -> None:
    """Back up every key to one file, protected as the keys are. Keep it and its passphrase in different places."""
    passphrase = read_passphrase(settings)
    private = load_staff_keys(settings, passphrase=passphrase)
    _record_event(settings, "cli:keys:backup_started", account, file=out.name)
    key_backup.write_key_backup(key_folders_of(settings), out, passphrase=passphrase)
    _record_event(
        settings,
        "cli:keys:backed_up",
        account,
        keys=_list_key_ids(key.public for key in private.contact + private.answers),
    )
    click.echo(f"Wrote {out}. Prove it: screener keys prove --backup {out}")


@keys_group.command("restore")
@click.argument("file", type=FILE_PATH)
@account_option
@click.pass_obj
def restore_keys_command(settings: Settings, file: Path, account: str) -> None:
    """Restore the keys of a key backup that are missing here; overwrite nothing."""
    passphrase = read_passphrase(settings)
    data = key_file.read_key_bytes(file, missing="check the path")
    found = key_backup.decode_key_backup(data, file, passphrase=passphrase)
    restored = key_backup.restore_keys(found, key_folders_of(settings))
    click.echo(f"Restored {', '.join(restored)}." if restored else "Nothing was missing; no key was changed.")
    try:
        _record_event(settings, "cli:keys:restored", account, files=", ".join(restored))
    except UnavailableError:
        click.echo("The store is not there yet, so this is not in the audit trail: run 'screener migrate'.")


@keys_group.command("prove")
@click.option("--backup", "file", type=FILE_PATH, help="Test this key backup instead of the key folder.")
@account_option
@click.pass_obj
def prove_keys_command(settings: Settings, file: Path | None, account: str) -> None:
    """Test that sealed data can be opened: data sealed now, and data sealed earlier."""
    passphrase = read_passphrase(settings)
    public = load_public_keys(settings.public_keys)
    if file is not None:
        made_at = key_backup.prove_key_backup(file, settings.public_keys, passphrase=passphrase)
        click.echo(f"The key backup of {made_at:%Y-%m-%d %H:%M} UTC opens boxes that were sealed before it was made.")
    else:
        private = load_staff_keys(settings, passphrase=passphrase)
        proof.prove_key_pairs(public, private)
        if seal_desk_key(settings.desk_keys, passphrase=passphrase):
            click.echo("desk: the key is now under the passphrase; copies of the file from before are not.")
        for compartment in COMPARTMENTS:
            sealed_at = proof.proof_sealed_at(settings.public_keys, compartment, private)
            click.echo(f"{compartment}: opens what was sealed now and at {sealed_at:%Y-%m-%d %H:%M} UTC.")
    where = "backup" if file else "keys"
    _record_proof(settings, "cli:keys:proved", account, (public.contact, public.answers), opened_with=where)


@keys_group.command("rotate")
@click.option(
    "--compartment", type=click.Choice(["both", *COMPARTMENTS]), default="both", show_default=True, help="Which key."
)
@click.option(
    "--form-key", "form_key_only", is_flag=True, help="Rotate the form key instead; open pages stay valid for 30 days."
)
@click.option("--re-wrap", is_flag=True, help="Create no key; reseal what is still sealed to a retired one.")
@account_option
@click.pass_obj
def rotate_keys_command(settings: Settings, compartment: str, form_key_only: bool, re_wrap: bool, account: str) -> None:
    """Replace keys and reseal every box. Safe to stop at any moment: run it again to continue."""
    _record_event(settings, "cli:keys:rotation_started", account, keys="form" if form_key_only else compartment)
    if form_key_only:
        made = keys.rotate_form_key(key_folders_of(settings))
        _record_event(settings, "cli:keys:rotated", account, form_key=made.key_id)
        form_key.retire_form_keys(settings.form_keys, settings.private_keys, at=clock.now())
        click.echo(f"The form key is now {made.key_id}; pages signed with the one before are accepted for 30 days.")
        return
    chosen = COMPARTMENTS if compartment == "both" else (compartment,)
    passphrase = read_passphrase(settings)
    load_staff_keys(settings, passphrase=passphrase)
    rotations = [] if re_wrap else [_switch_key(settings, name, passphrase) for name in chosen]
    private = load_private_keys(settings.private_keys, passphrase=passphrase, production=settings.in_production)
    counts = _reseal_boxes(settings, private, chosen)
    for rotation in rotations:
        keys.end_key_rotation(key_folders_of(settings), rotation)
    current = [private.of(name)[0].public for name in chosen]
    _record_event(settings, "cli:keys:rotated", account, keys=_list_key_ids(current), **counts.as_detail())
    click.echo(counts.sentence())
    if not re_wrap:
        click.echo("Copy the public keys to every public host, then make a new key backup: screener keys backup")


def _switch_key(settings: Settings, compartment: str, passphrase: bytes | None) -> keys.KeyRotation:
    """Prove the new key of *compartment*, publish it on the board, and put it into use; return the rotation.

    The board comes first: production would close the form for a key that it does not know.
    """
    folders = key_folders_of(settings)
    rotation = keys.begin_key_rotation(folders, compartment, passphrase=passphrase)
    if not rotation.switched:
        used = load_public_keys(settings.public_keys)
        private = load_private_keys(settings.private_keys, passphrase=passphrase, production=settings.in_production)
        new = {CONTACT: used.contact, ANSWERS: used.answers, compartment: rotation.key}
        proof.prove_key_pairs(PublicKeys(contact=new[CONTACT], answers=new[ANSWERS]), private)
        _publish_keys(settings, [rotation.key])
        keys.switch_to_new_key(folders, rotation)
    word = "is still" if rotation.continued else "is now"
    click.echo(f"The {compartment} key {word} {rotation.key.key_id}.")
    return rotation


def _reseal_boxes(settings: Settings, private: PrivateKeys, chosen: Iterable[str]) -> reseal.ResealCounts:
    """Move what waits in the inbox into the store, as the worker does, and reseal every box of the store."""
    study = load_study(settings.study).id
    move_submissions(open_job_context(settings))
    engine = connect(settings.store, may="write")
    to = {name: private.of(name)[0].public for name in chosen}
    with reading(engine) as connection:
        length = queries.count_submissions(connection)
    with click.progressbar(length=length, label="Resealing", file=sys.stderr) as bar:
        return reseal.reseal_all(engine, private, to=to, study=study, tick=bar.update)


def _record_proof(
    settings: Settings, action: str, account: str, proven: Iterable[PublicKey], **detail: str | int
) -> None:
    """Publish *proven* on the board, and record *action* in the audit trail. Raises *UnavailableError*."""
    proven = list(proven)
    _publish_keys(settings, proven)
    _record_event(settings, action, account, keys=_list_key_ids(proven), **detail)


def _is_on_board(settings: Settings, public: PublicKeys) -> bool:
    proven = board.read_board(connect(settings.board, may="read")).proven_keys
    return {public.contact.key_id, public.answers.key_id} <= proven


def _publish_keys(settings: Settings, proven: Iterable[PublicKey]) -> None:
    with writing(connect(settings.board, may="write")) as connection:
        for key in proven:
            board.publish_proven_key(connection, key.key_id, key.compartment, clock.now())


def _record_event(settings: Settings, action: str, account: str, **detail: str | int) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        audit.record(connection, actor=account, action=action, detail=detail)


def _list_key_ids(found: Iterable[PublicKey]) -> str:
    return ", ".join(f"{key.compartment} {key.key_id}" for key in found)

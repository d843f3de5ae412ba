"""``screener study`` and ``screener wording``: check the study, copy it, and record who approved which words.

An approval is for one version, by its hash. It is stored together with the words themselves, for ever, and published on
the board, which is all that the public process can read.
"""

import shutil
import tempfile
from datetime import date
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from screener import audit
from screener import clock
from screener.board import board
from screener.cli import wording_diff
from screener.cli.account_option import LONGEST_ACCOUNT
from screener.cli.account_option import account_option
from screener.cli.packet import packet_command
from screener.cli.wording_check import EXIT_CODE_FAULTS
from screener.cli.wording_check import mark_translated_command
from screener.cli.wording_check import print_faults
from screener.cli.wording_check import require_no_faults
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.settings import Settings
from screener.study.approvals import WARNING_DAYS
from screener.study.approvals import Approval
from screener.study.approvals import count_days_left
from screener.study.approvals import find_approval_in_force
from screener.study.approvals import find_last_ended_approval
from screener.study.approved_content import canonical_json
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions import writes
from screener.typed_text import is_single_line

DATE = click.DateTime(["%Y-%m-%d"])


@click.group("study")
def study_group() -> None:
    """Check the study's files, or copy them for editing."""


@study_group.command("check")
@click.pass_context
def check_study_command(ctx: click.Context) -> None:
    """Check the study and every wording as strictly as a server start does, and list the faults in the words.

    Exit code 0: no faults; 1: faults in the words; 2: a file cannot be used.
    """
    settings: Settings = ctx.obj
    found, wordings = _read_all(settings.study)
    click.echo(f"{settings.study} can be used: {len(found.asked)} questions, {len(wordings)} locale(s).")
    for words in wordings:
        click.echo(f"{words.locale}  {words.version}  {words.status}")
    _print_placeholders(found)
    if print_faults(settings.study):
        ctx.exit(EXIT_CODE_FAULTS)


@study_group.command("copy")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def copy_study_command(settings: Settings, folder: Path) -> None:
    """Copy the study's files to FOLDER, where the site's own details can be entered. Overwrites nothing."""
    files = sorted(settings.study.glob("*.toml"))
    if not files:
        raise UserError(f"{settings.study} has no study files; set SCREENER_STUDY to a folder that has them.")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise UserError(f"{folder} is not empty, and nothing in it was changed; name a new folder.")
        _copy_all(files, folder.absolute())
    except OSError as error:
        raise UserError(f"{folder} cannot be written ({error.strerror}); name another folder.") from None
    click.echo(f"Copied {', '.join(file.name for file in files)}.")
    click.echo(
        "The interface text comes with Screener: interface.<locale>.toml beside them may say some of it otherwise."
    )
    click.echo(f"Now edit them, then: SCREENER_STUDY={folder.absolute()} screener study check")


def _copy_all(files: list[Path], folder: Path) -> None:
    """Copy all of *files* to *folder*, or none: a temporary folder beside it is renamed when it is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as half:
        whole = Path(half, "whole")
        whole.mkdir()
        for file in files:
            shutil.copyfile(file, whole / file.name)
        whole.rename(folder)


@click.group("wording")
def wording_group() -> None:
    """List the versions of the wording, show what changed, check it, and record who translated or approved it."""


wording_group.add_command(check_study_command)
wording_group.add_command(mark_translated_command)
wording_group.add_command(packet_command)


@wording_group.command("list")
@click.pass_obj
def list_wordings_command(settings: Settings) -> None:
    """List each locale: its version, whether it was reviewed, and the approval that is in force today."""
    _, wordings = _read_all(settings.study)
    approvals = board.read_board(connect(settings.board, may="read")).approvals
    today = clock.now().date()
    for words in wordings:
        click.echo(f"{words.locale}  {words.version}  {words.status}")
        if words.status == "draft":
            click.echo("    Draft: not shown in production.")
        named = approvals, words.version, words.locale, today
        click.echo(f"    {_describe_approval(find_approval_in_force(*named), today, find_last_ended_approval(*named))}")
        click.echo(
            f"    Interface text {words.interface_version[: wording_diff.SHORT_VERSION]}, {words.interface_status}."
        )


@wording_group.command("diff")
@click.option("--locale", help="The locale to compare, such as es; without it, all.")
@click.option("--since", metavar="VERSION", help="Compare with this version, by 8 or more of its digits.")
@click.pass_obj
def diff_wordings_command(settings: Settings, locale: str | None, since: str | None) -> None:
    """Show what changed, sentence by sentence, since the version that was approved last.

    Every version is stored for ever; --since names another one to compare with.
    """
    found = load_study(settings.study)
    with reading(connect(settings.store, may="read")) as connection:
        old = wording_diff.find_version(connection, since, locale) if since else None
        asked = [old.locale] if old else [locale] if locale else list_locales(settings.study)
        for one in asked:
            words = _load_words(settings.study, found, one)
            before = old or wording_diff.find_last_approved(connection, one)
            for line in wording_diff.format_changes(words, before):
                click.echo(line)


@wording_group.command("approve")
@click.option("--locale", required=True, help="The locale that was approved, such as en.")
@click.option("--irb", required=True, metavar="NAME", help="The IRB that approved it.")
@click.option("--number", required=True, metavar="NO", help="The IRB's number for the approval.")
@click.option("--on", "approved_on", required=True, type=DATE, metavar="DATE", help="The first day, YYYY-MM-DD.")
@click.option("--until", "expires_on", required=True, type=DATE, metavar="DATE", help="The last day, YYYY-MM-DD.")
@click.option(
    "--reviewer", default="", metavar="NAME", help="Who reviewed the translation; required for a translation."
)
@account_option
@click.pass_obj
def approve_wording_command(
    settings: Settings,
    *,
    locale: str,
    irb: str,
    number: str,
    approved_on: datetime,
    expires_on: datetime,
    reviewer: str,
    account: str,
) -> None:
    """Record that an IRB approved the wording exactly as it is now."""
    found = load_study(settings.study)
    words = _load_words(settings.study, found, locale)
    approval = Approval(
        wording_version=words.version,
        locale=words.locale,
        irb_name=irb.strip(),
        irb_number=number.strip(),
        approved_on=approved_on.date(),
        expires_on=expires_on.date(),
        reviewer=reviewer.strip(),
    )
    _check_approval(approval, words)
    require_no_faults(settings.study, words.locale)
    _save_approval(settings, found, words, approval, account)
    click.echo(f"{words.locale}  {words.version}")
    click.echo(f"    {_describe_approval(approval, clock.now().date())}")
    _print_placeholders(found)


def _read_all(folder: Path) -> tuple[Study, list[Wording]]:
    """Return the study and its wordings in all locales. Raises one *UserError* with everything that is wrong."""
    found = load_study(folder)
    wordings, faults = [], []
    for locale in list_locales(folder):
        try:
            wordings.append(load_wording(folder, found, locale))
        except UserError as fault:
            faults.append(str(fault))
    if faults:
        raise UserError("\n".join(faults))
    return found, wordings


def _load_words(folder: Path, found: Study, locale: str) -> Wording:
    known = list_locales(folder)
    if locale not in known:
        raise UserError(f"There is no wording for that locale; the study has: {', '.join(known)}.")
    return load_wording(folder, found, locale)


def _check_names(approval: Approval) -> None:
    if not approval.irb_name or not approval.irb_number:
        raise UserError("An approval needs the name of the IRB and its number; give --irb and --number.")
    for text in (approval.irb_name, approval.irb_number, approval.reviewer):
        if text and not is_single_line(text, LONGEST_ACCOUNT):
            raise UserError(f"Names and numbers are one line of at most {LONGEST_ACCOUNT} characters; shorten them.")


def _check_approval(approval: Approval, words: Wording) -> None:
    _check_names(approval)
    if approval.expires_on <= approval.approved_on:
        raise UserError("The last day of an approval comes after its first; check --on and --until.")
    today = clock.now().date()
    if approval.approved_on > today:
        raise UserError("An approval can be recorded from its first day on; check --on, or record it on that day.")
    if count_days_left(approval, today) < 0:
        raise UserError("This approval has ended, so it would open nothing; check --until.")
    if words.status == "draft":
        raise UserError("This translation is a draft; after its review, write 'reviewed' as its status.")
    if words.interface_status == "draft":
        raise UserError(
            f"The interface text in {words.locale} is a draft; when somebody has reviewed it, put a file "
            f"interface.{words.locale}.toml beside the wording that says locale and status = 'reviewed', and whatever "
            "the reviewer changed."
        )
    if words.status == "reviewed" and not approval.reviewer:
        raise UserError("A translation is approved with the name of its reviewer; give --reviewer.")


def _save_approval(settings: Settings, found: Study, words: Wording, approval: Approval, account: str) -> None:
    """Save words and approval in the store, then publish the approval on the board.

    The board comes last: when a form opens under an approval, the store has the approval and its words.
    """
    content = canonical_json(words.content)
    detail = {
        "locale": approval.locale,
        "irb": approval.irb_name,
        "number": approval.irb_number,
        "on": approval.approved_on.isoformat(),
        "until": approval.expires_on.isoformat(),
        "reviewer": approval.reviewer,
        "interface": words.interface_version,
    }
    at = clock.now()
    with writing(connect(settings.store, may="write")) as connection:
        record = partial(audit.record, connection, actor=account, subject=words.version, at=at)
        if writes.save_wording(connection, words.version, words.locale, found.id, content, at):
            record(action="cli:wording:kept", detail={"locale": words.locale})
        writes.save_approval(connection, approval)
        record(action="cli:wording:approved", detail=detail)
    with writing(connect(settings.board, may="write")) as connection:
        board.publish_approval(connection, approval)


def _describe_approval(approval: Approval | None, today: date, ended: Approval | None = None) -> str:
    """Return whether these words are approved today, and whether the approval ends soon."""
    if approval is None:
        over = f" The approval ended on {ended.expires_on}." if ended else ""
        return f"No approval is in force today: in production the form stays closed.{over}"
    left = count_days_left(approval, today)
    days = f"until {approval.expires_on} ({left} day{'' if left == 1 else 's'} left)"
    soon = f"\n    It ends soon: after {approval.expires_on} the form does not open. Ask for its renewal now."
    sentence = f"Approved by {approval.irb_name}, number {approval.irb_number}, {days}."
    return sentence + (soon if left <= max(WARNING_DAYS) else "")


def _print_placeholders(found: Study) -> None:
    if left := found.placeholders():
        click.echo(f"Still placeholders, so in production the form stays closed: {', '.join(left)}.")

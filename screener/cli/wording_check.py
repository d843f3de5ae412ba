"""``screener wording check`` and ``translated``: the faults in the words, and from what a translation was made.

The pages are served whether or not there are faults; an approval is not recorded while there are.
"""

from pathlib import Path

import click

from screener.errors import UserError
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.wording_files import SOURCE
from screener.study.wording_files import read_wording_source
from screener.study_checks import lint
from screener.study_checks import translations
from screener.study_checks.sentences import WordingFault
from screener.study_checks.sentences import sentences_of

#: The words can be used, and have faults.
EXIT_CODE_FAULTS = 1


def find_wording_faults(folder: Path, locale: str) -> tuple[WordingFault, ...]:
    """Return the faults in the words of *locale*, which the loader can read: of the rules, and of the translation."""
    source = read_wording_source(folder, locale)
    found = (*lint.find_lint_faults(source.merged()), *translations.find_translation_faults(folder, locale))
    if not source.has_interface:
        do = f"Translate interface.{SOURCE}.toml of Screener into interface.{locale}.toml beside the wording."
        found = (
            *found,
            WordingFault("locale", "", "has no interface text of its own, so that it stands in English", do),
        )
    return found


def format_fault(folder: Path, locale: str, fault: WordingFault) -> str:
    """Return *fault* with the name of the file to correct."""
    return f"{read_wording_source(folder, locale).path_of(fault.path).name}: {fault}"


def print_faults(folder: Path) -> int:
    """Print every fault by file and key path, and a line for each locale; return the number of faults."""
    count = 0
    for locale in list_locales(folder):
        found = find_wording_faults(folder, locale)
        count += len(found)
        for fault in found:
            click.echo(format_fault(folder, locale, fault))
        sentences = len(sentences_of(read_wording_source(folder, locale).merged()))
        click.echo(f"{locale}: {sentences} sentences, {_count_faults(found)}.")
    return count


def require_no_faults(folder: Path, locale: str) -> None:
    """Raise *UserError* while there are faults in the words of *locale*."""
    if found := find_wording_faults(folder, locale):
        raise UserError(
            f"The words of {locale} have {_count_faults(found)}, and nothing was recorded. "
            f"The first: {format_fault(folder, locale, found[0])} "
            "To see them all: screener wording check"
        )


def _count_faults(found: tuple[WordingFault, ...]) -> str:
    return "1 fault" if len(found) == 1 else f"{len(found) or 'no'} faults"


@click.command("translated")
@click.option("--locale", required=True, help="The translation's locale, such as es.")
@click.option("--only", multiple=True, metavar="PATH", help="Only this part, such as pages.start; can be repeated.")
@click.option("--interface", is_flag=True, help="Of the interface text that comes with Screener, not of the wording.")
@click.pass_obj
def mark_translated_command(settings: Settings, locale: str, only: tuple[str, ...], interface: bool) -> None:
    """Record that the translation, as it is now, matches the English text as it is now."""
    folder = settings.study
    known = [name for name in list_locales(folder) if name != SOURCE]
    if locale not in known:
        has = ", ".join(known) or "none"
        raise UserError(f"There is no translation for that locale; the study has: {has}.")
    study = load_study(folder)
    for name in (SOURCE, locale):
        load_wording(folder, study, name)
    of = translations.interface_translation(locale) if interface else translations.wording_translation(folder, locale)
    marked = translations.record_marks(of, only)
    for what in ("new", "changed", "dropped"):
        for path in getattr(marked, what):
            click.echo(f"{what}  {path}")
    counts = f"{len(marked.new)} new, {len(marked.changed)} changed, {len(marked.dropped)} dropped"
    click.echo(f"{of.marks_path.name}: {counts}.")

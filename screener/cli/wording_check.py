"""``screener wording check`` and ``translated``: what is wrong with the words, and what was translated from what.

The pages are served whether or not this finds something; an approval is not recorded while it does.
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

#: The exit code of a check that found something to mend in words that can be read.
FOUND = 1


def faults_of(folder: Path, locale: str) -> tuple[WordingFault, ...]:
    """All that is wrong with the words of *locale*, which the loader can read: the rules, and the translation."""
    source = read_wording_source(folder, locale)
    found = (*lint.find_lint_faults(source.merged()), *translations.find_translation_faults(folder, locale))
    if not source.has_interface:
        do = f"Translate interface.{SOURCE}.toml of Screener into interface.{locale}.toml beside the wording."
        found = (
            *found,
            WordingFault("locale", "", "has no interface text of its own, so that it stands in English", do),
        )
    return found


def describe_fault(folder: Path, locale: str, fault: WordingFault) -> str:
    """*fault* with the name of the file to mend."""
    return f"{read_wording_source(folder, locale).path_of(fault.path).name}: {fault}"


def say_faults(folder: Path) -> int:
    """Print every fault by file and key path, and a line for each locale; gives the number of faults."""
    count = 0
    for locale in list_locales(folder):
        found = faults_of(folder, locale)
        count += len(found)
        for fault in found:
            click.echo(describe_fault(folder, locale, fault))
        sentences = len(sentences_of(read_wording_source(folder, locale).merged()))
        click.echo(f"{locale}: {sentences} sentences, {_number(found)}.")
    return count


def refuse_faults(folder: Path, locale: str) -> None:
    """Raise *UserError* while anything is wrong with the words of *locale*."""
    if found := faults_of(folder, locale):
        raise UserError(
            f"The words of {locale} have {_number(found)}, and nothing was recorded. "
            f"The first: {describe_fault(folder, locale, found[0])} "
            "To see them all: screener wording check"
        )


def _number(found: tuple[WordingFault, ...]) -> str:
    return "1 fault" if len(found) == 1 else f"{len(found) or 'no'} faults"


@click.command()
@click.option("--locale", required=True, help="Whose sentences were translated, such as es.")
@click.option("--only", multiple=True, metavar="PATH", help="Only this part, such as pages.start; may be given again.")
@click.option("--interface", is_flag=True, help="Of the interface text that comes with Screener, not of the wording.")
@click.pass_obj
def translated(settings: Settings, locale: str, only: tuple[str, ...], interface: bool) -> None:
    """Record that the sentences as they are now say what English says now."""
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

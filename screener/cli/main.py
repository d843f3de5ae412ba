"""``screener``: everything that a person does with a deployment from the command line.

A command is loaded when it is called, so that ``--help`` is quick and one broken room does not take the
others down. Every fault ends in one plain sentence and exit code 2. A fault that we did not foresee is told by its
class and place only: the text of an exception may hold what a participant typed.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import NoReturn

import click

from screener import __version__
from screener.errors import ScreenerError
from screener.settings import PREFIX
from screener.settings import SECRET_FILES
from screener.settings import Settings
from screener.settings import load_settings

FAULT = 2
STOPPED = 130
BROKEN_PIPE = 141
ASKS_FOR_HELP = "screener.asks_for_help"


@dataclass(frozen=True)
class Entry:
    """Where a command is, and what it does in one sentence."""

    place: str
    does: str


COMMANDS = {
    "migrate": Entry("store:migrate", "Make inbox, board and store, or bring them up to date."),
    "worker": Entry("store:worker", "Move what was sent from the inbox to the store, until told to stop."),
    "keys": Entry("keys:keys", "Make, show, prove, back up, put back and rotate the keys."),
    "study": Entry("study:study", "Check the study file, or copy it for editing."),
    "wording": Entry("study:wording", "Check and compare the wordings, pack them for an IRB, record what it approved."),
    "intake": Entry("store:intake", "Show or change whether the form is open."),
    "export": Entry("export:export", "Write what was sent into a file, with a manifest beside it."),
    "verify-export": Entry("export:verify_export", "Say whether an exported file is whole and genuine."),
    "staff": Entry("staff:staff", "Invite the people who work at the desk, list them, help them, let them go."),
    "erase": Entry("store:erase", "Erase what a person sent, by its reference."),
    "audit": Entry("store:audit", "Check the audit trail."),
    "backup": Entry("store:backup", "Write everything, with its keys, into one file."),
    "restore": Entry("store:restore", "Bring a backup back into an empty deployment."),
    "demo": Entry("demo:demo", "Make an invented season of forms and desk work, to look at."),
    "roles": Entry("store:roles", "Print or apply the rights of the three PostgreSQL roles."),
}


class Commands(click.Group):
    """The commands by name; each one's module is imported when it is called, and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.place.partition(":")
        command: click.Command = getattr(importlib.import_module(f"screener.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.does) for name, entry in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = [*Settings.model_fields, *SECRET_FILES.values()]
        with formatter.section("Settings (environment variables; docs/operate.md says what each takes)"):
            for name in names:
                formatter.write_text(PREFIX + name.upper())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[ASKS_FOR_HELP] = "--help" in args
        return super().parse_args(ctx, args)


@click.group(cls=Commands)
@click.version_option(__version__, message="Screener %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Collect, seal, route; never judge. Each command has --help, and exits with 2 when it cannot do its work."""
    if ctx.obj is None and not ctx.meta[ASKS_FOR_HELP]:
        ctx.obj = load_settings()


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code; whatever goes wrong is said in a sentence."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it lives as long as the process
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments), prog_name="screener", standalone_mode=False
        )
        sys.stdout.flush()
    except ScreenerError as error:
        return _say(str(error), FAULT)
    except click.ClickException as error:
        error.show()
        return FAULT
    except (click.Abort, KeyboardInterrupt):
        return _say("Stopped before the end.", STOPPED)
    except BrokenPipeError:
        _close_stdout()
        return BROKEN_PIPE
    except Exception as error:
        return _say(_refused(error) if isinstance(error, OSError) else _unforeseen(error), FAULT)
    return code if isinstance(code, int) else 0


def _say(sentence: str, code: int) -> int:
    click.echo(sentence, err=True)
    return code


def _refused(error: OSError) -> str:
    """What the operating system refused, and with which file."""
    if error.filename is None:
        _close_stdout()
        return f"What this command says cannot be written ({error.strerror}); look where its output goes."
    return (
        f"The system refused {error.filename!r} ({error.strerror}); check its name, its owner and the room on its disk."
    )


def _close_stdout() -> None:
    """Nobody can take our output; Python must not complain about it once more on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unforeseen(error: BaseException) -> str:
    """The fault's class and its last place in our code, without a word of what was being worked on."""
    place: Any = "an unknown place"
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module.startswith("screener"):
            place = f"{module}:{line}"
    return (
        f"Something went wrong inside Screener ({type(error).__name__} at {place}). "
        "Nothing that was finished before is lost; please report this line, it holds nobody's data."
    )


def main() -> NoReturn:
    """The way in from the shell."""
    raise SystemExit(run())

"""The command line, ``screener``: each command's module, and how a command ends.

A command's module is imported when it is called, so that ``--help`` is quick and one broken package does not take the
others down. Every error ends in one sentence and exit code 2. An unexpected error is reported by its class and place
only: the text of an exception may hold what a participant typed.
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
from screener.errors import EXIT_CODE
from screener.errors import ScreenerError
from screener.errors import print_error
from screener.logs import configure_logging
from screener.settings import PREFIX
from screener.settings import SECRET_FILES
from screener.settings import Settings
from screener.settings import load_settings

#: As a shell reports a process that SIGINT or SIGPIPE ended.
EXIT_CODE_STOPPED, EXIT_CODE_BROKEN_PIPE = 130, 141
_IS_HELP_REQUEST = "screener.is_help_request"


@dataclass(frozen=True)
class CommandEntry:
    """A command's place (module of ``screener.cli``, and name there) and its summary."""

    place: str
    summary: str


COMMANDS = {
    "migrate": CommandEntry("store:migrate_command", "Create inbox, board and store, or bring them up to date."),
    "doctor": CommandEntry("doctor:doctor_command", "Examine the deployment, and say what is wrong with it."),
    "worker": CommandEntry("store:worker_command", "Move submissions from the inbox to the store, until stopped."),
    "keys": CommandEntry("keys:keys_group", "Create, list, test, back up, restore and rotate the keys."),
    "study": CommandEntry("study:study_group", "Check the study folder, or copy it for editing."),
    "wording": CommandEntry(
        "study:wording_group", "Check and compare the wordings, make the IRB packet, record an approval."
    ),
    "intake": CommandEntry("store:intake_group", "Show or change whether the form is open."),
    "error-pages": CommandEntry("error_pages:error_pages_command", "Write the error pages that a proxy answers with."),
    "export": CommandEntry("export:export_command", "Write all submissions to a file, with a manifest beside it."),
    "verify-export": CommandEntry("export:verify_export_command", "Check that an exported file is whole and genuine."),
    "staff": CommandEntry("staff:staff_group", "Invite staff to the desk, list, help or disable them."),
    "erase": CommandEntry("erase:erase_command", "Erase one submission, by its reference."),
    "retention": CommandEntry("retention:retention_group", "Show what is to be erased by age, or confirm it."),
    "audit": CommandEntry("store:audit_group", "Check the audit trail, or write it to files."),
    "backup": CommandEntry("archive:backup_command", "Back up the databases and keys to one sealed file."),
    "restore": CommandEntry("archive:restore_command", "Restore a backup into an empty deployment, or try one."),
    "demo": CommandEntry("demo:demo_command", "Create an invented season of submissions and follow-up, to look at."),
    "roles": CommandEntry("store:roles_command", "Print or apply the rights of the three PostgreSQL roles."),
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is called, and not before."""

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
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = [*Settings.model_fields, *SECRET_FILES.values()]
        with formatter.section("Settings (environment variables; docs/operate.md says what each takes)"):
            for name in names:
                formatter.write_text(PREFIX + name.upper())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_IS_HELP_REQUEST] = "--help" in args
        return super().parse_args(ctx, args)


@click.group(cls=LazyGroup)
@click.version_option(__version__, message="Screener %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Collect, seal, route; never judge. Each command has --help, and exits with 2 when it cannot do its work."""
    if ctx.obj is None and not ctx.meta[_IS_HELP_REQUEST]:
        ctx.obj = load_settings()
        configure_logging(ctx.obj.log)


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code; an error is printed in one sentence."""
    if sys.stdout is None:  # the parent process closed it
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it lives as long as the process
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments), prog_name="screener", standalone_mode=False
        )
        sys.stdout.flush()
    except ScreenerError as error:
        return print_error(error)
    except click.ClickException as error:
        error.show()
        return EXIT_CODE
    except (click.Abort, KeyboardInterrupt):
        print_error("Stopped before the end.")
        return EXIT_CODE_STOPPED
    except BrokenPipeError:
        _close_stdout()
        return EXIT_CODE_BROKEN_PIPE
    except Exception as error:
        return print_error(_explain_os_error(error) if isinstance(error, OSError) else _locate_defect(error))
    return code if isinstance(code, int) else 0


def _explain_os_error(error: OSError) -> str:
    """Return what the operating system refused, and for which file."""
    if error.filename is None:
        _close_stdout()
        return f"The output of this command cannot be written ({error.strerror}); check where it is sent."
    return (
        f"The system refused {error.filename!r} ({error.strerror}); check its name, its owner and the space on its "
        "disk."
    )


def _close_stdout() -> None:
    """Send the rest of the output nowhere, so that Python does not report it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _locate_defect(error: BaseException) -> str:
    """Return the class and the last place in our code of an unexpected error, without its text."""
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
    """Run the command of this process: the entry point of the script ``screener``."""
    raise SystemExit(run_command())

"""The command that examines a deployment: ``screener doctor``."""

import json
from dataclasses import asdict

import click

from screener import clock
from screener.operations.doctor import State
from screener.operations.doctor import examine_deployment
from screener.settings import Settings

EXIT_CODE_PROBLEM = 1


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object instead of the table.")
@click.pass_obj
@click.pass_context
def doctor_command(context: click.Context, settings: Settings, *, as_json: bool) -> None:
    """Examine layout, keys, databases, worker, clock, disk, mail and settings. Changes nothing and shows no secret.

    Run it as the staff user. Exit code 0: no problem (there may be warnings); 1: at least one problem.
    """
    findings = examine_deployment(settings)
    problems = sum(finding.state is State.PROBLEM for finding in findings)
    if as_json:
        content = {
            "examined_at": clock.now().isoformat(timespec="seconds"),
            "problems": problems,
            "findings": [asdict(finding) for finding in findings],
        }
        click.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{finding.state.upper():<8} {finding.area:<10} {finding.text}")
        warnings = sum(finding.state is State.WARNING for finding in findings)
        click.echo(f"Problems: {problems}, warnings: {warnings}.")
    context.exit(EXIT_CODE_PROBLEM if problems else 0)

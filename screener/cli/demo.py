"""``screener demo``: an invented season of submissions and follow-up, made through the pages of both sides."""

import sys

import click

from screener.cli.keys import create_keys_command
from screener.cli.store import migrate_command
from screener.demo import simulation
from screener.settings import Settings

#: With fewer, not every state is reached.
FEWEST_SUBMISSIONS, FEWEST_DAYS = 40, 28
#: With more submissions a shift is too short; with more days the first ones have reached the end of retention.
MOST_SUBMISSIONS, MOST_DAYS = 1000, 170


@click.command("demo")
@click.option(
    "--submissions", default=300, show_default=True, type=click.IntRange(FEWEST_SUBMISSIONS, MOST_SUBMISSIONS)
)
@click.option("--days", default=90, show_default=True, type=click.IntRange(FEWEST_DAYS, MOST_DAYS))
@click.option("--seed", default=1, show_default=True, help="The same number invents the same people.")
@click.pass_context
def demo_command(context: click.Context, *, submissions: int, days: int, seed: int) -> None:
    """Invent people who send the form, and staff who follow up, over the days up to now.

    Creates keys, databases, accounts with passwords, submissions and emails in an empty data folder, and prints how to
    look at them. Nothing in it is real, and it runs in development only.
    """
    settings: Settings = context.obj
    with simulation.start_schedule(settings, days) as schedule:
        context.invoke(migrate_command)
        simulation.refuse_used_deployment(settings)
        context.invoke(create_keys_command, if_missing=True, account="demo")
        plan = simulation.plan_simulation(settings, schedule, submissions, seed=seed)
        length = len(plan.submissions) + len(plan.visits)
        with click.progressbar(length=length, label="Simulating", file=sys.stderr) as bar:
            result = simulation.run_simulation(settings, schedule, plan, progress=bar.update)
    _print_result(settings, result)


def _print_result(settings: Settings, result: simulation.SimulationResult) -> None:
    click.echo(f"\n{sum(result.states.values())} submissions, by status at the desk:")
    for state, number in sorted(result.states.items(), key=lambda each: (-each[1], each[0])):
        click.echo(f"{number:6}  {state}")
    click.echo("\nAccounts at the desk, each with a new password that is not shown again:")
    for user in result.users:
        member = user.member
        click.echo(f"  {member.email}  {user.password}  {member.name}, {' and '.join(member.roles)}")
    click.echo(f"\nEmails are in {settings.email_folder}. To look around, sign in at {settings.desk_address} after:")
    click.echo(f"  SCREENER_DATA={settings.data} make run")

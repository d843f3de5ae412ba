"""``python -m tests.bench``: the tables of figures, each with its yardstick beside it."""

import click

from tests.bench import desking
from tests.bench import exporting
from tests.bench import serving


@click.group(invoke_without_command=True)
@click.pass_context
def bench(context: click.Context) -> None:
    """Measure, beside what the same work costs bare; without a command, everything."""
    if context.invoked_subcommand is None:
        context.invoke(measure_web)
        context.invoke(measure_export)
        context.invoke(measure_desk)


@bench.command("web")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--seconds", type=click.FloatRange(0.5), default=4, show_default=True, help="Of each run.")
def measure_web(rounds: int, seconds: float) -> None:
    """Visits and sends through the shipped server."""
    click.echo(serving.run(rounds, seconds))


@bench.command("export")
@click.option("--rows", type=click.IntRange(1), multiple=True, default=(10_000, 100_000), show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
def measure_export(rows: tuple[int, ...], rounds: int) -> None:
    """Export of stores of so many submissions."""
    click.echo(exporting.run(rows, rounds))


@bench.command("desk")
@click.option("--rows", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=50, show_default=True, help="Visits to each page.")
def measure_desk(rows: int, rounds: int) -> None:
    """The desk's lists and records in a full store."""
    click.echo(desking.run(rows, rounds))


if __name__ == "__main__":
    bench()

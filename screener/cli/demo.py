"""``screener demo``: an invented season of forms and desk work, made through the pages of both sides."""

import sys

import click

from screener.cli import keys
from screener.cli import store
from screener.demo import playing
from screener.demo.playing import Played
from screener.settings import Settings

#: Under these not every state can come about.
FEWEST_FORMS, FEWEST_DAYS = 40, 28
#: Beyond the first a day has no room for its work; beyond the second what was kept long enough is erased again.
MOST_FORMS, MOST_DAYS = 1000, 170


@click.command()
@click.option("--submissions", default=300, show_default=True, type=click.IntRange(FEWEST_FORMS, MOST_FORMS))
@click.option("--days", default=90, show_default=True, type=click.IntRange(FEWEST_DAYS, MOST_DAYS))
@click.option("--seed", default=1, show_default=True, help="The same number invents the same people.")
@click.pass_context
def demo(context: click.Context, *, submissions: int, days: int, seed: int) -> None:
    """Invent people who send the form, and staff who follow up, over the days up to now.

    It makes keys, databases, accounts with passwords, submissions and letters in an empty data folder, and tells how
    to look at them. Nothing of it is real, and it runs in development only.
    """
    settings: Settings = context.obj
    with playing.opened(settings, days) as calendar:
        context.invoke(store.migrate)
        playing.refuse_used(settings)
        context.invoke(keys.create, if_missing=True, account="demo")
        plan = playing.laid_down(settings, calendar, submissions, seed=seed)
        length = len(plan.forms) + len(plan.turns)
        with click.progressbar(length=length, label="Playing", file=sys.stderr) as bar:
            played = playing.play(settings, calendar, plan, step=bar.update)
    _tell(settings, played)


def _tell(settings: Settings, played: Played) -> None:
    click.echo(f"\n{sum(played.states.values())} submissions, as the desk lists them:")
    for state, number in sorted(played.states.items(), key=lambda each: (-each[1], each[0])):
        click.echo(f"{number:6}  {state}")
    click.echo("\nWho works there, each with the password that was made just now and is shown this once:")
    for one in played.people:
        click.echo(f"  {one.hire.email}  {one.password}  {one.hire.name}, {' and '.join(one.hire.roles)}")
    click.echo(f"\nLetters are in {settings.letters}. To look, sign in at {settings.desk_address} after:")
    click.echo(f"  SCREENER_DATA={settings.data} make run")

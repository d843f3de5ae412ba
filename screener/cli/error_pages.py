"""``screener error-pages``: the form's error pages as files, for what a reverse proxy must answer by itself."""

from pathlib import Path

import click

from screener.files import make_folder
from screener.files import replace_file
from screener.files import write_errors
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.web.refused_requests import render_refused_page

#: What a proxy refuses without asking the form, and what it says when the form does not answer.
STATUSES = (400, 413, 431, 502)


@click.command("error-pages")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def error_pages_command(settings: Settings, folder: Path) -> None:
    """Write 400.html, 413.html, 431.html and 502.html into FOLDER, for the proxy in front of the form.

    Run it as the public user, and again after a change of the study's words. docs/operate.md has nginx's lines.
    """
    app = create_public_app(settings)
    with write_errors(folder):
        make_folder(folder, 0o755)
        for status in STATUSES:
            _, _, body = render_refused_page(app, status)
            replace_file(folder / f"{status}.html", body, mode=0o644)
    click.echo(f"Wrote {len(STATUSES)} pages into {folder}.")

"""What release 1 left behind works with today's program: its approved form, its databases and its export.

``1/README.md`` says what the folder holds and how it was made. The commands are called by their names, because those
are what a site has in its notes.
"""

import csv
import shutil
import tomllib
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner

from screener import audit
from screener.auth.keys import load_desk_keys
from screener.cli.main import cli
from screener.cli.main import run_command
from screener.db import connect
from screener.db import reading
from screener.public_app import create_public_app
from screener.settings import load_settings
from screener.staff.models import Account
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording

RELEASE = Path(__file__).with_name("1")
VERSIONS = tomllib.loads((RELEASE / "versions.toml").read_text(encoding="utf-8"))
REFERENCES = dict(line.split() for line in (RELEASE / "references.txt").read_text(encoding="utf-8").splitlines())
#: When the folder was made, so that approvals hold and nothing is old enough to be erased.
THEN = "2026-11-28T12:00:00+00:00"

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the deployment, with the modes that git does not keep; the clock stands where it was made."""
    shutil.copytree(RELEASE, tmp_path / "site")
    data = tmp_path / "site" / "data"
    for path in data.glob("keys/**/*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    monkeypatch.setenv("SCREENER_DATA", str(data))
    monkeypatch.setenv("SCREENER_STUDY", str(tmp_path / "site" / "study"))
    with time_machine.travel(THEN):
        yield tmp_path / "site"


@pytest.fixture
def screener(site: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line over the migrated deployment: the exit code and what was printed."""
    assert run_command(["migrate"]) == 0

    def command(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run_command(words)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return command


def versions(folder: Path) -> dict[str, str]:
    study = load_study(folder)
    return {locale: load_wording(folder, study, locale).version for locale in list_locales(folder)}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_its_wording_versions_are_the_approved_ones(site: Path) -> None:
    assert versions(site / "study") == VERSIONS["site"]

    shutil.copy(site / "study.shipped.toml", site / "study" / "study.toml")
    assert versions(site / "study") == VERSIONS["shipped"]


def test_its_approved_forms_are_served_in_production(
    screener: Command, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert screener("worker", "--once")[0] == 0
    shutil.rmtree(site / "data" / "keys" / "private")
    (site / "data" / "store.db").rename(site / "store.db")
    monkeypatch.setenv("SCREENER_ENV", "production")

    client = create_public_app(load_settings()).test_client()

    for locale, asked in (("en", "How old are you?"), ("es", "¿Cuántos años tiene?")):
        page = client.get(f"/{locale}/interest")
        assert (page.status_code, asked in page.text, "Preview" in page.text) == (200, True, False), locale
        assert 'name="age_years"' in page.text
    assert client.get("/vi/interest").status_code == 404


def test_everything_that_was_sent_is_exported_cell_by_cell_as_it_was(screener: Command, tmp_path: Path) -> None:
    out = tmp_path / "again.csv"
    code, printed = screener("export", "--profile", "spreadsheet", "--purpose", "to compare", "--out", str(out))
    assert code == 0, printed

    before, after = rows(RELEASE / "export" / "people.csv"), rows(out)

    assert len(before) == 10
    assert [{name: row[name] for name in before[0]} for row in after] == before


def test_its_audit_trail_is_whole_and_its_export_genuine(screener: Command, site: Path) -> None:
    code, printed = screener("audit", "verify")
    assert code == 0, printed

    code, printed = screener("verify-export", str(site / "export" / "people.csv"))
    assert (code, printed.splitlines()[0]) == (0, "whole and genuine")


def test_what_waited_goes_on(screener: Command, site: Path, tmp_path: Path) -> None:
    code, printed = screener("worker", "--once")
    assert code == 0, printed

    messages = [path.read_text(encoding="utf-8") for path in (site / "data" / "letters").iterdir()]
    assert sum(REFERENCES["in_the_store"] in text for text in messages) == 1
    assert not any(REFERENCES["form_0"] in text for text in messages)
    code, printed = screener(
        "export", "--profile", "spreadsheet", "--purpose", "to compare", "--out", str(tmp_path / "again.csv")
    )
    assert code == 0, printed
    exported = {row["reference"] for row in rows(tmp_path / "again.csv")}
    assert REFERENCES["in_the_inbox"] in exported
    assert not {REFERENCES[name] for name in ("erased_by_age", "form_6", "form_8")} & exported


@pytest.mark.attack
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_its_archive_is_restored_migrated_and_named_as_dangerous(
    kind: str, site: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    theirs = (RELEASE / "data" / "keys" / "desk" / "current.desk-key").read_bytes()
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "new"))
    if kind == "postgresql":
        server = request.getfixturevalue("postgres")
        server.run("CREATE DATABASE of_release_1")
        for name in ("INBOX_URL", "BOARD_URL", "DATABASE_URL"):
            monkeypatch.setenv(f"SCREENER_{name}", server.url("of_release_1"))

    done = CliRunner().invoke(cli, ["restore", str(RELEASE / "archive.screener")])

    assert done.exit_code == 0, done.output
    assert "dangerous to keep" in done.output
    assert "screener staff invite --again --email ines@example.org" in done.output
    assert not list((tmp_path / "new" / "keys" / "desk").glob("*"))
    settings = load_settings()
    with reading(connect(settings.store, may="read")) as connection:
        verdict = audit.verify(connection)
        accounts = connection.execute(sa.select(Account.__table__)).all()
    assert verdict.whole
    assert not any(one.password or one.tf_totp_secret or one.mf_recovery_codes for one in accounts)
    assert load_desk_keys(settings.desk_keys).totp.encode() not in theirs
    command = ("export", "--profile", "spreadsheet", "--purpose", "to compare", "--out", str(tmp_path / "again.csv"))
    assert CliRunner().invoke(cli, command).exit_code == 0
    before, after = rows(RELEASE / "export" / "people.csv"), rows(tmp_path / "again.csv")
    assert [{name: row[name] for name in before[0]} for row in after] == before
    if kind == "postgresql":
        server.drop("of_release_1")

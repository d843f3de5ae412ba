"""What is typed comes out as it was typed: from the form through the boxes and the worker into the file, exactly."""

from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from screener.public_app import create_public_app
from screener.settings import Settings
from screener.worker.loop import Worker
from tests.export.staff import Staff
from tests.intake.test_hostile import STRANGE
from tests.support.public_client import PublicClient

#: Any text that the form takes: no line ends, no control characters, no halves of characters, not only blanks.
TYPED = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd"), max_size=80).filter(
    str.strip
)


@pytest.fixture
def visitor(deployment: Settings) -> PublicClient:
    return PublicClient(create_public_app(deployment))


def rows_of(deployment: Settings, files: Path) -> list[dict[str, str]]:
    Worker(deployment).run_once()
    files.mkdir(exist_ok=True)
    staff = Staff(deployment, files)
    staff.export_anew()
    staff.close()
    return staff.rows()


def test_strange_text_is_in_the_file_as_it_was_typed(
    deployment: Settings, visitor: PublicClient, tmp_path: Path
) -> None:
    sent = {visitor.tells(name_pref=text, access_text=text).reference: text for text in STRANGE.values()}

    rows = rows_of(deployment, tmp_path / "files")

    assert {row["reference"]: (row["name_pref"], row["access_text"]) for row in rows} == {
        reference: (text, text) for reference, text in sent.items()
    }
    raw = (tmp_path / "files" / "interest.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b",=cmd" not in raw
    assert b"'=cmd" in raw


@hypothesis.settings(
    deadline=None, max_examples=6, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(texts=st.lists(st.tuples(TYPED, TYPED), min_size=5, max_size=25))
def test_any_text_is_in_the_file_as_it_was_typed(
    deployment: Settings, visitor: PublicClient, tmp_path: Path, texts: list[tuple[str, str]]
) -> None:
    sent = {visitor.tells(name_pref=name, access_text=more).reference: (name, more) for name, more in texts}

    rows = {row["reference"]: (row["name_pref"], row["access_text"]) for row in rows_of(deployment, tmp_path / "files")}

    assert {reference: rows[reference] for reference in sent} == sent

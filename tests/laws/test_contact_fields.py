"""One table of contact fields: a row there, with its words, is all that a new field needs."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from screener.db import connect
from screener.demo.participants import invent_participants
from screener.export.fields import collect_export_fields
from screener.packet import sample_answers
from screener.packet import tables
from screener.public_app import create_public_app
from screener.sealing.open import load_private_keys
from screener.sealing.open import open_contact
from screener.settings import Settings
from screener.study import contact_fields
from screener.study.contact_fields import CONTACT_FIELDS
from screener.study.contact_fields import ContactField
from screener.submissions import inbox
from screener.submissions.payload import unpack_values
from tests.support.public_client import PublicClient
from tests.support.study_folder import Folder

SCREENER = Path(contact_fields.__file__).parents[1]
TABLE = SCREENER / "study" / "contact_fields.py"
IDS = {field.id for field in CONTACT_FIELDS}
#: A literal that names this many contact fields lists them again.
LIST = 3
PRONOUNS = ContactField(id="pronouns", step="contact", kind="choice", codes=("1", "2"), example="2")
WORDS = (
    '[fields.pronouns]\nlabel = "Your pronouns"\nhint = ""\noptions = { 1 = "She", 2 = "They" }\n\n[fields.access_text]'
)


def literals(tree: ast.AST) -> Iterator[tuple[int, set[object]]]:
    """The line and the constants of every tuple, list, set and dictionary."""
    for node in ast.walk(tree):
        members = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        if members and isinstance(node, ast.expr):
            yield node.lineno, {one.value for one in members if isinstance(one, ast.Constant)}


def test_no_other_module_lists_the_contact_fields() -> None:
    lists = [
        f"{path.relative_to(SCREENER)}:{line}: {sorted(map(str, names & IDS))}"
        for path in sorted(SCREENER.rglob("*.py"))
        if path != TABLE
        for line, names in literals(ast.parse(path.read_text(encoding="utf-8")))
        if len(names & IDS) >= LIST
    ]

    assert lists == []


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    shipped = Settings().study
    shutil.copytree(shipped, tmp_path / "study", ignore=shutil.ignore_patterns("wording.*", "translated.*"))
    shutil.copy(shipped / "wording.en.toml", tmp_path / "study")
    return Folder(tmp_path / "study")


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, deployment: Settings, folder: Folder) -> Settings:
    """A deployment whose table of contact fields has one more row, and whose wording has words for it."""
    monkeypatch.setattr(contact_fields, "CONTACT_FIELDS", (*CONTACT_FIELDS[:3], PRONOUNS, *CONTACT_FIELDS[3:]))
    folder.edit("wording.en.toml", "[fields.access_text]", WORDS)
    return deployment.model_copy(update={"study": folder.path})


def test_a_new_row_is_asked_checked_and_sealed(planted: Settings) -> None:
    visitor = PublicClient(create_public_app(planted))

    contact = visitor.opens("/en/contact")
    check = visitor.checks(pronouns="2")
    wrong = visitor.checks(pronouns="3")
    visitor.sends(check)

    names = list(dict.fromkeys(str(one["name"]) for one in contact.soup.select("main [name]")))
    assert names[:4] == ["name_pref", "phone", "email", "pronouns"]
    assert "Your pronouns They" in check.text
    assert list(wrong.errors()) == ["pronouns"]
    assert list(sent(planted))[:4] == ["name_pref", "phone", "email", "pronouns"]
    assert sent(planted)["pronouns"] == "2"


def sent(settings: Settings) -> dict[str, object]:
    engine = connect(settings.inbox, may="write")
    (sealed,) = inbox.fetch_batch(engine, 10)
    engine.dispose()
    keys = load_private_keys(settings.private_keys, passphrase=None)
    return dict(unpack_values(open_contact(sealed.contact, keys, study="nct05870540", submission=sealed.envelope.id)))


def test_a_new_row_is_exported_and_stands_in_the_packet_and_the_demonstration(
    planted: Settings, folder: Folder
) -> None:
    study, wording = folder.study(), folder.wording()

    columns = [field.id for field in collect_export_fields(study, wording, ())]
    lines = [field.id for field in tables.fields(study, wording)]

    assert columns[:4] == ["name_pref", "phone", "email", "pronouns"]
    assert lines.index("pronouns") == lines.index("email") + 1
    assert ("pronouns", "2") in sample_answers.everything(study)
    assert {one.typed["pronouns"] for one in invent_participants(study, 50, seed=1)} == {"", "1", "2"}

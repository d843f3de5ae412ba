"""The public process knows little, and refuses to start where it could know more."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from screener import public_app
from screener.errors import UserError
from screener.public_app import create_public_app
from screener.settings import ROOT
from screener.settings import Settings

FORBIDDEN = (
    "screener.sealing.open",
    "screener.sealing.keys",
    "screener.submissions.models",
    "screener.submissions.writes",
    "screener.submissions.queries",
    "screener.audit",
    "screener.worker",
    "screener.export",
    "screener.operations",
    "screener.follow_up",
    "screener.mail",
    "screener.auth",
    "screener.staff",
    "alembic",
)
#: Opens every kind of page in an interpreter of its own, then says which modules that took.
LOOK = """
import sys
from screener.public_app import create_public_app
from screener.settings import load_settings

client = create_public_app(load_settings()).test_client()
page = client.get("/en/interest").text
token = page.partition('name="token" value="')[2].partition('"')[0]
ada = {"token": token, "name_pref": "Ada Example", "email": "ada@example.org", "adult_self": "1"}
statuses = [client.post(path, data=ada).status_code for path in ("/en/check", "/en/interest", "/en/received")]
statuses += [client.get(path).status_code for path in ("/", "/en/", "/en/privacy", "/nowhere")]
print(statuses)
print(*sorted(sys.modules))
"""


def test_nothing_that_the_public_process_loads_opens_a_box_or_reaches_the_store(deployment: Settings) -> None:
    environment = {**os.environ, "SCREENER_DATA": str(deployment.data), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )

    statuses, modules = done.stdout.splitlines()
    assert statuses == "[200, 200, 200, 303, 200, 200, 404]"
    loaded = set(modules.split())
    assert "screener.sealing.seal" in loaded
    assert not {name for name in loaded if name.startswith(FORBIDDEN)}


def production(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update={"env": "production", **changes})


def test_production_refuses_a_user_who_could_read_the_private_keys(deployment: Settings) -> None:
    with pytest.raises(UserError, match="private keys"):
        create_public_app(production(deployment))


def test_production_refuses_a_way_to_the_store(deployment: Settings) -> None:
    shutil.rmtree(deployment.data / "keys" / "private")

    with pytest.raises(UserError, match=r"can open the store, \S+store.db, because"):
        create_public_app(production(deployment))
    with pytest.raises(UserError, match="SCREENER_DATABASE_URL"):
        create_public_app(production(deployment, database_url="postgresql://store"))
    with pytest.raises(UserError, match="SCREENER_KEY_PASSPHRASE"):
        create_public_app(production(deployment, key_passphrase=SecretStr("hush")))


def test_production_starts_where_neither_is_within_reach(deployment: Settings) -> None:
    shutil.rmtree(deployment.data / "keys" / "private")
    (deployment.data / "store.db").unlink()

    answer = create_public_app(production(deployment)).test_client().get("/en/")

    assert answer.status_code == 503
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert "X-Robots-Tag" not in answer.headers


def study_in(folder: Path, deployment: Settings, **statuses: str) -> Settings:
    """A study in which each locale is a copy of the English one, with its own status."""
    folder.mkdir()
    text = (deployment.study / "wording.en.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_bytes((deployment.study / "study.toml").read_bytes())
    for locale, status in statuses.items():
        words = text.replace('locale = "en"', f'locale = "{locale}"').replace('"source"', f'"{status}"')
        (folder / f"wording.{locale}.toml").write_text(words, encoding="utf-8")
    return deployment.model_copy(update={"study": folder})


@pytest.mark.parametrize(
    ("env", "statuses", "shown"),
    [
        ("production", {"en": "source", "es": "draft", "vi": "reviewed"}, {"en", "vi"}),
        ("production", {"es": "draft"}, {"es"}),
        ("production", {"es": "draft", "vi": "draft"}, {"es"}),
        ("development", {"en": "source", "es": "draft", "vi": "reviewed"}, {"en", "es", "vi"}),
    ],
)
def test_in_production_nobody_sees_a_draft_unless_it_is_all_there_is(
    deployment: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    env: str,
    statuses: dict[str, str],
    shown: set[str],
) -> None:
    monkeypatch.setattr(public_app, "_refuse_excess_access", lambda _: None)
    settings = study_in(tmp_path / "study", deployment, **statuses).model_copy(update={"env": env})

    app = create_public_app(settings)
    client = app.test_client()

    answers = {locale: client.get(f"/{locale}/privacy").status_code for locale in ("en", "es", "vi")}
    assert answers == {locale: 200 if locale in shown else 404 for locale in answers}
    led = client.get("/", headers={"Accept-Language": "es"}).headers["Location"]
    assert led == ("/es/" if "es" in shown else "/en/")
    start = client.get(led)
    assert start.status_code == (503 if env == "production" else 200)
    assert ("not open right now" in start.text) == (env == "production")


def test_a_study_with_a_mistake_stops_the_start_in_one_sentence(deployment: Settings, tmp_path: Path) -> None:
    study = tmp_path / "study"
    study.mkdir()
    for path in deployment.study.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        (study / path.name).write_text(text.replace('kind = "choice"', 'kind = "maybe"'), encoding="utf-8")
    environment = {**os.environ, "SCREENER_DATA": str(deployment.data), "SCREENER_STUDY": str(study)}

    done = subprocess.run(
        [sys.executable, "-c", "import wsgi; wsgi.public()"],
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "study.toml" in done.stderr
    assert "Traceback" not in done.stderr

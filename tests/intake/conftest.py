"""A deployment of its own for each test, the application over it, a visitor, and the key that reads what was sent."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from screener import db
from screener.intake.availability import FormAvailability
from screener.public_app import create_public_app
from screener.sealing.open import load_private_keys
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.wording import Wording
from screener.submissions import inbox as letterbox
from screener.submissions.envelope import SealedSubmission
from screener.submissions.payload import unpack_values
from tests.support.public_client import PublicClient
from tests.support.public_deployment import START
from tests.support.public_deployment import PublicDeployment
from tests.support.public_deployment import fill_in_facts


@pytest.fixture
def app(deployment: Settings) -> Flask:
    return create_public_app(deployment)


@pytest.fixture
def visitor(app: Flask) -> PublicClient:
    return PublicClient(app)


@pytest.fixture
def inbox(deployment: Settings) -> Iterator[Callable[[], list[SealedSubmission]]]:
    """What lies in the inbox, oldest first."""
    engine = db.connect(deployment.inbox, may="write")
    yield lambda: letterbox.fetch_batch(engine, 1000)
    engine.dispose()


@pytest.fixture
def opened(deployment: Settings, inbox: Callable[[], list[SealedSubmission]]) -> Callable[[], list[dict[str, object]]]:
    """What lies in the inbox, opened: every field of each submission."""
    keys = load_private_keys(deployment.private_keys, passphrase=None)
    study = load_study(deployment.study).id

    def fields(sealed: SealedSubmission) -> dict[str, object]:
        bound: dict[str, Any] = {"study": study, "submission": sealed.envelope.id}
        contact = open_contact(sealed.contact, keys, **bound)
        answers = open_answers(sealed.answers, keys, **bound)
        return {**unpack_values(contact), **unpack_values(answers)}

    return lambda: [fields(sealed) for sealed in inbox()]


@pytest.fixture
def wording(deployment: Settings) -> Wording:
    return load_wording(deployment.study, load_study(deployment.study), "en")


@pytest.fixture
def wording_errors(wording: Wording) -> dict[str, str]:
    return wording.errors.model_dump()


@pytest.fixture
def app_wording_version(wording: Wording) -> str:
    return wording.version


@pytest.fixture(params=["development", "production"])
def public_form(request: pytest.FixtureRequest, deployment: Settings, tmp_path: Path) -> Iterator[PublicDeployment]:
    yield from _public_deployment(request.param, deployment, tmp_path)


@pytest.fixture
def production_form(deployment: Settings, tmp_path: Path) -> Iterator[PublicDeployment]:
    """An open one, in production only."""
    for made in _public_deployment("production", deployment, tmp_path):
        made.open_form()
        yield made


def _public_deployment(env: str, deployment: Settings, tmp_path: Path) -> Iterator[PublicDeployment]:
    folder = fill_in_facts(deployment.study, tmp_path / "study")
    with (
        pytest.MonkeyPatch.context() as patch,
        time_machine.travel(START, tick=False) as clock,
    ):
        patch.setattr("screener.public_app._refuse_excess_access", lambda _: None)
        made = PublicDeployment(deployment.model_copy(update={"env": env, "study": folder}), clock)
        yield made
        made.writer.dispose()


@pytest.fixture
def open_form(public_form: PublicDeployment) -> PublicDeployment:
    public_form.open_form()
    availability = public_form.availability.check("en")
    facts: dict[str, Any] = {
        "keys": public_form.availability._keys,
        "readable_locales": availability.readable_locales,
        "checked_on": START.date(),
    }
    assert availability == FormAvailability(is_open=True, notice="", is_fault=False, reasons=(), **facts)
    assert "en" in availability.readable_locales
    return public_form

"""An SMTP server of this test run, and deployments that send through it."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from screener.settings import Settings
from tests.support.mail_server import MailServer


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def posted_house(any_deployment: Settings, mail: MailServer) -> Settings:
    """A deployment that sends its email through *mail*."""
    return any_deployment.model_copy(update={"smtp_url": SecretStr(mail.url)})

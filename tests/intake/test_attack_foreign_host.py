"""A request under a foreign host name gets a page of ours, and no link or redirect that leads there."""

import shutil

import pytest
from flask.testing import FlaskClient

from screener.errors import UserError
from screener.public_app import create_public_app
from screener.settings import Settings

NAMES = {"public_host": "interest.example.org", "public_aliases": "www.interest.example.org, form.example.org"}


@pytest.fixture
def production(deployment: Settings) -> Settings:
    """What a public process may see: neither private keys nor a store."""
    shutil.rmtree(deployment.data / "keys" / "private")
    (deployment.data / "store.db").unlink()
    return deployment.model_copy(update={"env": "production", **NAMES})


@pytest.fixture
def browser(production: Settings) -> FlaskClient:
    return create_public_app(production).test_client()


@pytest.mark.parametrize("host", ["evil.example", "interest.example.org.evil.example", "evil.example:443", "desk", "["])
@pytest.mark.parametrize("path", ["/", "/en", "/en/", "/en/interest", "/nowhere", "/.well-known/security.txt"])
def test_a_foreign_host_gets_our_page_and_nothing_that_leads_to_it(browser: FlaskClient, host: str, path: str) -> None:
    answer = browser.get(path, headers={"Host": host})

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "<h1>We could not read this page</h1>" in answer.text
    assert host.partition(":")[0] not in answer.text + str(answer.headers) or host in ("desk", "[")


def test_a_form_that_is_posted_under_a_foreign_host_is_not_taken(browser: FlaskClient) -> None:
    answer = browser.post("/en/received", data={"name_pref": "Ada"}, headers={"Host": "evil.example"})

    assert (answer.status_code, "Ada" in answer.text) == (400, False)


@pytest.mark.parametrize(
    "host", ["interest.example.org", "INTEREST.example.org:443", "www.interest.example.org", "127.0.0.1:8000"]
)
def test_our_own_names_are_answered(browser: FlaskClient, host: str) -> None:
    assert browser.get("/en/accessibility", headers={"Host": host}).status_code == 200


def test_a_site_that_has_said_no_name_is_answered_under_any_as_before(production: Settings) -> None:
    browser = create_public_app(production.model_copy(update={"public_host": ""})).test_client()

    assert browser.get("/en/accessibility", headers={"Host": "any.example"}).status_code == 200
    assert browser.get("/en", headers={"Host": "any.example"}).headers["Location"] == "/en/"


def test_another_name_of_the_form_may_not_lie_inside_the_desk_s(production: Settings) -> None:
    with pytest.raises(UserError, match=r"www.interest.example.org.*two names"):
        create_public_app(production.model_copy(update={"desk_host": "www.interest.example.org"}))

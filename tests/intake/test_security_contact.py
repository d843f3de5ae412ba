"""security.txt says whom to tell about a security fault while the site says so, and is never made up."""

import shutil
from datetime import date
from datetime import datetime
from typing import Any

import pytest

from screener import clock
from screener.errors import UserError
from screener.intake.security_contact import compose_security_contact
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.settings import load_settings

TODAY = date(2026, 11, 28)
SAID: Any = {"security_contact": "mailto:security@example.org", "security_contact_until": date(2027, 6, 30)}


def test_it_names_the_contact_and_the_day_as_rfc_9116_wants() -> None:
    text = compose_security_contact(Settings(**SAID, public_host="interest.example.org"), TODAY)

    fields = dict(line.split(": ", 1) for line in text.splitlines())
    assert fields == {
        "Contact": "mailto:security@example.org",
        "Expires": "2027-06-30T23:59:59Z",
        "Preferred-Languages": "en",
        "Canonical": "https://interest.example.org/.well-known/security.txt",
    }
    assert datetime.fromisoformat(fields["Expires"]).date() == date(2027, 6, 30)


@pytest.mark.parametrize("lacking", [{"security_contact": ""}, {"security_contact_until": None}])
def test_without_a_contact_or_a_day_there_is_none(lacking: dict[str, Any]) -> None:
    assert compose_security_contact(Settings(**{**SAID, **lacking}), TODAY) == ""


def test_it_holds_until_the_end_of_its_day() -> None:
    assert compose_security_contact(Settings(**SAID), date(2027, 6, 30))
    assert compose_security_contact(Settings(**SAID), date(2027, 7, 1)) == ""


def test_production_serves_no_placeholder_and_development_says_that_it_is_one(deployment: Settings) -> None:
    development = create_public_app(deployment).test_client().get("/.well-known/security.txt")
    shutil.rmtree(deployment.data / "keys" / "private")
    (deployment.data / "store.db").unlink()
    settings = deployment.model_copy(update={"env": "production"})

    unsaid = create_public_app(settings).test_client().get("/.well-known/security.txt")
    until = clock.now().date()
    said = settings.model_copy(update={**SAID, "security_contact_until": until})
    served = create_public_app(said).test_client().get("/.well-known/security.txt")

    assert (unsaid.status_code, served.status_code) == (404, 200)
    assert served.content_type == "text/plain; charset=utf-8"
    assert served.text.startswith("Contact: mailto:security@example.org\n")
    assert "This is a placeholder" in development.text
    assert "Contact:" not in development.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SCREENER_SECURITY_CONTACT", "security@example.org"),
        ("SCREENER_SECURITY_CONTACT", "mailto:a@example.org\nContact: mailto:b@example.org"),
        ("SCREENER_SECURITY_CONTACT", "http://example.org"),
        ("SCREENER_SECURITY_CONTACT_UNTIL", "next year"),
        ("SCREENER_PUBLIC_ALIASES", "two words"),
        ("SCREENER_PUBLIC_ALIASES", "https://interest.example.org"),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, value: str) -> None:
    with pytest.raises(UserError, match=name):
        load_settings({name: value})

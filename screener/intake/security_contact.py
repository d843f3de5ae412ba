"""``security.txt``: whom to tell about a security fault of this site (RFC 9116).

The contact, and the day until which it holds, are facts that the site states in its settings. Without both, or after
that day, production has no such file: a made-up contact would be worse than none.
"""

from datetime import date

from flask import Response
from flask import abort

from screener import clock
from screener.intake.context import intake_context
from screener.settings import Settings

PATH = "/.well-known/security.txt"
PLACEHOLDER = (
    "# [security contact of this site: SCREENER_SECURITY_CONTACT and SCREENER_SECURITY_CONTACT_UNTIL]\n"
    "# This is a placeholder. In production there is no such file until both are set.\n"
)


def show_security_contact() -> Response:
    """The file; 404 in production while the site has not said whom to tell, or no longer says so."""
    settings = intake_context().availability.settings
    text = compose_security_contact(settings, clock.now().date())
    if not text and settings.in_production:
        abort(404)
    return Response(text or PLACEHOLDER, mimetype="text/plain")


def compose_security_contact(settings: Settings, today: date) -> str:
    """The file's text; empty without a contact that holds *today* (UTC)."""
    until = settings.security_contact_until
    if not settings.security_contact or until is None or until < today:
        return ""
    lines = [f"Contact: {settings.security_contact}", f"Expires: {until}T23:59:59Z", "Preferred-Languages: en"]
    if settings.public_host:
        lines.append(f"Canonical: https://{settings.public_host}{PATH}")
    return "".join(f"{line}\n" for line in lines)

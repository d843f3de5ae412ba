"""Invented people, as many as are wanted."""

from typing import Any


def invented(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an invented person typed: everything is filled in, so that a row is as long as rows get in earnest."""
    contact = {
        "name_pref": f"Ada Example {number}",
        "phone": f"+1 415 555 {number % 100:04}",
        "email": f"ada.{number}@example.org",
        "how_contact": "1",
        "sms_ok": "1",
        "voicemail": "1",
        "when_call": ("1", "2", "4"),
        "time_zone": "1",
        "lang": "en",
        "access": ("3", "5"),
        "access_text": "Please speak slowly.",
        "adult_self": "1",
    }
    answers = {
        "age_years": str(18 + number % 60),
        "dep_told": "1",
        "dep_now": "8",
        "ad_tried": str(number % 5),
        "ad_now": "0",
        "tx_had": ("1", "3"),
        "travel_sf": "2",
    }
    return contact, answers

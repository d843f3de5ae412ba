"""A zero byte, which no keyboard types and PostgreSQL keeps in no text, is answered like any other wrong word."""

import pytest

from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser

ZERO = "%00"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/audit?person=a%00b", 200),
        ("/audit?reference=%00", 400),
        ("/audit?before=%00", 400),
        ("/queue?show=%00", 400),
        ("/queue?show=all&after=%00", 400),
        ("/record/%00", 404),
        ("/team/%00", 404),
        ("/invitation/%00", 404),
    ],
)
def test_an_address_with_one(any_house: DeskApp, address: str, status: int) -> None:
    ada = any_house.hires("Ada Coordinator", roles="coordinator,study_lead,administrator")

    assert ada.client.get(address).status_code == status


def test_a_field_with_one(any_house: DeskApp) -> None:
    ada = any_house.hires("Ada Coordinator", roles="coordinator,study_lead,administrator")
    reference = any_house.receives()
    stranger = DeskUser(any_house.app, "a\0@example.org")

    assert stranger.gives_password("four quiet\0words here").status == 422
    assert ada.posts(ada.opens("/queue"), "find", reference="\0").status == 422
    assert ada.posts(ada.opens("/audit"), "audit", person="a\0").status == 200
    assert ada.posts(ada.opens("/export"), "export", purpose="a\0").status == 422
    assert ada.posts(ada.opens("/team"), "team", name="A\0", email="a\0@example.org").status == 422
    assert ada.does(reference, "assign", to="\0").status == 422
    assert ada.does(reference, "note", note="a\0b").status == 200
    assert ada.does(reference, "move", state="\0").status == 422
    assert ada.does(reference, "move", state="duplicate_of", other_reference="\0").status == 422

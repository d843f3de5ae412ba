"""Accounts: invited, taken up once, disabled at once, and their work handed over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from click.testing import Result

from screener import audit
from screener.cli import cli
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.problems import Problem
from screener.settings import Settings
from screener.staff import accounts
from screener.staff.accounts import Invited
from screener.staff.directory import coordinators
from screener.staff.models import Account
from screener.staff.models import Invitation
from screener.submissions import inbox
from screener.submissions.store import FollowUp
from screener.worker import Worker
from tests.invented import NOON
from tests.invented import sealed

ADA = Invited("Ada Example", "Ada@Example.org", ("coordinator",), ("en", "es"))
GRACE = Invited("Grace Example", "grace@example.org", ("coordinator", "administrator"), ("en",))


def invited(settings: Settings, who: Invited = ADA) -> str:
    with writing(connect(settings.store, may="write")) as connection:
        return accounts.invite(connection, who, by="test", at=NOON)


def taken_up(settings: Settings, code: str, *, at: timedelta = timedelta()) -> str | None:
    with writing(connect(settings.store, may="write")) as connection:
        return accounts.take_up(connection, code, password="hashed", at=NOON + at)


def hired(settings: Settings, who: Invited) -> str:
    assert taken_up(settings, invited(settings, who)) == who.email.lower()
    return one(settings, Account.id, Account.email == who.email.lower())


def one(settings: Settings, column: object, where: object) -> str:
    with reading(connect(settings.store, may="read")) as connection:
        found: str = connection.execute(sa.select(column).where(where)).scalar_one()  # type: ignore[call-overload]
    return found


def test_an_invitation_that_is_taken_up_proves_the_address(any_deployment: Settings) -> None:
    code = invited(any_deployment)
    with reading(connect(any_deployment.store, may="read")) as connection:
        assert accounts.invitee(connection, code, at=NOON) == "ada@example.org"
        assert coordinators(connection) == []

    assert taken_up(any_deployment, code) == "ada@example.org"

    with reading(connect(any_deployment.store, may="read")) as connection:
        (ada,) = coordinators(connection)
        assert (ada.email, ada.languages) == ("ada@example.org", ("en", "es"))
        assert audit.has_event(connection, action="desk:account:taken_up", subject="ada@example.org")
        assert code not in "".join(connection.scalars(sa.select(Invitation.code_hash)))


def test_a_link_works_once_and_for_three_days(any_deployment: Settings) -> None:
    first = invited(any_deployment)
    assert taken_up(any_deployment, first, at=timedelta(hours=72)) is None
    assert taken_up(any_deployment, first, at=timedelta(hours=71)) == "ada@example.org"
    assert taken_up(any_deployment, first) is None


@pytest.mark.parametrize("code", ["", "x", "\ud800", "0" * 5000])
def test_a_forged_link_opens_nothing(deployment: Settings, code: str) -> None:
    invited(deployment)

    assert taken_up(deployment, code) is None


def test_a_renewed_invitation_voids_the_one_before(any_deployment: Settings) -> None:
    first, second = invited(any_deployment), invited(any_deployment)

    assert taken_up(any_deployment, first) is None
    assert taken_up(any_deployment, second) == "ada@example.org"
    with pytest.raises(Problem, match="has an account already"):
        invited(any_deployment)


def test_of_many_who_use_one_link_at_once_one_has_it(
    any_deployment: Settings, at_once: Callable[[Callable[[int], object], int], None]
) -> None:
    code = invited(any_deployment)
    had: list[str | None] = []

    at_once(lambda _: had.append(taken_up(any_deployment, code)), 8)

    assert sorted(filter(None, had)) == ["ada@example.org"]


def test_whoever_leaves_hands_open_work_over_and_every_session_ends(any_deployment: Settings) -> None:
    ada, grace = hired(any_deployment, ADA), None
    engine = connect(any_deployment.inbox, may="write")
    for number in range(3):
        inbox.add(engine, sealed(number))
    Worker(any_deployment).move()
    session = one(any_deployment, Account.fs_uniquifier, Account.id == ada)

    with writing(connect(any_deployment.store, may="write")) as connection, pytest.raises(Problem, match="--hand-over"):
        accounts.disable(connection, "ada@example.org", to=None, by="test", at=NOON)
    grace = hired(any_deployment, GRACE)
    with writing(connect(any_deployment.store, may="write")) as connection:
        assert accounts.disable(connection, "ADA@example.org", to="grace@example.org", by="test", at=NOON) == 3

    assert one(any_deployment, Account.fs_uniquifier, Account.id == ada) != session
    with reading(connect(any_deployment.store, may="read")) as connection:
        assert set(connection.scalars(sa.select(FollowUp.assignee))) == {grace}
        assert [each.email for each in coordinators(connection)] == ["grace@example.org"]
        assert audit.verify(connection).whole


def test_a_disabled_account_can_be_invited_again_only_if_it_was_never_used(any_deployment: Settings) -> None:
    code = invited(any_deployment)
    with writing(connect(any_deployment.store, may="write")) as connection:
        accounts.disable(connection, "ada@example.org", to=None, by="test", at=NOON)
    assert taken_up(any_deployment, code) is None

    assert taken_up(any_deployment, invited(any_deployment)) == "ada@example.org"


def test_a_second_factor_that_was_lost_is_set_up_anew(any_deployment: Settings) -> None:
    ada = hired(any_deployment, ADA)
    with writing(connect(any_deployment.store, may="write")) as connection:
        change = sa.update(Account).where(Account.id == ada)
        connection.execute(change.values(tf_primary_method="authenticator", tf_totp_secret="s", totp_step=7))

    with writing(connect(any_deployment.store, may="write")) as connection:
        accounts.reset_second_factor(connection, "ada@example.org", by="test", at=NOON)

    with reading(connect(any_deployment.store, may="read")) as connection:
        found = connection.execute(sa.select(Account.tf_totp_secret, Account.totp_step)).one()
    assert tuple(found) == (None, None)


def screener(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["staff", *arguments], obj=settings)


def test_the_commands_invite_list_and_end(deployment: Settings) -> None:
    assert "Nobody has an account yet" in screener(deployment, "list").output
    given = ("--name", "Ada Example", "--email", "ada@example.org", "--role", "study-lead", "--language", "es")

    link = screener(deployment, "invite", *given).output.splitlines()[-1]

    assert link.startswith("http://127.0.0.1:8001/invitation/")
    assert "study_lead  es  invited" in screener(deployment, "list").output
    assert "is disabled; 0 open" in screener(deployment, "disable", "ada@example.org").output
    assert "disabled" in screener(deployment, "list").output


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"--email": "ada@"}, "no e-mail address"),
        ({"--role": "king"}, "is no role"),
        ({"--name": " "}, "Give a name"),
        ({"--name": "x" * 81}, "Give a name"),
        ({"--name": "two\nlines"}, "Give a name"),
    ],
)
def test_what_cannot_be_invited_gets_a_sentence(deployment: Settings, changes: dict[str, str], sentence: str) -> None:
    given = {"--name": "Ada", "--email": "ada@example.org", "--role": "coordinator", **changes}

    result = screener(deployment, "invite", *(word for pair in given.items() for word in pair))

    assert isinstance(result.exception, Problem)
    assert sentence in str(result.exception)


@pytest.mark.parametrize("command", ["disable", "reset-second-factor"])
def test_nobody_of_that_name_is_said(deployment: Settings, command: str) -> None:
    result = screener(deployment, command, "nobody@example.org")

    assert "Nobody has an account under" in str(result.exception)

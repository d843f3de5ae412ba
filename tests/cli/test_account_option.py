"""Whoever acts is named in the audit trail as they named themselves, or not at all."""

import pytest
from click.testing import CliRunner

from screener.cli.main import cli
from screener.errors import UserError
from screener.settings import Settings


@pytest.mark.parametrize("account", ["", " ", "two\nlines", "x" * 201])
def test_an_account_that_the_trail_cannot_keep_is_refused(deployment: Settings, account: str) -> None:
    arguments = ["intake", "paused", "--reason", "test", "--as", account]

    result = CliRunner().invoke(cli, arguments, obj=deployment)

    assert isinstance(result.exception, UserError)
    assert "at most 200" in str(result.exception)

"""A log line has its time in UTC, its level, logger and event, and nothing that is not on the list."""

import json
import logging
import re

import pytest

from screener import logs

log = logging.getLogger("screener.test")


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)
    monkeypatch.setattr(logging.getLogger("screener"), "level", logging.NOTSET)


def test_a_line_says_when_where_and_what_with_the_allowed_keys(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logging("text")

    log.info("job failed", extra={"job": "retention", "count": 3, "reason": 'no "room" left', "typed": "Qzx"})

    line = capsys.readouterr().err
    assert re.fullmatch(
        r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO screener\.test job failed "
        r'job=retention count=3 reason="no \\"room\\" left"\n',
        line,
    ), line


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logging("json")

    log.warning("job waits", extra={"reason": "line one\nline two"})

    [line] = capsys.readouterr().err.splitlines()
    fields = json.loads(line)
    assert list(fields) == ["time", "level", "logger", "event", "reason"]
    assert fields["reason"] == "line one\nline two"


def test_neither_the_text_of_an_exception_nor_a_stray_key_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logging("text")

    try:
        raise ValueError("Qzx typed this")
    except ValueError as error:
        log.exception("request failed", extra={**logs.describe_defect(error), "typed": "Qzx"})

    line = capsys.readouterr().err
    assert "Qzx" not in line
    assert "fault=ValueError place=test_neither" in line


def test_arguments_of_a_library_are_not_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logging("text")

    logging.getLogger("sqlalchemy").warning("%s", "Qzx")
    logging.getLogger("gunicorn.error").warning("worker %s left", 7)

    said = capsys.readouterr().err
    assert "Qzx" not in said
    assert "worker 7 left" in said


def test_configured_twice_writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_logging("text")
    logs.configure_logging("json")

    log.info("once")

    assert len(capsys.readouterr().err.splitlines()) == 1

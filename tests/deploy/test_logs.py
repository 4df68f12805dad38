"""Speaking is never worth failing for."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import structlog

from deploy.embedded.logs import log_as_json, log_errors_only


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Iterator[None]:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
@pytest.mark.promise(19)
def test_a_full_disk_loses_lines_and_fails_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    full = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115 - closing it fails too
    log_as_json(full)
    structlog.get_logger().error("consumer_outage", text="x" * 100_000)
    logging.getLogger("shared").error("the same through the standard library")
    with suppress(OSError):
        full.close()
    assert "Traceback" not in capsys.readouterr().err


def test_what_can_be_said_is_said() -> None:
    output = io.StringIO()
    log_as_json(output)
    structlog.get_logger().warning("relay_parked", subject="catalog.need.published.v1")
    said = json.loads(output.getvalue())
    assert (said["event"], said["level"], said["subject"]) == ("relay_parked", "warning", "catalog.need.published.v1")


def test_what_goes_wrong_in_a_command_shows_no_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """They may hold a password; where it went wrong is said all the same."""
    log_errors_only()
    password = "cheval " + "agrafe"
    try:
        raise ValueError(len(password))
    except ValueError:
        structlog.get_logger().exception("broken")
    said = capsys.readouterr().err
    assert "cheval agrafe" not in said
    assert "ValueError: 13" in said

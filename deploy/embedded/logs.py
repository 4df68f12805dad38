"""Logs of our own processes: one JSON line per event, for whoever collects them."""

from __future__ import annotations

import io
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog

from shared.observability.lines import redact, say_who


class Spoken(io.TextIOBase):
    """An output that loses lines rather than failing whoever speaks: on a full disk the work goes on."""

    def __init__(self, output: TextIO) -> None:
        self._output = output

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            self._output.write(text)
        return len(text)

    def flush(self) -> None:
        """Let out what can go; the rest may go with the next line."""
        with suppress(OSError):
            self._output.flush()


def for_people() -> list[structlog.typing.Processor]:
    """What structlog does by itself, but tracebacks show no variables: these hold secrets, and take long to print."""
    *before, _ = structlog.get_config()["processors"]
    return [*before, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def log_errors_only() -> None:
    """For commands: what goes wrong to standard error, so that figures on standard output stay readable."""
    structlog.configure(
        processors=for_people(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def log_as_json(output: TextIO = sys.stdout, *, level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's records through the same renderer to one output."""
    spoken = cast("TextIO", Spoken(output))
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        say_who,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(spoken),
    )
    handler = logging.StreamHandler(spoken)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # httpx tells every request, uvicorn every start: the supervisor says what matters of that
    for name in ("httpx", "httpcore", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)

"""INVARIANT: a line tells whose it is and what caused it; it never tells a secret, and it stays one line."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from pydantic import BaseModel, SecretStr, ValidationError

from deploy.embedded.logs import log_as_json
from shared.events.envelope import Cause, cause
from shared.observability.lines import speaking, version_of_boucle

CANARY = "canary-b61f0c"
Say = Callable[..., dict[str, Any]]


@pytest.fixture
def said() -> Iterator[Callable[[], str]]:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    output = io.StringIO()
    log_as_json(output)
    yield output.getvalue
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


class Form(BaseModel):
    age: int


def a_refused_form() -> ValidationError:
    try:
        Form.model_validate({"age": CANARY})
    except ValidationError as error:
        return error
    raise AssertionError


def test_a_line_tells_whose_it_is_and_what_it_belongs_to(said: Callable[[], str]) -> None:
    correlation, event_id = uuid4(), uuid4()
    tokens = cause.set(Cause(correlation, event_id)), speaking.set("matching")
    try:
        structlog.get_logger().info("suppliers_solicited", count=3)
    finally:
        cause.reset(tokens[0])
        speaking.reset(tokens[1])
    line = json.loads(said())
    assert (line["service"], line["correlation_id"], line["event_id"]) == ("matching", str(correlation), str(event_id))
    assert line["version"]
    assert line["timestamp"].endswith("Z")


def test_an_image_s_lines_name_the_commit_it_was_made_from(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = version_of_boucle()
    monkeypatch.setenv("BOUCLE_COMMIT", "c4293fd0a1b2c3d4e5f60718293a4b5c6d7e8f90")
    assert version_of_boucle() == f"{plain}+c4293fd0a1b2"


@pytest.mark.promise(58)
@pytest.mark.parametrize(
    "about",
    [
        {"value": SecretStr(CANARY)},
        {"nested": {"deep": [SecretStr(CANARY)]}},
        {"password": CANARY},
        {"headers": {"Cookie": CANARY, "Authorization": CANARY}},
        {"csrf_token": CANARY},
        {"payload": CANARY.encode()},
        {"error": f"cannot connect to postgresql+asyncpg://catalog_app:{CANARY}@127.0.0.1:5432/catalog"},
        {"error": f"smtp://user:p@ss:{CANARY}@mail.invalid"},
        {"error": f"DETAIL:  Key (email)=({CANARY}) already exists."},
        {"error": f"DETAIL:  Failing row contains (1, {CANARY}, (null))."},
        {"error": a_refused_form()},
        {"error": repr(str(a_refused_form()))},
    ],
    ids=str,
)
def test_no_line_tells_a_secret(said: Callable[[], str], about: dict[str, Any]) -> None:
    structlog.get_logger().warning("something", **about)
    logging.getLogger("a.library").warning("something %s", about.get("error", ""))
    assert CANARY not in said()
    assert said().count("\n") == 2


@pytest.mark.promise(58)
def test_an_exception_is_told_without_the_values_in_it(said: Callable[[], str]) -> None:
    try:
        Form.model_validate({"age": CANARY})
    except ValidationError:
        structlog.get_logger().exception("job_failed")
    assert CANARY not in said()
    assert "ValidationError" in said()


def test_what_somebody_sends_cannot_begin_a_line_of_its_own(said: Callable[[], str]) -> None:
    """INVARIANT: nobody forges a line by a line break in what they send."""
    structlog.get_logger().warning("x", path='/a\r\n{"event": "forged"}\u2028\x85\v\f\x1c')
    assert len(said().splitlines()) == 1
    assert json.loads(said())["path"].startswith("/a\r\n")

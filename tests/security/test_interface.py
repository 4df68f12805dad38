"""INVARIANT: whoever asks whatever of any operation gets an answer that the OpenAPI document describes, and no 5xx.

schemathesis makes the requests from the document and judges the answers; known ids take the place of made-up ones in
most of them, and whatever a request changes is undone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation.case import Case
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text

from shared.identity import Signer, Verifier
from shared.web.openapi import document
from shared.web.visit import IDENTITY_COOKIE
from tests.security.conftest import DRAFTS, HOOK, OWNER
from tests.security.routes import inlined
from tests.security.scene import Scene
from tests.support import set_identity

# Of each operation and each kind of data: what fits its schema, and what does not.
EXAMPLES = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 2}
SEED = 4011
# What the scene does not have: files, a bill, a call to Stripe; matching's are coordinators' or of a shared-out flow.
NOT_THERE = {"read_call", "read_factur_x", "read_file", "read_message_file", "exposure_json", "read_flow_allocation"}
# Changes that succeed; most need another organisation's step before them, which the stories take.
CHANGED = {"catalog": 30, "matching": 0, "notifications": 8}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Said by the browser, not by the test's data.
NOT_SENT = ("cookie", "x-csrf-token", "authorization")
# It makes nothing that is kept: asked twice there are two tokens, each over in a minute.
NOTHING_KEPT = {"/api/v1/token", "/api/v1/exchanges/{exchange_id}/read"}

# A month of days at most, the next ones asked by their own first day; and one sum a measure and treatment.
BOUNDED = {"/api/v1/collections", "/api/v1/impact/totals"}


def cases_of(described: dict[str, Any]) -> Iterator[tuple[Case[Any], bool]]:
    """Requests for every operation, always the same ones; True for those that fit their schema."""
    for result in schemathesis.openapi.from_dict(described).get_all_operations():
        assert isinstance(result, Ok), result
        for mode, count in EXAMPLES.items():
            made = made_of(result.ok().as_strategy(generation_mode=mode), count)
            yield from ((case, mode is GenerationMode.POSITIVE) for case in made)


def made_of(strategy: SearchStrategy[Case[Any]], count: int) -> list[Case[Any]]:
    """So many requests, the same on each run; where nothing can be wrong there are none that are."""
    made: list[Case[Any]] = []

    @seed(SEED)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(case: Case[Any]) -> None:
        made.append(case)

    with suppress(Unsatisfiable):
        collect()
    return made[:count]


def known(case: Case[Any], ids: Mapping[str, Sequence[object]], number: int, *, is_good: bool) -> None:
    """Let a request speak of what is there, and say what a good program says; some are left as they were made."""
    if not is_good and number % 2:
        return
    for name in case.path_parameters or {}:
        case.path_parameters[name] = str(ids[name][number % len(ids[name])])
    if is_good:
        for name, good in (("Idempotency-Key", str(uuid4())), ("If-Match", "*")):
            if name in case.headers:
                case.headers[name] = good
        case.query.pop("cursor", None)
        case.headers.pop("If-None-Match", None)
        noun = case.path.partition("/api/v1/")[2].partition("/")[0]
        drafts = {**DRAFTS, "webhooks": {**HOOK, "url": f"{HOOK['url']}/{number}"}}
        draft = drafts.get(noun) if "/lots" not in case.path else {"quantity_value": "5"}
        if draft is not None and isinstance(case.body, dict) and not {"outcome", "since"} & {*case.body}:
            body: Any = {**draft, "title": f"Besoin {number}"} if "title" in draft else draft
            case.body = body


async def asked(client: httpx.AsyncClient, case: Case[Any]) -> httpx.Response:
    """The answer to a request, in the browser of whoever asks."""
    said = case.as_transport_kwargs(base_url=str(client.base_url).rstrip("/"))
    headers = {name: value for name, value in said.pop("headers").items() if name.lower() not in NOT_SENT}
    content = said.pop("data", None)
    body = {"json": said["json"]} if "json" in said else {"content": content} if content is not None else {}
    latin = {name: value.encode("latin-1", "replace") for name, value in headers.items()}
    return await client.request(said["method"], said["url"], params=said.get("params"), headers=latin, **body)


async def let_in(scene: Scene, signer: Signer) -> None:
    """Whoever is asked in between becomes the owner's colleague: what a role may do is asked of one's own things."""
    if scene.app.service == "notifications":
        verifier = Verifier(scene.app.state.settings.identity_keys_file)
        owner, *colleagues = (scene.people[who] for who in (OWNER, "viewer", "editor", "coordinator"))
        of_owner = verifier.read(owner.cookies[IDENTITY_COOKIE])
        for client in colleagues:
            identity = verifier.read(client.cookies[IDENTITY_COOKIE])
            assert of_owner
            assert identity
            set_identity(client, signer.mint(replace(identity, organisation_id=of_owner.organisation_id)))
        return
    async with scene.database.connection() as connection:
        statement = "UPDATE members SET organisation_id = :organisation WHERE role IN ('viewer', 'editor')"
        await connection.execute(text(statement), {"organisation": scene.ids["organisation_id"][0]})


@pytest.mark.promise(40, 48)
async def test_every_operation_answers_everybody_as_it_is_described(scene: Scene, signer: Signer) -> None:
    described = document(scene.app)
    if scene.app.service != "matching":
        await let_in(scene, signer)
    wrong, succeeded, asked_for = list[str](), set[str](), set[str]()
    for number, (case, is_good) in enumerate(cases_of(described)):
        known(case, scene.ids, number, is_good=is_good)
        operation = case.operation.definition.raw["operationId"]
        asked_for.add(operation)
        if case.path_parameters and unquote(case.formatted_path) in described["paths"]:
            continue  # The made-up id is a word of another operation's path: that one would answer.
        for who, client in scene.people.items():
            client.event_hooks = {}
            async with scene.aside():
                answer = await asked(client, case)
            if answer.is_success:
                succeeded.add(operation)
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as failures:
                wrong.append(f"{who}: {case.method} {answer.request.url} {answer.status_code} {failures!r}")
    methods = {each["operationId"]: method for path in described["paths"].values() for method, each in path.items()}
    assert asked_for == {*methods}
    assert wrong == []
    reads = {operation for operation, method in methods.items() if method == "get"}
    assert reads - succeeded == reads & NOT_THERE
    assert len(succeeded - reads) >= CHANGED[scene.app.service], sorted({*methods} - reads - succeeded)


async def test_the_document_says_what_a_program_must_say(scene: Scene) -> None:
    """Every change names its key or its tag; every list goes on by a cursor; every answer to a mistake is a problem."""
    described = document(scene.app)
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            names = {each["name"] for each in operation.get("parameters", ()) if each.get("required")}
            if method != "get" and scene.app.service == "catalog" and path not in NOTHING_KEPT:
                assert names & {"Idempotency-Key", "If-Match"}, (method, path)
            problems = [
                inlined_answer(described, each) for status, each in operation["responses"].items() if status >= "4"
            ]
            assert {next(iter(each["content"])) for each in problems} == {"application/problem+json"}
            assert operation["summary"]
            good = next(each for status, each in operation["responses"].items() if status < "3")
            schema = inlined(described, good.get("content", {}).get("application/json", {}).get("schema", {}))
            if "items" in schema.get("properties", {}) and path not in BOUNDED:
                assert {"cursor", "limit"} <= {each["name"] for each in operation["parameters"]}, path
                assert "next" in schema["properties"], path


def inlined_answer(described: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = described["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
    return found

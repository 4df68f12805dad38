"""The calls of Stripe's interface: who asks, in which version, under which key, and what was answered before."""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import stripe
from litestar import Request, Response, route
from litestar.params import FromPath

from deploy.stripe_twin import parameters
from deploy.stripe_twin.call import Call, Settings
from deploy.stripe_twin.errors import Refusal
from deploy.stripe_twin.routes import Route, expanded, found
from deploy.stripe_twin.store import Json, Store, new_id

KEY_LENGTH = 255
DECLINED = 402


@dataclass
class Fault:
    """What a test ordered for the next calls whose path begins so: a 500 before or after the effect."""

    path: str
    when: str
    times: int = 1


@dataclass
class Desk:
    """What the running process knows besides its store: keys in use, and orders of tests."""

    store: Store
    settings: Settings
    in_use: set[tuple[str, str]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def call(self, **fields: Any) -> Call:
        """One call on this desk."""
        return Call(self.store, self.settings, **fields)

    def fault(self, path: str) -> str:
        """What goes wrong with this call, '' for nothing; every order counts down."""
        for each in self.faults:
            if each.times > 0 and path.startswith(each.path):
                each.times -= 1
                return each.when
        return ""


@dataclass
class Asked:
    """One request, read."""

    method: str
    path: str
    body: str
    account: str
    key: str

    @property
    def digest(self) -> str:
        """What must be the same when the key is."""
        return hashlib.sha256(f"{self.method} {self.path}\n{self.body}".encode()).hexdigest()

    @property
    def is_v2(self) -> bool:
        """Whether it is JSON."""
        return self.path.startswith("/v2/")


Answer = tuple[int, Json, bool]


@route(["/v1/{rest:path}", "/v2/{rest:path}"], http_method=["GET", "POST", "DELETE"])
async def stripe_api(request: Request[Any, Any, Any], rest: FromPath[str]) -> Response[bytes]:
    """Everything that Stripe's client asks."""
    desk: Desk = request.app.state.desk
    name = new_id("req")
    try:
        asked = await _read(desk, request)
        status, body, replayed = await _answered(desk, asked, name)
    except Refusal as refusal:
        status, body, replayed = refusal.status, refusal.body, False
    headers = {"Request-Id": name, "Stripe-Version": stripe.api_version}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    desk.wake.set()
    return Response(json.dumps(body).encode(), media_type="application/json", status_code=status, headers=headers)


async def _read(desk: Desk, request: Request[Any, Any, Any]) -> Asked:
    headers = request.headers
    if headers.get("authorization") != f"Bearer {desk.settings.api_key}":
        raise Refusal("Invalid API Key provided.", status=401)
    if headers.get("stripe-version") != stripe.api_version:
        raise Refusal(f"The twin speaks {stripe.api_version} only, not {headers.get('stripe-version')}.")
    account = headers.get("stripe-account") or headers.get("stripe-context") or ""
    if account and desk.store.get(account, kind="v2.core.account") is None:
        raise Refusal(
            f"The provided key does not have access to account '{account}'", status=403, code="account_invalid"
        )
    key = headers.get("idempotency-key", "") if request.method != "GET" else ""
    if len(key) > KEY_LENGTH:
        raise Refusal("Idempotency keys are at most 255 characters long.", kind="idempotency_error")
    body = request.url.query if request.method == "GET" else (await request.body()).decode()
    return Asked(request.method, request.url.path, body, account, key)


async def _answered(desk: Desk, asked: Asked, name: str) -> Answer:
    place = (asked.account, asked.key)
    if asked.key and place in desk.in_use:
        raise Refusal(
            "There is currently another in-progress request using this Idempotent Key.",
            status=409,
            kind="idempotency_error",
            code="idempotency_key_in_use",
        )
    desk.in_use.add(place)
    try:
        await asyncio.sleep(desk.store.control("slow_s", 0) if asked.key else 0)
        return answer(desk, asked, name)
    finally:
        desk.in_use.discard(place)


def answer(desk: Desk, asked: Asked, name: str) -> Answer:
    """What was answered under this key before, or what comes of the call now: status, body, whether it is repeated."""
    return _kept(desk, asked) or _done(desk, asked, name)


def _kept(desk: Desk, asked: Asked) -> Answer | None:
    rows = desk.store.rows("select * from requests where account = ? and key = ?", (asked.account, asked.key))
    if not rows:
        return None
    if rows[0]["asked"] != asked.digest:
        raise Refusal(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
            "using a key other than the one you meant to use if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return rows[0]["status"], json.loads(rows[0]["answer"]), True


def _done(desk: Desk, asked: Asked, name: str) -> Answer:
    """Effect, events and the answer under its key are one transaction: a twin that dies has all or nothing."""
    fault = desk.fault(asked.path)
    if fault == "before":
        raise Refusal("The twin was told to fail before the effect.", status=500, kind="api_error")
    with desk.store.transaction():
        status, body, saved = _outcome(desk, asked, name)
        if asked.key and saved:
            desk.store.db.execute(
                "insert into requests (account, key, asked, status, answer) values (?, ?, ?, ?, ?)",
                (asked.account, asked.key, asked.digest, status, json.dumps(body)),
            )
    if fault == "after":
        raise Refusal("The twin was told to fail after the effect.", status=500, kind="api_error")
    return status, body, False


def _outcome(desk: Desk, asked: Asked, name: str) -> Answer:
    """The answer, and whether it is kept: v1 keeps what an endpoint came to, v2 lets what failed be repeated.

    What is refused leaves nothing behind, but for a card that is declined: its failed charge is a fact.
    """
    desk.store.db.execute("savepoint endpoint")
    try:
        return 200, _ran(desk, asked, name), True
    except Refusal as refusal:
        if refusal.status != DECLINED:
            desk.store.db.execute("rollback to endpoint")
        return refusal.status, refusal.body, refusal.saved and not asked.is_v2


def _ran(desk: Desk, asked: Asked, name: str) -> Json:
    match = found(asked.method, asked.path)
    if match is None:
        raise Refusal(
            f"Unrecognized request URL ({asked.method}: {asked.path}): the twin does not simulate it.",
            status=404,
            saved=False,
        )
    route, names = match
    call = desk.call(params=_params(asked, route), account=asked.account, key=asked.key, request=name)
    body = route.endpoint(call, *names)
    return body if asked.is_v2 else expanded(call, body, call.params.get("expand", []))


def _params(asked: Asked, route: Route) -> Json:
    as_json = asked.is_v2 and asked.method != "GET"
    values = json.loads(asked.body or "{}") if as_json else parameters.decoded(asked.body)
    return parameters.read(values, route.shape, route.simulated)

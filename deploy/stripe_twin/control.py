"""The door for tests, with a token of its own: what Stripe's network and clock may do, ordered."""

import hmac
import json
import time
from dataclasses import asdict
from typing import Any

import httpx
from litestar import Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.router import Router

from deploy.stripe_twin.accounts import settle_account
from deploy.stripe_twin.api import Desk, Fault
from deploy.stripe_twin.balances import sums
from deploy.stripe_twin.call import Call, Destination
from deploy.stripe_twin.checkout import answer_of_bank, pay
from deploy.stripe_twin.clockwork import tick
from deploy.stripe_twin.disputes import open_dispute, settle_dispute
from deploy.stripe_twin.errors import missing
from deploy.stripe_twin.events import deliver
from deploy.stripe_twin.refunds import fail_refund
from deploy.stripe_twin.store import Json
from deploy.stripe_twin.webhooks import send, shuffle, signature


def with_control_token(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Nobody without the token; without a token nobody at all."""
    token = connection.app.state.desk.settings.control_token
    said = connection.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(said, token):
        raise NotAuthorizedException("The control door wants its token.")


def _desk(request: Request[Any, Any, Any]) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


@get("/effects")
async def effects(request: Request[Any, Any, Any]) -> list[Json]:
    """Every movement of money in order, with the idempotency key of the call that made it."""
    return _desk(request).store.rows("select kind, object, cents, key, request, at from effects order by seq")


@get("/sums")
async def balances_of_all(request: Request[Any, Any, Any]) -> dict[str, int]:
    """What every account holds, '' for the platform, usable or coming."""
    call = _desk(request).call()
    accounts = {owner for owner, _ in call.store.owners("balance_transaction")}
    return {account: sum(sums(call, account)) for account in sorted(accounts)}


@get("/events")
async def deliveries(request: Request[Any, Any, Any]) -> list[Json]:
    """Every event in order with its deliveries."""
    return _desk(request).store.rows(
        "select e.id, e.type, e.version, d.seq as delivery, d.destination, d.attempts, d.state, d.said "
        "from events e left join deliveries d on d.event = e.id order by e.seq, d.seq"
    )


@post("/webhooks", status_code=200)
async def order_webhooks(request: Request[Any, Any, Any], data: JSONBody[Json]) -> Json:
    """`hold` true or false; `shuffle` a seed, or null for backwards; `drop` a type or an id; `again` an id, `times`."""
    desk = _desk(request)
    with desk.store.transaction():
        if "drop" in data:
            desk.store.db.execute(
                "update deliveries set state = 'dropped' where state = 'waiting' "
                "and event in (select id from events where id = ? or type = ?)",
                (data["drop"], data["drop"]),
            )
        if "again" in data:
            for number in range(data.get("times", 1) * len(desk.settings.destinations)):
                deliver(desk.call(), data["again"], number % len(desk.settings.destinations))
        if "shuffle" in data:
            shuffle(desk, data["shuffle"])
        if "hold" in data:
            desk.store.order("held", data["hold"])
    desk.wake.set()
    return {"waiting": len(desk.store.rows("select seq from deliveries where state = 'waiting'"))}


@post("/forge", status_code=200)
async def forge(request: Request[Any, Any, Any], data: JSONBody[Json]) -> Json:
    """Send one event once more, now, as it should not be: another `secret`, seconds `off`, another `body`.

    `{"event": id}` alone is a good duplicate; `"reserialised": true` changes the bytes after they were signed.
    Says what was answered.
    """
    desk = _desk(request)
    rows = desk.store.rows("select notice from events where id = ?", (data["event"],))
    if not rows:
        raise missing("event", data["event"])
    body = str(data.get("body", rows[0]["notice"]))
    at = int(time.time()) + int(data.get("off", 0))
    said = []
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        for each in desk.settings.destinations:
            secrets = (str(data["secret"]),) if "secret" in data else each.secrets
            header = signature(body, secrets, at)
            sent = json.dumps(json.loads(body), indent=1) if data.get("reserialised") else body
            said.append(await send(client, each, sent, header=header))
    return {"said": said}


@post("/destinations", status_code=200)
async def replace_destinations(request: Request[Any, Any, Any], data: JSONBody[list[Json]]) -> Json:
    """Others are told from now on: `url`, `secrets` (two while they are changed), `payloads`. Kept in memory only."""
    desk = _desk(request)
    desk.settings.destinations[:] = [
        Destination(each["url"], tuple(each["secrets"]), tuple(each.get("payloads", ("snapshot", "thin"))))
        for each in data
    ]
    return {"destinations": [each.url for each in desk.settings.destinations]}


@post("/clock", status_code=200)
async def advance(request: Request[Any, Any, Any], data: JSONBody[Json]) -> Json:
    """Put the twin's clock forward by `seconds`, and do what that brings."""
    desk = _desk(request)
    desk.store.order("clock", desk.store.control("clock", 0) + int(data["seconds"]))
    tick(desk)
    desk.wake.set()
    return {"now": desk.store.now()}


@post("/faults", status_code=200)
async def order_fault(request: Request[Any, Any, Any], data: JSONBody[Json]) -> list[Json]:
    """Answer 500 to the next `times` calls whose path begins with `path`: `when` before or after the effect."""
    desk = _desk(request)
    desk.faults.append(Fault(data.get("path", "/"), data["when"], data.get("times", 1)))
    return [asdict(each) for each in desk.faults]


@post("/slow", status_code=200)
async def slow_down(request: Request[Any, Any, Any], data: JSONBody[Json]) -> Json:
    """Every call with a key takes `seconds`: two with the same one meet."""
    _desk(request).store.order("slow_s", float(data["seconds"]))
    return data


def _ordered(call: Call, what: str, data: Json) -> Json:
    name = data["id"]
    match what:
        case "pay":
            return pay(call, name, data.get("means", "card"), data.get("outcome", "agreed"))
        case "bank":
            return answer_of_bank(call, name, agreed=data.get("agreed", True), cents=data.get("cents"))
        case "dispute":
            return open_dispute(call, name, cents=data.get("cents"), reason=data.get("reason", "fraudulent"))
        case "dispute-end":
            return settle_dispute(call, name, won=data["won"])
        case "refund-fails":
            return fail_refund(call, name)
        case "account":
            return settle_account(call, name, data["status"])
        case _:
            raise missing("order", what)


@post("/do/{what:str}", status_code=200)
async def happen(request: Request[Any, Any, Any], what: FromPath[str], data: JSONBody[Json]) -> Json:
    """What payers, banks and Stripe do to the object `id`: pay, bank, dispute, dispute-end, refund-fails, account."""
    desk = _desk(request)
    with desk.store.transaction():
        body = _ordered(desk.call(), what, data)
    desk.wake.set()
    return body


@get("/settled")
async def settled(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Whether nobody is left to be told: 200, or 503."""
    rows = _desk(request).store.rows("select count(*) as n from deliveries where state = 'waiting'")
    return Response(b"", status_code=503 if rows[0]["n"] else 200)


door = Router(
    "/_twin",
    guards=[with_control_token],
    route_handlers=[
        effects,
        balances_of_all,
        deliveries,
        order_webhooks,
        forge,
        replace_destinations,
        advance,
        order_fault,
        slow_down,
        happen,
        settled,
    ],
)

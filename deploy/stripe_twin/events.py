"""What happened, told twice: whole snapshots of payments' objects (v1), and thin notices of accounts (v2)."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import stripe

from deploy.stripe_twin.call import Call, Payload, listed, within
from deploy.stripe_twin.errors import missing
from deploy.stripe_twin.store import Json, new_id


def moment(seconds: int) -> str:
    """As v2 writes a time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def emit(call: Call, kind: str, body: Json, *, account: str | None = None, previous: Json | None = None) -> None:
    """Tell of an object as it is now; `account` when it belongs to a connected one."""
    owner = call.account if account is None else account
    data: Json = {"object": body}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Json = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": stripe.api_version,
        "created": call.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": len(_wanting(call, "connected" if owner else "snapshot")),
        "request": {"id": call.request, "idempotency_key": call.key or None},
        "type": kind,
    }
    if owner:
        event["account"] = owner
    _keep(call, event, notice=event, account=owner, payload="connected" if owner else "snapshot")


def emit_thin(call: Call, kind: str, *, related: tuple[str, str, str] | None, data: Json | None = None) -> None:
    """Tell that something of v2 changed; `related` is type, id and path. Only the whole event has `data`."""
    notice: Json = {
        "id": new_id("evt"),
        "object": "v2.core.event",
        "type": kind,
        "created": moment(call.now),
        "livemode": False,
        "context": None,
        "reason": {"type": "request", "request": {"id": call.request, "idempotency_key": call.key}}
        if call.key
        else None,
    }
    if related is not None:
        notice["related_object"] = dict(zip(("type", "id", "url"), related, strict=True))
    whole = notice | ({"data": data} if data is not None else {}) | {"changes": None, "snapshot_event": None}
    _keep(call, whole, notice=notice, account="", payload="thin")


def _wanting(call: Call, payload: Payload) -> list[int]:
    return [number for number, each in enumerate(call.settings.destinations) if payload in each.payloads]


def _keep(call: Call, event: Json, *, notice: Json, account: str, payload: Payload) -> None:
    """The bytes that are sent are kept: every attempt sends the same."""
    call.store.db.execute(
        "insert into events (id, version, type, account, created, body, notice) values (?, ?, ?, ?, ?, ?, ?)",
        (
            event["id"],
            "v2" if payload == "thin" else "v1",
            event["type"],
            account,
            call.now,
            json.dumps(event),
            json.dumps(notice),
        ),
    )
    for number in _wanting(call, payload):
        deliver(call, event["id"], number)


def deliver(call: Call, event: str, destination: int) -> None:
    """Put one delivery in the queue."""
    call.store.db.execute(
        "insert into deliveries (event, destination, due) values (?, ?, ?)", (event, destination, time.time())
    )


def _events(call: Call, *, version: str, name: str | None = None, created: Any = None) -> list[Json]:
    rows = call.store.rows(
        "select body, created from events where version = ? and account = ? and id = coalesce(?, id) order by seq desc",
        (version, call.account if version == "v1" else "", name),
    )
    bounds = created or {}
    return [json.loads(row["body"]) for row in rows if within(row["created"], bounds)]


def list_events(call: Call) -> Json:
    """Events of payments, newest first."""
    return listed("/v1/events", _events(call, version="v1"), call.params)


def retrieve_event(call: Call, name: str) -> Json:
    """One of them as it was told."""
    return next(iter(_events(call, version="v1", name=name)), None) or _none(name)


def list_thin_events(call: Call) -> Json:
    """Events of accounts, newest first, at most 100: the twin turns no pages of them."""
    related, limit = call.params.get("object_id"), int(call.params.get("limit", 20))
    bounds = {
        name: int(datetime.fromisoformat(value).timestamp()) for name, value in call.params.get("created", {}).items()
    }
    found = [
        event
        for event in _events(call, version="v2", created=bounds)
        if related in (None, event.get("related_object", {}).get("id"))
    ]
    return {"data": found[: min(limit, 100)], "next_page_url": None, "previous_page_url": None}


def retrieve_thin_event(call: Call, name: str) -> Json:
    """One of them, whole."""
    return next(iter(_events(call, version="v2", name=name)), None) or _none(name)


def _none(name: str) -> Json:
    raise missing("event", name)

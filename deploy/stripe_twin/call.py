"""One call as an endpoint sees it, and what the twin was told when it started."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from deploy.stripe_twin.errors import Refusal, missing
from deploy.stripe_twin.store import Json, Store, new_id

DAY = 86_400
Payload = Literal["snapshot", "thin", "connected"]


@dataclass(frozen=True)
class Destination:
    """Who is told of events: an address, its secrets (two while they are changed), and which payloads it wants.

    Payments of connected accounts are `connected`: as at Stripe, nobody is told of them who did not ask.
    """

    url: str
    secrets: tuple[str, ...]
    payloads: tuple[Payload, ...] = ("snapshot", "thin")


@dataclass
class Settings:
    """`address` is where browsers find the pages. `sepa_after_s` is how long a debit takes by itself."""

    address: str
    api_key: str = "sk_test_twin"
    destinations: list[Destination] = field(default_factory=list)
    control_token: str = ""
    sepa_after_s: int = 5 * DAY
    retry_after_s: float = 1.0


@dataclass
class Call:
    """`account` is the connected account in whose name it is made, '' for the platform; `key` its idempotency key."""

    store: Store
    settings: Settings
    params: Json = field(default_factory=dict)
    account: str = ""
    key: str = ""
    request: str = field(default_factory=lambda: new_id("req"))

    @property
    def now(self) -> int:
        """The twin's time, in seconds."""
        return self.store.now()

    def found(self, kind: str, name: str, *, account: str | None = None) -> Json:
        """An object of the account that asks (or of the one named); 404 when there is none."""
        body = self.store.get(name, kind=kind, account=self.account if account is None else account)
        if body is None:
            raise missing(kind, name)
        return body

    def add(self, body: Json, *, account: str | None = None, **hidden: Any) -> Json:
        """Keep a new object of the account that asks, under the call's key."""
        return self.store.add(body, account=self.account if account is None else account, key=self.key, **hidden)

    def effect(self, kind: str, body: Json, cents: int) -> None:
        """Write down that money moved."""
        self.store.effect(kind, body, cents=cents, key=self.key, request=self.request)

    def of(self, name: str) -> Call:
        """The same in the name of the call that made an object: what a payer does belongs to who asked for it."""
        return Call(self.store, self.settings, account=self.account, key=self.store.key_of(name), request=self.request)


def listed(url: str, items: Iterable[Json], params: Json) -> Json:
    """One page of a list, newest first: `limit`, `starting_after`, `ending_before`, `created`, and equal fields."""
    found = [item for item in items if _fits(item, params)]
    names = [item["id"] for item in found]
    if (after := params.get("starting_after")) is not None:
        found = found[_place(names, after) + 1 :]
    before = params.get("ending_before")
    if before is not None:
        found = found[: _place(names, before)]
    limit = min(int(params.get("limit", 10)), 100)
    page = found[-limit:] if before is not None else found[:limit]
    return {"object": "list", "url": url, "data": page, "has_more": len(found) > len(page)}


def _place(names: list[str], name: str) -> int:
    if name not in names:
        raise missing("object", name)
    return names.index(name)


def _fits(item: Json, params: Json) -> bool:
    asked = {
        name: value
        for name, value in params.items()
        if name not in {"limit", "starting_after", "ending_before", "created", "expand", "types"}
    }
    return (
        all(item.get(name) == value for name, value in asked.items())
        and within(item["created"], params.get("created", {}))
        and ("types" not in params or item.get("type") in params["types"])
    )


def within(at: int, bounds: Any) -> bool:
    """Whether a moment fits `created`: a number or bounds by gt, gte, lt, lte."""
    if not isinstance(bounds, dict):
        return at == int(bounds)
    tests = {"gt": at.__gt__, "gte": at.__ge__, "lt": at.__lt__, "lte": at.__le__}
    return all(tests[name](int(value)) for name, value in bounds.items())


def in_euros(currency: str) -> str:
    """The twin knows one currency."""
    if currency.lower() != "eur":
        raise Refusal(f"Invalid currency: {currency}. The twin counts in eur only.", param="currency", saved=False)
    return "eur"


@cache
def fees() -> Json:
    """The dated table of what is taken for what, and when money may be used."""
    return tomllib.loads((Path(__file__).parent / "fees.toml").read_text())

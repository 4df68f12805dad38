"""Who uses the instance; and buyers who write needs without a pause, and note exactly what they were promised."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from deploy.bench.person import Person
from deploy.chaos.ledger import Ledger
from deploy.embedded.server import FAREWELL_S

BUYERS, SUPPLIERS, PUBLISHERS, WRITERS_A_BUYER = 3, 3, 2, 4
CHANGES = 3
PATIENCE_S = 12.0
# Between two writes of one writer: more would measure speed instead of loss.
BREATH_S = 0.05
# Shorter than the farewell of a replica that leaves: on a connection that was silent for longer, a request and the end
# of the connection may cross, and no program could tell whether the write happened.
KEEP_ALIVE_S = 0.4 * FAREWELL_S
NEED = {
    "kind": "procurement",
    "description": "Livraison le midi, vaisselle réutilisable.",
    "categories": ["catering"],
    "place": "Montaudran",
}


@dataclass(frozen=True)
class Crowd:
    """Everybody who uses the instance."""

    buyers: list[Person]
    suppliers: list[Person]
    publishers: list[Person]

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(person.close() for person in (*self.buyers, *self.suppliers, *self.publishers)))


async def gather_crowd(url: str) -> Crowd:
    """Sign everybody up, suppliers with an open offer, before anything is broken."""
    buyers, suppliers, publishers = (
        [Person(url, keep_alive_s=KEEP_ALIVE_S) for _ in range(count)] for count in (BUYERS, SUPPLIERS, PUBLISHERS)
    )
    roles = {"buyer": buyers, "ess": suppliers, "publisher": publishers}
    everybody = [(role, person) for role, people in roles.items() for person in people]
    for number, (role, person) in enumerate(everybody, start=1):
        await person.sign_up(number, role=role, name=f"Banc de pannes {number}", place="31000 Toulouse")
        person.client.timeout = httpx.Timeout(PATIENCE_S)
    for supplier in suppliers:
        await supplier.offer_meals()
    return Crowd(buyers, suppliers, publishers)


async def write_for_ever(buyer: Person, ledger: Ledger, *, seed: int) -> None:
    """Draft, publish, change, end; again and again, until cancelled."""
    dice = random.Random(seed)  # noqa: S311 - to be repeated, not a secret
    while True:
        # After a doubt the same key is sent again: the verdict finds a need that was made twice by it.
        key = str(uuid4())
        need = {**NEED, "description": f"{NEED['description']} {key}"}
        sent = {"json": need | {"title": "Repas"}, "headers": {"idempotency-key": key}}
        while (drafted := await _write(buyer, ledger, "POST", "/api/v1/needs", **sent)) is None:
            pass
        path = f"/api/v1/needs/{drafted['id']}"
        await _until_done(buyer, ledger, "POST", f"{path}/publish", path, wanted="published")
        for number in range(dice.randrange(CHANGES + 1)):
            if await _write(buyer, ledger, "PATCH", path, json=need | {"title": f"{number + 2} repas"}) is None:
                await _read(buyer, path)
        if dice.random() < 0.7:
            await _until_done(buyer, ledger, "POST", f"{path}/withdraw", path, wanted="withdrawn")


async def _until_done(buyer: Person, ledger: Ledger, method: str, address: str, path: str, *, wanted: str) -> None:
    """A step that the next ones need: after a doubt, look first."""
    while await _write(buyer, ledger, method, address) is None:
        found = await _read(buyer, path)
        if found is not None and found["state"] == wanted:
            return


async def _write(buyer: Person, ledger: Ledger, method: str, path: str, **sent: Any) -> dict[str, Any] | None:
    await asyncio.sleep(BREATH_S)
    try:
        answer = await buyer.client.request(method, path, **sent)
    except httpx.TransportError as error:
        ledger.doubt(f"{method} {path}: {error!r}")
        return None
    if answer.is_server_error:
        ledger.doubt(f"{method} {path}: {answer.status_code}")
        return None
    if answer.is_error:
        # What happened in spite of its doubtful answer, or happens still, is refused the second time.
        if answer.status_code not in (httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED):
            ledger.wonder(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return None
    found: dict[str, Any] = answer.json()
    ledger.acknowledge(UUID(found["id"]), found["version"])
    return found


async def _read(buyer: Person, path: str) -> dict[str, Any] | None:
    try:
        answer = await buyer.client.get(path)
    except httpx.TransportError:
        return None
    return answer.json() if answer.is_success else None

"""Open rows of a territory in matching's own tables, many of each kind, seeded: a few thousand texts, told again.

What is written a hundred times over is the text; who posts it, where and when differs from row to row.
"""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from deploy.bench.offers import some_offers
from deploy.bench.quiet import settle
from deploy.embedded.instance import Instance
from services.matching.db import TURN
from services.matching.index.searchable import searchable
from services.matching.index.shelf import digest_of
from services.matching.ranking.reading import demand_of_flow, demand_of_need, supply_of_offer
from services.matching.ranking.sides import Side
from shared.events.catalog import FlowPublished, NeedPublished, OfferPublished
from shared.events.facts import Author, LegalStatus, NeedKind, Period, Quantity
from shared.messaging.worker import asyncpg_dsn
from shared.territory import gazetteer
from shared.territory.nearby import communes_within
from shared.territory.place import Place
from shared.vocabulary import stems, words

TOULOUSE, WITHIN_KM = "31555", 90.0
TEXTS, A_TRANSACTION = 4000, 5000
FIRST_DAY = datetime(2025, 6, 1, tzinfo=UTC)
DAYS = 540

Say = Callable[[str], None]
Record = tuple[Any, ...]

COLUMNS = {
    "demands": (
        *("id", "kind", "version", "status", "organisation_id", "asks", "search", "state", "digest", "deadline_on"),
        "published_at",
    ),
    "supplies": (
        *("id", "version", "status", "organisation_id", "serves", "search", "state", "digest", "published_at"),
    ),
    "organisations": (*("id", "version", "status", "legal_entity_id", "search", "state", "published_at"),),
}


def places() -> list[Place]:
    """Every commune within an hour or so of Toulouse."""
    codes = communes_within(gazetteer.place_of(TOULOUSE), WITHIN_KM)
    return [gazetteer.place_of(code) for code in sorted(codes)]


async def put_rows(instance: Instance, many: int, say: Say, *, seed: int = 1) -> None:
    """Write `many` needs, flows, offers and organisations each, without their events: nobody is matched or asked."""
    made = Made(seed)
    connection = await asyncpg.connect(asyncpg_dsn(instance.database_url("matching", "work")), ssl=False)
    try:
        for what, table, rows in (
            ("offers", "supplies", made.offers(many)),
            ("needs", "demands", made.demands(many, "need")),
            ("flows", "demands", made.demands(many, "flow")),
            ("organisations", "organisations", made.organisations(many)),
        ):
            say(f"Writing {many} {what}")
            while chunk := [row for _, row in zip(range(A_TRANSACTION), rows, strict=False)]:
                async with connection.transaction():
                    await connection.execute(f"SELECT pg_advisory_xact_lock({TURN})")
                    # COPY knows no row-level security.
                    await connection.executemany(_insert(table), chunk)
    finally:
        await connection.close()
    await settle(instance)


def _insert(table: str) -> str:
    columns = COLUMNS[table]
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"


class Made:
    """Rows of one seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same rows again
        self._places = places()
        self._offers = list(some_offers(TEXTS, seed=seed))
        self._number = 0

    def offers(self, many: int) -> Iterator[Record]:
        """Rows of `supplies`."""
        texts = [self._text(supply_of_offer(each)) for each in self._offers]
        for _ in range(many):
            side, state, base = self._chance.choice(texts)
            place, name, at = self._chance.choice(self._places), self._name(), self._moment()
            new_id, organisation = self._id(), self._id()
            said = {"place": place.model_dump(mode="json"), "supplier_name": name, "published_at": at.isoformat()}
            told = json.dumps({**state, **said, "id": str(new_id), "organisation_id": str(organisation)})
            found = _found_by(base, place, name)
            yield new_id, 1, "open", organisation, [*side.serves], found, told, digest_of(told), at  # type: ignore[attr-defined]

    def demands(self, many: int, kind: str) -> Iterator[Record]:
        """Rows of `demands`."""
        make = _need_like if kind == "need" else _flow_like
        read: Any = demand_of_need if kind == "need" else demand_of_flow
        texts = [self._text(read(make(each))) for each in self._offers]
        for _ in range(many):
            _, state, base = self._chance.choice(texts)
            place, name, at = self._chance.choice(self._places), self._name(), self._moment()
            new_id, organisation, deadline = self._id(), self._id(), self._deadline() if kind == "need" else None
            asks = self._chance.choice(list(NeedKind)).value if kind == "need" else "flow"
            said = {"place": place.model_dump(mode="json"), "author_name": name, "published_at": at.isoformat()}
            told = json.dumps(
                {**state, **said, "id": str(new_id), "organisation_id": str(organisation), "asks": asks}
                | ({"deadline_on": deadline.isoformat()} if deadline else {})
            )
            found = _found_by(base, place, name)
            yield new_id, kind, 1, "open", organisation, asks, found, told, digest_of(told), deadline, at

    def organisations(self, many: int) -> Iterator[Record]:
        """Rows of `organisations`."""
        for _ in range(many):
            place, about = self._chance.choice(self._places), self._chance.choice(self._offers).title
            name = f"{about.split()[0]} {self._name()}"
            found = {f"w:{stem}": 0.7 for stem in stems(name)} | {"#": 1.4}
            told = {"title": name, "place": place.model_dump(mode="json"), "roles": ["ess"], "found": found}
            yield self._id(), 1, "open", self._id(), _found_by([], place, name), json.dumps(told), self._moment()

    def _text(self, side: Side) -> tuple[Side, dict[str, Any], list[str]]:
        named = {*words(side.place.commune_name), *stems(side.place.commune_name)}
        return side, side.model_dump(mode="json"), [each for each in searchable(side) if each not in named]

    def _id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128))

    def _name(self) -> str:
        self._number += 1
        return f"Structure {self._number % 9973} {self._chance.choice(self._places).commune_name}"

    def _moment(self) -> datetime:
        return FIRST_DAY + timedelta(days=self._chance.randrange(DAYS), seconds=self._chance.randrange(86_400))

    def _deadline(self) -> date | None:
        if self._chance.random() < 0.3:
            return None
        return datetime.now(UTC).date() + timedelta(days=self._chance.randrange(120))


def _need_like(offer: OfferPublished) -> NeedPublished:
    return NeedPublished(need_id=offer.offer_id, kind=NeedKind.PROCUREMENT, **_demand_like(offer))


def _flow_like(offer: OfferPublished) -> FlowPublished:
    tonne = Quantity(value=Decimal(1), unit="t", period=Period.MONTH)
    return FlowPublished(
        flow_id=offer.offer_id, legal_status=LegalStatus.PRODUCT, quantity=tonne, **_demand_like(offer)
    )


def _demand_like(offer: OfferPublished) -> dict[str, Any]:
    who = offer.supplier
    return {
        "version": 1,
        "author": Author(organisation_id=who.organisation_id, legal_entity_id=who.legal_entity_id, name=who.name),
        "title": offer.title,
        "description": offer.description,
        "categories": offer.categories,
        "place": who.place,
        "published_at": offer.published_at,
    }


def _found_by(base: list[str], place: Place, name: str) -> list[str]:
    named = f"{place.commune_name} {name}"
    return sorted({*base, *words(named), *stems(named)})

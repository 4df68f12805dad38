"""Buyers, suppliers and what catalog and matching tell of them, given to the handlers as the consumer does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy import text

from services.notifications.worker import HANDLERS
from shared.database import Database
from shared.events import Event, encode
from shared.events.catalog import MemberJoined, OrganisationRegistered
from shared.events.contacts import MemberContact
from shared.events.envelope import Envelope, envelop
from shared.events.matching import Demand, DemandMatched, DemandUnmatched, Match, SupplierSolicited
from shared.events.reasons import Feature, Reason
from shared.messaging.consumer import Consumer
from shared.messaging.topology import ConsumerSpec
from shared.territory.place import Place

NOON = datetime.fromisoformat("2026-11-24T12:00:00+01:00")


class Clock:
    """A clock that moves when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


@dataclass(frozen=True)
class Actor:
    """A member of an organisation."""

    organisation_id: UUID
    member_id: UUID
    name: str


def actor(name: str) -> Actor:
    return Actor(uuid4(), uuid4(), name)


class Stage:
    """Tells the service events and looks at what it made of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        spec = ConsumerSpec("TEST", "notifications", ())
        self._consumer = Consumer(spec, database, cast(Client, None), HANDLERS)

    async def tell(self, *events: Event) -> list[Envelope]:
        """Each event once, through the consumer: inbox row and handler in one transaction."""
        envelopes = [envelop(event) for event in events]
        for envelope in envelopes:
            await self.deliver(envelope)
        return envelopes

    async def deliver(self, envelope: Envelope) -> None:
        """One message, as JetStream would hand it over (again)."""
        metadata = SimpleNamespace(sequence=SimpleNamespace(stream=1), num_delivered=1)
        message = SimpleNamespace(data=encode(envelope).encode(), metadata=metadata, headers={})
        await self._consumer.apply(cast(Msg, message))

    async def rows(self, query: str, **values: Any) -> list[Mapping[str, Any]]:
        """What the database holds."""
        async with self.database.sessions() as session:
            return [dict(row) for row in (await session.execute(text(query), values)).mappings()]

    async def recorded(self, kind: str) -> list[dict[str, Any]]:
        """The data of the events of a type in the outbox."""
        rows = await self.rows("SELECT payload::text FROM outbox WHERE type = :kind ORDER BY id", kind=kind)
        return [json.loads(row["payload"])["data"] for row in rows]


def organisation(who: Actor, *, roles: tuple[str, ...] = ("ess",)) -> dict[str, Any]:
    """What catalog tells of an establishment, whatever happened to it."""
    return {
        "organisation_id": who.organisation_id, "legal_entity_id": uuid4(), "siret": "81234567800011",
        "name": who.name, "roles": roles, "place": toulouse(),
    }  # fmt: skip


def registered(who: Actor, *, roles: tuple[str, ...] = ("ess",)) -> OrganisationRegistered:
    return OrganisationRegistered(version=1, **organisation(who, roles=roles))


def joined(who: Actor, *, role: str = "owner") -> MemberJoined:
    return MemberJoined(version=1, member_id=who.member_id, organisation_id=who.organisation_id, role=role)


def contact(who: Actor, *, version: int = 1, email: str | None = "claire@palettes.test", language: str = "fr") -> Event:
    return MemberContact(
        version=version, member_id=who.member_id, organisation_id=who.organisation_id, email=email,
        name="Claire Vidal", language=language,
    )  # fmt: skip


def a_demand(author: Actor, *, title: str = "80 repas par mois", kind: Any = "need") -> Demand:
    return Demand(
        kind=kind, demand_id=uuid4(), version=1, organisation_id=author.organisation_id, title=title,
        place_name="Montaudran", author_name=author.name,
    )  # fmt: skip


def a_match(supplier: Actor, *, rank: int = 1) -> Match:
    return Match(
        match_id=uuid4(), offer_id=uuid4(), organisation_id=supplier.organisation_id,
        organisation_name=supplier.name, rank=rank, score=92 - rank, reasons=(a_reason(),),
    )  # fmt: skip


def a_reason() -> Reason:
    return Reason(feature=Feature.DISTANCE, points=Decimal(20), values={"km": 9})


def matched(
    demand: Demand, matches: Sequence[Match], *, version: int = 1, entered: Sequence[Match] | None = None
) -> DemandMatched:
    return DemandMatched(
        version=version, demand_id=demand.demand_id, organisation_id=demand.organisation_id, demand=demand,
        weights="1", total=len(matches), matches=tuple(matches), left=(),
        entered=tuple(each.organisation_id for each in (matches if entered is None else entered)),
    )  # fmt: skip


def unmatched(demand: Demand, *, version: int = 1) -> DemandUnmatched:
    return DemandUnmatched(
        version=version, demand_id=demand.demand_id, organisation_id=demand.organisation_id, demand=demand,
        near_misses=(),
    )  # fmt: skip


def solicited(supplier: Actor, demand: Demand) -> SupplierSolicited:
    return SupplierSolicited(
        version=1, solicitation_id=uuid4(), organisation_id=supplier.organisation_id, offer_id=uuid4(),
        demand=demand, wave=1, score=91, reasons=(a_reason(),), solicited_at=NOON,
    )  # fmt: skip


def toulouse() -> Place:
    return Place(
        commune_code="31555", commune_name="Toulouse", department_code="31", region_code="76",
        latitude=43.6, longitude=1.44, exactness="commune",
    )  # fmt: skip

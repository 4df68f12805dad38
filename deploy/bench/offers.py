"""Plausible offers of a territory in matching's own tables, seeded: the same number makes the same offers."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from deploy.embedded.instance import Instance
from services.matching.ranking.reading import supply_of_offer
from services.matching.supplies.commands import keep_supply
from shared.database import Database
from shared.database.statement import Statement
from shared.events.catalog import OfferPublished
from shared.events.facts import NeedKind, Supplier
from shared.phrases.names import SUPPLIER_KINDS
from shared.territory import gazetteer
from shared.territory.nearby import communes_within
from shared.territory.place import Place, radius_around
from shared.vocabulary import categories, category

TOULOUSE, WITHIN_KM = "31555", 90.0
RADII_KM = (10, 20, 30, 50, 80)
A_TRANSACTION, COPIED_AT_ONCE = 200, 5000
DISTINCT = 100_000
# The digest only has to differ from every other row's.
COPY = Statement("""
    INSERT INTO supplies (id, version, status, organisation_id, serves, search, state, digest, published_at)
    SELECT copy.id, s.version, s.status, s.organisation_id, s.serves, s.search,
           s.state || jsonb_build_object('id', copy.id), hashtextextended(copy.id::text, :number), s.published_at
    FROM supplies s, LATERAL (SELECT md5(s.id::text || :number)::uuid AS id) copy
    WHERE s.id = ANY(CAST(:ids AS uuid[]))
""")
PUBLISHED_AT = datetime(2026, 9, 1, tzinfo=UTC)


def places() -> list[Place]:
    """Every commune within an hour or so of Toulouse."""
    codes = communes_within(gazetteer.place_of(TOULOUSE), WITHIN_KM)
    return [gazetteer.place_of(code) for code in sorted(codes)]


def some_offers(many: int, *, seed: int = 1) -> Iterator[OfferPublished]:
    """Offers of one or two categories, in the words people use for them."""
    chance, where, known = random.Random(seed), places(), sorted(categories())  # noqa: S311 - for the same offers again
    kinds = sorted(SUPPLIER_KINDS)
    for number in range(many):
        at = chance.choice(where)
        chosen = chance.sample(known, k=chance.choice((1, 1, 2)))
        words = [chance.choice(category(each).phrases()) for each in (*chosen, *chance.sample(known, k=2))]
        yield OfferPublished(
            version=1,
            offer_id=UUID(int=chance.getrandbits(128)),
            supplier=Supplier(
                organisation_id=UUID(int=chance.getrandbits(128)),
                legal_entity_id=UUID(int=chance.getrandbits(128)),
                name=f"Structure {number}",
                kinds=tuple(chance.sample(kinds, k=1)),
                place=at,
            ),
            title=" ".join(words[:2]).capitalize(),
            description=" ".join(words),
            need_kinds=tuple(chance.sample(list(NeedKind), k=3)),
            takes_material=chance.random() < 0.5,
            categories=tuple(chosen),
            zones=(radius_around(at, chance.choice(RADII_KM)),),
            published_at=PUBLISHED_AT,
        )


async def put_offers(instance: Instance, many: int) -> None:
    """Write them as matching keeps them, without their events: nobody is matched or asked.

    Past `DISTINCT` of them each is written several times, under other ids.
    """
    database = Database(instance.database_url("matching", "work"))
    try:
        distinct = min(many, DISTINCT)
        offers = list(some_offers(distinct))
        for start in range(0, distinct, A_TRANSACTION):
            async with database.sessions.begin() as session:
                for offer in offers[start : start + A_TRANSACTION]:
                    await keep_supply(session, supply_of_offer(offer))
        for number in range(1, many // distinct):
            await _write_again(database, [offer.offer_id for offer in offers], number)
    finally:
        await database.close()


async def _write_again(database: Database, ids: Sequence[UUID], number: int) -> None:
    for start in range(0, len(ids), COPIED_AT_ONCE):
        async with database.sessions.begin() as session:
            await COPY.execute(session, ids=[*ids[start : start + COPIED_AT_ONCE]], number=number)

"""Plausible offers of the country in matching's own tables, seeded: the same number makes the same offers."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate
from uuid import UUID

from deploy.bench.market.making import communes
from deploy.bench.quiet import settle
from deploy.embedded.instance import Instance
from services.matching.ranking.reading import supply_of_offer
from services.matching.supplies.commands import keep_supply
from shared.database import Database
from shared.database.statement import Statement
from shared.events.catalog import OfferPublished
from shared.events.facts import NeedKind, Supplier
from shared.phrases.names import SUPPLIER_KINDS
from shared.territory import gazetteer
from shared.territory.place import Place, radius_around
from shared.vocabulary import categories, category

RADII_KM = (10, 20, 30, 50, 80)
A_TRANSACTION, COPIED_AT_ONCE = 200, 5000
DISTINCT = 100_000
# Another organisation's; the digest only has to differ from every other row's.
COPY = Statement("""
    INSERT INTO supplies (id, version, status, organisation_id, serves, search, state, digest, published_at)
    SELECT copy.id, s.version, s.status, copy.whose, s.serves, s.search,
           s.state || jsonb_build_object('id', copy.id, 'organisation_id', copy.whose, 'legal_entity_id', copy.whose),
           hashtextextended(copy.id::text, CAST(:number AS bigint)), s.published_at
    FROM supplies s, LATERAL (
        SELECT md5(s.id::text || CAST(:number AS bigint))::uuid AS id,
               md5(s.organisation_id::text || CAST(:number AS bigint))::uuid AS whose
    ) copy
    WHERE s.id = ANY(CAST(:ids AS uuid[]))
""")
PUBLISHED_AT = datetime(2026, 9, 1, tzinfo=UTC)


def somewhere(chance: random.Random) -> Place:
    """A commune of mainland France, as likely as somebody lives there."""
    codes, until = _people()
    return gazetteer.place_of(chance.choices(codes, cum_weights=until)[0])


@cache
def _people() -> tuple[list[str], list[float]]:
    _, _, shares, codes = communes()
    return [code for code, *_ in codes], list(accumulate(shares.tolist()))


def some_offers(many: int, *, seed: int = 1) -> Iterator[OfferPublished]:
    """Offers of one or two categories, in the words people use for them."""
    chance, known = random.Random(seed), sorted(categories())  # noqa: S311 - for the same offers again
    kinds = sorted(SUPPLIER_KINDS)
    for number in range(many):
        at = somewhere(chance)
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
    await settle(instance)


async def _write_again(database: Database, ids: Sequence[UUID], number: int) -> None:
    for start in range(0, len(ids), COPIED_AT_ONCE):
        async with database.sessions.begin() as session:
            await COPY.execute(session, ids=[*ids[start : start + COPIED_AT_ONCE]], number=number)

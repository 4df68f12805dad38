"""What matching keeps of catalog's facts, so that it can be built again: demands, lots and supplies."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.db import in_order
from services.matching.demands.commands import Stop, Stopping, keep_demand, keep_lot, stop_demand
from services.matching.matches.commands import Held, rematch_demand, rematch_supply, unmatch_demand, unmatch_supply
from services.matching.organisations.commands import keep_entity, keep_organisation, look_at_entities
from services.matching.ranking.reading import demand_of_flow, demand_of_need, supply_of_campaign, supply_of_offer
from services.matching.ranking.sides import Demand, Supply
from services.matching.supplies.commands import keep_supply, pause_supply, withdraw_supply
from services.matching.waves.commands import hurry
from shared.database.statement import Statement
from shared.events.campaigns import (
    CampaignClosed,
    CampaignOpened,
    CampaignPublished,
    CampaignState,
    CampaignUpdated,
)
from shared.events.catalog import (
    EntityChanged,
    FlowPaused,
    FlowPublished,
    FlowState,
    FlowTaken,
    FlowUpdated,
    FlowWithdrawn,
    LotChanged,
    LotExpired,
    LotReleased,
    LotState,
    NeedClosed,
    NeedPublished,
    NeedState,
    NeedUpdated,
    NeedWithdrawn,
    OfferPaused,
    OfferPublished,
    OfferState,
    OfferUpdated,
    OfferWithdrawn,
    OrganisationRegistered,
    OrganisationSuspended,
    OrganisationUpdated,
    OrganisationVerified,
)
from shared.messaging.projection import Projection

# Judging a demand again takes some 50 ms, during which nothing else is matched.
REMATCHED_AT_ONCE = 20

# A row that was lost took the number of its last ranking along; the next one must not be an old number.
RENUMBER = Statement("""
    UPDATE demands d SET revision = greatest(revision, coalesce((
        SELECT max(o.version) FROM outbox o WHERE o.aggregate_id = d.id AND o.type LIKE 'matching.demand.%'), 0))
    WHERE id = ANY(CAST(:ids AS uuid[]))
""")
DEMANDS = Statement("""
    SELECT id, state::text AS state, revision, told, status = 'open' AS is_open FROM demands
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id
""")
SUPPLIES = Statement("""
    SELECT id, state::text AS state, status <> 'withdrawn' AND state <> '{}' AS is_judged FROM supplies
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id
""")
LOTS = Statement("SELECT flow_id, expires_at FROM lots WHERE id = ANY(CAST(:ids AS uuid[])) AND is_open ORDER BY id")


async def keep_need(session: AsyncSession, event: NeedState) -> None:
    """A need, as it is."""
    await keep_demand(session, demand_of_need(event))


async def keep_flow(session: AsyncSession, event: FlowState) -> None:
    """A flow, as it is."""
    await keep_demand(session, demand_of_flow(event))


async def keep_stop(session: AsyncSession, event: Stopping) -> None:
    """A need or a flow that is no more, or a flow that waits."""
    await stop_demand(session, Stop.of(event))


async def keep_open_lot(session: AsyncSession, event: LotState) -> None:
    """A lot that may be taken."""
    await keep_lot(session, event, is_open=True)


async def keep_expired_lot(session: AsyncSession, event: LotExpired) -> None:
    """A lot that is gone."""
    await keep_lot(session, event, is_open=False)


async def keep_offer(session: AsyncSession, event: OfferState) -> None:
    """An offer, as it is."""
    await keep_supply(session, supply_of_offer(event))


async def keep_campaign(session: AsyncSession, event: CampaignState) -> None:
    """A campaign, as it is."""
    await keep_supply(session, supply_of_campaign(event))


async def rematch_demands(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Mended demands are matched again; nothing is told where the ranking is the one that was told."""
    await RENUMBER.execute(session, ids=ids)
    for row in await DEMANDS.fetch(session, ids=ids):
        if row.is_open:
            demand = Demand.model_validate_json(row.state)
            await rematch_demand(session, demand, Held(row.revision, row.told))
        elif row.state != "{}":
            await unmatch_demand(session, row.id)


async def rematch_supplies(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Mended supplies are matched again."""
    for row in await SUPPLIES.fetch(session, ids=ids):
        if row.is_judged:
            await rematch_supply(session, Supply.model_validate_json(row.state))
        else:
            await unmatch_supply(session, row.id)


async def look_again_at_entities(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Whoever stands behind mended entities is read again by the search."""
    await look_at_entities(session, [*ids])


async def hurry_for_lots(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """A lot that was missing may have not long to live."""
    for row in await LOTS.fetch(session, ids=ids):
        await hurry(session, row.flow_id, expires_at=row.expires_at)


PROJECTIONS = (
    Projection(
        service="matching",
        stream="CATALOG",
        table="demands",
        keepers={
            NeedPublished: keep_need,
            NeedUpdated: keep_need,
            NeedWithdrawn: keep_stop,
            NeedClosed: keep_stop,
            FlowPublished: keep_flow,
            FlowUpdated: keep_flow,
            FlowPaused: keep_stop,
            FlowTaken: keep_stop,
            FlowWithdrawn: keep_stop,
        },
        own=("revision", "told", "interested", "changed", "evidence"),
        cache_key="digest",
        ended="l.status = 'closed'",
        end="status = 'closed'",
        turn=in_order,
        follow=rematch_demands,
        chunk=REMATCHED_AT_ONCE,
    ),
    Projection(
        service="matching",
        stream="CATALOG",
        table="lots",
        keepers={LotReleased: keep_open_lot, LotChanged: keep_open_lot, LotExpired: keep_expired_lot},
        ended="NOT l.is_open",
        end="is_open = false",
        turn=in_order,
        follow=hurry_for_lots,
    ),
    Projection(
        service="matching",
        stream="CATALOG",
        table="supplies",
        keepers={
            OfferPublished: keep_offer,
            OfferUpdated: keep_offer,
            OfferPaused: pause_supply,
            OfferWithdrawn: withdraw_supply,
            CampaignPublished: keep_campaign,
            CampaignUpdated: keep_campaign,
            CampaignOpened: keep_campaign,
            CampaignClosed: withdraw_supply,
        },
        own=("changed", "evidence"),
        cache_key="digest",
        ended="l.status = 'withdrawn'",
        end="status = 'withdrawn'",
        turn=in_order,
        follow=rematch_supplies,
        chunk=REMATCHED_AT_ONCE,
    ),
    Projection(
        service="matching",
        stream="CATALOG",
        table="organisations",
        keepers={
            OrganisationRegistered: keep_organisation,
            OrganisationUpdated: keep_organisation,
            OrganisationVerified: keep_organisation,
            OrganisationSuspended: keep_organisation,
        },
        own=("changed",),
        turn=in_order,
        purpose="directory",
    ),
    Projection(
        service="matching",
        stream="CATALOG",
        table="legal_entities",
        keepers={EntityChanged: keep_entity},
        turn=in_order,
        follow=look_again_at_entities,
        purpose="directory",
    ),
)

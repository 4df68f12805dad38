"""Splits as JSON tells them."""

from math import isfinite
from uuid import UUID

from services.matching.allocation.market import Market
from services.matching.allocation.proposing import Proposal, Share
from services.matching.allocation.reading import Accepted
from services.matching.allocation.schemas import (
    AcceptedOut,
    AcceptedShare,
    FlowOut,
    MarketOut,
    MoreOut,
    OutsideOut,
    ShareOut,
)
from services.matching.ranking.sides import Demand
from shared.events.facts import Period


def market_out(proposal: Proposal) -> MarketOut:
    """One market with its proposal."""
    market = proposal.market
    return MarketOut(
        unit=market.unit,
        flows=[flow_out(proposal, demand) for demand in market.flows],
        proposed=proposal.figures,
        today=proposal.today,
        gap=proposal.gap,
        more=[MoreOut(*each) for each in proposal.more],
        outside=[
            OutsideOut(candidate.demand_id, candidate.supply.id, candidate.supply.supplier_name, because.value)
            for candidate, because in market.outside
        ],
    )


def flow_out(proposal: Proposal, demand: Demand) -> FlowOut:
    """One flow with its shares, the largest first."""
    market = proposal.market
    return FlowOut(
        flow_id=demand.id,
        title=demand.title,
        amount=round(market.amounts[demand.id], 3),
        left=round(proposal.left_of(demand.id), 3),
        unit=market.unit,
        period=period_of(demand),
        rough=demand.id in market.rough,
        shares=[share_out(market, each) for each in shares_of(proposal, demand)],
    )


def shares_of(proposal: Proposal, demand: Demand) -> list[Share]:
    """Who takes of a flow, the largest share first."""
    own = (share for share in proposal.shares if share.arc.demand.id == demand.id)
    return sorted(own, key=lambda share: (-share.amount, share.arc.candidate.supply.id))


def share_out(market: Market, share: Share) -> ShareOut:
    """One share."""
    supply = share.arc.candidate.supply
    capacity = market.capacities[supply.id]
    return ShareOut(
        offer_id=supply.id,
        organisation_id=supply.organisation_id,
        organisation_name=supply.supplier_name,
        amount=share.amount,
        least=round(share.arc.least, 3),
        capacity=round(capacity, 3) if isfinite(capacity) else None,
        level=supply.level,
        distance_km=round(share.arc.km, 1),
    )


def period_of(demand: Demand) -> str:
    """`month`, or `once` for a flow that comes once."""
    once = demand.amount is not None and demand.amount.said.period is Period.ONCE
    return (Period.ONCE if once else Period.MONTH).value


def accepted_out(accepted: Accepted, flow_id: UUID) -> AcceptedOut:
    """A split that was said yes to."""
    return AcceptedOut(
        accepted.allocation_id,
        flow_id,
        accepted.version,
        accepted.accepted_at,
        [
            AcceptedShare(
                share.offer_id,
                share.organisation_id,
                share.organisation_name,
                float(share.quantity.value),
                share.quantity.unit,
                share.quantity.period.value,
            )
            for share in accepted.shares
        ],
    )

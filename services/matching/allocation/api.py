"""Splits as JSON, for the same people as the pages."""

import asyncio
from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.allocation.commands import accept_split
from services.matching.allocation.proposing import propose_all
from services.matching.allocation.queries import accepted_by_id
from services.matching.allocation.reading import Accepted, splittable_by
from services.matching.allocation.schemas import AcceptedNow, AcceptedOut, SplitAsked, SplitOut
from services.matching.allocation.trying import MOST_TAKERS, Tried
from services.matching.allocation.values import values
from services.matching.allocation.view import accepted_out, market_out
from shared.identity import Identity
from shared.web.errors import NotYours
from shared.web.provided import Editor, Now, Session
from shared.web.transactions import ONCE

Most = Annotated[int | None, QueryParameter(ge=1, le=MOST_TAKERS, description="Takers a flow at most.")]
Without = Annotated[list[UUID] | None, QueryParameter(description="Offers left out.", max_items=100)]
Capacity = Annotated[
    list[str] | None,
    QueryParameter(
        description="Capacities a month as they would be: `offer:amount:unit`, with a unit such as `kg` or `t`.",
        max_items=100,
    ),
]
WhatIfAsked = NamedDependency[Tried]


def what_is_tried(most: Most = None, without: Without = None, capacity: Capacity = None) -> Tried:
    """What-if in the query of an address."""
    return Tried(most=most, without=without or [], capacity=capacity or [])


TRYING = {"tried": Provide(what_is_tried, sync_to_thread=False)}


@get("/matching/api/v1/flows/{demand_id:uuid}/allocation", dependencies=TRYING)
async def read_flow_allocation(
    session: Session, editor: Editor, demand_id: FromPath[UUID], tried: WhatIfAsked
) -> SplitOut:
    """A split of one flow among those who match it, beside today's; editors of its organisation."""
    return await _proposed(session, editor, tried, [demand_id])


@get("/matching/api/v1/allocation", dependencies=TRYING)
async def read_allocation(session: Session, editor: Editor, tried: WhatIfAsked) -> SplitOut:
    """A split of all open flows of the organisation at once, beside today's; editors."""
    return await _proposed(session, editor, tried, None)


@post("/matching/api/v1/allocation", dependencies=ONCE)
async def accept_allocation(session: Session, editor: Editor, now: Now, data: JSONBody[SplitAsked]) -> AcceptedNow:
    """Say yes to shares of one's own flows; takers are told that they are proposed, and nothing is agreed."""
    flow_ids = {flow_id for flow_id, _ in data.amounts}
    found = await splittable_by(session, editor, data, flow_ids=flow_ids)
    told = await accept_split(session, editor, found.markets, data.amounts, accepted=found.accepted, now=now)
    ids = [each.allocation_id for each in told]
    return AcceptedNow(ids[0] if ids else None, ids)


@get("/matching/api/v1/allocation/{allocation_id:uuid}")
async def read_accepted(session: Session, editor: Editor, allocation_id: FromPath[UUID]) -> AcceptedOut:
    """One split that the organisation accepted."""
    row = await accepted_by_id(session, allocation_id, editor.organisation_id)
    if row is None:
        raise NotYours
    return accepted_out(Accepted.of(row), row.flow_id)


async def _proposed(
    session: AsyncSession, editor: Identity, tried: Tried, flow_ids: Collection[UUID] | None
) -> SplitOut:
    found = await splittable_by(session, editor, tried, flow_ids=flow_ids)
    proposals = await asyncio.to_thread(propose_all, found.markets, values())
    return SplitOut(
        values=values().version,
        is_open=found.closed is None,
        markets=[market_out(each) for each in proposals],
        unmeasured=[each.id for each in found.unmeasured],
    )


ROUTES = [read_flow_allocation, read_allocation, accept_allocation, read_accepted]

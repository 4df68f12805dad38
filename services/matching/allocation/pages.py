"""The pages of a split: what is proposed for one flow or all, with what-if in the address, and the publisher's yes."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.allocation.commands import accept_split
from services.matching.allocation.proposing import propose_all
from services.matching.allocation.reading import Splittable, splittable_by
from services.matching.allocation.saying import market_page
from services.matching.allocation.schemas import SplitAsked
from services.matching.allocation.trying import SENTENCES, Asking, asked_in
from services.matching.allocation.values import values
from services.matching.matches.queries import kept_demand
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Now, Session
from shared.web.visit import visit_of

HOME = "/matching/allocation"
ONE = "/matching/flows/{demand_id:uuid}/allocation"
ACCEPTED = "Répartition acceptée : les preneurs proposés sont prévenus."


@get(ONE)
async def flow_allocation(request: Req, session: Session, editor: Editor, demand_id: FromPath[UUID]) -> Response[Any]:
    """One flow split among those who match it."""
    if await kept_demand(session, demand_id, kind="flow") is None:
        return redirect(request, f"/flows/{demand_id}", say="Nous cherchons encore. Revenez dans un instant.")
    return await _proposal(request, session, editor, demand_id=demand_id)


@get(HOME)
async def allocation(request: Req, session: Session, editor: Editor) -> Response[Any]:
    """All open flows of the organisation split at once: capacities are shared among them."""
    return await _proposal(request, session, editor, demand_id=None)


@post(ONE, status_code=303)
async def accept_flow_allocation(
    request: Req, session: Session, editor: Editor, now: Now, demand_id: FromPath[UUID]
) -> Response[Any]:
    """Say yes to the split of one flow."""
    return await _accept(request, session, editor, now, demand_id=demand_id)


@post(HOME, status_code=303)
async def accept_allocation(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Say yes to the split of all flows."""
    return await _accept(request, session, editor, now, demand_id=None)


async def _proposal(request: Req, session: AsyncSession, editor: Identity, *, demand_id: UUID | None) -> Response[Any]:
    asking = asked_in([(name, str(value)) for name, value in request.query_params.multi_items()])
    if asking.is_long:
        return redirect(request, _address(demand_id, asking.tried.query))
    found = await splittable_by(session, editor, asking.tried, flow_ids=_only(demand_id))
    return await _page(request, found, asking, demand_id=demand_id)


async def _page(
    request: Req, found: Splittable, asking: Asking, *, demand_id: UUID | None, refused: Form[Any] | None = None
) -> Html:
    language = visit_of(request).language
    proposals = await asyncio.to_thread(propose_all, found.markets, values())
    errors = {name: gettext(request, SENTENCES[code]) for name, code in asking.errors.items()}
    status = 409 if refused else 422 if errors else 200
    return page(
        request,
        "allocation/page.html",
        status=status,
        demand=found.closed or (found.flows[0] if demand_id and found.flows else None),
        is_open=found.closed is None,
        markets=[market_page(each, found.accepted, asking, language=language) for each in proposals],
        unmeasured=found.unmeasured,
        several=demand_id is None,
        address=_address(demand_id, ""),
        tried=asking.tried,
        typed=asking.typed,
        errors=errors,
        refused=refused.errors if refused else {},
        table=values(),
    )


async def _accept(
    request: Req, session: AsyncSession, editor: Identity, now: datetime, *, demand_id: UUID | None
) -> Response[Any]:
    form = await read_form(request, SplitAsked)
    asked = form.data
    flow_ids = {flow_id for flow_id, _ in asked.amounts} if asked else set[UUID]()
    only = _only(demand_id)
    wanted = only or flow_ids or None
    tried = asked or SplitAsked.model_construct(shares=[])
    found = await splittable_by(session, editor, tried, flow_ids=wanted)
    if asked is not None:
        async with kept_when_refused(request, session, form):
            await accept_split(session, editor, found.markets, asked.amounts, accepted=found.accepted, now=now)
    if not form.errors:
        return redirect(request, _address(demand_id, tried.query), say=ACCEPTED)
    asking = Asking(tried, {}, {}, is_long=False)
    return await _page(request, found, asking, demand_id=demand_id, refused=form)


def _only(demand_id: UUID | None) -> Collection[UUID] | None:
    return None if demand_id is None else [demand_id]


def _address(demand_id: UUID | None, query: str) -> str:
    path = HOME if demand_id is None else f"/matching/flows/{demand_id}/allocation"
    return f"{path}?{query}" if query else path


ROUTES = [flow_allocation, allocation, accept_flow_allocation, accept_allocation]

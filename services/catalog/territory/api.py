"""What a coordinator sees of the territory, as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from services.catalog.territory.kinds import Group, Kind
from services.catalog.territory.stuck import Place, Thing, filtered, limits_of, things_stuck
from services.catalog.territory.stuck_view import Told, step_words, told_of
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.pages import Req
from shared.web.provided import Coordinator, Now, Session
from shared.web.visit import visit_of

Basket = Annotated[int, QueryParameter(ge=0, le=3, description="0 for all; 1 to 3: what stands that long or longer.")]


class StuckOut(Struct, frozen=True):
    """Something that moves no more; `about` is the id of a need, a flow, a call or an organisation (`subject`)."""

    kind: Kind
    id: UUID
    subject: str
    about: UUID
    title: str
    awaited_id: UUID
    awaited_name: str
    waits_name: str
    since: datetime
    days: int
    basket: int
    ends: datetime | None
    next_step: str
    path: str

    @classmethod
    def of(cls, told: Told, thing: Thing) -> "StuckOut":
        """As coordinators read it."""
        said = {name: getattr(thing, name) for name in ("kind", "id", "subject", "about", "title", "since", "ends")}
        who = {name: getattr(thing, name) for name in ("awaited_id", "awaited_name", "waits_name")}
        return cls(
            **said,
            **who,
            days=thing.days(told.now),
            basket=thing.basket(told.limits, told.now),
            next_step=step_words(told, thing),
            path=thing.path,
        )


class StuckThings(Struct, frozen=True):
    """One page of what is stuck; `next` is the cursor of the following one."""

    items: list[StuckOut]
    next: str | None


@get("/stuck")
async def list_stuck(
    request: Req,
    session: Session,
    coordinator: Coordinator,
    *,
    now: Now,
    kind: FromQuery[Group | None] = None,
    basket: Basket = 0,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> StuckThings:
    """What is stuck in the territory: lots about to end, then the longest waiting first."""
    after, limits = place_of(cursor, Place), await limits_of(session)
    found = filtered(await things_stuck(session, limits), limits, now, group=kind, basket=basket)
    shown, last = cut([each for each in found if after is None or each.place > after][: limit + 1], limit)
    told = await told_of(session, shown, limits, visit_of(request).language)
    return StuckThings([StuckOut.of(told, each) for each in shown], cursor_at(last.place) if last else None)


ROUTES = [Router("/api/v1/territory", route_handlers=[list_stuck], tags=["territory"])]

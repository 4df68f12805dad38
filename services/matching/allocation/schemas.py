"""Splits as JSON: what is proposed, and the shares that somebody says yes to."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from msgspec import Struct
from pydantic import BeforeValidator, Field

from services.matching.allocation.figures import Figures
from services.matching.allocation.trying import Tried
from shared.web.asked import Asked

MOST_SHARES = 2500


class ShareAsked(Asked):
    """So much of a flow for an offer, a month, in the unit that the proposal tells."""

    flow_id: UUID
    offer_id: UUID
    amount: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=3)]


def _of_form(value: Any) -> Any:
    """A form sends `flow:offer:amount`."""
    if not isinstance(value, str):
        return value
    return dict(zip(("flow_id", "offer_id", "amount"), value.split(":"), strict=False))


class SplitAsked(Tried):
    """The shares that are said yes to, as they were proposed, with what was tried."""

    shares: Annotated[
        list[Annotated[ShareAsked, BeforeValidator(_of_form)]], Field(min_length=1, max_length=MOST_SHARES)
    ]

    @property
    def amounts(self) -> dict[tuple[UUID, UUID], Decimal]:
        """By flow and offer."""
        return {(each.flow_id, each.offer_id): each.amount for each in self.shares}


class ShareOut(Struct, frozen=True):
    """What one offer is proposed to take; `capacity` is None when it told none: to be confirmed with it."""

    offer_id: UUID
    organisation_id: UUID
    organisation_name: str
    amount: float
    least: float
    capacity: float | None
    level: str | None
    distance_km: float


class FlowOut(Struct, frozen=True):
    """One flow with its shares; amounts a month (or once) in the unit of its market, `rough` by the usual weight."""

    flow_id: UUID
    title: str
    amount: float
    left: float
    unit: str
    period: str
    rough: bool
    shares: list[ShareOut]


class OutsideOut(Struct, frozen=True):
    """An offer that matches and gets nothing, and why: left_out, unit, level, minimum."""

    flow_id: UUID
    offer_id: UUID
    organisation_name: str
    because: str


class MoreOut(Struct, frozen=True):
    """What `step` more capacity of an offer would be worth; an upper limit unless `is_exact`."""

    offer_id: UUID
    step: float
    points: float
    placed: float | None
    is_exact: bool


class MarketOut(Struct, frozen=True):
    """The flows counted in one unit: the proposal beside today's split, and how much better one could be at most."""

    unit: str
    flows: list[FlowOut]
    proposed: Figures
    today: Figures
    gap: float
    more: list[MoreOut]
    outside: list[OutsideOut]


class SplitOut(Struct, frozen=True):
    """The whole proposal; `values` names the table of weights, `unmeasured` flows have no quantity to split."""

    values: str
    is_open: bool
    markets: list[MarketOut]
    unmeasured: list[UUID]


class AcceptedShare(Struct, frozen=True):
    """What one offer is proposed to take, since somebody said yes."""

    offer_id: UUID
    organisation_id: UUID
    organisation_name: str
    amount: float
    unit: str
    period: str


class AcceptedOut(Struct, frozen=True):
    """One accepted split of one flow; `version` counts those of the flow, and the newest counts."""

    id: UUID
    flow_id: UUID
    version: int
    accepted_at: datetime
    shares: list[AcceptedShare]


class AcceptedNow(Struct, frozen=True):
    """What was accepted just now; `id` is the first of them, None where each flow's last split said the same."""

    id: UUID | None
    accepted: list[UUID]

"""What an agreement is concluded from: a proposal that was chosen, or the part of a lot that somebody takes."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.agreements.errors import (
    LotPriceMissing,
    OriginMissing,
    PriceIsProposed,
    ProposalNotChosen,
    TakingNotMade,
)
from services.catalog.agreements.models import Agreement
from services.catalog.agreements.natures import Circumstances, Side, Standing, is_public
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.proposals.errors import ProposalUnknown
from services.catalog.proposals.lines import Line, total_of
from services.catalog.proposals.models import ParticipationState, Proposal, ProposalState
from services.catalog.proposals.queries import proposal_seen_by, received_proposal
from services.catalog.takings.errors import TakingUnknown
from services.catalog.takings.models import State, Taking
from services.catalog.takings.queries import lot_locked, taking_locked, taking_seen_by
from shared.clock import day_of
from shared.events.facts import NeedKind
from shared.territory.place import Place

# Of a part that is only kept nothing is agreed yet; of one that was given back nothing any more.
AGREED_ON = (State.MADE, State.DISPUTED, State.CONFIRMED)


class OriginIds(NamedTuple):
    """Which one: a proposal or a taking, exactly one of them."""

    proposal_id: UUID | None = None
    taking_id: UUID | None = None


class Origin(NamedTuple):
    """Exactly one of `proposal` and `taking`, with what an agreement takes over from it.

    `author` is whose need or lot it is, who alone writes; `partner` is who proposes or takes. `lines` carry the price
    that was proposed or published; `price_cents` is that of one unit of a lot, None where it is to be agreed.
    """

    proposal: Proposal | None
    taking: Taking | None
    author: Organisation
    partner: Organisation
    co_contractors: tuple[Organisation, ...]
    title: str
    kind: NeedKind
    receipt_wanted: bool
    lines: tuple[Line, ...]
    price_cents: int | None
    starts_on: date | None
    ends_on: date | None
    place: Place | None
    provenance: str

    @property
    def id(self) -> UUID:
        """The id of the proposal or the taking, which is that of their exchange."""
        return self.ids.proposal_id or self.ids.taking_id  # type: ignore[return-value]

    @property
    def ids(self) -> OriginIds:
        """Which one it is."""
        return OriginIds(self.proposal.id if self.proposal else None, self.taking.id if self.taking else None)

    @property
    def need_id(self) -> UUID | None:
        """The need of its proposal."""
        return self.proposal.need_id if self.proposal else None

    @property
    def flow_id(self) -> UUID | None:
        """The flow of its taking."""
        return self.taking.flow_id if self.taking else None

    @property
    def path(self) -> str:
        """Its page."""
        return f"/proposals/{self.id}" if self.proposal else f"/takings/{self.id}"

    @property
    def is_ready(self) -> bool:
        """True once an agreement may be concluded from it."""
        if self.proposal is not None:
            return self.proposal.state is ProposalState.ACCEPTED
        return self.taking is not None and self.taking.state in AGREED_ON

    @property
    def circumstances(self) -> Circumstances:
        """What decides which natures fit."""
        return Circumstances(
            kind=self.kind,
            total_cents=total_of(self.lines),
            receipt_wanted=self.receipt_wanted,
            sides={Side.BUYER: _standing_of(self.author), Side.SUPPLIER: _standing_of(self.partner)},
            is_lot=self.taking is not None,
        )

    def refuse_unready(self) -> None:
        """Raise while nothing may be concluded from it."""
        if not self.is_ready:
            raise ProposalNotChosen if self.proposal else TakingNotMade

    def at_price(self, price_cents: int | None) -> "Origin":
        """The same at a price for one unit, negative where the taker pays; raises where that is not to be said."""
        if self.proposal is not None:
            if price_cents is not None:
                raise PriceIsProposed
            return self
        price = self.price_cents if price_cents is None else price_cents
        if price is None:
            raise LotPriceMissing
        return self._replace(lines=tuple(line.model_copy(update={"price_cents": price}) for line in self.lines))


async def origin_seen_by(session: AsyncSession, ids: OriginIds, organisation_id: UUID) -> Origin:
    """What an agreement is, or would be, concluded from, to who may read it; raises `ProposalUnknown`, `TakingUnknown`.

    Raises `OriginMissing` unless exactly one is named.
    """
    match ids:
        case OriginIds(UUID() as proposal_id, None):
            return await _of_proposal(session, await proposal_seen_by(session, proposal_id, organisation_id))
        case OriginIds(None, UUID() as taking_id):
            return await _of_taking(session, await taking_seen_by(session, taking_id, organisation_id))
    raise OriginMissing


async def authored_origin(session: AsyncSession, ids: OriginIds, organisation_id: UUID) -> Origin:
    """The same, to whose need or lot it is; raises as well for the other side."""
    origin = await origin_seen_by(session, ids, organisation_id)
    if origin.author.id != organisation_id:
        raise ProposalUnknown if origin.proposal else TakingUnknown
    return origin


async def origin_locked(session: AsyncSession, ids: OriginIds, organisation_id: UUID) -> Origin:
    """The same, locked: two who conclude at once wait for each other, and for who calls a lot's part off."""
    origin = await authored_origin(session, ids, organisation_id)
    if origin.proposal:
        await received_proposal(session, origin.id, organisation_id=organisation_id)
    elif origin.taking:
        # In the order in which takings lock: their flow and lot come first.
        await lot_locked(session, origin.taking.lot_id)
        await taking_locked(session, origin.id)
    return await origin_seen_by(session, ids, organisation_id)


def ids_of(agreement: Agreement) -> OriginIds:
    """What an agreement was concluded from."""
    return OriginIds(agreement.proposal_id, agreement.taking_id)


async def _of_proposal(session: AsyncSession, proposal: Proposal) -> Origin:
    need = proposal.need
    confirmed = [each for each in proposal.participations if each.state is ParticipationState.CONFIRMED]
    partners = [await organisation_by_id(session, each.organisation_id) for each in confirmed]
    return Origin(
        proposal=proposal,
        taking=None,
        author=need.organisation,
        partner=proposal.organisation,
        co_contractors=tuple(each for each in partners if each is not None),
        title=need.title,
        kind=need.kind,
        receipt_wanted=need.receipt_wanted,
        lines=tuple(proposal.lines),
        price_cents=None,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        place=need.place,
        provenance="",
    )


async def _of_taking(session: AsyncSession, taking: Taking) -> Origin:
    flow, counted = taking.flow, taking.counted
    holder = await organisation_by_id(session, taking.organisation_id) or taking.organisation
    taker = await organisation_by_id(session, taking.taker_id) or taking.taker
    # A flow's price is what its taker pays, a line's what its buyer pays, and here the holder is the one who writes.
    price = None if flow.price_cents is None else -flow.price_cents
    value: Decimal = counted.value if counted else taking.quantity_value
    day = day_of(taking.slot_from) if taking.slot_from else None
    return Origin(
        proposal=None,
        taking=taking,
        author=holder,
        partner=taker,
        co_contractors=(),
        title=flow.title,
        kind=NeedKind.MATERIAL,
        receipt_wanted=flow.receipt_wanted,
        lines=(Line(what=flow.title, quantity=value, unit=taking.quantity_unit, price_cents=price or 0),),
        price_cents=price,
        starts_on=day,
        ends_on=day,
        place=flow.place or holder.place,
        provenance=flow.provenance,
    )


def _standing_of(organisation: Organisation) -> Standing:
    entity = organisation.legal_entity
    return Standing(organisation.name, is_public(entity.siren, organisation.roles), entity.may_issue_receipts)

"""What takers and holders do with subscriptions: ask, accept, refuse, pause, resume, end; and a flow's terms.

Each locks the flow, then the subscription.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.flows.models import Flow, FlowState
from services.catalog.flows.queries import flow_seen_by
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.commands import may_publish
from services.catalog.posting.errors import EmailUnconfirmed
from services.catalog.subscriptions.errors import (
    AskedAlready,
    BeginsInThePast,
    CallIncomplete,
    CallUnderWay,
    CriteriaMissing,
    EndsBeforeItBegins,
    FallbackUnknown,
    FlowNotOpen,
    FlowNotRepeated,
    HazardousByHand,
    LastsTooLong,
    OnePart,
    OnlyTheHolderDecides,
    PartNotOfThisUnit,
    PublicHolderCalls,
    RefusalReasonMissing,
    SlotOutsideHours,
)
from services.catalog.subscriptions.models import (
    State,
    Subscription,
    Terms,
    refuse_before_close,
    refuse_outside_call,
)
from services.catalog.subscriptions.queries import (
    asked_of,
    flow_locked,
    known_takers,
    running_of,
    subscription_locked,
    subscription_once,
    subscription_seen_by,
    terms_of,
)
from services.catalog.subscriptions.rules import in_unit, is_public_flow
from services.catalog.subscriptions.schemas import SubscriptionAskedFor, TermsAsked
from services.catalog.takings.errors import BelowMinimum, ConfirmBeforeTaking, TransportNotOffered
from services.catalog.takings.food import refuse_without_cold
from services.catalog.takings.papers import Papers, refuse_without_permits
from services.catalog.takings.rules import TRANSPORTS, refuse_taker
from shared.clock import day_of
from shared.database.acting import act
from shared.database.versions import ChangedMeanwhile, refuse_when_changed
from shared.events.facts import Quantity, plain
from shared.events.subscriptions import RefusedFor, SubscriptionState
from shared.events.takings import Side
from shared.messaging.outbox import record
from shared.vocabulary import unit

LONGEST_YEARS = 3


class Change(NamedTuple):
    """What either of the two may do with a running one, and its name in the audit log."""

    of: Callable[[Subscription, Side, datetime], SubscriptionState]
    done: str


PAUSE = Change(Subscription.pause, "paused")
RESUME = Change(Subscription.resume, "resumed")
END = Change(Subscription.end, "ended")


async def ask_subscription(
    session: AsyncSession, actor: Actor, asked: SubscriptionAskedFor, *, flow_id: UUID, once: UUID, now: datetime
) -> Subscription:
    """Ask for a part of each lot; where the flow is open to all it is accepted at once.

    Asked again with the same `once`, the first one is the answer. Raises what the rules refuse, with its field.
    """
    taker = await organisation_acting(session, actor.organisation_id)
    try:
        may_publish(session, actor)
    except EmailUnconfirmed:
        raise ConfirmBeforeTaking from None
    await flow_seen_by(session, flow_id, taker.id)
    flow = await flow_locked(session, flow_id)
    await act(session, org=taker.id)
    subscription_id = uuid5(taker.id, f"{flow_id} {once}")
    if done := await subscription_once(session, subscription_id):
        return done
    terms = await terms_of(session, flow_id)
    _refuse_asked(flow, taker, asked, now)
    refuse_outside_call(terms, now, is_public=is_public_flow(flow))
    if await asked_of(session, flow_id, taker.id):
        raise AskedAlready
    subscription = _begun(flow, taker, actor, asked, subscription_id=subscription_id, now=now)
    events: list[SubscriptionState] = [subscription.ask(now)]
    session.add(subscription)
    await session.flush()
    await _noted(session, actor, subscription, "subscription.asked")
    if terms is not None and terms.open_to_all:
        events += await _accepted(session, flow, subscription, now, automatic=True)
        await act(session, org=taker.id)
        await _noted(session, actor, subscription, "subscription.accepted")
    await record(session, *events)
    return subscription


async def accept_subscription(
    session: AsyncSession, actor: Actor, *, subscription_id: UUID, now: datetime, seen: int | None = None
) -> Subscription:
    """Say yes, as the flow's holder: lots that open from now on are taken for the subscriber."""
    flow, subscription = await _opened(session, actor, subscription_id, seen)
    await _refuse_undecidable(session, actor, subscription, now)
    await organisation_acting(session, actor.organisation_id)
    subscription.taker.may_be_bound()
    await record(session, *await _accepted(session, flow, subscription, now))
    await _noted(session, actor, subscription, "subscription.accepted")
    return subscription


async def refuse_subscription(
    session: AsyncSession,
    actor: Actor,
    reason: RefusedFor | None,
    *,
    subscription_id: UUID,
    now: datetime,
    seen: int | None = None,
) -> Subscription:
    """Say no, as the flow's holder; whoever asked reads why."""
    _, subscription = await _opened(session, actor, subscription_id, seen)
    await _refuse_undecidable(session, actor, subscription, now)
    if reason is None:
        raise RefusalReasonMissing
    await record(session, subscription.refuse(reason, now))
    await _noted(session, actor, subscription, "subscription.refused")
    return subscription


async def pause_subscription(
    session: AsyncSession, actor: Actor, *, subscription_id: UUID, now: datetime, seen: int | None = None
) -> Subscription:
    """Serve no lot for now, as either of the two; what is taken already stays to be picked up."""
    return await _changed(session, actor, PAUSE, subscription_id=subscription_id, now=now, seen=seen)


async def resume_subscription(
    session: AsyncSession, actor: Actor, *, subscription_id: UUID, now: datetime, seen: int | None = None
) -> Subscription:
    """Serve lots again, as who paused it."""
    return await _changed(session, actor, RESUME, subscription_id=subscription_id, now=now, seen=seen)


async def end_subscription(
    session: AsyncSession, actor: Actor, *, subscription_id: UUID, now: datetime, seen: int | None = None
) -> Subscription:
    """End it, as either of the two: with notice, once it runs."""
    return await _changed(session, actor, END, subscription_id=subscription_id, now=now, seen=seen)


async def set_terms(
    session: AsyncSession, actor: Actor, asked: TermsAsked, *, flow_id: UUID, now: datetime, seen: int | None = None
) -> Terms:
    """Say on what terms one's own flow has subscribers, and who takes over what is freed."""
    await flow_seen_by(session, flow_id, actor.organisation_id)
    flow = await flow_locked(session, flow_id)
    await act(session, org=actor.organisation_id)
    if flow.organisation_id != actor.organisation_id:
        raise OnlyTheHolderDecides
    await organisation_acting(session, actor.organisation_id)
    terms = await terms_of(session, flow_id)
    refuse_when_changed(session, terms.version if terms else 0)
    if seen is not None and seen != (terms.version if terms else 0):
        raise ChangedMeanwhile
    _refuse_terms(flow, terms, asked, now)
    if asked.fallback_id and asked.fallback_id not in {each.id for each in await known_takers(session, flow_id)}:
        raise FallbackUnknown
    if terms is None:
        terms = Terms(flow_id=flow_id, organisation_id=flow.organisation_id, version=0)
        session.add(terms)
    for name, value in asked.model_dump().items():
        setattr(terms, name, value)
    terms.version, terms.updated_at = terms.version + 1, now
    flow.serves_first = flow.serves_first or asked.fallback_id is not None
    await session.flush()
    await note(session, actor.member_id, actor.organisation_id, "flow.subscription-terms", about=flow_id)
    return terms


async def _opened(
    session: AsyncSession, actor: Actor, subscription_id: UUID, seen: int | None
) -> tuple[Flow, Subscription]:
    known = await subscription_seen_by(session, subscription_id, actor.organisation_id)
    flow = await flow_locked(session, known.flow_id)
    await act(session, org=actor.organisation_id)
    subscription = await subscription_locked(session, subscription_id)
    if seen is not None and seen != subscription.version:
        raise ChangedMeanwhile
    return flow, subscription


async def _refuse_undecidable(session: AsyncSession, actor: Actor, subscription: Subscription, now: datetime) -> None:
    if subscription.side_of(actor.organisation_id) is not Side.HOLDER:
        raise OnlyTheHolderDecides
    refuse_before_close(await terms_of(session, subscription.flow_id), now)


async def _accepted(
    session: AsyncSession, flow: Flow, subscription: Subscription, now: datetime, *, automatic: bool = False
) -> list[SubscriptionState]:
    """Accept it in the place of what the same two had; goes on as the holder, whose flow it marks."""
    await act(session, org=subscription.taker_id)
    before = await running_of(session, flow.id, subscription.taker_id)
    # It is its taker that has another one from now on: what gives way is its own to end.
    told: list[SubscriptionState] = [each.give_way(subscription, now) for each in before]
    await session.flush()
    await act(session, org=flow.organisation_id)
    told.append(subscription.accept(now, automatic=automatic))
    flow.serves_first = True
    await session.flush()
    return told


async def _changed(
    session: AsyncSession,
    actor: Actor,
    change: Change,
    *,
    subscription_id: UUID,
    now: datetime,
    seen: int | None,
) -> Subscription:
    _, subscription = await _opened(session, actor, subscription_id, seen)
    await record(session, change.of(subscription, subscription.side_of(actor.organisation_id), now))
    await _noted(session, actor, subscription, f"subscription.{change.done}")
    return subscription


async def _noted(session: AsyncSession, actor: Actor, subscription: Subscription, action: str) -> None:
    await session.flush()
    flow = str(subscription.flow_id)
    await note(session, actor.member_id, actor.organisation_id, action, about=subscription.id, flow=flow)


def _begun(
    flow: Flow,
    taker: Organisation,
    actor: Actor,
    asked: SubscriptionAskedFor,
    *,
    subscription_id: UUID,
    now: datetime,
) -> Subscription:
    said = asked.model_dump(exclude={"flow_id", "once"})
    if asked.quantity_value is not None:
        said["quantity_unit"] = asked.quantity_unit or flow.quantity_unit
    else:
        said["quantity_unit"] = None
    return Subscription(
        id=subscription_id,
        flow_id=flow.id,
        flow=flow,
        organisation_id=flow.organisation_id,
        organisation=flow.organisation,
        taker_id=taker.id,
        taker=taker,
        state=State.ASKED,
        version=0,
        asked_by=actor.member_id,
        asked_at=now,
        updated_at=now,
        **said,
    )


def _refuse_asked(flow: Flow, taker: Organisation, asked: SubscriptionAskedFor, now: datetime) -> None:
    if flow.state is not FlowState.PUBLISHED:
        raise FlowNotOpen
    if flow.recurrence is None:
        raise FlowNotRepeated
    refuse_taker(flow, taker, asked.level)
    if flow.hazardous_codes:
        raise HazardousByHand
    _refuse_part(flow, asked)
    if asked.transport not in TRANSPORTS[flow.transport]:
        raise TransportNotOffered
    _refuse_days(asked, now)
    _refuse_hours(flow, asked)
    papers, begins = Papers.of(taker), max(day_of(now), asked.from_on)
    refuse_without_permits(flow, papers, begins)
    refuse_without_cold(flow, papers, asked.level, begins)


def _refuse_part(flow: Flow, asked: SubscriptionAskedFor) -> None:
    if (asked.quantity_value is None) == (asked.percent is None):
        raise OnePart
    if asked.quantity_value is None or flow.quantity_unit is None:
        return
    wanted = in_unit(Quantity(value=asked.quantity_value, unit=asked.quantity_unit or flow.quantity_unit),
                     flow.quantity_unit)  # fmt: skip
    if wanted is None:
        raise PartNotOfThisUnit
    if flow.minimum_value is not None and wanted < flow.minimum_value:
        raise BelowMinimum(minimum=f"{plain(flow.minimum_value):f}", unit=unit(flow.quantity_unit).symbol)


def _refuse_days(asked: SubscriptionAskedFor, now: datetime) -> None:
    if asked.from_on < day_of(now):
        raise BeginsInThePast
    if asked.until_on < asked.from_on:
        raise EndsBeforeItBegins
    if (asked.until_on - asked.from_on).days > LONGEST_YEARS * 366:
        raise LastsTooLong(most=LONGEST_YEARS)


def _refuse_hours(flow: Flow, asked: SubscriptionAskedFor) -> None:
    opens, closes = asked.slot_from or flow.pickup_from, asked.slot_until or flow.pickup_until
    if opens < flow.pickup_from or closes > flow.pickup_until or closes <= opens:
        raise SlotOutsideHours(opens=f"{flow.pickup_from:%H:%M}", closes=f"{flow.pickup_until:%H:%M}")


def _refuse_terms(flow: Flow, terms: Terms | None, asked: TermsAsked, now: datetime) -> None:
    opens, closes = asked.call_opens_on, asked.call_closes_on
    if (opens is None) != (closes is None) or (opens and closes and closes < opens):
        raise CallIncomplete
    if asked.open_to_all and (is_public_flow(flow) or opens is not None):
        raise PublicHolderCalls
    if opens is not None and not asked.criteria:
        raise CriteriaMissing
    if terms is not None and terms.is_under_way(now) and not _only_longer(terms, opens, closes, asked.criteria):
        raise CallUnderWay


def _only_longer(terms: Terms, opens: date | None, closes: date | None, criteria: str) -> bool:
    if closes is None or terms.call_closes_on is None:
        return False
    return opens == terms.call_opens_on and criteria == terms.criteria and closes >= terms.call_closes_on

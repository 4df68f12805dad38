"""What people of the demonstration have on with each other, done in the order of its file, each step as of its day.

Everything goes by the commands that pages use, told the moment of the step: what was signed five weeks ago says so.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.cli import demonstration_gifts as gifts
from deploy.cli.demonstration_call import identity_of
from deploy.cli.demonstration_photos import photo_of_goods
from services.catalog.agreements.carrying import finish_agreement, sign_agreement, tick_milestone
from services.catalog.agreements.commands import conclude_agreement
from services.catalog.agreements.origins import OriginIds
from services.catalog.agreements.queries import agreement_seen_by, document_hashes
from services.catalog.agreements.schemas import AgreementDraft, Signing, Ticking
from services.catalog.audit.actor import Actor, Machine
from services.catalog.collections.commands import accept_figure, say_done
from services.catalog.collections.schemas import AcceptAsked, DoneAsked
from services.catalog.exchanges.commands import Attached, post_message
from services.catalog.exchanges.queries import exchange_seen_by
from services.catalog.exchanges.schemas import Writing
from services.catalog.files.keeping import Keeper, Sent
from services.catalog.flows.calling_off import call_off
from services.catalog.flows.commands import draft_flow, publish_flow
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow
from services.catalog.flows.planning import plan_lots
from services.catalog.flows.queries import flow_for_update
from services.catalog.flows.recurrence import at
from services.catalog.flows.schemas import CallOffAsked, FlowDraft
from services.catalog.needs.commands import close_need, draft_need, publish_need
from services.catalog.needs.models import Need
from services.catalog.needs.schemas import Closing, NeedDraft
from services.catalog.organisations.models import Organisation
from services.catalog.payments.commands import bill_settlement, confirm_settlement, declare_settlement
from services.catalog.payments.models import settlement_id_of
from services.catalog.payments.schemas import Billing, Declaring
from services.catalog.proposals.commands import make_proposal
from services.catalog.proposals.deciding import accept_proposal, reject_proposal
from services.catalog.proposals.schemas import Choice, ProposalDraft, Refused
from services.catalog.questions.commands import ask_question, reply_to_question
from services.catalog.questions.queries import posting_seen_by
from services.catalog.questions.schemas import Asking, Replying
from services.catalog.subscriptions.commands import accept_subscription, ask_subscription
from services.catalog.subscriptions.queries import lots_to_serve
from services.catalog.subscriptions.schemas import SubscriptionAskedFor
from services.catalog.subscriptions.serving import serve_lot
from services.catalog.takings.commands import cancel_taking, fire_taking, hold_lot, mark_missed, take_lot
from services.catalog.takings.models import Taking
from services.catalog.takings.queries import takings_due
from services.catalog.takings.schemas import CancelAsked, HoldAsked, TakingAsked
from shared.clock import day_of
from shared.database import Database, now_of
from shared.events.facts import Origin

FILE = Path(__file__).parents[1] / "demonstration" / "exchanges.toml"
OF_THE_STEP = {"on", "at", "by", "do", "as", "what", "lot_on"}
# The key of what is made once, as a form would send it; the demonstration's own.
ONCE = UUID("5c0f8f5e-4d5f-4c2b-9c83-0d6a3a1e7f10")


class Step(NamedTuple):
    """One thing that somebody does; `said` are the values of the form, `day` and `lot_day` those of the calendar."""

    moment: datetime
    by: str
    do: str
    name: str
    what: str
    lot_day: date | None
    said: dict[str, Any]

    @property
    def once(self) -> UUID:
        """What makes it once."""
        return uuid5(ONCE, self.name)


def read_steps(now: datetime) -> list[Step]:
    """The file's steps with their days counted from today."""
    today = day_of(now)
    steps = []
    for told in tomllib.loads(FILE.read_text(encoding="utf-8"))["step"]:
        hour, lot = told.get("at"), told.get("lot_on")
        moment = at(_day(today, told["on"]), time.fromisoformat(hour)) if hour else now
        said = _dated({key: value for key, value in told.items() if key not in OF_THE_STEP}, today)
        name, what = told.get("as", ""), told.get("what", "")
        lot_day = None if lot is None else _day(today, lot)
        steps.append(Step(moment, told["by"], told["do"], name, what, lot_day, said))
    return sorted(steps, key=lambda step: step.moment)


def _day(today: date, number: int) -> date:
    return today + timedelta(days=number)


def _dated(said: Any, today: date, key: str = "") -> Any:
    """The same with days instead of their numbers."""
    if isinstance(said, dict):
        return {name: _dated(value, today, name) for name, value in said.items()}
    if isinstance(said, list):
        return [_dated(each, today) for each in said]
    return _day(today, said) if key.endswith("_on") or key == "valid_until" else said


async def have_exchanges(database: Database, emails: Mapping[str, str], keeper: Keeper | None = None) -> bool:
    """Do every step, as the people of these addresses; False when they are done already. All of them, or none.

    Without somebody who keeps files nobody sends a photo.
    """
    async with database.sessions.begin() as session:
        steps = read_steps(now_of(session))
        first = next(step.name for step in steps if step.do == "need")
        known = select(Need.id).where(Need.external_id == first, Need.origin == Origin.DEMONSTRATION)
        if await session.scalar(known) is not None:
            return False
        scene = Scene(session, emails, keeper)
        for step in steps:
            if step.do != "photo" or keeper is not None:
                await scene.do(step)
    return True


class Scene:
    """A transaction in which the steps are done, with the ids of what they made, by name."""

    def __init__(self, session: AsyncSession, emails: Mapping[str, str], keeper: Keeper | None) -> None:
        self.session, self.keeper = session, keeper
        self._emails = emails
        self._made: dict[str, UUID] = {}
        self._flows: set[UUID] = set()
        self._day: date | None = None

    async def do(self, step: Step) -> None:
        """Do one step as of its moment, after what the timers would have done until then."""
        self.session.info["clock"] = lambda: step.moment
        if self._day != day_of(step.moment):
            self._day = day_of(step.moment)
            await self._pass_time(step.moment)
        made = await VERBS[step.do](self, step, await self._actor(step.by))
        await self.session.flush()
        if step.name:
            self._made[step.name] = made.id
        if isinstance(made, Flow):
            self._flows.add(made.id)
        # The next one is another request, which loads what it needs.
        self.session.expunge_all()

    async def _pass_time(self, now: datetime) -> None:
        for flow_id in self._flows:
            whose = (await self.session.get_one(Flow, flow_id)).organisation_id
            flow = await flow_for_update(self.session, flow_id, organisation_id=whose)
            if flow.is_open:
                await plan_lots(self.session, flow, now)
        await self.session.flush()
        for lot_id in await lots_to_serve(self.session, now):
            await serve_lot(self.session, lot_id=lot_id, now=now)
        await self.session.flush()
        for taking_id, lot_id in await takings_due(self.session, now):
            await fire_taking(self.session, taking_id=taking_id, lot_id=lot_id, now=now)
        await self.session.flush()
        self.session.expunge_all()

    async def _actor(self, name: str) -> Any:
        """Somebody one can sign in as, or an organisation for which nobody can."""
        if name in self._emails:
            return await identity_of(self.session, self._emails[name])
        return Machine(await self._id_of(Organisation, name))

    async def id_of(self, step: Step) -> UUID:
        """What a step is about: made by an earlier one, or a need of the demonstration's files."""
        return self._made.get(step.what) or await self._id_of(Need, step.what)

    async def _id_of(self, model: type[Organisation | Need], external_id: str) -> UUID:
        query = select(model.id).where(model.external_id == external_id, model.origin == Origin.DEMONSTRATION)
        return (await self.session.execute(query)).scalar_one()

    async def organisation(self, step: Step) -> UUID:
        """An organisation of the demonstration's files that a step is about."""
        return await self._id_of(Organisation, step.what)

    async def lot(self, step: Step) -> UUID:
        """The lot of a flow's day."""
        query = select(Lot.id).where(Lot.flow_id == await self.id_of(step), Lot.day == step.lot_day)
        return (await self.session.execute(query)).scalar_one()

    async def taking(self, step: Step) -> UUID:
        """A taking by its name, or what a subscription had of a day's lot."""
        known = await self.id_of(step)
        if step.lot_day is None:
            return known
        query = select(Taking.id).join(Lot, Lot.id == Taking.lot_id)
        query = query.where(Taking.subscription_id == known, Lot.day == step.lot_day)
        return (await self.session.execute(query)).scalar_one()


Verb = Callable[[Scene, Step, Any], Awaitable[Any]]


def _commanded(command: Callable[..., Awaitable[Any]], asks: Any, of: str, **more: Any) -> Verb:
    """A command that takes what is asked, if anything, and the id of what it is about as `of`."""

    async def do(scene: Scene, step: Step, actor: Actor) -> Any:
        asked = [asks.model_validate(step.said)] if asks else []
        about = await (scene.taking(step) if of == "taking_id" else scene.id_of(step))
        return await command(scene.session, actor, *asked, **{of: about}, now=step.moment, **more)

    return do


def _of_a_lot(command: Callable[..., Awaitable[Any]], asks: Any) -> Verb:
    async def do(scene: Scene, step: Step, actor: Actor) -> Any:
        asked, lot_id = asks.model_validate(step.said), await scene.lot(step)
        return await command(scene.session, actor, asked, lot_id=lot_id, once=step.once, now=step.moment)

    return do


def _of_a_flow(command: Callable[..., Awaitable[Any]], asks: Any) -> Verb:
    async def do(scene: Scene, step: Step, actor: Actor) -> Any:
        asked, flow_id = asks.model_validate(step.said), await scene.id_of(step)
        return await command(scene.session, actor, asked, flow_id=flow_id, once=step.once, now=step.moment)

    return do


async def _need(scene: Scene, step: Step, actor: Actor) -> Need:
    draft = NeedDraft.model_validate(step.said)
    need = await draft_need(scene.session, actor, draft, step.moment, origin=Origin.DEMONSTRATION)
    need.external_id = step.name
    return await publish_need(scene.session, actor, need.id, step.moment)


async def _flow(scene: Scene, step: Step, actor: Actor) -> Flow:
    draft = FlowDraft.model_validate(step.said)
    flow = await draft_flow(scene.session, actor, draft, step.moment, origin=Origin.DEMONSTRATION)
    flow.external_id = step.name
    return await publish_flow(scene.session, actor, flow.id, step.moment)


async def _conclude(
    session: AsyncSession, actor: Any, draft: AgreementDraft, *, proposal_id: UUID, now: datetime
) -> Any:
    return await conclude_agreement(session, actor, draft, ids=OriginIds(proposal_id=proposal_id), now=now)


async def _conclude_on_lot(
    session: AsyncSession, actor: Any, draft: AgreementDraft, *, taking_id: UUID, now: datetime
) -> Any:
    return await conclude_agreement(session, actor, draft, ids=OriginIds(taking_id=taking_id), now=now)


async def _sign(scene: Scene, step: Step, actor: Any) -> Any:
    agreement = await agreement_seen_by(scene.session, await scene.id_of(step), actor.organisation_id)
    document = (await document_hashes(scene.session, agreement))["fr"]
    signing = Signing(document_sha256=document, has_read=True)
    return await sign_agreement(scene.session, actor, signing, agreement_id=agreement.id, now=step.moment)


def _of_a_settlement(command: Callable[..., Awaitable[Any]], asks: Any) -> Verb:
    """The same about what a whole agreement makes due."""

    async def do(scene: Scene, step: Step, actor: Actor) -> Any:
        asked = [asks.model_validate(step.said)] if asks else []
        settlement_id = settlement_id_of(await scene.id_of(step), milestone=0)
        return await command(scene.session, actor, *asked, settlement_id=settlement_id, now=step.moment)

    return do


async def _ask(scene: Scene, step: Step, actor: Actor) -> Any:
    about = await scene.id_of(step)
    kind = "/flows" if await scene.session.get(Flow, about) else "/needs"
    posting = await posting_seen_by(scene.session, kind, about, actor.organisation_id)
    return await ask_question(scene.session, actor, Asking.model_validate(step.said).words, posting, now=step.moment)


async def _reply(scene: Scene, step: Step, actor: Actor) -> Any:
    reply, question_id = Replying.model_validate(step.said).reply, await scene.id_of(step)
    return await reply_to_question(scene.session, actor, reply, question_id=question_id, now=step.moment)


async def _message(scene: Scene, step: Step, actor: Actor) -> Any:
    exchange = await exchange_seen_by(scene.session, await scene.taking(step), actor.organisation_id)
    words = Writing.model_validate(step.said).words
    return await post_message(scene.session, actor, words, exchange, once=uuid5(exchange.id, words), now=step.moment)


async def _photo(scene: Scene, step: Step, actor: Actor) -> Any:
    """What left, seen by whoever fetched it: a message of its exchange, with a picture drawn now."""
    goods, words = step.said["goods"], Writing.model_validate({"words": step.said["words"]}).words
    exchange = await exchange_seen_by(scene.session, await scene.taking(step), actor.organisation_id)
    picture = await asyncio.to_thread(photo_of_goods, goods, seed=step.moment.toordinal())
    sent = Sent(name=f"chargement-{step.moment:%d-%m}.png", data=picture)
    if scene.keeper is None:
        raise ValueError("a photo has somebody who keeps it")
    attached, once = Attached(scene.keeper, [sent]), uuid5(exchange.id, words)
    return await post_message(scene.session, actor, words, exchange, once=once, now=step.moment, attached=attached)


async def _cancel(scene: Scene, step: Step, actor: Actor) -> Any:
    reason, taking_id = CancelAsked.model_validate(step.said).reason, await scene.taking(step)
    return await cancel_taking(scene.session, actor, reason, taking_id=taking_id, now=step.moment)


VERBS: Mapping[str, Verb] = {
    "need": _need,
    "close": _commanded(close_need, Closing, "need_id"),
    "ask": _ask,
    "reply": _reply,
    "propose": _commanded(make_proposal, ProposalDraft, "need_id", seen=0),
    "choose": _commanded(accept_proposal, Choice, "proposal_id"),
    "reject": _commanded(reject_proposal, Refused, "proposal_id"),
    "conclude": _commanded(_conclude, AgreementDraft, "proposal_id"),
    "conclude-on-lot": _commanded(_conclude_on_lot, AgreementDraft, "taking_id"),
    "sign": _sign,
    "tick": _commanded(tick_milestone, Ticking, "agreement_id"),
    "finish": _commanded(finish_agreement, None, "agreement_id"),
    "bill": _of_a_settlement(bill_settlement, Billing),
    "declare-paid": _of_a_settlement(declare_settlement, Declaring),
    "confirm-paid": _of_a_settlement(confirm_settlement, None),
    "describe": gifts.describe,
    "declare-fact": gifts.declare,
    "judge-fact": gifts.judge,
    "value": gifts.value,
    "receive": gifts.receive,
    "receipt": gifts.issue,
    "campaign": gifts.campaign,
    "pledge": gifts.promise,
    "message": _message,
    "photo": _photo,
    "flow": _flow,
    "call-off": _of_a_flow(call_off, CallOffAsked),
    "subscribe": _of_a_flow(ask_subscription, SubscriptionAskedFor),
    "accept-subscription": _commanded(accept_subscription, None, "subscription_id"),
    "take": _of_a_lot(take_lot, TakingAsked),
    "hold": _of_a_lot(hold_lot, HoldAsked),
    "cancel": _cancel,
    "done": _commanded(say_done, DoneAsked, "taking_id"),
    "accept": _commanded(accept_figure, AcceptAsked, "taking_id"),
    "miss": _commanded(mark_missed, None, "taking_id"),
}

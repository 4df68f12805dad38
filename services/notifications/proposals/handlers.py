"""What happens when catalog tells of proposals, of what became of them, and of who takes part in them."""

from typing import Any
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors
from shared.events import Event
from shared.events.proposals import (
    ParticipationAnswered,
    ParticipationAsked,
    ProposalAccepted,
    ProposalAttached,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
)
from shared.messaging.handling import Handlers


async def on_proposal_made(session: AsyncSession, event: ProposalMade) -> None:
    """The need's people hear of each proposal, and of each revision of it."""
    said = {"supplier": event.supplier_name, "revision": event.revision, "total_cents": event.total_cents}
    await _tell(session, Topic.PROPOSED, event, {**_among_proposals(event), **said})


async def on_proposal_attached(session: AsyncSession, event: ProposalAttached) -> None:
    """They hear of a file beside a proposal that they may have read, and not of those that come right after it."""
    if event.fresh == 1:
        said = {"supplier": event.supplier_name, "attached": True}
        await _tell(session, Topic.PROPOSED, event, {**_among_proposals(event), **said})


async def on_proposal_withdrawn(session: AsyncSession, event: ProposalWithdrawn) -> None:
    """They hear, too, when it is taken back."""
    said = {"supplier": event.supplier_name, "no_more": True}
    await _tell(session, Topic.PROPOSED, event, {**_among_proposals(event), **said})


async def on_proposal_accepted(session: AsyncSession, event: ProposalAccepted) -> None:
    """Whoever proposed hears that they were chosen, by whom and why."""
    said = {"chosen": True, "author": event.buyer_name, "reason": event.reason.value}
    await _tell(session, Topic.CHOSEN, event, {**_one_proposal(event), **said})


async def on_proposal_rejected(session: AsyncSession, event: ProposalRejected) -> None:
    """Whoever proposed hears that they were not chosen, and why."""
    said = {"chosen": False, "reason": event.reason.value}
    await _tell(session, Topic.CHOSEN, event, {**_one_proposal(event), **said})


async def on_participation_asked(session: AsyncSession, event: ParticipationAsked) -> None:
    """A co-contractor is asked to confirm its part."""
    said = {"supplier": event.supplier_name, "asks": True}
    await _tell(session, Topic.TAKES_PART, event, {**_one_proposal(event), **said})


async def on_participation_answered(session: AsyncSession, event: ParticipationAnswered) -> None:
    """Whoever named a co-contractor hears what it says."""
    said = {"supplier": event.partner_name, "asks": False, "takes_part": event.takes_part}
    await _tell(session, Topic.TAKES_PART, event, {**_one_proposal(event), **said})


def _among_proposals(event: ProposalMade | ProposalAttached | ProposalWithdrawn) -> dict[str, Any]:
    return {"about_kind": "proposals", "about_id": str(event.need_id)}


def _one_proposal(event: Any) -> dict[str, Any]:
    return {"about_kind": "proposal", "about_id": str(event.proposal_id)}


async def _tell(session: AsyncSession, topic: Topic, event: Any, params: dict[str, Any]) -> None:
    """Tell it once; of one thing that changes, what is older than what was told is not told any more."""
    thing: Event = event
    order = {"answer_id": str(thing.aggregate_id), "version": thing.version}
    await tell_editors(
        session,
        topic,
        organisation_id=event.organisation_id,
        told_for=uuid5(thing.aggregate_id, str(thing.version)),
        params={**params, "title": event.title, **order},
    )


HANDLERS: Handlers = {
    ProposalMade: on_proposal_made,
    ProposalAttached: on_proposal_attached,
    ProposalWithdrawn: on_proposal_withdrawn,
    ProposalAccepted: on_proposal_accepted,
    ProposalRejected: on_proposal_rejected,
    ParticipationAsked: on_participation_asked,
    ParticipationAnswered: on_participation_answered,
}

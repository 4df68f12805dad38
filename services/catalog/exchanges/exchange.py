"""One exchange: no row of its own, but the proposal with its agreement, or the taking, that it is about."""

from datetime import datetime
from functools import cached_property
from uuid import UUID

from services.catalog.agreements.models import Agreement
from services.catalog.agreements.natures import Side as AgreementSide
from services.catalog.exchanges.models import WRITTEN_AFTER
from services.catalog.exchanges.stages import (
    OF_LOT,
    OF_LOT_WITH_PAPER,
    OF_NEED,
    Passed,
    Stage,
    agreement_stopped_at,
    course_of,
    taking_stopped_at,
)
from services.catalog.exchanges.steps import (
    NOTHING,
    PRESSING,
    Party,
    Steps,
    after_agreement,
    after_proposal,
    after_taking,
    with_paper,
)
from services.catalog.organisations.models import Organisation
from services.catalog.proposals.models import Proposal, ProposalState
from services.catalog.takings.models import State, Taking
from shared.clock import day_of
from shared.events.takings import Side as TakingSide

SIGNS = {Party.AUTHOR: AgreementSide.BUYER, Party.PARTNER: AgreementSide.SUPPLIER}
SAYS = {Party.AUTHOR: TakingSide.HOLDER, Party.PARTNER: TakingSide.TAKER}
OVER = (State.CONFIRMED, State.CANCELLED, State.MISSED, State.RELEASED, State.EXPIRED)


class Exchange:
    """What two organisations have on between them, at one moment; its id is that of the proposal or the taking.

    `agreement` is the last one concluded from the proposal or the taking, whatever became of it.
    """

    def __init__(
        self,
        now: datetime,
        *,
        proposal: Proposal | None = None,
        agreement: Agreement | None = None,
        taking: Taking | None = None,
    ) -> None:
        self.now, self.proposal, self.agreement, self.taking = now, proposal, agreement, taking

    @property
    def id(self) -> UUID:
        """Its id."""
        return self._thing.id

    @property
    def title(self) -> str:
        """What the need or the flow is called."""
        return self.taking.flow.title if self.taking else self._proposal.need.title

    @property
    def organisations(self) -> dict[Party, Organisation]:
        """Its two sides."""
        if self.taking:
            return {Party.AUTHOR: self.taking.organisation, Party.PARTNER: self.taking.taker}
        return {Party.AUTHOR: self._proposal.need.organisation, Party.PARTNER: self._proposal.organisation}

    @property
    def moved_at(self) -> datetime:
        """When what it is about was made, or made anew: lists go by this."""
        return self.taking.created_at if self.taking else self._proposal.made_at

    @cached_property
    def steps(self) -> Steps:
        """What each side has to do next; nothing once it has ended."""
        if self.taking:
            state = self.taking.state
            taken = after_taking(
                state,
                is_held=self.taking.is_held(self.now),
                has_begun=self.taking.may_be_done(self.now),
                said=[party for party, side in SAYS.items() if self.taking.figure_of(side)],
            )
            agreed = self._agreed(self.agreement) if self.agreement else NOTHING
            return with_paper(taken, agreed, may_leave=state not in OVER, has_left=state is State.CONFIRMED)
        if self.agreement:
            return self._agreed(self.agreement)
        proposal = self._proposal
        return after_proposal(
            proposal.state, is_open=proposal.need.is_open, has_lapsed=proposal.has_lapsed(day_of(self.now))
        )

    @property
    def course(self) -> list[Passed]:
        """Its stages in order, and where each stands."""
        if self.taking:
            agreed = self.agreement.state if self.agreement else None
            stopped = taking_stopped_at(self.taking.state, is_held=self.taking.is_held(self.now), agreed=agreed)
            return course_of(OF_LOT_WITH_PAPER if agreed else OF_LOT, self.steps, stopped)
        if self.agreement:
            was_running = self.agreement.running_at is not None
            return course_of(OF_NEED, self.steps, agreement_stopped_at(self.agreement.state, was_running=was_running))
        return course_of(OF_NEED, self.steps, None if self.steps else Stage.CHOICE)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended; None while it goes on, and where nothing dates its end, as of what was taken back."""
        of_agreement = (self.agreement.completed_at or self.agreement.cancelled_at) if self.agreement else None
        if self.taking:
            if self.taking.state not in OVER or (self.agreement and of_agreement is None):
                return None
            return max(self.taking.updated_at, of_agreement or self.taking.updated_at)
        if self.agreement:
            return of_agreement
        return self._proposal.decided_at if self._proposal.state is ProposalState.REJECTED else None

    @property
    def takes_messages(self) -> bool:
        """True while it goes on, and for thirty days more."""
        if self.ended_at is not None:
            return self.now < self.ended_at + WRITTEN_AFTER
        return self.taking is not None or self._proposal.state is not ProposalState.WITHDRAWN

    @property
    def hides_author(self) -> bool:
        """True until a need's author who hides has chosen this proposal (domain rule 9)."""
        if self.proposal is None:
            return False
        need = self.proposal.need
        return need.author_hidden and not need.public_tender and self.proposal.state is not ProposalState.ACCEPTED

    def party_of(self, organisation_id: UUID) -> Party | None:
        """On which side an organisation is; None for one that is on neither."""
        return next((party for party, each in self.organisations.items() if each.id == organisation_id), None)

    def name_for(self, reader: Party) -> str:
        """What the other side is called, as a side may know it; empty where it hides."""
        if reader is Party.PARTNER and self.hides_author:
            return ""
        return self.organisations[reader.other].name

    def waits_for(self, party: Party) -> bool:
        """True when the other side waits for this one."""
        return self.steps.get(party) in PRESSING

    @staticmethod
    def _agreed(agreement: Agreement) -> Steps:
        return after_agreement(
            agreement.state,
            signed=[party for party, side in SIGNS.items() if agreement.signature_of(side)],
            done=[party for party, side in SIGNS.items() if agreement.done_at(side)],
        )

    @property
    def _proposal(self) -> Proposal:
        if self.proposal is None:
            raise ValueError("an exchange is about a proposal or a taking")
        return self.proposal

    @property
    def _thing(self) -> Proposal | Taking:
        return self.taking or self._proposal

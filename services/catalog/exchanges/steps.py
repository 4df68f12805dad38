"""What each side of an exchange has to do next: a pure function of where its proposal, agreement or taking stands."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from services.catalog.agreements.models import AgreementState
from services.catalog.proposals.models import ProposalState
from services.catalog.takings.models import State


class Party(StrEnum):
    """The two sides: whose need or lot it is, and who proposes or takes."""

    AUTHOR = "author"
    PARTNER = "partner"

    @property
    def other(self) -> "Party":
        """The other one."""
        return Party.PARTNER if self is Party.AUTHOR else Party.AUTHOR


class Step(StrEnum):
    """What a side may do next."""

    CHOOSE = "choose"
    RENEW = "renew"
    CONCLUDE = "conclude"
    SIGN = "sign"
    CARRY_OUT = "carry_out"
    FINISH = "finish"
    TAKE = "take"
    COME = "come"
    PREPARE = "prepare"
    SAY = "say"
    AGREE = "agree"
    CALL_OFF = "call_off"


# What lets the other side wait; the rest is done when its day comes.
PRESSING = frozenset(Step) - {Step.CARRY_OUT, Step.COME, Step.PREPARE}

Steps = Mapping[Party, Step]

NOTHING: Steps = MappingProxyType({})
"""It has ended, as far as either side is concerned."""

BOTH = tuple(Party)


def after_proposal(state: ProposalState, *, is_open: bool, has_lapsed: bool) -> Steps:
    """The steps of a proposal without an agreement; `is_open` while its need looks for suppliers."""
    if state is ProposalState.ACCEPTED:
        return {Party.AUTHOR: Step.CONCLUDE}
    if state is not ProposalState.MADE or not is_open:
        return NOTHING
    return {Party.PARTNER: Step.RENEW} if has_lapsed else {Party.AUTHOR: Step.CHOOSE}


def after_agreement(state: AgreementState, *, signed: Collection[Party], done: Collection[Party]) -> Steps:
    """The steps of an agreement: who has signed what it says now, and who says that all is done."""
    if state is AgreementState.CONCLUDED:
        return {party: Step.SIGN for party in BOTH if party not in signed}
    if state is AgreementState.RUNNING:
        return {party: Step.FINISH if done else Step.CARRY_OUT for party in BOTH if party not in done}
    return NOTHING


def with_paper(taken: Steps, agreed: Steps, *, may_leave: bool, has_left: bool) -> Steps:
    """The steps of a taking together with those of the agreement about it, which is completed once the part has left.

    What will not leave any more lets nobody sign or wait: the agreement is to be cancelled.
    """
    if agreed and not (may_leave or has_left):
        return dict.fromkeys(BOTH, Step.CALL_OFF)
    if any(step is Step.SIGN for step in agreed.values()) or has_left:
        return {**taken, **agreed}
    return taken


def after_taking(state: State, *, is_held: bool, has_begun: bool, said: Collection[Party]) -> Steps:
    """The steps of a taking: while its option lasts, before and from the beginning of its slot, who said how much."""
    if state is State.HELD:
        return {Party.PARTNER: Step.TAKE} if is_held else NOTHING
    if state is State.MADE:
        if not has_begun:
            return {Party.AUTHOR: Step.PREPARE, Party.PARTNER: Step.COME}
        return {party: Step.SAY for party in BOTH if party not in said}
    return dict.fromkeys(BOTH, Step.AGREE) if state is State.DISPUTED else NOTHING

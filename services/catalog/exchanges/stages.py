"""How far an exchange has come, in stages: a pure function of what each side has to do, and of where it stopped."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from services.catalog.agreements.models import AgreementState
from services.catalog.exchanges.steps import Step, Steps
from services.catalog.takings.models import State


class Stage(StrEnum):
    """One stage on the way of an exchange."""

    PROPOSAL = "proposal"
    CHOICE = "choice"
    AGREEMENT = "agreement"
    SIGNATURES = "signatures"
    WORK = "work"
    PART = "part"
    PICK_UP = "pick_up"
    QUANTITY = "quantity"
    CLOSING = "closing"


class Standing(StrEnum):
    """Where a stage stands: what comes after one that was stopped at is dropped."""

    DONE = "done"
    CURRENT = "current"
    STOPPED = "stopped"
    COMING = "coming"
    DROPPED = "dropped"


class Passed(NamedTuple):
    """A stage, and where it stands."""

    stage: Stage
    standing: Standing


OF_NEED = (Stage.PROPOSAL, Stage.CHOICE, Stage.AGREEMENT, Stage.SIGNATURES, Stage.WORK)
OF_LOT = (Stage.PART, Stage.PICK_UP, Stage.QUANTITY)
# With an agreement about it, which may be signed at any time and is completed last.
OF_LOT_WITH_PAPER = (*OF_LOT, Stage.CLOSING)

# In which stage each step is; of a lot, all that its agreement asks is one.
STAGES: Mapping[Step, tuple[Stage, ...]] = {
    Step.RENEW: (Stage.PROPOSAL,),
    Step.CHOOSE: (Stage.CHOICE,),
    Step.CONCLUDE: (Stage.AGREEMENT,),
    Step.SIGN: (Stage.SIGNATURES, Stage.CLOSING),
    Step.CARRY_OUT: (Stage.WORK, Stage.CLOSING),
    Step.FINISH: (Stage.WORK, Stage.CLOSING),
    Step.TAKE: (Stage.PART,),
    Step.COME: (Stage.PICK_UP,),
    Step.PREPARE: (Stage.PICK_UP,),
    Step.SAY: (Stage.QUANTITY,),
    Step.AGREE: (Stage.QUANTITY,),
    Step.CALL_OFF: (),
}


def course_of(way: Sequence[Stage], steps: Steps, stopped_at: Stage | None) -> list[Passed]:
    """Each stage of a way with where it stands: the earliest that a step is in is current.

    Without a step it has ended: where it stopped, or with all of it done.
    """
    pending = [way.index(stage) for step in steps.values() for stage in STAGES[step] if stage in way]
    if stopped_at is not None:
        reached, here, after = way.index(stopped_at), Standing.STOPPED, Standing.DROPPED
    else:
        reached, here, after = min(pending, default=len(way)), Standing.CURRENT, Standing.COMING
    return [
        Passed(stage, Standing.DONE if number < reached else here if number == reached else after)
        for number, stage in enumerate(way)
    ]


def agreement_stopped_at(state: AgreementState, *, was_running: bool) -> Stage | None:
    """Where an agreement from a proposal was cancelled."""
    if state is not AgreementState.CANCELLED:
        return None
    return Stage.WORK if was_running else Stage.SIGNATURES


def taking_stopped_at(state: State, *, is_held: bool, agreed: AgreementState | None) -> Stage | None:
    """Where a taking stopped: as an option, before anything left, or with its agreement cancelled after it left."""
    if state in (State.RELEASED, State.EXPIRED) or (state is State.HELD and not is_held):
        return Stage.PART
    if state in (State.CANCELLED, State.MISSED):
        return Stage.PICK_UP
    return Stage.CLOSING if state is State.CONFIRMED and agreed is AgreementState.CANCELLED else None

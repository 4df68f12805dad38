"""What comes next in an exchange, for every state of everything that one may be about: no dead end."""

import itertools
from collections.abc import Collection, Iterator

import pytest

from services.catalog.agreements.models import ENDED, AgreementState
from services.catalog.exchanges.exchange import OVER
from services.catalog.exchanges.queries import OPEN
from services.catalog.exchanges.steps import (
    NOTHING,
    PRESSING,
    Party,
    Step,
    Steps,
    after_agreement,
    after_proposal,
    after_taking,
    with_paper,
)
from services.catalog.proposals.models import ProposalState
from services.catalog.takings.models import State
from shared.phrases.exchanges import HAPPENED, OWN_STEPS, STEP_ACTIONS, THEIR_STEPS

AUTHOR, PARTNER = Party.AUTHOR, Party.PARTNER
NOBODY: Collection[Party] = ()
SOME = [NOBODY, (AUTHOR,), (PARTNER,), (AUTHOR, PARTNER)]


def every_state() -> Iterator[tuple[str, bool, Steps]]:
    """Each state with everything else that counts, whether it is an end, and its steps; what cannot be is left out."""
    for proposed, is_open, lapsed in itertools.product(ProposalState, (True, False), (True, False)):
        if lapsed and proposed is not ProposalState.MADE:
            continue
        ended = proposed in (ProposalState.REJECTED, ProposalState.WITHDRAWN)
        # Of a need that has ended the timer turns down what was made.
        ended |= proposed is ProposalState.MADE and not is_open
        yield f"{proposed} {is_open} {lapsed}", ended, after_proposal(proposed, is_open=is_open, has_lapsed=lapsed)
    for agreed, signed, done in itertools.product(AgreementState, SOME, SOME):
        if agreed is AgreementState.CONCLUDED and len(signed) == len(Party):
            continue
        if agreed is AgreementState.RUNNING and len(done) == len(Party):
            continue
        yield f"{agreed} {signed} {done}", agreed in ENDED, after_agreement(agreed, signed=signed, done=done)
    for taken, held, begun, said in itertools.product(State, (True, False), (True, False), SOME):
        if taken is State.MADE and len(said) == len(Party):
            continue
        ended = taken in OVER or (taken is State.HELD and not held)
        steps = after_taking(taken, is_held=held, has_begun=begun, said=said)
        yield f"{taken} {held} {begun} {said}", ended, steps
        # Of an option there is no agreement; when its slot begins makes no difference to the paper.
        if taken is State.HELD or held or not begun:
            continue
        for agreed, signed in itertools.product(AgreementState, SOME):
            if agreed is AgreementState.CONCLUDED and len(signed) == len(Party):
                continue
            paper = after_agreement(agreed, signed=signed, done=NOBODY)
            both = with_paper(steps, paper, may_leave=taken not in OVER, has_left=taken is State.CONFIRMED)
            yield f"{taken} {held} {begun} {said} {agreed} {signed}", ended and agreed in ENDED, both


class TestSteps:
    """INVARIANT: whatever state it is in, an exchange has ended or somebody has something to do."""

    @pytest.mark.parametrize(("state", "ended", "steps"), [pytest.param(*each, id=each[0]) for each in every_state()])
    def test_it_has_ended_or_goes_on(self, state: str, *, ended: bool, steps: Steps) -> None:
        assert bool(steps) is not ended, state

    def test_every_taking_is_open_or_over(self) -> None:
        assert {*OPEN, *OVER} == set(State)
        assert not {*OPEN} & {*OVER}

    def test_every_step_comes_up_and_has_its_words(self) -> None:
        assert {step for _, _, steps in every_state() for step in steps.values()} == set(Step)
        assert set(OWN_STEPS) == set(THEIR_STEPS) == set(STEP_ACTIONS) == {each.value for each in Step}
        assert all(
            "{who}" in words for action, said in HAPPENED.items() for words in said if action != "lot.hold-expired"
        )

    @pytest.mark.parametrize(
        ("steps", "expected"),
        [
            (after_proposal(ProposalState.MADE, is_open=True, has_lapsed=False), {AUTHOR: Step.CHOOSE}),
            (after_proposal(ProposalState.MADE, is_open=True, has_lapsed=True), {PARTNER: Step.RENEW}),
            (after_proposal(ProposalState.ACCEPTED, is_open=False, has_lapsed=False), {AUTHOR: Step.CONCLUDE}),
            (after_agreement(AgreementState.CONCLUDED, signed=[PARTNER], done=NOBODY), {AUTHOR: Step.SIGN}),
            (after_agreement(AgreementState.RUNNING, signed=tuple(Party), done=[AUTHOR]), {PARTNER: Step.FINISH}),
            (after_agreement(AgreementState.CANCELLED, signed=[PARTNER], done=NOBODY), NOTHING),
            (after_taking(State.HELD, is_held=True, has_begun=False, said=NOBODY), {PARTNER: Step.TAKE}),
            (
                after_taking(State.MADE, is_held=False, has_begun=False, said=NOBODY),
                {AUTHOR: Step.PREPARE, PARTNER: Step.COME},
            ),
            (after_taking(State.MADE, is_held=False, has_begun=True, said=[PARTNER]), {AUTHOR: Step.SAY}),
            (
                after_taking(State.DISPUTED, is_held=False, has_begun=True, said=tuple(Party)),
                {AUTHOR: Step.AGREE, PARTNER: Step.AGREE},
            ),
            (after_taking(State.MISSED, is_held=False, has_begun=True, said=NOBODY), NOTHING),
            (
                with_paper({PARTNER: Step.SAY}, {AUTHOR: Step.SIGN}, may_leave=True, has_left=False),
                {PARTNER: Step.SAY, AUTHOR: Step.SIGN},
            ),
            (
                with_paper({PARTNER: Step.SAY}, {AUTHOR: Step.CARRY_OUT}, may_leave=True, has_left=False),
                {PARTNER: Step.SAY},
            ),
            (
                with_paper(NOTHING, {AUTHOR: Step.FINISH}, may_leave=False, has_left=True),
                {AUTHOR: Step.FINISH},
            ),
            (
                with_paper(NOTHING, {AUTHOR: Step.SIGN}, may_leave=False, has_left=False),
                {AUTHOR: Step.CALL_OFF, PARTNER: Step.CALL_OFF},
            ),
        ],
    )
    def test_whose_turn_it_is(self, steps: Steps, expected: Steps) -> None:
        assert steps == expected

    def test_what_is_done_on_its_day_lets_nobody_wait(self) -> None:
        assert Step.SIGN in PRESSING
        assert Step.COME not in PRESSING

"""How far an exchange has come, for every state of everything that one may be about, and in words on its page."""

import re
from collections.abc import Sequence

import httpx
import pytest

from services.catalog.agreements.models import AgreementState
from services.catalog.exchanges.stages import (
    OF_LOT,
    OF_LOT_WITH_PAPER,
    OF_NEED,
    STAGES,
    Stage,
    Standing,
    agreement_stopped_at,
    course_of,
    taking_stopped_at,
)
from services.catalog.exchanges.steps import NOTHING, Party, Step, Steps
from services.catalog.takings.models import State
from shared.phrases.exchanges import STAGES as STAGE_NAMES
from shared.phrases.exchanges import STANDINGS
from tests.services.catalog.agreeing import both_signed, cancelled, chosen, concluded
from tests.services.catalog.exchanging import of
from tests.services.catalog.pages import shown
from tests.services.catalog.proposing import made, rejected
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.test_flow_and_offer_wizards import post

AUTHOR, PARTNER = Party.AUTHOR, Party.PARTNER
LETTERS = {"done": "d", "current": "c", "stopped": "s", "coming": "o", "dropped": "-"}


def drawn(way: Sequence[Stage], steps: Steps, stopped_at: Stage | None = None) -> str:
    """One letter a stage: done, current, to come (c is current, o is coming)."""
    said = {
        Standing.DONE: "d",
        Standing.CURRENT: "c",
        Standing.STOPPED: "s",
        Standing.COMING: "o",
        Standing.DROPPED: "-",
    }
    return "".join(said[standing] for _, standing in course_of(way, steps, stopped_at))


@pytest.mark.parametrize(
    ("way", "steps", "stopped_at", "expected"),
    [
        (OF_NEED, {PARTNER: Step.RENEW}, None, "coooo"),
        (OF_NEED, {AUTHOR: Step.CHOOSE}, None, "dcooo"),
        (OF_NEED, {AUTHOR: Step.CONCLUDE}, None, "ddcoo"),
        (OF_NEED, {AUTHOR: Step.SIGN, PARTNER: Step.SIGN}, None, "dddco"),
        (OF_NEED, {PARTNER: Step.FINISH}, None, "ddddc"),
        (OF_NEED, NOTHING, None, "ddddd"),
        (OF_NEED, NOTHING, Stage.CHOICE, "ds---"),
        (OF_NEED, NOTHING, Stage.SIGNATURES, "ddds-"),
        (OF_LOT, {PARTNER: Step.TAKE}, None, "coo"),
        (OF_LOT, {AUTHOR: Step.PREPARE, PARTNER: Step.COME}, None, "dco"),
        (OF_LOT, {AUTHOR: Step.SAY}, None, "ddc"),
        (OF_LOT, NOTHING, None, "ddd"),
        (OF_LOT, NOTHING, Stage.PART, "s--"),
        # The part and its paper at once: the earlier of the two.
        (OF_LOT_WITH_PAPER, {AUTHOR: Step.SAY, PARTNER: Step.SIGN}, None, "ddco"),
        (OF_LOT_WITH_PAPER, {PARTNER: Step.SIGN}, None, "dddc"),
        (OF_LOT_WITH_PAPER, {AUTHOR: Step.CALL_OFF, PARTNER: Step.CALL_OFF}, Stage.PICK_UP, "ds--"),
    ],
)
def test_where_it_stands(way: Sequence[Stage], steps: Steps, stopped_at: Stage | None, expected: str) -> None:
    assert drawn(way, steps, stopped_at) == expected


def test_every_step_is_in_a_stage_and_every_stage_has_its_words() -> None:
    assert set(STAGES) == set(Step)
    assert {stage for stages in STAGES.values() for stage in stages} == set(Stage)
    assert set(STAGE_NAMES) == {each.value for each in Stage}
    assert set(STANDINGS) == {each.value for each in Standing}


def test_where_it_stopped() -> None:
    assert agreement_stopped_at(AgreementState.COMPLETED, was_running=True) is None
    assert agreement_stopped_at(AgreementState.CANCELLED, was_running=True) is Stage.WORK
    for state, expected in {
        State.RELEASED: Stage.PART,
        State.EXPIRED: Stage.PART,
        State.CANCELLED: Stage.PICK_UP,
        State.MISSED: Stage.PICK_UP,
        State.CONFIRMED: None,
        State.DISPUTED: None,
        State.MADE: None,
    }.items():
        assert taking_stopped_at(state, is_held=False, agreed=None) is expected
    assert taking_stopped_at(State.HELD, is_held=False, agreed=None) is Stage.PART
    assert taking_stopped_at(State.HELD, is_held=True, agreed=None) is None
    assert taking_stopped_at(State.CONFIRMED, is_held=False, agreed=AgreementState.CANCELLED) is Stage.CLOSING


def course_on(page: str) -> str:
    """The stages of a page as one letter each."""
    return "".join(LETTERS[each] for each in re.findall(r'<li class="at-(\w+)"', page))


async def test_a_page_says_where_it_stands_to_the_eye_and_to_the_ear(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
) -> None:
    proposal = await made(supplier, await a_need(buyer))
    page = await shown(supplier, of(proposal))
    assert course_on(page) == "dcooo"
    assert page.count('aria-current="step"') == 1
    for words in ("Choix", "En cours", "Fait", "À venir"):
        assert words in page
    told = (await supplier.get(f"/api/v1{of(proposal)}")).json()["stages"]
    assert [each["standing"] for each in told] == ["done", "current", "coming", "coming", "coming"]
    await rejected(buyer, proposal)
    page = await shown(supplier, of(proposal))
    assert course_on(page) == "ds---"
    assert "Arrêté ici" in page
    assert 'aria-current="step"' not in page


async def test_an_agreement_goes_to_its_end_or_stops_where_it_was_cancelled(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
) -> None:
    proposal = await chosen(buyer, supplier)
    assert course_on(await shown(buyer, of(proposal))) == "ddcoo"
    agreement = await concluded(buyer, proposal)
    assert course_on(await shown(buyer, of(proposal))) == "dddco"
    await both_signed(buyer, supplier, agreement)
    assert course_on(await shown(buyer, of(proposal))) == "ddddc"
    for each in (buyer, supplier):
        await post(each, f"{agreement}/complete")
    assert course_on(await shown(buyer, of(proposal))) == "ddddd"
    other = await chosen(buyer, supplier)
    ended = await concluded(buyer, other)
    assert (await cancelled(buyer, ended, seen=1)).status_code == 303
    assert course_on(await shown(buyer, of(other))) == "ddds-"

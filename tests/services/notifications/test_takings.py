"""Whose lot it is hears who takes of it; who takes hears what becomes of its part: each what the other did."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from shared.events.facts import Level, Quantity
from shared.events.takings import (
    Basis,
    Cancelled,
    Side,
    TakingCancelled,
    TakingConfirmed,
    TakingDisputed,
    TakingDone,
    TakingEnding,
    TakingHeld,
    TakingMade,
    TakingMissed,
    TakingReleased,
    TakingState,
    TakingUnconfirmed,
)
from tests.services.notifications.actors import NOON, Actor, Stage, actor, contact, joined, registered

Told = list[dict[str, Any]]


@pytest.fixture
def holder() -> Actor:
    return actor("Sogalog")


@pytest.fixture
def taker() -> Actor:
    return actor("Palettes Garonne")


@pytest.fixture
async def known(stage: Stage, holder: Actor, taker: Actor) -> None:
    for each, email in ((holder, "claire@sogalog.test"), (taker, "ali@palettes.test")):
        await stage.tell(registered(each), joined(each), contact(each, email=email))


class Part:
    """What is told of one part of a lot, in the order it happens."""

    def __init__(self, holder: Actor, taker: Actor) -> None:
        self._said: dict[str, Any] = {
            "taking_id": uuid4(),
            "lot_id": uuid4(),
            "flow_id": uuid4(),
            "organisation_id": holder.organisation_id,
            "organisation_name": "Sogalog",
            "title": "Palettes bois",
            "taker_id": taker.organisation_id,
            "taker_name": "Palettes Garonne",
            "quantity": Quantity(value=Decimal("3.6"), unit="t"),
            "level": Level.REUSE,
            "slot_from": NOON + timedelta(days=2),
            "slot_until": NOON + timedelta(days=2, hours=1),
            "held_until": NOON + timedelta(hours=40),
            "at": NOON,
        }
        self._version = 0

    def says(self, kind: type[TakingState], **more: Any) -> TakingState:
        self._version += 1
        return kind(version=self._version, **self._said, **more)


async def told(stage: Stage) -> Told:
    return [dict(row) for row in await stage.rows("SELECT * FROM notices ORDER BY id")]


BY_TAKER = {"by": Side.TAKER}
BY_HOLDER = {"by": Side.HOLDER}
REASON = {"reason": Cancelled.NO_VEHICLE}
MORE, LESS = (Quantity(value=Decimal(value), unit="t") for value in ("3.6", "3"))
SAYS: dict[str, Any] = {"figure": LESS, "basis": Basis.MEASURED}
BOTH_SAY: dict[str, Any] = {"holder_says": MORE, "taker_says": LESS}
COUNTS: dict[str, Any] = {"counted": LESS, "counted_by": Side.TAKER, "basis": Basis.MEASURED}


@pytest.mark.parametrize(
    ("kind", "more", "topic", "to", "words"),
    [
        (TakingMade, {}, Topic.TAKEN, "holder", "Palettes Garonne prend 3,6 t"),
        (TakingHeld, {}, Topic.TAKEN, "holder", "Palettes Garonne pose une option sur 3,6 t"),
        (TakingHeld, {"extended": True}, Topic.PICK_UP, "taker", "Votre option est prolongée"),
        (TakingEnding, {}, Topic.PICK_UP, "taker", "Votre option se termine bientôt"),
        (TakingReleased, {"expired": True}, Topic.PICK_UP, "taker", "Votre option est passée"),
        (TakingCancelled, {**BY_TAKER, **REASON}, Topic.TAKEN, "holder", "Raison : Pas de véhicule"),
        (TakingCancelled, {**BY_HOLDER, **REASON}, Topic.PICK_UP, "taker", "Sogalog annule votre enlèvement"),
        (TakingMissed, BY_TAKER, Topic.TAKEN, "holder", "Palettes Garonne n'a pas pu venir"),
        (TakingMissed, BY_HOLDER, Topic.PICK_UP, "taker", "Sogalog dit que personne n'est venu"),
        (TakingDone, {**BY_TAKER, **SAYS, "awaited": (Side.HOLDER,)}, Topic.TAKEN, "holder", "avoir enlevé 3 t"),
        (TakingDone, {**BY_HOLDER, **SAYS, "awaited": (Side.TAKER,)}, Topic.PICK_UP, "taker", "dit que 3 t est parti"),
        (TakingDisputed, {**BY_TAKER, **BOTH_SAY}, Topic.TAKEN, "holder", "Palettes Garonne dit 3 t, vous dites"),
        (TakingDisputed, {**BY_HOLDER, **BOTH_SAY}, Topic.PICK_UP, "taker", "Sogalog dit 3,6 t, vous dites"),
        (TakingConfirmed, {**BY_TAKER, **COUNTS}, Topic.TAKEN, "holder", "Enlèvement confirmé, 3 t"),
        (TakingConfirmed, {**BY_HOLDER, **COUNTS}, Topic.PICK_UP, "taker", "Enlèvement confirmé, 3 t"),
        (TakingUnconfirmed, {"awaited": (Side.HOLDER,)}, Topic.TAKEN, "holder", "Palettes Garonne devait venir le"),
        (TakingUnconfirmed, {"awaited": (Side.TAKER,)}, Topic.PICK_UP, "taker", "Vous deviez venir le"),
    ],
)
async def test_each_hears_what_the_other_did(
    known: None, stage: Stage, holder: Actor, taker: Actor, kind: type[TakingState], more: dict[str, Any],
    topic: Topic, to: str, words: str,
) -> None:  # fmt: skip
    event = Part(holder, taker).says(kind, **more)
    await stage.tell(event, event)
    (notice,) = await told(stage)
    whose = holder if to == "holder" else taker
    assert (notice["topic"], notice["organisation_id"]) == (topic, whose.organisation_id)
    assert [row["member_id"] for row in await stage.rows("SELECT member_id FROM deliveries")] == [whose.member_id]
    params = {**notice["params"], "about_kind": notice["about_kind"], "about_id": notice["about_id"]}
    french, english = (message_of(topic, params, language) for language in ("fr", "en"))
    said = f"{french.title} {french.text}".replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
    assert words in said
    assert french.path == f"/takings/{event.aggregate_id}"
    assert english.title != french.title
    assert "{" not in f"{french}{english}"


async def test_what_one_lets_go_oneself_is_no_news(known: None, stage: Stage, holder: Actor, taker: Actor) -> None:
    await stage.tell(Part(holder, taker).says(TakingReleased))
    assert await told(stage) == []


async def test_a_warning_does_not_wait_in_a_digest_beyond_the_option(
    known: None, stage: Stage, holder: Actor, taker: Actor
) -> None:
    await stage.tell(Part(holder, taker).says(TakingEnding))
    (notice,) = await told(stage)
    assert notice["params"]["deadline_on"] == (NOON + timedelta(hours=40)).date().isoformat()


async def test_what_comes_late_tells_nothing_that_is_over(
    known: None, stage: Stage, holder: Actor, taker: Actor
) -> None:
    """INVARIANT: what a holder heard last of a part is what became of it last, in whatever order events come."""
    part = Part(holder, taker)
    made = part.says(TakingMade)
    await stage.tell(part.says(TakingCancelled, **BY_TAKER, **REASON), made)
    assert [each["params"]["what"] for each in await told(stage)] == ["cancelled"]


async def test_a_figure_that_settles_is_told_by_what_came_of_it(
    known: None, stage: Stage, holder: Actor, taker: Actor
) -> None:
    await stage.tell(Part(holder, taker).says(TakingDone, **BY_TAKER, **SAYS))
    assert await told(stage) == []


async def test_both_are_asked_where_neither_has_said(known: None, stage: Stage, holder: Actor, taker: Actor) -> None:
    await stage.tell(Part(holder, taker).says(TakingUnconfirmed, awaited=tuple(Side)))
    assert {row["organisation_id"] for row in await told(stage)} == {holder.organisation_id, taker.organisation_id}

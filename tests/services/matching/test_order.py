"""Events of one aggregate that overtake each other leave what they leave in order (reliability.md, 10)."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text

from services.matching.matches.queries import kept_demand
from shared.events import Event
from shared.events.catalog import (
    Ending,
    FlowPaused,
    FlowUpdated,
    FlowWithdrawn,
    NeedClosed,
    NeedUpdated,
    NeedWithdrawn,
    OfferPaused,
    OfferUpdated,
    OfferWithdrawn,
)
from shared.events.matching import DemandMatched, DemandUnmatched
from tests.services.matching.scenes import flow, need, offer
from tests.services.matching.stage import Stage

Life = tuple[Event, Event, Event]
TABLES = ("outbox", "solicitations", "waves", "match_history", "matches", "near_misses", "demands", "supplies")


def of_need(ended: type[NeedWithdrawn | NeedClosed], **facts: Any) -> Life:
    """Published, changed, ended."""
    first = need()
    changed = NeedUpdated(**{**dict(first), "version": 2, "title": "Palettes à réparer chaque mois"})
    facts |= {"need_id": first.need_id, "organisation_id": first.author.organisation_id}
    return first, changed, ended(version=3, **facts)


def of_flow(ended: type[FlowPaused | FlowWithdrawn]) -> Life:
    first = flow()
    changed = FlowUpdated(**{**dict(first), "version": 2, "title": "Palettes en bois triées"})
    return first, changed, ended(version=3, flow_id=first.flow_id, organisation_id=first.author.organisation_id)


def of_offer(ended: type[OfferPaused | OfferWithdrawn]) -> Life:
    first = offer()
    changed = OfferUpdated(**{**dict(first), "version": 2, "title": "Réparation de palettes en bois"})
    return first, changed, ended(version=3, offer_id=first.offer_id, organisation_id=first.supplier.organisation_id)


LIVES: dict[str, Life] = {
    "a need withdrawn": of_need(NeedWithdrawn),
    "a need closed": of_need(NeedClosed, outcome=Ending.PRICE),
    "a flow paused": of_flow(FlowPaused),
    "a flow withdrawn": of_flow(FlowWithdrawn),
    "an offer paused": of_offer(OfferPaused),
    "an offer withdrawn": of_offer(OfferWithdrawn),
}


async def kept(stage: Stage, aggregate: Event) -> Mapping[str, Any]:
    """The row of a demand or a supply, and how many others it is paired with."""
    table, key = ("supplies", "offer_id") if aggregate.type.startswith("catalog.offer") else ("demands", "demand_id")
    async with stage.database.sessions.begin() as session:
        found = await session.execute(
            text(f"""
                SELECT version, status, organisation_id, search, state, published_at,
                       (SELECT count(*) FROM matches WHERE {key} = t.id) AS matches,
                       (SELECT count(*) FROM near_misses WHERE {key} = t.id) AS near_misses
                FROM {table} t WHERE id = :id
            """),
            {"id": aggregate.aggregate_id},
        )
        return dict(found.mappings().one())


async def forget(stage: Stage) -> None:
    async with stage.database.sessions.begin() as session:
        for table in TABLES:
            await session.execute(text(f"DELETE FROM {table}"))


async def left_by(stage: Stage, events: Sequence[Event]) -> Mapping[str, Any]:
    """What the events leave, next to somebody whom they would all be paired with."""
    other = need() if events[0].type.startswith("catalog.offer") else offer()
    await stage.tell(other, *events)
    left = await kept(stage, events[0])
    await forget(stage)
    return left


@pytest.mark.parametrize("life", LIVES)
async def test_invariant_every_order_of_a_life_leaves_the_same(stage: Stage, life: str) -> None:
    """INVARIANT: the newest event decides whether it is open, the newest facts decide what it is."""
    in_order = await left_by(stage, LIVES[life])
    assert in_order["version"] == 3
    assert in_order["state"]["version"] == 2
    for events in permutations(LIVES[life]):
        assert await left_by(stage, events) == in_order, [event.version for event in events]


async def test_an_offer_whose_pause_came_first_is_a_near_miss_like_any_paused_one(stage: Stage) -> None:
    published, _, paused = LIVES["an offer paused"]
    await stage.tell(need(), paused, published)
    left = await kept(stage, published)
    assert (left["status"], left["matches"], left["near_misses"]) == ("paused", 0, 1)


@pytest.mark.parametrize("life", ["a need withdrawn", "a need closed", "a flow withdrawn"])
async def test_of_a_demand_whose_end_came_first_nothing_is_told(stage: Stage, life: str) -> None:
    published, _, ended = LIVES[life]
    await stage.tell(offer(), ended, published)
    assert await stage.heard(DemandMatched) == []
    assert await stage.heard(DemandUnmatched) == []


async def test_a_flow_whose_pause_came_first_runs_again(stage: Stage) -> None:
    published, resumed, _ = LIVES["a flow paused"]
    paused = FlowPaused(version=1, flow_id=published.aggregate_id, organisation_id=resumed.aggregate_id)
    await stage.tell(offer(), paused, resumed)
    assert (await kept(stage, published))["status"] == "open"
    assert len(await stage.heard(DemandMatched)) == 1


async def test_a_demand_of_which_only_the_end_is_known_is_not_shown(stage: Stage) -> None:
    *_, ended = LIVES["a need closed"]
    await stage.tell(ended)
    async with stage.database.sessions.begin() as session:
        assert await kept_demand(session, ended.aggregate_id, kind="need") is None

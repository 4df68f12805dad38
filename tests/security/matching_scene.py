"""Matching, with an organisation's need and flow, who fits them, and strangers."""

from collections.abc import AsyncIterator
from typing import cast
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.matching.app import create_app as create_matching
from services.matching.settings import Settings as MatchingSettings
from shared.clock import Calendar
from shared.events.catalog import FlowPublished
from shared.events.matching import AllocatedShare
from shared.identity import Signer
from shared.territory.place import radius_around
from shared.web.application import Application
from tests.security.people import STRANGERS, people_of
from tests.security.scene import BAIT, SECRET, Scene, closed
from tests.services.matching import scenes
from tests.services.matching.stage import Stage as MatchingStage
from tests.support import Isolated, isolated

ACCEPTED = """
    INSERT INTO allocations (id, flow_id, organisation_id, version, member_id, accepted_at, weights, shares)
    VALUES (:id, :flow, :organisation, 1, gen_random_uuid(), now(), '', CAST(:shares AS jsonb))
"""


@pytest.fixture
async def matching_scene(engines: Engines, matching_settings: MatchingSettings, signer: Signer) -> AsyncIterator[Scene]:
    """A need and a flow with who fits them and who almost does; every stranger has an offer that fits too."""
    stage = MatchingStage(scenes.NOW)
    async with isolated(engines.instance, "matching", clock=stage.clock, calendar=Calendar()) as database:
        stage.database = database
        strangers = {who: uuid4() for who in STRANGERS[1:-1]}
        names = (f"{SECRET} fits", f"{SECRET} almost")
        fits = scenes.offer(supplier=scenes.supplier(name=names[0]))
        almost = scenes.offer(
            zones=(radius_around(scenes.BESSIERES, 20),),
            supplier=scenes.supplier(name=names[1], place=scenes.BESSIERES),
        )
        theirs = [scenes.offer(supplier=scenes.supplier(organisation_id=each)) for each in strangers.values()]
        need = scenes.need(title=f"Réparation de palettes {BAIT}")
        flow = scenes.flow(author=need.author, title=f"Palettes {BAIT}")
        await stage.tell(fits, almost, *theirs, need, flow)
        await stage.ask()
        await stage.measure({need.author.organisation_id: 2.5})
        allocation = await an_accepted_split(database, flow, names[0])
        app = cast(Application, create_matching(matching_settings, databases=database.both, clock=stage.clock))
        owner = need.author.organisation_id
        people = people_of(app, signer, owner, strangers=strangers)
        ids: dict[str, list[object]] = {"demand_id": [need.need_id, flow.flow_id], "allocation_id": [allocation]}
        marks = frozenset(str(each) for each in (owner, *ids["demand_id"], allocation))
        yield Scene(app, database, people, ids, frozenset(names), marks)
        await closed(people.values())


async def an_accepted_split(database: Isolated, flow: FlowPublished, taker: str) -> UUID:
    """The id of a split of the flow that its publisher accepted."""
    allocation = uuid4()
    share = AllocatedShare(
        offer_id=uuid4(),
        organisation_id=uuid4(),
        organisation_name=taker,
        quantity=scenes.quantity(2, "kg", "month"),
        level=None,
        distance_km=1.0,
    )
    row = {
        "id": allocation,
        "flow": flow.flow_id,
        "organisation": flow.author.organisation_id,
        "shares": msgspec.json.encode([share.model_dump(mode="json")]).decode(),
    }
    async with database.sessions.begin() as session:
        await session.execute(text(ACCEPTED), row)
    return allocation

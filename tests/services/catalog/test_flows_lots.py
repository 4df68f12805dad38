"""Lots in time: announced, opened, gone; kept when their flow changes; each made once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.engines import Engines
from services.catalog.audit.actor import Machine
from services.catalog.audit.models import AuditLine
from services.catalog.flows import commands
from services.catalog.flows.errors import LotNotReleased, LotUnknown
from services.catalog.flows.lot import Lot, LotState
from services.catalog.flows.models import Flow, FlowState
from services.catalog.flows.planning import fire_due
from services.catalog.flows.schemas import FlowDraft, LotChange
from services.catalog.organisations.commands import register_establishment
from services.catalog.organisations.models import LegalEntity, Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.schemas import EstablishmentFacts
from shared.clock import Calendar, now
from shared.database import Database
from shared.messaging.tables import outbox
from tests.support import isolated

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WEEKLY = FlowDraft.model_validate(
    {
        "title": "Palettes bois",
        "categories": ["wood"],
        "legal_status": "product",
        "place": "Fenouillet",
        "quantity_value": 6,
        "quantity_unit": "t",
        "quantity_period": "week",
        "recurrence": "FREQ=WEEKLY;BYDAY=TH",
        "pickup_from": "07:00",
        "pickup_until": "11:00",
    }
)
ONCE = WEEKLY.model_copy(update={"recurrence": None, "quantity_period": None, "title": "200 bureaux"})


class Story:
    """One holder, its flow, and a clock that the test moves."""

    def __init__(self, database: Database, holder: Machine) -> None:
        self.database, self.holder, self.now = database, holder, TUESDAY
        self.flow_id = uuid4()

    async def publish(self, draft: FlowDraft = WEEKLY) -> None:
        async with self.database.sessions.begin() as session:
            flow = await commands.draft_flow(session, self.holder, draft, now=self.now)
            await commands.publish_flow(session, self.holder, flow_id=flow.id, now=self.now)
            self.flow_id = flow.id

    async def do(self, command: Callable[..., Any], *args: Any, **fields: Any) -> Any:
        async with self.database.sessions.begin() as session:
            return await command(session, self.holder, *args, **{"flow_id": self.flow_id, **fields}, now=self.now)

    async def until(self, moment: datetime) -> int:
        """Let the time pass; returns how many things the timer did."""
        self.now = moment
        return await fire_due(self.database)

    async def lots(self) -> list[tuple[str, str, Decimal]]:
        async with self.database.sessions() as session:
            rows = await session.scalars(select(Lot).where(Lot.flow_id == self.flow_id).order_by(Lot.day))
            return [(f"{lot.day:%m-%d}", lot.state.value, lot.quantity_value.normalize()) for lot in rows]

    async def lot_ids(self) -> dict[str, UUID]:
        async with self.database.sessions() as session:
            rows = await session.execute(select(Lot.day, Lot.id).where(Lot.flow_id == self.flow_id))
            return {f"{day:%m-%d}": lot_id for day, lot_id in rows}

    async def told(self, kind: str) -> list[Any]:
        async with self.database.sessions() as session:
            rows = await session.scalars(
                select(outbox.c.payload).where(outbox.c.type == f"catalog.{kind}.v1").order_by(outbox.c.id)
            )
            return [row["data"] for row in rows if row["data"]["flow_id"] == str(self.flow_id)]

    async def state(self) -> FlowState:
        async with self.database.sessions() as session:
            return (await session.scalars(select(Flow.state).where(Flow.id == self.flow_id))).one()


async def a_holder(session: AsyncSession) -> Machine:
    facts = EstablishmentFacts(siret="", organisation_name="Sogalog", place="Fenouillet")
    place = resolved_place("Fenouillet")
    organisation = await register_establishment(session, facts, siret=None, place=place, now=TUESDAY)
    return Machine(organisation.id)


@pytest.fixture
async def story(engines: Engines) -> AsyncIterator[Story]:
    told: list[Story] = []
    clock = lambda: told[0].now  # noqa: E731 - the story has the clock, and the clock's database has the story
    async with isolated(engines.instance, "catalog", clock=clock) as database:
        async with database.sessions.begin() as session:
            told.append(Story(database, await a_holder(session)))
        yield told[0]


def days(lots: list[tuple[str, str, Decimal]], state: str) -> list[str]:
    return [day for day, each, _ in lots if each == state]


async def test_lots_are_announced_four_weeks_ahead_and_open_two_weeks_ahead(story: Story) -> None:
    await story.publish()
    assert days(await story.lots(), "planned") == ["12-10", "12-17"]
    assert await story.until(TUESDAY + timedelta(days=1)) == 0
    # Thursday 26 at 7: four weeks later is the 24th of December; the 10th opens.
    await story.until(datetime(2026, 11, 26, 6, 0, tzinfo=UTC))
    lots = await story.lots()
    assert days(lots, "released") == ["11-26", "12-03", "12-10"]
    assert days(lots, "planned") == ["12-17", "12-24"]
    assert [lot["quantity"]["unit"] for lot in await story.told("lot.released")] == ["t"] * 3


async def test_a_lot_nobody_takes_is_told_gone_once(story: Story) -> None:
    await story.publish()
    await story.until(datetime(2026, 11, 26, 9, 59, tzinfo=UTC))
    assert await story.told("lot.expired") == []
    await story.until(datetime(2026, 11, 26, 10, 0, tzinfo=UTC))
    assert await story.until(datetime(2026, 11, 26, 10, 1, tzinfo=UTC)) == 0
    (gone,) = await story.told("lot.expired")
    assert (gone["version"], gone["expires_at"]) == (2, "2026-11-26T10:00:00Z")
    assert days(await story.lots(), "expired") == ["11-26"]


@pytest.mark.parametrize(
    ("start", "sunday", "hours"),
    [
        (datetime(2027, 3, 22, 9, tzinfo=UTC), date(2027, 3, 28), (6, 5)),
        (datetime(2027, 10, 25, 9, tzinfo=UTC), date(2027, 10, 31), (5, 6)),
    ],
)
async def test_lots_keep_their_local_hour_when_the_clocks_change(
    story: Story, start: datetime, sunday: date, hours: tuple[int, int]
) -> None:
    story.now = start
    await story.publish(WEEKLY.model_copy(update={"recurrence": "FREQ=WEEKLY;BYDAY=SA,SU"}))
    async with story.database.sessions() as session:
        rows = await session.execute(select(Lot.day, Lot.available_at, Lot.expires_at))
        times = {day: (opens.hour, closes.hour) for day, opens, closes in rows}
    assert times[sunday - timedelta(days=1)] == (hours[0], hours[0] + 4)
    assert times[sunday] == (hours[1], hours[1] + 4)


async def test_editing_keeps_the_lots_already_open(story: Story) -> None:
    await story.publish()
    before = await story.lot_ids()
    friday = WEEKLY.model_copy(update={"recurrence": "FREQ=WEEKLY;BYDAY=FR", "quantity_value": Decimal(8)})
    await story.do(commands.update_flow, friday)
    after = await story.lot_ids()
    assert {day: after[day] for day in ("11-26", "12-03")} == {day: before[day] for day in ("11-26", "12-03")}
    assert await story.lots() == [
        ("11-26", "released", Decimal(6)),
        ("12-03", "released", Decimal(6)),
        ("12-04", "released", Decimal(8)),
        ("12-11", "planned", Decimal(8)),
        ("12-18", "planned", Decimal(8)),
    ]
    assert await story.told("lot.changed") == []


async def test_editing_keeps_the_lots_already_taken(story: Story) -> None:
    await story.publish()
    async with story.database.sessions.begin() as session:
        await session.execute(update(Lot).where(Lot.day == date(2026, 11, 26)).values(state=LotState.TAKEN))
    await story.do(commands.update_flow, WEEKLY.model_copy(update={"quantity_value": Decimal(2)}))
    await story.do(commands.end_flow)
    assert (await story.lots())[0] == ("11-26", "taken", Decimal(6))
    assert days(await story.lots(), "expired") == ["12-03"]


async def test_the_open_lot_of_a_one_off_follows_its_flow(story: Story) -> None:
    await story.publish(ONCE.model_copy(update={"starts_on": date(2027, 1, 11), "ends_on": date(2027, 1, 15)}))
    assert await story.lots() == [("01-11", "released", Decimal(6))]
    later = {"starts_on": date(2027, 1, 18), "ends_on": date(2027, 1, 22), "quantity_value": Decimal(5)}
    await story.do(commands.update_flow, ONCE.model_copy(update=later))
    assert await story.lots() == [("01-18", "released", Decimal(5))]
    (changed,) = await story.told("lot.changed")
    assert (changed["version"], changed["available_at"]) == (2, "2027-01-18T06:00:00Z")
    assert changed["expires_at"] == "2027-01-22T10:00:00Z"


async def test_a_one_off_ends_with_its_lot(story: Story) -> None:
    await story.publish(ONCE.model_copy(update={"ends_on": date(2026, 11, 27)}))
    await story.until(datetime(2026, 11, 27, 10, 0, tzinfo=UTC))
    assert await story.state() is FlowState.ENDED
    assert len(await story.told("lot.expired")) == 1
    assert len(await story.told("flow.withdrawn")) == 1


async def test_a_one_off_without_end_stays_thirty_days(story: Story) -> None:
    await story.publish(ONCE)
    (lot,) = await story.told("lot.released")
    assert lot["expires_at"] == "2026-12-23T10:00:00Z"


async def test_a_season_ends_its_flow_after_its_last_lot(story: Story) -> None:
    await story.publish(WEEKLY.model_copy(update={"ends_on": date(2026, 12, 4)}))
    assert days(await story.lots(), "released") == ["11-26", "12-03"]
    await story.until(datetime(2026, 12, 3, 9, 0, tzinfo=UTC))
    assert await story.state() is FlowState.PUBLISHED
    await story.until(datetime(2026, 12, 3, 10, 0, tzinfo=UTC))
    assert await story.state() is FlowState.ENDED


async def test_a_paused_flow_releases_nothing_until_it_resumes(story: Story) -> None:
    await story.publish()
    await story.do(commands.pause_flow)
    await story.until(datetime(2026, 12, 10, 9, 0, tzinfo=UTC))
    assert days(await story.lots(), "released") == []
    assert days(await story.lots(), "expired") == ["11-26", "12-03"]
    assert len(await story.told("lot.released")) == 2
    await story.do(commands.resume_flow)
    lots = await story.lots()
    assert days(lots, "released") == ["12-10", "12-17", "12-24"]
    assert days(lots, "planned") == ["12-31", "01-07"]


async def test_a_machine_that_slept_opens_no_lot_that_is_over(story: Story) -> None:
    await story.publish()
    await story.until(datetime(2026, 12, 18, 9, 0, tzinfo=UTC))
    told = [lot["available_at"][:10] for lot in await story.told("lot.released")]
    assert told == ["2026-11-26", "2026-12-03", "2026-12-24", "2026-12-31"]
    assert days(await story.lots(), "expired") == ["11-26", "12-03", "12-10", "12-17"]


async def test_an_open_lot_may_be_corrected_and_an_announced_one_may_not(story: Story) -> None:
    await story.publish()
    ids = await story.lot_ids()
    async with story.database.sessions.begin() as session:
        change = LotChange(quantity_value=Decimal("4.5"))
        await commands.change_lot(session, story.holder, change, lot_id=ids["11-26"], now=story.now)
        with pytest.raises(LotUnknown):
            await commands.change_lot(session, story.holder, change, lot_id=ids["12-17"], now=story.now)
        with pytest.raises(LotUnknown):
            await commands.change_lot(session, Machine(uuid4()), change, lot_id=ids["11-26"], now=story.now)
        with pytest.raises(LotNotReleased):
            late = story.now + timedelta(days=3)
            await commands.change_lot(session, story.holder, change, lot_id=ids["11-26"], now=late)
    (changed,) = await story.told("lot.changed")
    assert (Decimal(changed["quantity"]["value"]), changed["version"]) == (Decimal("4.5"), 2)


async def test_ending_a_flow_closes_what_is_still_to_take(story: Story) -> None:
    await story.publish()
    await story.do(commands.end_flow)
    assert days(await story.lots(), "expired") == ["11-26", "12-03"]
    assert days(await story.lots(), "planned") == []
    assert len(await story.told("lot.expired")) == 2
    assert await story.until(TUESDAY + timedelta(days=60)) == 0


async def test_one_flow_that_fails_does_not_hold_up_the_others(story: Story) -> None:
    await story.publish()
    broken = story.flow_id
    await story.publish(WEEKLY.model_copy(update={"title": "Caisses"}))
    async with story.database.sessions.begin() as session:
        await session.execute(update(Flow).where(Flow.id == broken).values(recurrence="FREQ=NEVER"))
    await story.until(datetime(2026, 11, 26, 6, 0, tzinfo=UTC))
    assert days(await story.lots(), "planned") == ["12-17", "12-24"]
    async with story.database.sessions() as session:
        plan_at = (await session.scalars(select(Flow.plan_at).where(Flow.id == broken))).one()
    assert plan_at == story.now + timedelta(hours=1)


async def test_two_timers_at_once_make_each_lot_once(engines: Engines) -> None:
    """INVARIANT: a lot is made, opened and told once, however many replicas run; committed for real, then removed."""
    moment = {"now": TUESDAY}
    url = engines.instance.database_url("catalog", "work")
    replicas = [Database(url, clock=lambda: moment["now"], calendar=Calendar(always_open=True)) for _ in range(3)]
    async with replicas[0].sessions.begin() as session:
        holder = await a_holder(session)
    story = Story(replicas[0], holder)
    flow_ids = []
    try:
        for _ in range(6):
            await story.publish()
            flow_ids.append(story.flow_id)
        for hour in (6, 10):  # six flows are planned, their next lots open; then six lots are gone
            moment["now"] = datetime(2026, 11, 26, hour, 0, tzinfo=UTC)
            assert sum(await asyncio.gather(*(fire_due(each) for each in replicas))) == 6
        for story.flow_id in flow_ids:
            lots = await story.lots()
            assert days(lots, "planned") == ["12-17", "12-24"]
            assert len({day for day, _, _ in lots}) == len(lots) == 5
            assert sorted(lot["available_at"] for lot in await story.told("lot.released")) == [
                "2026-11-26T06:00:00Z",
                "2026-12-03T06:00:00Z",
                "2026-12-10T06:00:00Z",
            ]
            assert len(await story.told("lot.expired")) == 1
    finally:
        await _remove(engines, holder.organisation_id, flow_ids)
        for each in replicas:
            await each.close()


async def _remove(engines: Engines, organisation_id: UUID, flow_ids: list[UUID]) -> None:
    owner = Database(engines.instance.database_url("catalog", "owner"), clock=now)
    async with owner.sessions.begin() as session:
        lots = await session.scalars(select(Lot.id).where(Lot.flow_id.in_(flow_ids)))
        entity = select(Organisation.legal_entity_id).where(Organisation.id == organisation_id)
        entity_id = (await session.scalars(entity)).one()
        gone = [*flow_ids, *lots, organisation_id, entity_id]
        await session.execute(delete(outbox).where(outbox.c.aggregate_id.in_(gone)))
        await session.execute(delete(AuditLine).where(AuditLine.organisation_id == organisation_id))
        await session.execute(delete(Lot).where(Lot.flow_id.in_(flow_ids)))
        await session.execute(delete(Flow).where(Flow.id.in_(flow_ids)))
        await session.execute(delete(Organisation).where(Organisation.id == organisation_id))
        await session.execute(delete(LegalEntity).where(LegalEntity.id == entity_id))
    await owner.close()


@pytest.mark.promise(38)
async def test_a_clock_that_jumps_makes_and_releases_no_lot_twice(story: Story) -> None:
    await story.publish()
    for hours in (24 * 8, -24, 24 * 2, -1, 1, 24 * 7, -24 * 9, 24 * 9):
        await story.until(story.now + timedelta(hours=hours))
    days = [day for day, *_ in await story.lots()]
    released = [data["lot_id"] for data in await story.told("lot.released")]
    assert len(days) == len(set(days))
    assert released
    assert len(released) == len(set(released))

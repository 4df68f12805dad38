"""What suppliers answer reaches matching: waves stop at enough interested and go on below it, weights learn from it."""

from uuid import UUID, uuid5

import pytest
from sqlalchemy import text

from services.matching.waves.policy import ENOUGH_INTERESTED
from shared.events.answers import Answered, AnswerGiven, Declined
from shared.events.catalog import NeedPublished
from shared.events.matching import SupplierSolicited
from tests.services.matching.scenes import need
from tests.services.matching.stage import Stage
from tests.services.matching.test_learning import lines
from tests.services.matching.test_waves import offers


class Suppliers:
    """Those who were asked about a need, and what they say to it in turn."""

    def __init__(self, stage: Stage, asked: NeedPublished, whom: list[UUID]) -> None:
        self._stage, self._need, self.whom = stage, asked, whom
        self._said: dict[UUID, list[Answered]] = {each: [] for each in whom}

    def event(self, whose: UUID, answer: Answered, *, why: Declined | None = None) -> AnswerGiven:
        said = self._said[whose]
        said.append(answer)
        self._stage.wait(seconds=1)
        return AnswerGiven(
            version=len(said),
            answer_id=uuid5(self._need.need_id, str(whose)),
            need_id=self._need.need_id,
            organisation_id=self._need.author.organisation_id,
            title=self._need.title,
            supplier_id=whose,
            supplier_name="Une structure",
            answer=answer,
            before=said[-2] if len(said) > 1 else None,
            reason=why,
            at=self._stage.now,
        )

    async def say(self, answer: Answered, *whose: UUID, why: Declined | None = None) -> None:
        await self._stage.tell(*(self.event(each, answer, why=why) for each in whose))


@pytest.fixture
async def suppliers(stage: Stage) -> Suppliers:
    asked = need()
    await stage.tell(*offers(23), asked)
    assert await stage.ask() == 10
    return Suppliers(stage, asked, [each.organisation_id for each in await stage.heard(SupplierSolicited)])


async def counted(stage: Stage) -> int:
    async with stage.database.sessions.begin() as session:
        return int(await session.scalar(text("SELECT interested FROM demands")) or 0)


async def test_waves_stop_once_enough_say_that_they_are_interested(stage: Stage, suppliers: Suppliers) -> None:
    await suppliers.say(Answered.INTERESTED, *suppliers.whom[:ENOUGH_INTERESTED])
    stage.wait(hours=24)
    assert await stage.ask() == 0


async def test_who_declines_does_not_count(stage: Stage, suppliers: Suppliers) -> None:
    await suppliers.say(Answered.DECLINED, *suppliers.whom, why=Declined.NO_TIME)
    assert await counted(stage) == 0
    stage.wait(hours=24)
    assert await stage.ask() == 10


@pytest.mark.parametrize("then", [Answered.WITHDRAWN, Answered.DECLINED])
async def test_when_one_of_six_changes_their_mind_waves_go_on(
    stage: Stage, suppliers: Suppliers, then: Answered
) -> None:
    await suppliers.say(Answered.INTERESTED, *suppliers.whom[:ENOUGH_INTERESTED])
    stage.wait(hours=24)
    assert await stage.ask() == 0
    await suppliers.say(then, suppliers.whom[0], why=Declined.PRICE if then is Answered.DECLINED else None)
    assert await counted(stage) == ENOUGH_INTERESTED - 1
    stage.wait(hours=24)
    assert await stage.ask() == 10


async def test_an_older_answer_that_comes_late_brings_nothing_back(stage: Stage, suppliers: Suppliers) -> None:
    first = suppliers.event(suppliers.whom[0], Answered.INTERESTED)
    await suppliers.say(Answered.WITHDRAWN, suppliers.whom[0])
    await stage.tell(first)
    assert await counted(stage) == 0


async def test_what_was_taken_back_teaches_nothing(stage: Stage, suppliers: Suppliers) -> None:
    eager, far, gone = suppliers.whom[:3]
    await suppliers.say(Answered.INTERESTED, eager, gone)
    await suppliers.say(Answered.DECLINED, far, why=Declined.TOO_FAR)
    await suppliers.say(Answered.WITHDRAWN, gone)
    said = {line.organisation: (line.answer, line.reason) for line in await lines(stage)}
    assert (said[eager], said[far], said[gone]) == (("interested", None), ("declined", "too_far"), (None, None))


async def test_an_answer_to_what_is_not_known_yet_is_kept(stage: Stage) -> None:
    asked = need()
    them = Suppliers(stage, asked, [uuid5(asked.need_id, "nobody was asked")])
    await them.say(Answered.INTERESTED, *them.whom)
    async with stage.database.sessions.begin() as session:
        assert await session.scalar(text("SELECT answer FROM answers")) == "interested"

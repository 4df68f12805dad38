"""What suppliers answer reaches matching: waves stop at enough interested and go on below it, weights learn from it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from sqlalchemy import text

from services.matching.learning.answers import Answer
from services.matching.waves.policy import ENOUGH_INTERESTED
from shared.events.answers import Answered, AnswerGiven, Declined
from shared.events.catalog import NeedPublished, OfferPublished
from shared.events.matching import SupplierSolicited
from shared.events.proposals import (
    Chosen,
    ProposalAccepted,
    ProposalMade,
    ProposalWithdrawn,
)
from tests.services.matching.scenes import need, offer
from tests.services.matching.stage import Stage
from tests.services.matching.test_learning import answer, lines
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


class TestProposals:
    """A proposal is an answer that goes on: it counts as interest, and teaches more."""

    def about(self, suppliers: Suppliers, whose: UUID, stage: Stage) -> dict[str, Any]:
        stage.wait(seconds=1)
        said = suppliers.event(whose, Answered.INTERESTED)
        ids = {"proposal_id": uuid5(said.answer_id, "p"), "answer_id": said.answer_id, "need_id": said.need_id}
        return {**ids, "version": said.version, "title": said.title, "at": stage.now}

    def made(self, suppliers: Suppliers, whose: UUID, stage: Stage) -> ProposalMade:
        who: dict[str, Any] = {"supplier_id": whose, "supplier_name": "Une structure", "organisation_id": uuid4()}
        said: dict[str, Any] = {"revision": 1, "total_cents": 100, "valid_until": date(2999, 1, 1)}
        return ProposalMade(**self.about(suppliers, whose, stage), **who, **said)

    async def test_it_counts_as_interest_whatever_becomes_of_it(self, stage: Stage, suppliers: Suppliers) -> None:
        for whose in suppliers.whom[:ENOUGH_INTERESTED]:
            await stage.tell(self.made(suppliers, whose, stage))
        one, third = suppliers.whom[:2]
        who: dict[str, Any] = {"supplier_id": third, "supplier_name": "Une structure", "organisation_id": uuid4()}
        chosen: dict[str, Any] = {"organisation_id": one, "buyer_id": uuid4(), "buyer_name": "Hexaplane", "revision": 1}
        await stage.tell(
            ProposalAccepted(**self.about(suppliers, one, stage), **chosen, total_cents=1, reason=Chosen.PRICE),
            ProposalWithdrawn(**self.about(suppliers, third, stage), **who),
        )
        assert await counted(stage) == ENOUGH_INTERESTED
        stage.wait(hours=24)
        assert await stage.ask() == 0
        said = {line.organisation: line.answer for line in await lines(stage)}
        assert (said[one], said[third]) == ("accepted", "interested")

    async def test_an_older_answer_that_comes_late_takes_nothing_back(self, stage: Stage, suppliers: Suppliers) -> None:
        whose = suppliers.whom[0]
        first = suppliers.event(whose, Answered.INTERESTED)
        await stage.tell(self.made(suppliers, whose, stage))
        await stage.tell(first)
        assert {line.answer for line in await lines(stage) if line.organisation == whose} == {"proposed"}


class TestAnsweringUnasked:
    """A supplier may answer by itself, before its turn has come."""

    @pytest.fixture
    def some(self) -> list[OfferPublished]:
        return offers(14)

    async def unasked(self, stage: Stage, asked: NeedPublished, some: list[OfferPublished]) -> UUID:
        """One of those who are left after the first wave."""
        await stage.tell(*some, asked)
        assert await stage.ask() == 10
        told = {each.organisation_id for each in await stage.heard(SupplierSolicited)}
        return next(each.supplier.organisation_id for each in some if each.supplier.organisation_id not in told)

    @pytest.mark.parametrize("said", [Answered.INTERESTED, Answered.DECLINED])
    async def test_who_answered_by_itself_is_not_asked(
        self, stage: Stage, some: list[OfferPublished], said: Answered
    ) -> None:
        """INVARIANT: it takes no place of a wave and nothing of its week."""
        asked = need()
        whose = await self.unasked(stage, asked, some)
        await Suppliers(stage, asked, [whose]).say(said, whose)
        stage.wait(hours=24)
        assert await stage.ask() == 3
        assert whose not in {each.organisation_id for each in await stage.heard(SupplierSolicited)}

    async def test_who_took_it_back_may_be_asked(self, stage: Stage, some: list[OfferPublished]) -> None:
        asked = need()
        whose = await self.unasked(stage, asked, some)
        them = Suppliers(stage, asked, [whose])
        await them.say(Answered.DECLINED, whose)
        await them.say(Answered.WITHDRAWN, whose)
        stage.wait(hours=24)
        assert await stage.ask() == 4

    async def test_where_all_who_are_left_answered_no_wave_is_planned(self, stage: Stage) -> None:
        asked, some = need(), offers(11)
        whose = await self.unasked(stage, asked, some)
        told = [each.organisation_id for each in await stage.heard(SupplierSolicited)]
        await Suppliers(stage, asked, [whose]).say(Answered.DECLINED, whose)
        stage.wait(hours=24)
        assert await stage.ask() == 0
        them = Suppliers(stage, asked, told[:1])
        await them.say(Answered.INTERESTED, told[0])
        await them.say(Answered.WITHDRAWN, told[0])
        async with stage.database.sessions.begin() as session:
            assert await session.scalar(text("SELECT count(*) FROM waves WHERE done_at IS NULL")) == 0

    async def test_what_waits_for_its_week_goes_when_it_answers(self, stage: Stage) -> None:
        one, asked = offer(), need()
        await stage.tell(one, *(need() for _ in range(5)))
        assert await stage.ask() == 5
        await stage.tell(asked)
        assert await stage.ask() == 0
        whose = one.supplier.organisation_id
        them = Suppliers(stage, asked, [whose])
        await them.say(Answered.INTERESTED, whose)
        stage.wait(days=8)
        assert await stage.ask() == 0

    async def test_what_it_said_before_it_was_asked_teaches_nothing_of_that(self, stage: Stage) -> None:
        one, asked = offer(), need()
        await stage.tell(one, asked)
        whose = one.supplier.organisation_id
        assert await stage.ask() == 1
        stage.now -= timedelta(minutes=1)
        await answer(stage, asked, whose, Answer.INTERESTED)
        stage.now += timedelta(minutes=1)
        assert [line.answer for line in await lines(stage) if line.asked] == [None]

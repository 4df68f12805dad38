"""The peers of the benchmark are asked the same as ours, and answer rightly: else a ratio would say nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.bench.market.asking import Exhaustive, Question, question
from deploy.bench.market.making import Postings, made_needs, made_offers
from deploy.bench.market.ours import Asker, filled
from deploy.bench.market.peers import PostgreSql, Tantivy
from deploy.bench.market.reference import Reference
from deploy.embedded.engines import Engines
from services.matching.index.compiled.layout import DEMAND
from services.matching.index.compiled.passes import working
from services.matching.index.compiled.rules import rules_of
from services.matching.ranking.weights import weights

OFFERS, QUESTIONS = 3_000, 12


@pytest.fixture(scope="module")
def offers() -> Postings:
    return made_offers(OFFERS, 3)


@pytest.fixture(scope="module")
def needs() -> Postings:
    return made_needs(QUESTIONS, 4)


@pytest.fixture(scope="module")
def asked(needs: Postings) -> list[Question]:
    return [question(needs, row) for row in range(QUESTIONS)]


@pytest.fixture(scope="module")
def truth(offers: Postings) -> Exhaustive:
    return Exhaustive(offers)


@pytest.fixture(scope="module")
async def postgresql(engines: Engines, offers: Postings) -> AsyncIterator[PostgreSql]:
    peer = await PostgreSql.filled(engines.instance, offers)
    try:
        yield peer
    finally:
        await peer.connection.close()


def test_ours_are_the_best_of_all(offers: Postings, needs: Postings, asked: list[Question], truth: Exhaustive) -> None:
    asker = Asker(filled(offers, rules_of(weights())), needs, DEMAND, number=QUESTIONS)
    expected = [{*truth.best(each)} for each in asked]
    assert [{*asker.by_text(each.row)} for each in asked] == expected
    # The same when signatures say who goes first, as they do where there are many.
    asker.engine.supplies.work = working(at_once=64)
    assert [{*asker.by_text(each.row)} for each in asked] == expected
    assert sum(map(len, expected)) > 50


async def test_the_reference_finds_all_who_meet_and_nobody_else(
    postgresql: PostgreSql, offers: Postings, asked: list[Question], truth: Exhaustive
) -> None:
    reference = await Reference.filled(postgresql.connection, offers)
    for each in asked:
        assert sorted(await reference.as_published(each)) == truth.meeting(each)
        assert sorted(await reference.without_detour(each)) == truth.meeting(each)


async def test_peers_find_fifty_who_meet_and_share_a_word(
    postgresql: PostgreSql, offers: Postings, asked: list[Question], truth: Exhaustive, tmp_path: Path
) -> None:
    other = Tantivy.filled(offers, tmp_path / "index")
    for each in asked:
        # Their order is their own; who may be in it is not.
        meeting = {row for row in truth.meeting(each) if {*offers.words[row - 1]} & {*each.words}}
        found = await postgresql.best(each)
        assert {*found} <= meeting
        assert len(found) == min(len(meeting), 50)
        # A box around a disc lets a few more in.
        assert len(meeting & {*other.best(each)}) >= min(len(meeting), 50) // 2

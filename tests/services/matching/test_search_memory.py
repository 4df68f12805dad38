"""The search in memory: the same as looking at every row, whatever happened to the rows; and the database beside it."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import text

from services.matching.ranking.finding import described, score, sought
from services.matching.search.columns import Line, of_lines
from services.matching.search.facets import BANDS_KM, DUE_DAYS, FACETS, KINDS, WHATS, families
from services.matching.search.memory import Memory, search_in_memory
from services.matching.search.queries import search_in_database
from services.matching.search.scoring import scores_of
from services.matching.search.selecting import LOOKED_AT, SAMPLED, first
from shared.events import Event
from shared.events.catalog import (
    EntityChanged,
    NeedPublished,
    NeedWithdrawn,
    OfferPaused,
    OfferPublished,
    OfferWithdrawn,
    OrganisationRegistered,
    OrganisationSuspended,
    OrganisationUpdated,
)
from shared.questions.search import SearchAsked, SearchFound
from shared.vocabulary import categories, category, stems
from tests.services.matching import scenes
from tests.services.matching.finding_all import Answer, find_all
from tests.services.matching.scenes import NOW, PLACES, TODAY
from tests.services.matching.stage import Stage

EVERYTHING = 1000


def random_event(chance: random.Random) -> Event:
    """A need, a flow, an offer or an organisation, sometimes with a deadline, at one moment of many or of few."""
    at = {"published_at": NOW - timedelta(days=chance.choice((0, 0, 1, chance.randrange(300))))}
    which = chance.random()
    if which < 0.35:
        due = chance.choice((None, TODAY + timedelta(days=chance.randrange(-5, 60))))
        return scenes.random_need(chance).model_copy(update={**at, "deadline_on": due})
    if which < 0.5:
        return scenes.flow(**scenes._random_facts(chance), place=chance.choice(PLACES), **at)
    if which < 0.8:
        return scenes.random_offer(chance).model_copy(update=at)
    words = category(chance.choice(sorted(categories()))).phrases()
    return scenes.organisation(name=f"{chance.choice(words)} {chance.choice(words)}", place=chance.choice(PLACES))


def random_query(chance: random.Random, told: Sequence[Event]) -> SearchAsked:
    """Words that somebody used, of a commune, several or none, with conditions or without."""
    said = [str(getattr(event, "title", getattr(event, "name", ""))).split() for event in chance.sample(told, k=2)]
    words = [chance.choice(each) for each in said]
    texts = ("", "", words[0], words[0], " ".join(words), f"{words[0]} Muret", "palettes", "de la", "Launaguet bois")
    near = chance.choice((None, "31555", "31395"))
    return SearchAsked(
        text=chance.choice(texts)[:200],
        what=tuple(chance.sample(WHATS, k=2)) if chance.random() < 0.3 else (),
        families=tuple(chance.sample(families(), k=12)) if chance.random() < 0.12 else (),
        kinds=tuple(chance.sample(KINDS, k=6)) if chance.random() < 0.1 else (),
        near=near,
        within_km=chance.choice((None, *BANDS_KM)) if near else None,
        due_days=chance.choice((None,) * 16 + DUE_DAYS),
        sort=chance.choice(("best", "best", "newest", "nearest", "deadline")),
        most=EVERYTHING,
    )


def as_answer(found: SearchFound) -> Answer:
    return Answer(
        [hit.id for hit in found.hits],
        found.partly,
        {each.name: {value.value: value.rows for value in each.values} for each in found.facets},
        {each.name: each.others for each in found.facets},
    )


class Searched:
    """One memory over the whole test, so that what it holds is what changes left of it."""

    def __init__(self, stage: Stage, **made: Any) -> None:
        self.stage, self.memory = stage, Memory(**made)

    async def agree(self, *questions: SearchAsked) -> list[SearchFound]:
        """Memory and database say of each what looking at every row says."""
        found = []
        async with self.stage.database.sessions.begin() as session:
            for asked in questions:
                expected = await find_all(session, asked, TODAY)
                answer = await search_in_memory(session, self.memory, asked, today=TODAY, most_read=10_000)
                assert answer is not None
                assert as_answer(answer) == expected, asked
                assert await search_in_database(session, asked) == answer, asked
                assert answer.total == len(expected.ids)
                found.append(answer)
        return found


async def test_it_finds_what_looking_at_every_row_finds_in_the_same_order(stage: Stage) -> None:
    """INVARIANT: memory and database give the same rows, in the same order, with the same counts."""
    chance, searched = random.Random(5), Searched(stage, at_once=7, dead_enough=10)
    told: list[Event] = []
    found: list[SearchFound] = []
    for _ in range(6):
        fresh = [random_event(chance) for _ in range(30)]
        await stage.tell(*fresh, *later(chance, told))
        told += fresh
        found += await searched.agree(*(random_query(chance, told) for _ in range(12)))
    # Otherwise this would say nothing: most questions find something, some of them only in part.
    assert sum(each.total > 0 for each in found) > len(found) / 2
    assert any(each.partly for each in found)
    assert {facet.name for each in found for facet in each.facets if facet.values} == {*FACETS}
    await taken_away(stage, told)
    await searched.agree(*(random_query(chance, told) for _ in range(12)))


def later(chance: random.Random, told: Sequence[Event]) -> list[Event]:
    """What becomes of rows: changed, paused, ended, suspended."""
    ended: list[Event] = []
    for event in chance.sample(told, k=min(len(told), 15)):
        facts = {**event.model_dump(), "version": 2 + len(told)}
        match event:
            case NeedPublished():
                whose = event.author.organisation_id
                ended.append(NeedWithdrawn(need_id=event.need_id, version=facts["version"], organisation_id=whose))
            case OfferPublished():
                kind = chance.choice((OfferPaused, OfferWithdrawn))
                whose = event.supplier.organisation_id
                ended.append(kind(offer_id=event.offer_id, version=facts["version"], organisation_id=whose))
            case OrganisationRegistered():
                kinds = (chance.choice(KINDS),)
                ended.append(
                    EntityChanged(
                        legal_entity_id=event.legal_entity_id, version=1, siren=None, name=event.name, kinds=kinds
                    )
                )
                made = chance.choice((OrganisationUpdated, OrganisationSuspended))
                ended.append(made(**facts | {"name": f"{event.name} palettes"}))
    return ended


async def taken_away(stage: Stage, told: Sequence[Event]) -> None:
    """Rows removed by hand, which no event tells of."""
    async with stage.database.sessions.begin() as session:
        # What hangs on them goes first: which three the database takes is its own choice.
        for table in ("solicitations", "waves", "near_misses", "matches"):
            await session.execute(text(f"DELETE FROM {table}"))
        for table in ("supplies", "demands", "organisations"):
            await session.execute(text(f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} LIMIT 3)"))


def line(number: int, *, title: str = "Palettes", hours: int = 0, **changed: Any) -> Line:
    """A row that says pallets, `hours` old."""
    facts: dict[str, Any] = {
        "id": UUID(int=number),
        "asks": "offer",
        "title": title,
        "published_at": NOW - timedelta(hours=hours),
        "deadline_on": None,
        "commune_code": "31555",
        "categories": (),
        "kinds": (),
        "found": described(title),
    }
    return Line(**facts | changed)


def memory_of(*lines: Line, **made: Any) -> Memory:
    memory = Memory(**made)
    for each in lines:
        memory.put(each, sorted({*stems(each.title), "palet"}))
    return memory


def ids(memory: Memory, **asked: Any) -> list[int]:
    return [hit.id.int for hit in memory.search(SearchAsked(**{"text": "palettes", **asked}), today=TODAY).hits]


def test_of_equal_rows_one_that_says_it_in_its_title_is_first() -> None:
    alike = described("Palettes")
    memory = memory_of(line(1, title="Du bois", found=alike), line(2, hours=9, found=alike), line(3, hours=5))
    assert ids(memory) == [3, 2, 1]


def test_beyond_the_likeliest_rows_the_order_goes_on_and_none_is_lost() -> None:
    lines = [line(number, hours=number) for number in range(1, LOOKED_AT + 60)]
    memory = memory_of(*random.Random(3).sample(lines, k=len(lines)))
    assert ids(memory, most=EVERYTHING) == [each.id.int for each in lines]
    assert ids(memory, start=190, most=20) == [*range(191, 211)]


def test_what_is_laid_out_anew_answers_as_before() -> None:
    chance = random.Random(4)
    lines = [line(number, title=chance.choice(("Palettes", "Bois", "Palettes en bois")), hours=chance.randrange(50))
             for number in range(1, 200)]  # fmt: skip
    kept, gone = lines[:60], lines[60:]
    memory = memory_of(*chance.sample(lines, k=len(lines)), dead_enough=20)
    for each in gone:
        memory.remove(each.id.bytes)
    used = memory.columns.used
    memory.tidy()
    assert memory.columns.used == len(kept) < used
    fresh = memory_of(*kept)
    for text_asked in ("palettes", "bois", "palettes bois", ""):
        assert ids(memory, text=text_asked, most=EVERYTHING) == ids(fresh, text=text_asked, most=EVERYTHING)
    memory.put(line(999, title="Bois"), ["bois"])
    assert 999 in ids(memory, text="bois", most=EVERYTHING)
    memory.remove(UUID(int=kept[0].id.int).bytes)
    assert kept[0].id.int not in ids(memory, text="", most=EVERYTHING)


def test_what_of_a_newer_vocabulary_is_asked_for_is_no_condition() -> None:
    """INVARIANT: a page of the next version, asking a worker of this one, finds what it would find without."""
    memory = memory_of(line(1), line(2, categories=(sorted(categories())[0],), kinds=(KINDS[0],), hours=1))
    newer = ("of-a-newer-vocabulary",)
    assert ids(memory, families=newer) == ids(memory, kinds=newer) == ids(memory) == [1, 2]
    assert ids(memory, families=newer, kinds=(*newer, KINDS[0])) == [2]


def test_rows_score_in_one_pass_what_each_scores_alone() -> None:
    """INVARIANT: the pass says what `ranking.finding.score` says, to the last bit: the order of equals hangs on it."""
    chance = random.Random(6)
    phrases = [chance.choice(category(each).phrases()) for each in sorted(categories())]
    found = [
        described(f"{title}, {other}", description=more, categories=chance.sample(sorted(categories()), k=2))
        for title, other, more in (chance.sample(phrases, k=3) for _ in range(400))
    ]
    columns = of_lines(line(number, found=each) for number, each in enumerate([{}, *found]))
    positive = 0
    for _ in range(100):
        wanted = sought(" ".join(chance.choice(phrases).split()[:3]) + chance.choice(("", " palettes")))
        scores = scores_of(columns, wanted, np.arange(columns.used))
        assert scores.tolist() == [score(wanted, each) for each in [{}, *found]]
        positive += int((scores > 0).sum())
    assert positive > columns.used


def test_the_first_of_many_are_those_of_sorting_all() -> None:
    """INVARIANT: what a sample leaves out is not among the first, however many are equal."""
    chance = np.random.default_rng(7)
    for values in (2, 50, 10**6):
        keys = [chance.integers(values, size=9 * SAMPLED**2), chance.permutation(9 * SAMPLED**2)]
        slots = np.flatnonzero(chance.random(9 * SAMPLED**2) < 0.9)
        expected = slots[np.lexsort([keys[1][slots], keys[0][slots]])]
        for most in (1, 30, 200, len(slots) // SAMPLED, len(slots)):
            assert (first(slots, [key.__getitem__ for key in keys], most) == expected[:most]).all()

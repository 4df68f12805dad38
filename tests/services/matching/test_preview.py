"""The dry run: what it says of a draft, what it keeps to itself, and that it leaves no trace."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.matching.db import TURN
from services.matching.index.compiled.encoding import row_of_supply
from services.matching.index.compiled.numbering import short
from services.matching.index.compiled.rules import rules_of
from services.matching.index.compiled.searching import Engine
from services.matching.matches.telling import best_of_organisations
from services.matching.preview.answering import preview
from services.matching.preview.budget import Budget
from services.matching.preview.finding import find
from services.matching.preview.queries import read_only
from services.matching.preview.reading import demand_asked, relaxed
from services.matching.preview.widening import WIDER
from services.matching.ranking.reading import supply_of_offer
from services.matching.ranking.score import judge
from services.matching.ranking.sides import Amount, Supply
from services.matching.ranking.weights import weights
from services.matching.supplies.commands import keep_supply
from shared.database import Database
from shared.events.catalog import OfferPublished
from shared.events.facts import Level, Window
from shared.events.reasons import Constraint, Feature
from shared.questions.preview import NearMisses, Preview, PreviewAsked
from shared.territory.place import radius_around
from tests.services.matching import scenes
from tests.services.matching.scenes import BESSIERES, FOIX, MURET, NOW, TODAY, TOULOUSE
from tests.services.matching.stage import Stage


def asked(**changed: Any) -> PreviewAsked:
    """A draft that asks for pallets to be repaired, in Toulouse."""
    facts: dict[str, Any] = {
        "of": "need",
        "title": "Réparation de palettes en bois",
        "categories": ("wooden-pallets",),
        "place": TOULOUSE,
        "organisation_id": uuid4(),
        "legal_entity_id": uuid4(),
        "names": True,
    }
    return PreviewAsked(**facts | changed)


def everywhere(place: Any, **changed: Any) -> OfferPublished:
    """Pallets repaired by somebody who sits at a place and goes far."""
    supplier = scenes.supplier(place=place, name=f"Palettes de {place.commune_name}", **changed.pop("who", {}))
    return scenes.offer(supplier=supplier, zones=(radius_around(place, 150),), **changed)


def criterion(found: Preview, constraint: Constraint) -> NearMisses:
    (only,) = [each for each in found.near_misses if each.constraint is constraint]
    return only


async def test_a_draft_is_answered_as_its_publication_would_be(stage: Stage) -> None:
    """INVARIANT: who, in which order and with which scores is the same before publishing and after."""
    offers = [scenes.offer(supplier=scenes.supplier(name=f"S{number}")) for number in range(4)]
    await stage.tell(*offers, everywhere(MURET), everywhere(FOIX))
    draft = asked(description="Chaque mois, à Toulouse.", radius_km=60, most=50)
    said = {"title": draft.title, "description": draft.description, "radius_km": 60, "categories": draft.categories}
    need = scenes.need(**said)
    found = await preview(stage.database, draft)
    await stage.tell(need)
    ranking = await stage.ranking(need)
    assert [each.offer_id for each in found.suppliers] == ranking
    assert found.total == len(ranking) == 5
    assert found.complete
    first = found.suppliers[0]
    assert (first.rank, first.supplier_name is not None, first.place_name) == (1, True, "Launaguet")
    points = round(sum(reason.points for reason in first.reasons))
    assert weights().shown[points] == pytest.approx(first.score, abs=4)
    assert found.weights == weights().version


async def test_names_and_what_leads_to_them_are_given_to_members_only(stage: Stage) -> None:
    await stage.tell(scenes.offer(), everywhere(FOIX))
    shown = await preview(stage.database, asked(radius_km=20))
    assert "Les Palettes du Nord" in shown.model_dump_json()
    hidden = (await preview(stage.database, asked(radius_km=20, names=False))).model_dump_json()
    for told in ("Les Palettes du Nord", "Palettes de Foix", *(str(each.offer_id) for each in shown.suppliers)):
        assert told not in hidden
    assert '"total":1' in hidden


async def test_whoever_blocked_the_asker_or_is_the_asker_appears_nowhere(stage: Stage) -> None:
    """A canary: neither among those who fit, nor as a near miss, nor in a count."""
    entity, organisation = uuid4(), uuid4()
    own = scenes.offer(supplier=scenes.supplier(legal_entity_id=entity, place=FOIX))
    blocking = everywhere(FOIX, blocked=(organisation,))
    await stage.tell(own, blocking)
    for radius in (None, 20):
        found = await preview(
            stage.database, asked(legal_entity_id=entity, organisation_id=organisation, radius_km=radius)
        )
        assert (found.total, found.near_misses, found.apart, found.potential.inclusive) == (0, (), 0, 0)
        assert "Foix" not in found.model_dump_json()


async def test_a_wider_radius_is_counted_step_by_step(stage: Stage) -> None:
    near, far, further = everywhere(MURET), everywhere(BESSIERES), everywhere(FOIX)
    await stage.tell(near, far, further)
    found = await preview(stage.database, asked(radius_km=10))
    radius = criterion(found, Constraint.RADIUS)
    assert found.total == 0
    assert radius.suppliers == 3
    assert [(each.radius_km, each.more) for each in radius.widenings] == [(20, 1), (40, 2), (80, 3)]
    for km, more in ((20, 1), (40, 2), (80, 3)):
        assert (await preview(stage.database, asked(radius_km=km))).total == more, km
    assert (await preview(stage.database, asked())).near_misses == ()


async def test_a_widening_counts_who_scores_enough_for_a_match_but_not_for_a_near_miss(stage: Stage) -> None:
    """`match` is 50 points and `near_miss` 60: whoever lies between is no near miss, and would fit all the same."""
    await stage.tell(everywhere(FOIX, who={"kinds": ()}, published_at=NOW - timedelta(days=900)))
    draft = asked(radius_km=20, title="Bois")
    wide = await preview(stage.database, draft.model_copy(update={"radius_km": None}))
    (likely,) = wide.suppliers
    table = weights()
    assert table.shown[table.match_from] <= likely.score < table.shown[table.near_miss_from]
    found = await preview(stage.database, draft)
    assert [each.more for each in criterion(found, Constraint.RADIUS).widenings] == [1]


async def test_dates_minimum_kinds_permits_and_receipts_are_widened_too(stage: Stage) -> None:
    wanted = Window(starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 10))
    later, earlier = Window(starts_on=date(2027, 1, 20)), Window(ends_on=date(2026, 12, 28))
    await stage.tell(everywhere(MURET, window=later), everywhere(BESSIERES, window=earlier))
    dates = criterion(await preview(stage.database, asked(window=wanted)), Constraint.WINDOW)
    ends = [each.window for each in dates.widenings if each.window]
    assert ends == [
        Window(starts_on=wanted.starts_on, ends_on=date(2027, 2, 9)),
        Window(starts_on=date(2026, 12, 28), ends_on=wanted.ends_on),
    ]
    kinds = await preview(stage.database, asked(supplier_kinds=("ESAT",)))
    assert [each.more for each in criterion(kinds, Constraint.SUPPLIER_KIND).widenings] == [2]
    permits = criterion(await preview(stage.database, asked(permits=("insurance",))), Constraint.PERMIT)
    assert [(each.permits, each.more) for each in permits.widenings] == [((), 2)]
    receipts = criterion(await preview(stage.database, asked(receipt_wanted=True)), Constraint.ELIGIBILITY)
    assert [each.more for each in receipts.widenings] == [2]


@pytest.mark.parametrize("period", ["week", "once"])
async def test_a_flow_s_smallest_share_is_lowered_and_a_supplier_s_own_minimum_is_not(
    stage: Stage, period: str
) -> None:
    small = everywhere(MURET, capacity=scenes.quantity(600, "kg", period))
    picky = everywhere(BESSIERES, minimum=scenes.quantity(20, "t", period))
    await stage.tell(small, picky)
    draft = asked(
        of="flow",
        title="Palettes en bois",
        quantity=scenes.quantity(6, "t", period),
        minimum=scenes.quantity(2, "t", period),
        levels=(Level.REUSE,),
    )
    found = criterion(await preview(stage.database, draft), Constraint.MINIMUM)
    assert found.suppliers == 2
    assert [(each.minimum, each.more) for each in found.widenings] == [(scenes.quantity(0.5, "t", period), 1)]


async def test_what_only_a_supplier_can_change_is_told_and_not_widened(stage: Stage) -> None:
    await stage.tell(scenes.offer(zones=(radius_around(BESSIERES, 20),)))
    area = criterion(await preview(stage.database, asked()), Constraint.AREA)
    assert (area.suppliers, area.widenings) == (1, ())
    assert area.nearest[0].supplier_name == "Les Palettes du Nord"
    assert area.nearest[0].gap.values["place"] == "Toulouse"


async def test_those_whom_two_conditions_keep_out_are_counted_when_nobody_fits(stage: Stage) -> None:
    await stage.tell(everywhere(FOIX), everywhere(FOIX))
    found = await preview(stage.database, asked(radius_km=10, supplier_kinds=("ESAT",)))
    assert (found.total, found.near_misses, found.apart) == (0, (), 2)


async def test_the_waves_are_planned_by_the_calendar_and_the_weekly_budget(stage: Stage) -> None:
    offers = [scenes.offer(supplier=scenes.supplier(name=f"S{number:02}")) for number in range(14)]
    await stage.tell(*offers)
    busy = offers[0].supplier.organisation_id
    async with stage.database.sessions.begin() as session:
        await session.execute(
            text("""
                INSERT INTO solicitations
                    (id, demand_id, organisation_id, offer_id, wave, score, due_at, solicited_at)
                SELECT gen_random_uuid(), gen_random_uuid(), :who, gen_random_uuid(), 1, 80, :at, :at
                FROM generate_series(1, 5)
            """),
            {"who": busy, "at": NOW - timedelta(days=1)},
        )
    found = await preview(stage.database, asked(most=50))
    assert [(wave.number, wave.suppliers, wave.waiting) for wave in found.waves] == [(1, 10, 0), (2, 3, 1)]
    assert [wave.due_at for wave in found.waves] == [NOW, NOW + timedelta(hours=24)]
    late = next(each for each in found.suppliers if each.organisation_id == busy)
    assert late.wave == 2
    assert late.asked_at == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # six days on is a Sunday
    stage.now = NOW + timedelta(days=5)  # a Saturday
    assert (await preview(stage.database, asked())).waves[0].due_at.isoformat() == "2026-11-30T07:00:00+00:00"


async def test_a_public_tender_is_told_to_all_at_once_and_prefers_nobody_near(stage: Stage) -> None:
    await stage.tell(*(scenes.offer(supplier=scenes.supplier(name=f"S{number:02}")) for number in range(14)))
    found = await preview(stage.database, asked(public_tender=True, radius_km=5))
    assert found.pace == "everyone"
    assert [(wave.number, wave.suppliers) for wave in found.waves] == [(1, 14)]
    assert found.potential.local is None
    assert Feature.DISTANCE not in {reason.feature for each in found.suppliers for reason in each.reasons}


async def test_the_inclusive_potential_says_whether_enough_would_be_left(stage: Stage) -> None:
    kinds = [("EI",), ("EI", "association"), ("ACI",), ("ESAT",), ("EA",), ("GEIQ",), ("scop",), ()]
    await stage.tell(*(scenes.offer(supplier=scenes.supplier(kinds=each)) for each in kinds), everywhere(FOIX))
    potential = (await preview(stage.database, asked())).potential
    assert (potential.inclusive, potential.inclusion, potential.adapted) == (7, 4, 2)
    assert (potential.inclusion_enough, potential.adapted_enough) == (True, False)
    assert (potential.lever, potential.local) == ("social_clause", 8)
    await stage.tell(*(scenes.offer(supplier=scenes.supplier(kinds=("AI",))) for _ in range(4)))
    assert (await preview(stage.database, asked())).potential.lever == "reserved_lot"


async def test_it_waits_for_no_writer_and_can_write_nothing(stage: Stage, engines: Any) -> None:
    """INVARIANT: a preview takes no lock and leaves nothing behind."""
    # Told by no event: an event would take the lock for as long as the test lasts.
    async with stage.database.sessions.begin() as session:
        await keep_supply(session, supply_of_offer(scenes.offer()))
    other = Database(engines.instance.admin_database_url("matching"))
    async with other.engine.connect() as connection:
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
        assert (await preview(stage.database, asked())).total == 1
        assert await connection.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")) == 1
    await other.close()
    async with stage.database.sessions() as session:
        await read_only(session)
        with pytest.raises(DBAPIError, match="read-only"):
            await session.execute(text("DELETE FROM supplies"))


async def test_what_the_vocabulary_does_not_know_is_ignored(stage: Stage) -> None:
    await stage.tell(scenes.offer())
    strange = asked(categories=("wooden-pallets", "perlimpinpin"), ewc=("zz", "99"), cpv=("x",), permits=())
    assert (await preview(stage.database, strange)).total == 1
    assert (await preview(stage.database, asked(categories=("perlimpinpin",), title="Zzyzx"))).total == 0


async def test_what_takes_too_long_is_cut_short_and_says_so(stage: Stage) -> None:
    await stage.tell(*(scenes.offer(supplier=scenes.supplier(name=f"S{number}")) for number in range(6)))
    await stage.tell(everywhere(FOIX))
    draft = asked(radius_km=20)
    assert criterion(await preview(stage.database, draft), Constraint.RADIUS).widenings
    late = await preview(stage.database, draft, budget=Budget(seconds=-1))
    assert (late.total, late.complete) == (6, False)
    assert criterion(late, Constraint.RADIUS).widenings == ()


def some_amount(chance: Any) -> Any:
    return chance.choice((None, scenes.quantity(chance.choice((1, 5, 20)), "t", chance.choice(("week", "once")))))


def random_supplies(chance: Any, many: int) -> list[Supply]:
    """Some have a minimum, some a capacity; each organisation has two offers of the same, in two places."""
    found: list[Supply] = []
    for _ in range(many // 2):
        amounts = {"minimum": Amount.of(some_amount(chance)), "capacity": Amount.of(some_amount(chance))}
        one = supply_of_offer(scenes.random_offer(chance)).model_copy(update=amounts)
        elsewhere = supply_of_offer(scenes.random_offer(chance))
        moved = {"id": elsewhere.id, "place": elsewhere.place, "zones": elsewhere.zones}
        found += (one, one.model_copy(update=moved))
    return found


def draft_for(chance: Any, supply: Supply) -> PreviewAsked:
    """A draft of what a supply is about, with conditions of its own."""
    need = scenes.random_need(chance)
    return asked(
        of=chance.choice(("need", "flow")),
        quantity=some_amount(chance),
        minimum=some_amount(chance),
        title=supply.title,
        description=need.description,
        kind=need.kind,
        categories=supply.categories,
        ewc=supply.ewc,
        cpv=supply.cpv,
        place=chance.choice((need.place, supply.place)),
        radius_km=chance.choice((None, 5, 20, 50)),
        supplier_kinds=chance.choice(((), ("ESAT", "EA"), ("scop",))),
        receipt_wanted=chance.random() < 0.2,
        window=chance.choice((Window(), Window(starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 10)))),
        permits=chance.choice(((), (), ("insurance",), ("insurance", "food_hygiene"))),
    )


def organisations(verdicts: Sequence[Any]) -> set[int]:
    return {short(each.supply.organisation_id) for each in verdicts if each is not None and each.gap is None}


def kept_out(verdicts: Sequence[Any], fitting: set[int]) -> dict[Constraint, set[int]]:
    """Whom one condition keeps out: with points enough to be told, or one that the author can lift."""
    found: dict[Constraint, set[int]] = {}
    for each in verdicts:
        organisation = short(each.supply.organisation_id) if each else 0
        if each and each.gap is not None and organisation not in fitting:
            is_ours = each.gap.constraint in WIDER and each.gap.values.get("whose", "demand") == "demand"
            if is_ours or each.points >= weights().near_miss_from:
                found.setdefault(each.gap.constraint, set()).add(organisation)
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_every_count_is_what_publishing_the_draft_or_a_wider_one_would_find(seed: int) -> None:
    """INVARIANT: "widen: 7 more" is what judging every offer against the wider draft gives, no more and no less."""
    chance, table, engine = random.Random(seed), weights(), Engine(rules_of(weights()))
    lenient = replace(table, near_miss_from=min(table.match_from, table.near_miss_from))
    supplies = random_supplies(chance, 300)
    for supply in supplies:
        engine.supplies.add(row_of_supply(supply, engine.numbering))
    told: set[Constraint] = set()
    for _ in range(60):
        demand = demand_asked(draft_for(chance, chance.choice(supplies)), NOW)
        found = await find(engine, demand, today=TODAY, budget=Budget(seconds=60))
        verdicts = [judge(demand, each, lenient, today=TODAY) for each in supplies]
        fitting = organisations(verdicts)
        assert found.fitting.organisations.tolist() == [
            short(each.supply.organisation_id) for each in best_of_organisations(filter(None, verdicts))
        ]
        near = {constraint: set(each.organisations.tolist()) for constraint, each in found.near.items()}
        assert near == kept_out(verdicts, fitting)
        if not fitting and not near:
            loose = [judge(relaxed(demand), each, lenient, today=TODAY) for each in supplies]
            assert found.apart == len({each.supply.organisation_id for each in loose if each})
        for constraint, widenings in found.widenings.items():
            told.add(constraint)
            for each in widenings:
                told_wider: dict[Constraint, dict[str, Any]] = {
                    Constraint.RADIUS: {"radius_km": each.radius_km},
                    Constraint.WINDOW: {"window": each.window},
                    Constraint.MINIMUM: {"minimum": Amount.of(each.minimum)},
                    Constraint.SUPPLIER_KIND: {"supplier_kinds": ()},
                    Constraint.PERMIT: {"permits": each.permits},
                    Constraint.ELIGIBILITY: {"receipt_wanted": False},
                }
                wider = demand.model_copy(update=told_wider[constraint])
                now_fitting = organisations([judge(wider, supply, table, today=TODAY) for supply in supplies])
                assert len(now_fitting - fitting) == each.more > 0
                assert fitting <= now_fitting
    assert told

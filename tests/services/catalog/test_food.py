"""Food's own ladder: people, animals, material; time before its date, cold, and what livestock never gets."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.catalog.flows.errors import KitchenWasteForAnimals, NotEatenByAnimals, UseByBeforeLot, WasteForPeople
from services.catalog.flows.ladder import FOOD, MATERIAL, ladder_of, ladder_of_flow, level_words, levels_of
from services.catalog.flows.lot import lot_of as lot_of_a_day
from services.catalog.flows.models import Flow
from services.catalog.organisations.models import LegalEntity
from services.catalog.takings.errors import ColdChainMissing, TooShortDated, UseByPast
from services.catalog.takings.food import refuse_short_dated, refuse_without_cold
from services.catalog.takings.papers import Papers
from services.catalog.takings.priority import Life, opens_at
from services.catalog.takings.queries import Locked
from shared.events.facts import LegalStatus, Level, Permit
from shared.phrases.names import SHORT_DATED
from shared.refusal import Refusal
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.pages import said, shown
from tests.services.catalog.subscribers import a_weekly_flow, call_off
from tests.services.catalog.takers import TEN_TONNES, Clock, a_flow, hold, lot_of, take, took
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.services.catalog.test_offers_states import a_flow as a_flow_in_memory
from tests.services.catalog.timed import catalog_app, catalog_database, clock, publisher, timed
from tests.support import Isolated

__all__ = ["catalog_app", "catalog_database", "clock", "publisher", "timed"]

BEGINS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LIFE = Life(BEGINS, BEGINS + timedelta(days=20), 50)
TOMATOES = {"title": "Tomates mûres", "categories": ["vegetables"], "quantity_unit": "kg", "quantity_value": "800"}
# Released on Tuesday 24 November; the first day to come for it is the 30th.
SLOT = {"slot_on": "2026-11-30", "slot_from": "09:00", "slot_until": "10:00"}


def food(*categories: str, use_by_on: date | None = None, ewc: tuple[str, ...] = ()) -> Flow:
    flow: Flow = a_flow_in_memory("published")
    flow.categories, flow.ewc, flow.use_by_on = list(categories), list(ewc), use_by_on
    return flow


def dated(category: str, use_by_on: date | None) -> Locked:
    """A lot with a date of its own, of a flow that says another one."""
    flow = food(category, use_by_on=date(2026, 11, 1))
    lot = lot_of_a_day(flow, BEGINS.date(), BEGINS)
    lot.use_by_on = use_by_on
    return Locked(flow, lot)


@pytest.fixture
async def taker(publisher: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Table Ouverte", roles=["ess"])


class TestLadder:
    def test_people_come_before_animals_and_animals_before_material(self) -> None:
        moments = {
            (level, is_ess): (opens_at(LIFE, (), FOOD, level=level, is_ess=is_ess) - BEGINS) / timedelta(days=1)
            for level in FOOD.levels
            for is_ess in (True, False)
        }
        assert moments == {
            (Level.REUSE, True): 0,
            (Level.REUSE, False): 2.5,
            (Level.ANIMALS, True): 5,
            (Level.ANIMALS, False): 7.5,
            **{(level, is_ess): 10 for level in (Level.RECYCLING, Level.RECOVERY) for is_ess in (True, False)},
        }

    @given(wanted=st.lists(st.sampled_from(FOOD.levels), unique=True), is_ess=st.booleans())
    def test_nobody_further_down_comes_earlier(self, wanted: list[Level], is_ess: bool) -> None:
        levels = [level for level in FOOD.levels if not wanted or level in wanted]
        moments = [opens_at(LIFE, wanted, FOOD, level=level, is_ess=is_ess) for level in levels]
        assert moments == sorted(moments)

    @pytest.mark.parametrize(
        ("categories", "ewc", "levels"),
        [
            (["food-surplus"], [], FOOD.levels),
            (["prepared-meals"], [], (Level.REUSE, Level.RECYCLING, Level.RECOVERY)),
            (["food-surplus"], ["200108"], (Level.REUSE, Level.RECYCLING, Level.RECOVERY)),
            (["brewing-residues"], [], tuple(Level)),
            (["kitchen-waste"], [], MATERIAL.levels),
            (["wood"], [], MATERIAL.levels),
            ([], ["150103"], MATERIAL.levels),
        ],
    )
    def test_a_flow_is_known_by_its_categories_and_codes(
        self, categories: list[str], ewc: list[str], levels: tuple[Level, ...]
    ) -> None:
        assert ladder_of(categories, ewc).levels == levels

    def test_it_is_said_as_one_says_it_of_food(self) -> None:
        flow = food("vegetables")
        assert level_words(flow, levels_of(flow), "fr") == (
            "Nourrir des personnes, Nourrir des animaux, Compost ou méthanisation, Autre valorisation"
        )
        assert level_words(flow, ["reuse"], "en") == "Feeding people"
        assert level_words(food("wood"), ["reuse"], "fr") == "Réemploi"

    def test_a_level_that_was_said_before_stays_one_may_choose(self) -> None:
        flow = food("vegetables")
        flow.levels = ["preparation"]
        assert levels_of(flow) == [Level.PREPARATION]


class TestHolder:
    @pytest.mark.parametrize(
        ("categories", "ewc", "refused"),
        [
            (["kitchen-waste"], [], KitchenWasteForAnimals),
            (["food-surplus"], ["200108"], KitchenWasteForAnimals),
            (["wood"], [], NotEatenByAnimals),
            (["vegetables"], [], None),
            ([], ["020304"], None),
        ],
    )
    def test_what_is_offered_to_animals_is_something_they_may_eat(
        self, categories: list[str], ewc: list[str], refused: type[Refusal] | None
    ) -> None:
        flow = food(*categories, ewc=tuple(ewc))
        flow.levels, flow.legal_status = ["animals"], LegalStatus.PRODUCT
        if refused is None:
            flow.check_complete(BEGINS)
            return
        with pytest.raises(refused) as refusal:
            flow.check_complete(BEGINS)
        assert refusal.value.field == "levels"

    @pytest.mark.parametrize(
        ("categories", "ewc", "status", "is_refused"),
        [
            (["vegetables"], ["200201"], LegalStatus.WASTE, True),
            (["kitchen-waste"], ["200108"], LegalStatus.WASTE, True),
            ([], ["020304"], LegalStatus.WASTE, True),
            (["vegetables"], [], LegalStatus.PRODUCT, False),
            (["vegetables"], [], LegalStatus.BY_PRODUCT, False),
            (["vegetables"], [], LegalStatus.END_OF_WASTE, False),
            (["wood"], ["150103"], LegalStatus.WASTE, False),
        ],
    )
    def test_food_that_is_waste_is_offered_to_nobody_to_eat(
        self, categories: list[str], ewc: list[str], status: LegalStatus, is_refused: bool
    ) -> None:
        flow = food(*categories, ewc=tuple(ewc))
        flow.levels, flow.legal_status = ["reuse"], status
        assert (Level.REUSE in levels_of(flow)) is not is_refused
        if not is_refused:
            flow.check_complete(BEGINS)
            return
        with pytest.raises(WasteForPeople) as refusal:
            flow.check_complete(BEGINS)
        assert refusal.value.field == "levels"
        # Nothing said is all that the law leaves.
        flow.levels = []
        flow.check_complete(BEGINS)
        assert Level.REUSE not in {*levels_of(flow), *ladder_of_flow(flow).first}

    def test_a_lot_has_a_date_of_its_own_by_the_rule_of_its_flow_or_by_its_holder(self) -> None:
        flow, day = food("vegetables", use_by_on=date(2026, 12, 1)), date(2026, 11, 24)
        flow.recurrence = None
        assert lot_of_a_day(flow, day, BEGINS).use_by_on == date(2026, 12, 1)
        flow.use_by_days = 3
        assert flow.use_by(day) == date(2026, 12, 1), "one that leaves once has one date"
        flow.recurrence = "FREQ=WEEKLY"
        lot = lot_of_a_day(flow, day, BEGINS)
        assert lot.use_by_on == date(2026, 11, 27)
        lot.be_used_by(date(2026, 11, 25))
        lot.be_used_by(None)
        assert lot.use_by_on == date(2026, 11, 25), "it is corrected, never taken away"
        with pytest.raises(UseByBeforeLot):
            lot.be_used_by(date(2026, 11, 23))

    async def test_the_form_names_the_field_and_the_rule_and_offers_what_fits(
        self, publisher: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        token = await csrf_of(publisher, "/flows/new")
        wrong = {**TEN_TONNES, "categories": ["kitchen-waste"], "levels": ["animals"], "then": "publish"}
        refused = await publisher.post("/flows", data={**wrong, "_csrf": token})
        assert refused.status_code == 422
        assert "article 11, paragraphe 1, b" in said(refused)
        flow = await a_flow(publisher, **TOMATOES, levels=["reuse", "animals"])
        (told,) = await events(catalog_database, "catalog.flow.published.v1")
        assert (told["data"]["levels"], told["data"]["treatments"]) == (["reuse"], ["reuse", "animals"])
        assert "Nourrir des personnes, Nourrir des animaux" in await shown(publisher, flow)
        form = await shown(publisher, f"{flow}/edit?step=takers")
        assert (await publisher.get(f"/api/v1{flow}")).json()["levels"] == ["reuse", "animals"]
        assert "Préparation à la réutilisation" not in form


class TestPeople:
    @pytest.mark.parametrize(
        ("hours", "permits", "refused"),
        [
            (48, [], None),
            (47, [], TooShortDated),
            (47, [Permit(code=SHORT_DATED)], None),
            (47, [Permit(code=SHORT_DATED, expires_on=date(2026, 11, 23))], TooShortDated),
            (0, [Permit(code=SHORT_DATED)], UseByPast),
        ],
    )
    def test_it_has_48_hours_left_or_goes_to_whoever_is_faster(
        self, hours: int, permits: list[Permit], refused: type[Refusal] | None
    ) -> None:
        found = dated("vegetables", date(2026, 12, 1))
        # Midnight in Paris after the first of December.
        moment = datetime(2026, 12, 1, 23, 0, tzinfo=UTC) - timedelta(hours=hours)
        if refused is None:
            refuse_short_dated(found, Papers(permits), Level.REUSE, moment, Decimal(48))
        else:
            with pytest.raises(refused):
                refuse_short_dated(found, Papers(permits), Level.REUSE, moment, Decimal(48))
        refuse_short_dated(found, Papers([]), Level.ANIMALS, moment, Decimal(48))

    def test_what_is_no_food_has_no_date_to_keep(self) -> None:
        moment = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
        for found in (dated("wood", date(2026, 12, 1)), dated("vegetables", None)):
            refuse_short_dated(found, Papers([]), Level.REUSE, moment, Decimal(48))

    def test_what_spoils_goes_to_whoever_is_known_to_handle_food(self) -> None:
        on = date(2026, 12, 1)
        with pytest.raises(ColdChainMissing):
            refuse_without_cold(food("cheese"), Papers([]), Level.REUSE, on)
        with pytest.raises(ColdChainMissing):
            refuse_without_cold(
                food("cheese"), Papers([Permit(code="food_hygiene", expires_on=BEGINS.date())]), Level.REUSE, on
            )
        for code in ("food_hygiene", "sanitary_approval"):
            refuse_without_cold(food("cheese"), Papers([Permit(code=code)]), Level.REUSE, on)
        refuse_without_cold(food("cheese"), Papers([]), Level.RECYCLING, on)
        refuse_without_cold(food("dry-groceries"), Papers([]), Level.REUSE, on)

    def test_what_a_legal_entity_is_for_food_does_for_a_paper(self) -> None:
        flow = food("vegetables")
        flow.organisation.legal_entity = LegalEntity(
            name="Table Ouverte",
            fact_data=[
                {"code": "food_aid_body", "source": "decision", "stated_on": "2026-01-01", "expires_on": "2026-12-01"},
                {"code": "tax_receipts", "source": "declared", "stated_on": "2026-01-01"},
            ],
        )
        papers = Papers.of(flow.organisation)
        assert papers.holds("food_aid", date(2026, 12, 1))
        assert not papers.holds("food_aid", date(2026, 12, 2))
        assert not papers.holds("tax_receipts", date(2026, 12, 1))


class TestPages:
    async def test_a_taker_chooses_among_what_food_may_become(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        lot = (await lot_of(publisher, await a_flow(publisher, **TOMATOES, priority_percent="50")))["id"]
        form = await shown(taker, f"/flows/lots/{lot}/take")
        for words in ("Nourrir des personnes", "Nourrir des animaux", "L. 541-15-4", "Nourrir des animaux, par l'ESS"):
            assert words in form, words
        assert "Préparation à la réutilisation" not in form
        early = said(await take(taker, lot, "100", level="animals", **SLOT))
        assert "passent d'abord les personnes, puis les animaux" in early
        page = await took(taker, lot, "100", **SLOT)
        assert "Nourrir des personnes" in await shown(taker, page)
        (told,) = await events(catalog_database, "catalog.taking.made.v1")
        assert (told["data"]["level"], told["data"]["treatment"]) == ("reuse", None)

    async def test_animals_come_before_compost_and_after_people(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, clock: Clock
    ) -> None:
        lot = (await lot_of(publisher, await a_flow(publisher, **TOMATOES, priority_percent="50")))["id"]
        clock.now = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
        await took(taker, lot, "100", level="animals", **SLOT)
        assert "passent d'abord les personnes" in said(await take(taker, lot, "100", level="recycling", **SLOT))

    async def test_animals_are_told_exactly_beside_the_nearest_code(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        lot = (await lot_of(publisher, await a_flow(publisher, **TOMATOES)))["id"]
        page = await took(taker, lot, "100", level="animals", **SLOT)
        (told,) = await events(catalog_database, "catalog.taking.made.v1")
        assert (told["data"]["level"], told["data"]["treatment"]) == ("reuse", "animals")
        assert (await taker.get(f"/api/v1{page}")).json()["level"] == "animals"

    async def test_kitchen_waste_never_goes_to_livestock_whatever_its_holder_left_open(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient
    ) -> None:
        lot = (await lot_of(publisher, await a_flow(publisher, **TOMATOES, ewc="20 01 08")))["id"]
        assert "Nourrir des animaux" not in await shown(taker, f"/flows/lots/{lot}/take")
        for refused in (
            await take(taker, lot, "100", level="animals", **SLOT),
            await hold(taker, lot, "100", level="animals"),
        ):
            assert refused.status_code == 422
            assert "Traitement : À vérifier : ce sont des déchets de cuisine" in said(refused)
            assert 'value="100"' in refused.text
        asked = {"lot_id": lot, "quantity_value": 100, "level": "animals"}
        token = await csrf_of(taker, f"/flows/lots/{lot}/take")
        head = {"Idempotency-Key": "never", "X-CSRF-Token": token}
        answer = await taker.post("/api/v1/takings/holds", json=asked, headers=head)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "level")

    async def test_wood_is_fed_to_nobody(self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient) -> None:
        lot = (await lot_of(publisher, await a_flow(publisher)))["id"]
        assert "pas pour ce traitement" in said(await take(taker, lot, "2", level="animals"))

    async def test_short_dated_food_asks_for_a_proof_that_is_stated_once(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient
    ) -> None:
        lot = (await lot_of(publisher, await a_flow(publisher, **TOMATOES, use_by_on="2026-12-01")))["id"]
        refused = await take(taker, lot, "100", **SLOT)
        page = said(refused)
        assert refused.status_code == 422
        assert "il reste 38 h avant sa date limite de consommation, au lieu de 48 h" in page
        assert "D. 541-310" in page
        assert 'value="100"' in page
        await took(taker, lot, "100", level="animals", **SLOT)
        await post(taker, "/organisation/statuses", kinds=[], eligibilities=[SHORT_DATED])
        await took(taker, lot, "100", **SLOT)
        late = said(await take(taker, lot, "100", **{**SLOT, "slot_on": "2026-12-02"}))
        assert "le 01/12/2026, est passée" in late

    async def test_an_option_counts_the_time_from_now(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, clock: Clock
    ) -> None:
        lot = (await lot_of(publisher, await a_flow(publisher, **TOMATOES, use_by_on="2026-12-01")))["id"]
        assert (await hold(taker, lot, "100")).status_code == 303
        clock.now = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
        assert "il reste 14 h" in said(await hold(taker, lot, "100"))

    async def test_food_that_is_waste_is_refused_to_whoever_would_eat_it(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        flow = await a_flow(publisher, **TOMATOES)
        lot = (await lot_of(publisher, flow))["id"]
        # As a flow of before the rule.
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE flows SET legal_status = 'waste', ewc = '{200201}', levels = '{reuse}'"))
        assert "Nourrir des personnes" not in await shown(taker, f"/flows/lots/{lot}/take")
        for refused in (await take(taker, lot, "100", **SLOT), await hold(taker, lot, "100")):
            assert refused.status_code == 422
            assert "elle ne nourrit plus personne" in said(refused)
            assert 'value="100"' in refused.text
        wrong = {**TEN_TONNES, **TOMATOES, "legal_status": "waste", "ewc": "20 02 01", "levels": ["reuse"]}
        refused = await post(publisher, "/flows", **wrong, then="publish")
        assert (refused.status_code, 'href="#levels"' in refused.text) == (422, True)
        assert "ne nourrit plus personne" in said(refused)

    async def test_each_lot_of_a_flow_that_comes_back_is_judged_by_its_own_date(
        self, publisher: httpx.AsyncClient, taker: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        flow = await a_weekly_flow(publisher, **{**TOMATOES, "quantity_period": "week"}, use_by_days="3")
        lots = (await publisher.get(f"/api/v1{flow}/lots")).json()["items"]
        assert [each["use_by_on"] for each in lots][:2] == ["2026-11-29", "2026-12-06"]
        told = await events(catalog_database, "catalog.lot.released.v1")
        assert {each["data"]["use_by_on"] for each in told} == {"2026-11-29", "2026-12-06"}
        assert "3 jours après celui de chaque lot" in await shown(publisher, flow)
        slot = {"slot_from": "09:00", "slot_until": "10:00"}
        first, second = (str(each["id"]) for each in lots[:2])
        assert "au lieu de 48 h" in said(await take(taker, first, "100", slot_on="2026-11-28", **slot))
        await took(taker, second, "100", slot_on="2026-12-04", **slot)
        # Ripe sooner than one thought.
        change = {"quantity_value": lots[1]["quantity"]["value"], "_version": 2}
        before = await post(publisher, f"/flows/lots/{second}", **change, use_by_on="2026-12-01")
        assert "passe avant le jour du lot" in await shown(publisher, before.headers["location"])
        assert (await post(publisher, f"/flows/lots/{second}", **change, use_by_on="2026-12-05")).status_code == 303
        assert (await publisher.get(f"/api/v1/flows/lots/{second}")).json()["use_by_on"] == "2026-12-05"
        assert "au lieu de 48 h" in said(await take(taker, second, "100", slot_on="2026-12-04", **slot))

    async def test_a_lot_besides_the_rule_says_its_own_date(self, publisher: httpx.AsyncClient) -> None:
        flow = await a_weekly_flow(publisher, **{**TOMATOES, "quantity_period": "week"}, use_by_days="3")
        assert 'id="call-off-use-by"' in await shown(publisher, flow)
        refused = await call_off(publisher, flow, use_by_on="2026-11-20")
        assert (refused.status_code, 'value="2026-11-20"' in refused.text) == (422, True)
        assert (await call_off(publisher, flow, use_by_on="2026-11-25")).status_code == 303
        assert (await lot_of(publisher, flow))["use_by_on"] == "2026-11-25"

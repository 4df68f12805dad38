"""The panel "who could answer": what is asked for a draft, what is shown of the answer, and a page without one."""

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from litestar import Litestar

from shared.contract.asked import ANSWER
from shared.events.event import Facts
from shared.events.facts import Period, Window
from shared.events.reasons import Constraint, Gap
from shared.questions.preview import Missing, NearMisses, PlannedWave, Preview, PreviewAsked, Widening
from shared.questions.question import Question
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.test_need_wizard import begun, post
from tests.services.catalog.test_needs import post_need

NOBODY = ANSWER.model_copy(update={"total": 0, "suppliers": (), "waves": (), "near_misses": (), "apart": 0})


class Oracle:
    """Stands where matching would answer."""

    def __init__(self) -> None:
        self.asked: list[PreviewAsked] = []
        self.answer: Facts | None = ANSWER

    async def ask(self, question: Question) -> Facts | None:
        assert isinstance(question, PreviewAsked)
        self.asked.append(question)
        return self.answer


@pytest.fixture
def oracle(catalog_app: Litestar) -> Oracle:
    catalog_app.state.asker = found = Oracle()
    return found


def words(answer: httpx.Response) -> str:
    """What a person reads, with plain spaces."""
    assert answer.status_code == 200, answer.text
    text = html.unescape(re.sub(r"<[^>]+>", " ", answer.text))
    return re.sub(r"\s+", " ", text.replace("’", "'")).replace(" ,", ",")


async def test_typing_the_first_words_asks_who_could_answer_and_keeps_nothing(sign_up: SignUp, oracle: Oracle) -> None:
    buyer = await sign_up()
    said = words(await post(buyer, "/needs/preview", kind="procurement", title="80 plateaux-repas par mois"))
    (asked,) = oracle.asked
    assert (asked.of, asked.title, asked.names, asked.most) == ("need", "80 plateaux-repas par mois", True, 5)
    assert "meal-trays" in asked.categories
    assert asked.place.commune_name == "Toulouse"
    for shown in ("1 structure correspond", "Table du Canal", "82 excellent", "À 4 km", "Compté depuis Toulouse"):
        assert shown in said, said
    assert "brouillon" not in (await buyer.get("/dashboard?show=drafts")).text.lower().split("</nav>")[0]


async def test_nothing_is_asked_of_an_empty_page(sign_up: SignUp, oracle: Oracle) -> None:
    buyer = await sign_up()
    said = words(await post(buyer, "/needs/preview", kind="procurement", title=""))
    assert "Rien à chercher encore" in said
    assert oracle.asked == []


async def test_a_step_asks_with_what_is_kept_and_what_is_typed(sign_up: SignUp, oracle: Oracle) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    await post(
        buyer,
        f"{address}/steps/description",
        description="Livrés",
        categories=["catering"],
        quantity_value="80",
        quantity_unit="meal",
        quantity_period="month",
    )
    answer = await post(
        buyer, f"{address}/steps/place/preview", place="Balma", radius_km="20", starts_on="2040-05-01", ends_on="demain"
    )
    (asked,) = oracle.asked
    assert (asked.title, asked.description, asked.categories) == ("80 repas par mois", "Livrés", ("catering",))
    assert asked.quantity is not None
    assert (asked.quantity.value, asked.quantity.unit, asked.quantity.period) == (Decimal(80), "meal", Period.MONTH)
    # What is not understood yet is left as it was.
    assert (asked.place.commune_name, asked.radius_km) == ("Balma", 20)
    assert asked.window == Window(starts_on=date(2040, 5, 1))
    assert "Compté depuis" not in words(answer)
    assert 'value="20"' not in (await buyer.get(f"{address}/steps/place")).text


async def test_the_author_is_told_by_ids_alone(sign_up: SignUp, oracle: Oracle) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    await post(buyer, f"{address}/steps/contact/preview", author_hidden="true")
    (asked,) = oracle.asked
    assert "Structure 1" not in asked.model_dump_json()
    assert "personne1" not in asked.model_dump_json()


async def test_the_last_look_shows_it_without_scripts_and_a_button_widens(sign_up: SignUp, oracle: Oracle) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    await post(buyer, f"{address}/steps/place", place="Balma", radius_km="20")
    shown = await buyer.get(f"{address}/review")
    said = words(shown)
    for expected in ("Qui pourrait répondre", "Table du Canal", "Rayon demandé : 7 structures écartées", "7 de plus"):
        assert expected in said, said
    assert f'action="{address}/widen"' in shown.text
    answer = await post(buyer, f"{address}/widen", radius_km="40", back="")
    assert answer.headers["location"] == f"{address}/review"
    assert 'value="40"' in (await buyer.get(f"{address}/steps/place")).text
    answer = await post(buyer, f"{address}/widen", radius_km="", back="place")
    assert answer.headers["location"] == f"{address}/steps/place"
    assert 'value="40"' not in (await buyer.get(f"{address}/steps/place")).text


async def test_a_button_sets_nothing_but_conditions_and_spares_what_is_published(
    sign_up: SignUp, oracle: Oracle
) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    draft = await begun(buyer)
    await post(buyer, f"{draft}/widen", title="Autre", radius_km="-3", back="place")
    kept = words(await buyer.get(f"{draft}/review"))
    assert "80 repas par mois" in kept
    assert "Autre" not in kept
    assert (await post(stranger, f"{draft}/widen", radius_km="40")).status_code == 404
    assert (await post(stranger, f"{draft}/steps/place/preview", place="Balma")).status_code == 404
    public = (await post_need(buyer)).headers["location"]
    assert (await post(buyer, f"{public}/widen", radius_km="40", back="place")).headers["location"].endswith("place")
    assert 'value="40"' not in (await buyer.get(f"{public}/steps/place")).text


async def test_without_an_answer_the_page_says_so_and_goes_on(sign_up: SignUp, oracle: Oracle) -> None:
    buyer = await sign_up()
    address, oracle.answer = await begun(buyer), None
    for answer in (await buyer.get(f"{address}/review"), await post(buyer, f"{address}/steps/place/preview", place="")):
        assert "La recherche ne répond pas pour l'instant" in words(answer)


async def test_without_a_broker_it_is_the_same(sign_up: SignUp) -> None:
    """The real asker, whose connection is not there."""
    buyer = await sign_up()
    address = await begun(buyer)
    assert "La recherche ne répond pas pour l'instant" in words(await buyer.get(f"{address}/review"))


Changed = Callable[[Preview], Preview]


def near(constraint: Constraint, *widenings: Widening, gap: dict[str, Any] | None = None) -> NearMisses:
    missing = Missing(score=71, gap=Gap(constraint=constraint, values=gap or {}))
    nearest = () if gap is None else (missing,)
    return NearMisses(constraint=constraint, suppliers=3, nearest=nearest, widenings=widenings)


async def test_each_condition_says_what_it_costs_and_what_its_button_would_set(sign_up: SignUp, oracle: Oracle) -> None:
    moved = Window(starts_on=date(2040, 5, 1), ends_on=date(2040, 6, 9))
    oracle.answer = NOBODY.model_copy(
        update={
            "near_misses": (
                near(Constraint.WINDOW, Widening(constraint=Constraint.WINDOW, more=2, window=moved)),
                near(Constraint.SUPPLIER_KIND, Widening(constraint=Constraint.SUPPLIER_KIND, more=9)),
                near(
                    Constraint.PERMIT,
                    Widening(constraint=Constraint.PERMIT, more=1, permits=("insurance",)),
                    Widening(constraint=Constraint.PERMIT, more=1, permits=()),
                ),
                near(Constraint.AREA, gap={"place": "Toulouse", "km": 4}),
            )
        }
    )
    buyer = await sign_up()
    address = await begun(buyer)
    answer = await buyer.get(f"{address}/review")
    said = words(answer)
    assert "Personne ne correspond encore" in said
    assert "Potentiel inclusif" not in said
    for expected in (
        "Déplacer : du 1er mai 2040 au 9 juin 2040",
        "Ouvrir à toutes les structures 9 de plus",
        "N'exiger que : Assurance responsabilité civile",
        "N'exiger aucun document",
        "s'arrête 4 km avant Toulouse",
    ):
        assert expected in said, said
    for name, value in (("starts_on", "2040-05-01"), ("ends_on", "2040-06-09"), ("supplier_kinds", "")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in answer.text


async def test_nobody_says_what_is_in_the_way(sign_up: SignUp, oracle: Oracle) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    oracle.answer = NOBODY
    assert "Aucune activité ne parle de cela" in words(await buyer.get(f"{address}/review"))
    oracle.answer = NOBODY.model_copy(update={"apart": 3})
    assert "3 structures s'en approchent, mais deux conditions ou plus" in words(await buyer.get(f"{address}/review"))


async def test_the_waves_and_the_inclusive_potential_are_told_as_things_to_check(
    sign_up: SignUp, oracle: Oracle
) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    waves = (
        PlannedWave(number=1, due_at=datetime.now(UTC), suppliers=10),
        PlannedWave(number=2, due_at=later, suppliers=2, waiting=1),
    )
    potential = ANSWER.potential.model_copy(
        update={"inclusive": 12, "inclusion": 10, "inclusion_enough": True, "adapted": 2, "lever": "reserved_lot"}
    )
    oracle.answer = ANSWER.model_copy(update={"total": 13, "complete": False, "waves": waves, "potential": potential})
    buyer = await sign_up()
    address = await begun(buyer)
    said = words(await buyer.get(f"{address}/review"))
    for expected in (
        "Au moins 13 structures correspondent",
        "Et 12 autres.",
        "Vague 1 : dès la publication, 10 structures",
        "Vague 2 : demain",
        "On s'arrête à 6 intéressées.",
        "Insertion 10 Travail adapté 2 Toulouse Métropole 1",
        "Réservé à l'insertion (L. 2113-13) : il en resterait au moins trois.",
        "Réservé au travail adapté (L. 2113-12) : il en resterait moins de trois.",
        "un lot réservé",
        "à vérifier",
    ):
        assert expected in said, said
    english = words(await buyer.get(f"/en{address}/review"))
    assert "13 suppliers" in english
    assert "structure" not in english.split("Who could answer")[1].split("Publish")[0]


async def test_a_flow_asks_for_takers_of_its_quantity_and_level(sign_up: SignUp, oracle: Oracle) -> None:
    holder = await sign_up()
    answer = await post(holder, "/flows/begin", title="Palettes en bois", categories=["wooden-pallets"])
    address = answer.headers["location"].partition("/steps/")[0]
    said = words(
        await post(
            holder,
            f"{address}/steps/state/preview",
            quantity_value="6",
            quantity_unit="t",
            quantity_period="week",
            minimum_value="1",
            measured="estimated",
        )
    )
    assert "Qui pourrait prendre" in said
    (asked,) = oracle.asked
    assert asked.of == "flow"
    assert asked.quantity is not None
    assert asked.minimum is not None
    assert (asked.quantity.value, asked.minimum.value, asked.minimum.unit) == (Decimal(6), Decimal(1), "t")


async def test_an_offer_s_wizard_has_no_such_panel(sign_up: SignUp, oracle: Oracle) -> None:
    supplier = await sign_up()
    assert "Qui pourrait" not in (await supplier.get("/offers/new")).text
    assert (await post(supplier, "/offers/preview", title="x")).status_code == 404

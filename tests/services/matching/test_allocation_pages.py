"""What a publisher sees of a split, tries, and says yes to; and nobody else."""

import re
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.matching.app import create_app
from services.matching.settings import Settings
from services.matching.worker import RECALLS
from shared.events.catalog import FlowPaused, FlowPublished, OfferPublished, OfferUpdated, OrganisationSuspended
from shared.events.facts import Level
from shared.events.matching import AllocationAccepted
from shared.identity import Identity, Role
from shared.vocabulary import category
from tests.services.matching.scenes import MURET, flow, offer, organisation, quantity, supplier
from tests.services.matching.stage import Stage
from tests.support import csrf_headers

Enter = Callable[..., httpx.AsyncClient]


@pytest.fixture
def app(stage: Stage, matching_settings: Settings) -> Litestar:
    return create_app(matching_settings, databases=stage.database.both, clock=stage.clock)


@pytest.fixture
async def enter(
    app: Litestar, client_for: Any, sign_in_as: Any, identity: Callable[..., Identity]
) -> AsyncIterator[Enter]:
    """A client signed in for an organisation; without one, a visitor."""
    opened: list[httpx.AsyncClient] = []

    def _enter(organisation_id: Any = None, **facts: Any) -> httpx.AsyncClient:
        client: httpx.AsyncClient = client_for(app)
        if organisation_id is not None:
            member = identity(organisation_id=organisation_id, **facts)
            sign_in_as(client, member)
            client.headers.update(csrf_headers(client, app, member))
        opened.append(client)
        return client

    yield _enter
    for client in opened:
        await client.aclose()


def taker(name: str, **changed: Any) -> OfferPublished:
    facts: dict[str, Any] = {
        "supplier": supplier(name=name),
        "level": Level.REUSE,
        "capacity": quantity(2, "t", "week"),
    }
    return offer(**facts | changed)


async def a_market(stage: Stage, **changed: Any) -> tuple[FlowPublished, OfferPublished, OfferPublished]:
    """Six tonnes a week; a recycler that comes first and could take all, and a reuser for two."""
    published = flow(**changed)
    recycler = taker("Broyage du Lauragais", level=Level.RECYCLING, capacity=quantity(6, "t", "week"))
    reuser = taker("Les Palettes du Nord")
    await stage.tell(published, recycler)
    stage.wait(hours=1)
    await stage.tell(reuser)
    return published, recycler, reuser


def path_of(published: FlowPublished) -> str:
    return f"/matching/flows/{published.flow_id}/allocation"


def shares_in(page: str) -> list[str]:
    """What the page's form says yes to."""
    return re.findall(r'name="shares" value="([^"]+)"', page)


async def accept(client: httpx.AsyncClient, path: str, **changed: Any) -> httpx.Response:
    """Press the page's button."""
    page = (await client.get(path)).text
    return await client.post(path.partition("?")[0], data={"shares": shares_in(page), **changed})


async def rows_of(stage: Stage) -> list[Any]:
    async with stage.database.sessions.begin() as session:
        found = await session.execute(text("SELECT * FROM allocations ORDER BY accepted_at, version"))
        return list(found.all())


async def test_the_publisher_sees_who_takes_what_and_what_it_changes(stage: Stage, enter: Enter) -> None:
    published, recycler, reuser = await a_market(stage)
    answer = await enter(published.author.organisation_id).get(path_of(published))
    page = " ".join(unescape(answer.text).split()).replace("\u202f", " ").replace("\xa0", " ")
    assert answer.status_code == 200
    assert f'href="/offers/{reuser.offer_id}"' in page
    assert f'href="/offers/{recycler.offer_id}"' in page
    assert "26,1 t par mois à répartir." in page
    assert "8,7 t par mois" in page, "all the reuser can take"
    assert "17,4 t par mois" in page, "the rest"
    assert "+8,7 t" in page, "reused, against first come first served"
    assert "Aucune répartition possible n’est meilleure." in page
    assert "10 t par mois de capacité en plus chez Les Palettes du Nord vaudraient" in page
    assert "21,3 kg – 132,9 kg" in page


async def test_who_fits_leads_to_the_split_for_its_publisher_alone(stage: Stage, enter: Enter) -> None:
    published, _, _ = await a_market(stage)
    ranking, link = f"/matching/flows/{published.flow_id}", f'href="{path_of(published)}"'
    assert link in (await enter(published.author.organisation_id).get(ranking)).text
    for facts in ({"role": Role.VIEWER}, {"roles": frozenset({"territory"})}):
        organisation = published.author.organisation_id if "role" in facts else uuid4()
        assert link not in (await enter(organisation, **facts).get(ranking)).text


async def test_what_is_tried_stands_in_the_address(stage: Stage, enter: Enter) -> None:
    published, recycler, reuser = await a_market(stage)
    publisher, path = enter(published.author.organisation_id), path_of(published)
    fields = {f"capacity:{reuser.offer_id}:t": "20,5", f"capacity:{recycler.offer_id}:t": "", "most": ""}
    answer = await publisher.get(path, params=fields)
    assert answer.status_code == 303
    short = answer.headers["location"]
    assert short == f"{path}?capacity={reuser.offer_id}%3A20.5%3At"
    page = (await publisher.get(short)).text
    assert sorted(float(share.split(":")[2]) for share in shares_in(page)) == pytest.approx([5_589.286, 20_500])
    assert 'value="20,5"' in page, "the form shows what is tried"
    alone = (await publisher.get(f"{path}?without={recycler.offer_id}")).text
    assert [share.split(":")[1] for share in shares_in(alone)] == [str(reuser.offer_id)]
    assert "restent sans preneur" in alone
    one = (await publisher.get(f"{path}?most=1")).text
    assert [share.split(":")[1] for share in shares_in(one)] == [str(recycler.offer_id)]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("most", "zéro", "Écrivez un nombre entier, de 1 à 20."),
        ("most", "0", "Écrivez un nombre entier, de 1 à 20."),
        ("capacity", "beaucoup", "Écrivez un nombre, par exemple 2,5."),
        ("capacity", "-3", "Écrivez un nombre, par exemple 2,5."),
    ],
)
async def test_what_cannot_be_tried_is_said_at_its_field(
    stage: Stage, enter: Enter, field: str, typed: str, said: str
) -> None:
    published, _, reuser = await a_market(stage)
    name = field if field == "most" else f"capacity:{reuser.offer_id}:t"
    answer = await enter(published.author.organisation_id).get(path_of(published), params={name: typed})
    assert answer.status_code == 422
    assert f'href="#{name}"' in answer.text
    assert said in answer.text.replace("\u202f", " ").replace("\xa0", " ")
    assert f'value="{typed}"' in answer.text, "what was typed is kept"
    assert shares_in(answer.text), "the proposal is shown all the same"


@pytest.mark.parametrize("query", ["without=x", "capacity=x", "capacity=a:b:c", "most=1e9", "without=&capacity="])
async def test_an_address_that_says_nothing_tries_nothing(stage: Stage, enter: Enter, query: str) -> None:
    published, _, _ = await a_market(stage)
    answer = await enter(published.author.organisation_id).get(f"{path_of(published)}?{query}")
    assert answer.status_code in (200, 303, 422)


async def test_a_yes_is_stored_and_told_once(stage: Stage, enter: Enter) -> None:
    published, recycler, reuser = await a_market(stage)
    publisher = enter(published.author.organisation_id)
    shares = shares_in((await publisher.get(path_of(published))).text)
    for _ in range(2):
        answer = await publisher.post(path_of(published), data={"shares": shares})
        assert (answer.status_code, answer.headers["location"]) == (303, path_of(published))
    (row,) = await rows_of(stage)
    assert (row.flow_id, row.organisation_id, row.version) == (published.flow_id, published.author.organisation_id, 1)
    assert row.member_id is not None
    (told,) = await stage.heard(AllocationAccepted)
    assert (told.allocation_id, told.version, told.left) == (row.id, 1, None)
    assert [(share.offer_id, str(share.quantity.value)) for share in told.shares] == [
        (recycler.offer_id, "17392.857"),
        (reuser.offer_id, "8696.429"),
    ]
    assert {(share.quantity.unit, share.quantity.period.value) for share in told.shares} == {("kg", "month")}
    page = (await publisher.get(path_of(published))).text
    assert "Vous avez accepté cette répartition" in page


async def test_another_yes_takes_the_place_of_the_first(stage: Stage, enter: Enter) -> None:
    published, recycler, _ = await a_market(stage)
    publisher, path = enter(published.author.organisation_id), path_of(published)
    await accept(publisher, path)
    answer = await accept(publisher, f"{path}?without={recycler.offer_id}", without=str(recycler.offer_id))
    assert answer.headers["location"] == f"{path}?without={recycler.offer_id}"
    first, second = await stage.heard(AllocationAccepted, published.flow_id)
    assert (first.version, second.version) == (1, 2)
    assert second.left is not None
    assert second.left.value == Decimal("17392.857")
    assert "Une autre est acceptée" in (await publisher.get(path)).text


async def test_a_split_that_is_no_longer_possible_is_refused_and_the_new_one_shown(stage: Stage, enter: Enter) -> None:
    published, _, reuser = await a_market(stage)
    publisher, path = enter(published.author.organisation_id), path_of(published)
    seen = shares_in((await publisher.get(path)).text)
    smaller = reuser.model_copy(update={"version": 2, "capacity": quantity(1, "t", "week")})
    await stage.tell(OfferUpdated(**smaller.model_dump()))
    answer = await publisher.post(path, data={"shares": seen})
    assert answer.status_code == 409
    assert "plus possible" in answer.text
    assert shares_in(answer.text) != seen
    assert await rows_of(stage) == []
    assert await stage.heard(AllocationAccepted) == []


async def test_who_is_suspended_takes_no_share(stage: Stage, enter: Enter) -> None:
    published, _, reuser = await a_market(stage)
    publisher, path = enter(published.author.organisation_id), path_of(published)
    seen = shares_in((await publisher.get(path)).text)
    known = organisation(organisation_id=reuser.supplier.organisation_id)
    await stage.tell(OrganisationSuspended(**known.model_dump()))
    answer = await publisher.post(path, data={"shares": seen})
    assert (answer.status_code, "plus possible" in answer.text) == (409, True)
    assert f"{published.flow_id}:{reuser.offer_id}" not in "".join(shares_in(answer.text))
    assert await stage.heard(AllocationAccepted) == []


@pytest.mark.parametrize("share", ["{flow}:{offer}:99999999", "{flow}:{stranger}:1", "{offer}:{offer}:1", "x", "::"])
async def test_made_up_shares_are_refused(stage: Stage, enter: Enter, share: str) -> None:
    published, recycler, _ = await a_market(stage)
    written = share.format(flow=published.flow_id, offer=recycler.offer_id, stranger=uuid4())
    answer = await enter(published.author.organisation_id).post(path_of(published), data={"shares": [written]})
    assert answer.status_code in (409, 404)
    assert await rows_of(stage) == []


@pytest.mark.parametrize("facts", [{}, {"roles": frozenset({"territory"})}], ids=["stranger", "coordinator"])
async def test_nobody_else_sees_or_accepts(stage: Stage, enter: Enter, facts: dict[str, Any]) -> None:
    published, recycler, _ = await a_market(stage)
    path = path_of(published)
    shares = shares_in((await enter(published.author.organisation_id).get(path)).text)
    for who in (uuid4(), recycler.supplier.organisation_id):
        client = enter(who, **facts)
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, data={"shares": shares})).status_code == 404
        assert (await client.post("/matching/allocation", data={"shares": shares})).status_code == 404
        assert shares_in((await client.get("/matching/allocation")).text) == []
    assert await rows_of(stage) == []


async def test_who_only_looks_is_told_that_their_role_is_too_small(stage: Stage, enter: Enter) -> None:
    published, _, _ = await a_market(stage)
    viewer = enter(published.author.organisation_id, role=Role.VIEWER)
    assert (await viewer.get(path_of(published))).status_code == 403
    assert (await viewer.post(path_of(published), data={"shares": ["x"]})).status_code == 403
    assert (await enter().get(path_of(published))).headers["location"].startswith("/sign-in")


async def test_all_flows_share_the_capacities(stage: Stage, enter: Enter) -> None:
    """Two flows of one publisher, one taker for two tonnes a week: what one gets the other does not."""
    first, only = flow(), taker("Les Palettes du Nord")
    second = flow(author=first.author, title="Palettes du quai 2", place=MURET)
    await stage.tell(first, second, only)
    publisher = enter(first.author.organisation_id)
    page = (await publisher.get("/matching/allocation")).text
    assert "Palettes du quai 2" in page
    given = [share.split(":") for share in shares_in(page)]
    assert sum(float(amount) for _, _, amount in given) == pytest.approx(2000 * 30.4375 / 7, abs=0.01)
    answer = await publisher.post("/matching/allocation", data={"shares": shares_in(page)})
    assert answer.headers["location"] == "/matching/allocation"
    assert {each.flow_id for each in await stage.heard(AllocationAccepted)} == {
        UUID(flow_id) for flow_id, _, _ in given
    }
    other = second if given[0][0] == str(first.flow_id) else first
    alone = (await publisher.get(path_of(other))).text
    assert shares_in(alone) == [], "its capacity is promised to the other flow"


async def test_what_cannot_be_compared_is_said_and_can_be_typed(stage: Stage, enter: Enter) -> None:
    """Square metres of pallets: nobody knows what they weigh."""
    published, odd = flow(), taker("Surface", capacity=quantity(40, "m2", "month"))
    await stage.tell(published, odd)
    publisher = enter(published.author.organisation_id)
    page = (await publisher.get(path_of(published))).text
    assert "qui ne se compare pas à la vôtre" in page
    assert "Personne ne peut le prendre" in page
    tried = (await publisher.get(f"{path_of(published)}?capacity={odd.offer_id}:3:t")).text
    assert [float(share.split(":")[2]) for share in shares_in(tried)] == [3000.0]


async def test_a_capacity_in_pieces_is_weighed_by_the_usual_weight(stage: Stage, enter: Enter) -> None:
    published, pieces = flow(), taker("À la pièce", capacity=quantity(100, "unit", "month"))
    await stage.tell(published, pieces)
    page = (await enter(published.author.organisation_id).get(path_of(published))).text
    weight = category("wooden-pallets").unit_kg
    assert weight is not None
    assert [float(share.split(":")[2]) for share in shares_in(page)] == [100 * weight]


async def test_minimums_of_both_sides_and_wanted_levels_hold(stage: Stage, enter: Enter) -> None:
    published = flow(minimum=quantity(3, "t", "week"), levels=(Level.REUSE,))
    small = taker("Trop petit", capacity=quantity(2, "t", "week"))
    other = taker("Recycleur", level=Level.RECYCLING, capacity=quantity(6, "t", "week"))
    fits = taker("Assez grand", capacity=quantity(4, "t", "week"))
    await stage.tell(published, small, other, fits)
    page = (await enter(published.author.organisation_id).get(path_of(published))).text
    assert [share.split(":")[1] for share in shares_in(page)] == [str(fits.offer_id)]
    assert "pas parmi ce que vous acceptez" in page


async def test_a_flow_without_anybody_or_any_more_says_what_to_do(stage: Stage, enter: Enter) -> None:
    lonely = flow()
    await stage.tell(lonely)
    publisher = enter(lonely.author.organisation_id)
    page = (await publisher.get(path_of(lonely))).text
    assert "Aucune structure ne correspond encore." in page
    paused = FlowPaused(version=2, flow_id=lonely.flow_id, organisation_id=lonely.author.organisation_id)
    await stage.tell(paused)
    assert "pas proposé en ce moment" in (await publisher.get(path_of(lonely))).text
    assert "Aucun gisement ouvert." in (await publisher.get("/matching/allocation")).text


async def test_a_flow_that_matching_has_not_heard_of_leads_to_its_own_page(enter: Enter) -> None:
    unknown = uuid4()
    answer = await enter(uuid4()).get(f"/matching/flows/{unknown}/allocation")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/flows/{unknown}")


async def test_english_says_it_too(stage: Stage, enter: Enter) -> None:
    published, _, _ = await a_market(stage)
    page = (await enter(published.author.organisation_id).get(f"/en{path_of(published)}")).text
    assert "Who takes what" in page
    assert "Recycling" in page
    assert "Réemploi" not in page


async def test_a_restored_matching_knows_what_was_accepted(stage: Stage, enter: Enter) -> None:
    published, _, _ = await a_market(stage)
    publisher = enter(published.author.organisation_id)
    await accept(publisher, path_of(published))
    (told,) = await stage.heard(AllocationAccepted)
    (before,) = await rows_of(stage)
    async with stage.database.connection() as connection:
        await connection.exec_driver_sql("RESET ROLE")
        await connection.exec_driver_sql("DELETE FROM allocations")
    for _ in range(2):
        async with stage.database.sessions.begin() as session:
            await RECALLS[AllocationAccepted](session, told)
    (after,) = await rows_of(stage)
    assert (after.id, after.shares, after.member_id) == (before.id, before.shares, None)
    assert "Vous avez accepté cette répartition" in (await publisher.get(path_of(published))).text


async def test_programs_read_and_accept_the_same(stage: Stage, enter: Enter) -> None:
    published, recycler, reuser = await a_market(stage)
    publisher, path = enter(published.author.organisation_id), f"/matching/api/v1/flows/{published.flow_id}/allocation"
    proposed = (await publisher.get(path)).json()
    (market,) = proposed["markets"]
    assert (market["unit"], market["gap"], proposed["is_open"]) == ("kg", 0.0, True)
    assert market["proposed"]["points"] > market["today"]["points"]
    assert market["today"]["by_level"] == {"recycling": pytest.approx(26_089.286)}
    (found,) = market["flows"]
    assert [each["offer_id"] for each in found["shares"]] == [str(recycler.offer_id), str(reuser.offer_id)]
    assert market["more"][0]["offer_id"] == str(reuser.offer_id)
    tried = (await publisher.get(f"{path}?most=1&without={reuser.offer_id}&capacity={recycler.offer_id}:1:t")).json()
    assert [each["amount"] for each in tried["markets"][0]["flows"][0]["shares"]] == [1000.0]
    body = {
        "shares": [
            {"flow_id": found["flow_id"], "offer_id": each["offer_id"], "amount": str(each["amount"])}
            for each in found["shares"]
        ]
    }
    key = {"idempotency-key": "a"}
    made = await publisher.post("/matching/api/v1/allocation", json=body, headers=key)
    assert made.status_code == 201, made.text
    again = await publisher.post("/matching/api/v1/allocation", json=body, headers=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (made.json(), "true")
    stored = (await publisher.get(made.headers["location"])).json()
    assert (stored["flow_id"], stored["version"]) == (str(published.flow_id), 1)
    assert [each["amount"] for each in stored["shares"]] == [each["amount"] for each in found["shares"]]
    stranger = enter(uuid4())
    assert (await stranger.get(made.headers["location"])).status_code == 404
    assert (await stranger.get(path)).status_code == 404
    assert (await publisher.get(f"{path}?most=0")).status_code == 422
    assert (await publisher.get(f"{path}?capacity=x")).status_code == 422

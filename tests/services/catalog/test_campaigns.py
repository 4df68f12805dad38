"""Campaigns on pages: written, published, pledged to until the last day, then confirmed or lapsed by their rule."""

from datetime import timedelta

import httpx
import pytest

from services.catalog.campaigns.closing import _remind
from services.catalog.campaigns.queries import pledges_to_remind
from shared.database import now_of
from tests.services.catalog.campaigners import (
    CAMPAIGN,
    LAST,
    STEPS,
    TIERS,
    TODAY,
    a_campaign,
    days_later,
    pledges_in,
    promise,
    sums_of,
)
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.giving import seen, stored
from tests.services.catalog.pages import shown
from tests.services.catalog.test_files import a_photo, send
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.support import Isolated, at_noon_of


@pytest.fixture
async def workshop(supplier: httpx.AsyncClient) -> httpx.AsyncClient:
    """The fixture `supplier` is of the social economy: whoever opens campaigns."""
    return supplier


class TestWriting:
    """A draft, what it lacks, and what its counterparts may be worth."""

    async def test_a_draft_is_its_authors_alone_and_what_was_typed_stays(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient
    ) -> None:
        address = await a_campaign(workshop, publish=False)
        assert (await buyer.get(address)).status_code == 404
        form = (await workshop.get(f"{address}/edit")).text
        assert all(said in form for said in ("8000", "Le four d&#39;occasion", "Un repas pour l&#39;équipe"))

    @pytest.mark.parametrize("missing", ["title", "description", "goal_euros", "ends_on"])
    async def test_what_nobody_could_rely_on_is_not_published(self, workshop: httpx.AsyncClient, missing: str) -> None:
        answer = await post(workshop, "/campaigns", **{**CAMPAIGN, missing: ""}, then="publish")
        assert answer.status_code == 422
        assert "À remplir avant de publier" in answer.text
        assert CAMPAIGN["description" if missing == "title" else "title"].split("'")[0] in answer.text

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"threshold_euros": "9000"}, "Le seuil ne dépasse pas"),
            ({**STEPS, "step_euros": "9000"}, "Une étape ne dépasse pas"),
            ({"ends_on": (TODAY - timedelta(days=1)).isoformat()}, "Le dernier jour vient après"),
            ({"ends_on": (TODAY + timedelta(days=400)).isoformat()}, "un an au plus"),
            ({**TIERS, "worth_euros": "125,01"}, "25 % de la promesse"),
        ],
    )
    async def test_a_campaign_that_could_not_be_kept_is_refused(
        self, workshop: httpx.AsyncClient, changes: dict[str, str], words: str
    ) -> None:
        answer = await post(workshop, "/campaigns", **{**CAMPAIGN, **changes}, then="publish")
        assert (answer.status_code, words in answer.text.replace("\u202f", " ").replace("\xa0", " ")) == (422, True)

    async def test_a_quarter_of_the_gift_is_not_too_much(self, workshop: httpx.AsyncClient) -> None:
        """INVARIANT: the limit is the dated figure, itself included."""
        assert await a_campaign(workshop, **{**TIERS, "worth_euros": "125"})

    async def test_once_published_only_words_change(
        self, workshop: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        address = await a_campaign(workshop)
        form = (await workshop.get(f"{address}/edit")).text
        assert "goal_euros" not in form
        shown = {"version": form.split('name="_version" value="')[1].split('"')[0]}
        changed = await post(
            workshop, address, description="Et le dimanche.", categories=["meal-trays"], _version=shown["version"]
        )
        assert changed.status_code == 303
        assert "Et le dimanche." in (await workshop.get(address)).text
        (event,) = await events(catalog_database, "catalog.campaign.updated.v1")
        assert event["data"]["goal_cents"] == 800_000

    async def test_only_the_social_economy_opens_one(self, buyer: httpx.AsyncClient) -> None:
        assert (await buyer.get("/campaigns/new")).status_code == 403
        assert (await post(buyer, "/campaigns", **CAMPAIGN)).status_code == 403

    async def test_photos_are_shown_with_it(self, workshop: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
        address = await a_campaign(workshop)
        await send(workshop, address, a_photo(), "four.jpg", purpose="photo", words="Le local")
        assert "Le local" in (await visitor.get(address)).text


class TestPledging:
    """A promise, said otherwise, taken back; who may, and who reads it."""

    async def test_promised_and_received_stand_apart(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, visitor: httpx.AsyncClient
    ) -> None:
        address = await a_campaign(workshop)
        assert (await promise(buyer, address, "2 000")).status_code == 303
        page = (await visitor.get(address)).text.replace("\u202f", " ").replace("\xa0", " ")
        assert "2 000 €</span>" in page
        assert "0 €</span>" in page
        assert 'value="25"' in page
        assert "Hexaplane Systèmes" in page
        assert "Tout ou rien : si 5 000 € au moins" in page

    async def test_it_is_changed_and_taken_back_until_the_last_day(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        address = await a_campaign(workshop)
        for euros in ("2000", "3000,50", "3000,50"):
            assert (await promise(buyer, address, euros)).status_code == 303
        assert await sums_of(catalog_database, address) == ("open", 300_050, 1)
        made = await events(catalog_database, "catalog.pledge.made.v1")
        assert [(each["data"]["before_cents"], each["data"]["amount_cents"]) for each in made] == [
            (None, 200_000),
            (200_000, 300_050),
        ]
        pledge = made[0]["data"]["pledge_id"]
        assert (await post(buyer, f"/pledges/{pledge}/withdraw")).status_code == 303
        assert await sums_of(catalog_database, address) == ("open", 0, 0)
        assert (await post(buyer, f"/pledges/{pledge}/withdraw")).status_code == 409
        assert (await promise(buyer, address, "100")).status_code == 303
        assert await sums_of(catalog_database, address) == ("open", 10_000, 1)
        assert await pledges_in(catalog_database, address) == [("made", 10_000)]

    async def test_who_wants_no_name_is_named_to_the_campaign_alone(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, visitor: httpx.AsyncClient
    ) -> None:
        address = await a_campaign(workshop)
        await promise(buyer, address, "600", is_anonymous="true", words="Bon courage")
        assert "Hexaplane" not in (await visitor.get(address)).text
        received = (await workshop.get(f"{address}/pledges")).text
        assert all(said in received for said in ("Hexaplane Systèmes", "anonyme pour le public", "Bon courage"))
        assert "Un repas pour l" in received
        table = (await workshop.get(f"{address}/pledges/file?form=csv")).text
        assert "Hexaplane Systèmes" in table
        assert ";600;" in table
        assert (await buyer.get(f"{address}/pledges")).status_code == 404
        assert "Un four pour l" in (await buyer.get("/pledges")).text

    async def test_nobody_gives_to_themselves_and_public_money_is_no_gift(
        self, workshop: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        address = await a_campaign(workshop)
        own = await promise(workshop, address, "10")
        assert (own.status_code, "votre propre entité" in own.text) == (422, True)
        coordinator = await a_coordinator(sign_up, catalog_database, 3)
        refused = await promise(coordinator, address, "10")
        assert (refused.status_code, "ne fait pas de mécénat" in refused.text) == (422, True)
        assert await sums_of(catalog_database, address) == ("open", 0, 0)

    @pytest.mark.parametrize("euros", ["0", "-5", "12,345", "beaucoup", "10000001"])
    async def test_no_amount_is_no_promise(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_database: Isolated, euros: str
    ) -> None:
        address = await a_campaign(workshop)
        answer = await promise(buyer, address, euros, words="Bravo !")
        assert (answer.status_code, "Bravo !" in answer.text) == (422, True)
        assert await sums_of(catalog_database, address) == ("open", 0, 0)


class TestEnding:
    """The last day, the rule, and who is told what."""

    async def test_reached_its_pledges_are_confirmed(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        address = await a_campaign(workshop)
        other = await sign_up(organisation_name="Veloce")
        await promise(buyer, address, "3000")
        await promise(other, address, "2000")
        await days_later(catalog_database, 20)
        assert (await sums_of(catalog_database, address))[0] == "open"
        await days_later(catalog_database, 21)
        assert await sums_of(catalog_database, address) == ("succeeded", 500_000, 2)
        assert await pledges_in(catalog_database, address) == [("confirmed", 300_000), ("confirmed", 200_000)]
        confirmed = await events(catalog_database, "catalog.pledge.confirmed.v1")
        assert {each["data"]["amount_cents"] for each in confirmed} == {300_000, 200_000}
        (closed,) = await events(catalog_database, "catalog.campaign.closed.v1")
        assert (closed["data"]["outcome"], closed["data"]["pledges"]) == ("succeeded", 2)
        assert "versez votre don" in (await buyer.get(address)).text
        # Nobody is told twice.
        await days_later(catalog_database, 22)
        assert len(await events(catalog_database, "catalog.pledge.confirmed.v1")) == 2

    async def test_a_confirmed_pledge_is_a_promised_gift_and_what_arrives_is_received(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        """INVARIANT: received is what the recipient says arrived: nothing before, its own figure after, in euros."""
        address = await a_campaign(workshop)
        await promise(buyer, address, "6000")
        await days_later(catalog_database, 21)
        await days_later(catalog_database, 22)
        (gift,) = await stored(catalog_database)
        assert (gift.kind, gift.cents, gift.agreement_id) == ("money", 600_000, None)
        api = f"/api/v1{address}"
        assert (await buyer.get(api)).json()["received_cents"] == 0
        arrived = {"on": TODAY.isoformat(), "euros": "5900", "means": "transfer", "reference": "VIR 12"}
        page = f"/gifts/{gift.id}"
        assert (
            await post(workshop, f"{page}/deliver", _version=await seen(workshop, page), **arrived)
        ).status_code == 303
        assert (await buyer.get(api)).json()["received_cents"] == 590_000
        for reader in (buyer, workshop):
            assert "5 900 €" in await shown(reader, address)
        # Who gave is not asked again.
        async with catalog_database.sessions.begin() as session:
            with at_noon_of(TODAY + timedelta(days=60), session):
                for pledge_id in await pledges_to_remind(session, now_of(session)):
                    await _remind(session, pledge_id)
        assert await events(catalog_database, "catalog.pledge.due.v1") == []

    @pytest.mark.parametrize(("rule", "ends"), [("all_or_nothing", "lapsed"), ("keep", "confirmed")])
    async def test_below_its_threshold_the_rule_decides(
        self,
        workshop: httpx.AsyncClient,
        buyer: httpx.AsyncClient,
        catalog_database: Isolated,
        rule: str,
        ends: str,
    ) -> None:
        address = await a_campaign(workshop, rule=rule)
        await promise(buyer, address, "4999,99")
        await days_later(catalog_database, 21)
        assert await pledges_in(catalog_database, address) == [(ends, 499_999)]
        late = await promise(buyer, address, "10")
        assert "terminée" in late.text or late.status_code == 409

    async def test_of_nothing_there_is_nothing_to_confirm(
        self, workshop: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        address = await a_campaign(workshop, rule="keep")
        await days_later(catalog_database, 21)
        assert await sums_of(catalog_database, address) == ("lapsed", 0, 0)

    async def test_called_off_everybody_reads_why(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        address = await a_campaign(workshop)
        await promise(buyer, address, "3000")
        assert (await post(workshop, f"{address}/cancel", reason="")).status_code == 422
        assert (await post(workshop, f"{address}/cancel", reason="Le local est vendu.")).status_code == 303
        await days_later(catalog_database, 1)
        assert await pledges_in(catalog_database, address) == [("lapsed", 300_000)]
        (lapsed,) = await events(catalog_database, "catalog.pledge.lapsed.v1")
        assert (lapsed["data"]["why"], lapsed["data"]["words"]) == ("cancelled", "Le local est vendu.")
        assert "Le local est vendu." in (await buyer.get(address)).text
        assert "Un four" not in (await buyer.get("/campaigns")).text

    async def test_it_opens_on_its_day(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        address = await a_campaign(workshop, starts_on=(TODAY + timedelta(days=3)).isoformat())
        early = await promise(buyer, address, "10")
        assert (early.status_code, "ne prend pas encore" in early.text) == (422, True)
        await days_later(catalog_database, 2)
        assert (await sums_of(catalog_database, address))[0] == "announced"
        await days_later(catalog_database, 3)
        assert (await sums_of(catalog_database, address))[0] == "open"
        assert len(await events(catalog_database, "catalog.campaign.opened.v1")) == 1

    async def test_who_promised_is_reminded_twice(
        self, workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        address = await a_campaign(workshop)
        await promise(buyer, address, "6000")
        await days_later(catalog_database, 21)
        for days in range(21, 90, 3):
            async with catalog_database.sessions.begin() as session:
                with at_noon_of(TODAY + timedelta(days=days), session):
                    for pledge_id in await pledges_to_remind(session, now_of(session)):
                        await _remind(session, pledge_id)
        due = await events(catalog_database, "catalog.pledge.due.v1")
        assert [each["data"]["days"] for each in due] == [15, 30]


async def test_what_nobody_verified_waits_for_a_look(
    workshop: httpx.AsyncClient, buyer: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    assert LAST > TODAY
    address = await a_campaign(workshop)
    assert (await buyer.get(address)).status_code == 200

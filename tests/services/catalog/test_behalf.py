"""Posting in an organisation's place: the consent is kept, and who did it is found by both sides."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.clock import day_of, now
from shared.database.acting import Acting
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.pages import shown
from tests.services.catalog.suppliers import ids_of
from tests.services.catalog.takers import TEN_TONNES
from tests.services.catalog.test_flow_and_offer_wizards import a_flow, an_offer, post
from tests.services.catalog.test_needs import MEALS, events, post_need
from tests.services.catalog.test_trail import lines_of
from tests.support import Isolated

WORDS = "La directrice est d'accord pour publier ainsi."
OFFER = {
    "title": "Repas livrés",
    "need_kinds": ["procurement"],
    "categories": ["catering"],
    "quantity_value": "80",
    "quantity_unit": "meal",
}
POSTINGS = {"need": dict(MEALS), "flow": dict(TEN_TONNES, starts_on="2030-01-07", ends_on="2030-01-18"), "offer": OFFER}


@pytest.fixture
async def coordinator(sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    return await a_coordinator(sign_up, catalog_database)


@pytest.fixture
async def absent(coordinator: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    """Whom the coordinator has on the phone."""
    return await sign_up(organisation_name="Régie du Mirail", roles=["ess", "buyer", "publisher"])


def said(what: str, **changes: Any) -> dict[str, Any]:
    consent = {"reached_by": "phone", "words": WORDS, "given_on": day_of(now()).isoformat()}
    return {**POSTINGS[what], **consent, **changes}


async def posted_itself(client: httpx.AsyncClient, what: str) -> str:
    """The address of something that an organisation posts as everybody does."""
    if what == "need":
        return (await post_need(client)).headers["location"]
    path = await (a_flow if what == "flow" else an_offer)(client)
    await post(client, f"{path}/review")
    return path


@pytest.mark.parametrize("what", ["need", "flow", "offer"])
class TestPosting:
    async def test_who_for_whom_and_with_which_consent_is_kept_and_read_by_both(
        self,
        coordinator: httpx.AsyncClient,
        absent: httpx.AsyncClient,
        catalog_app: Any,
        catalog_database: Isolated,
        what: str,
    ) -> None:
        member, _ = await ids_of(coordinator, catalog_app)
        _, organisation = await ids_of(absent, catalog_app)
        home = f"/territory/organisations/{organisation}/post"
        answer = await post(coordinator, f"{home}?what={what}", **said(what))
        assert answer.status_code == 303, answer.text
        async with catalog_database.sessions.begin() as session:
            row = (await session.execute(text(f"SELECT * FROM {what}s"))).one()
            consent = (await session.execute(text("SELECT * FROM consents"))).one()
        assert (row.organisation_id, row.author_id, row.state) == (organisation, member, "published")
        assert (consent.about, consent.noted_by, consent.words) == (row.id, member, WORDS)
        assert consent.given_on == day_of(now())
        page = await shown(coordinator, home)
        assert WORDS in page
        (line,) = await lines_of(coordinator, action=f"{what}.posted-for", for_others=True)
        assert (line["organisation_id"], line["member_id"], line["consent_means"]) == (
            *(str(organisation), str(member), "phone"),
        )
        (told,) = await events(catalog_database, "catalog.consent.noted.v1")
        facts = {"about_kind": what, "about_id": str(row.id), "noted_by": "Toulouse Métropole", "means": "phone"}
        assert facts.items() <= told["data"].items()
        assert WORDS not in str(told), "words may name people: the page alone has them"
        own = await shown(absent, f"/organisation/audit?action={what}.posted-for")
        assert "Une personne de Toulouse Métropole, pour Régie du Mirail" in own
        assert "Accord donné" in own

    async def test_its_page_shows_the_consent_to_its_own_and_to_coordinators_alone(
        self,
        coordinator: httpx.AsyncClient,
        absent: httpx.AsyncClient,
        visitor: httpx.AsyncClient,
        sign_up: SignUp,
        catalog_app: Any,
        catalog_database: Isolated,
        *,
        what: str,
    ) -> None:
        """INVARIANT: what was agreed is read by whose posting it is and by coordinators, and by nobody else."""
        _, organisation = await ids_of(absent, catalog_app)
        await post(coordinator, f"/territory/organisations/{organisation}/post?what={what}", **said(what))
        async with catalog_database.sessions.begin() as session:
            about = await session.scalar(text(f"SELECT id FROM {what}s"))
        path = f"/{what}s/{about}"
        own, theirs = await shown(absent, path), await shown(coordinator, path)
        for page in (own, theirs):
            assert WORDS in page
            assert "Appel" in page
        assert "Une personne de Toulouse Métropole" in own
        assert "Ce n'est pas ce que vous avez dit" in own
        assert "(Toulouse Métropole)" in theirs, "colleagues read the name"
        stranger = await sign_up(organisation_name="Une autre", roles=["buyer"])
        for other in (stranger, visitor):
            assert 'id="consent"' not in await shown(other, path)
        for reader, count in ((absent, 1), (coordinator, 1), (stranger, 0)):
            listed = (await reader.get(f"/api/v1/consents?organisation={organisation}")).json()["items"]
            assert [each["words"] for each in listed] == [WORDS] * count

    async def test_what_it_posts_itself_says_so(
        self, coordinator: httpx.AsyncClient, absent: httpx.AsyncClient, *, what: str
    ) -> None:
        path = await posted_itself(absent, what)
        assert 'id="consent"' not in await shown(absent, path)
        assert "aucun accord à noter" in await shown(coordinator, path)

    async def test_a_program_posts_the_same_once(
        self, coordinator: httpx.AsyncClient, absent: httpx.AsyncClient, catalog_app: Any, *, what: str
    ) -> None:
        _, organisation = await ids_of(absent, catalog_app)
        posting = {name: value for name, value in POSTINGS[what].items() if name != "rhythm"}
        body = {"reached_by": "visit", "words": WORDS, "given_on": day_of(now()).isoformat(), what: posting}
        where, once = f"/api/v1/territory/organisations/{organisation}/{what}s", str(uuid4())
        sent, theirs = [
            {"Idempotency-Key": once, "x-csrf-token": await csrf_of(each, "/account")} for each in (coordinator, absent)
        ]
        answers = [await coordinator.post(where, json=body, headers=sent) for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 201], answers[0].text
        assert answers[0].json() == answers[1].json()
        assert (await absent.post(where, json=body, headers=theirs)).status_code == 403

    async def test_what_is_wrong_is_said_and_nothing_is_kept(
        self,
        coordinator: httpx.AsyncClient,
        absent: httpx.AsyncClient,
        catalog_app: Any,
        catalog_database: Isolated,
        what: str,
    ) -> None:
        _, organisation = await ids_of(absent, catalog_app)
        home = f"/territory/organisations/{organisation}/post?what={what}"
        for changes, field in (
            ({"words": ""}, "words"),
            ({"given_on": "2999-01-01"}, "given_on"),
            ({"given_on": ""}, "given_on"),
            ({"title": ""}, "title"),
        ):
            answer = await post(coordinator, home, **said(what, **changes))
            assert answer.status_code == 422, changes
            assert f'href="#{field}"' in answer.text, changes
            assert "80" in answer.text or "Palettes" in answer.text
        async with catalog_database.sessions.begin() as session:
            for table in (f"{what}s", "consents"):
                assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


async def test_nobody_posts_for_another_but_the_territory_and_it_not_for_itself(
    coordinator: httpx.AsyncClient, absent: httpx.AsyncClient, catalog_app: Any, catalog_database: Isolated
) -> None:
    member, own = await ids_of(coordinator, catalog_app)
    stranger, organisation = await ids_of(absent, catalog_app)
    assert (await coordinator.get(f"/territory/organisations/{uuid4()}/post")).status_code == 404
    assert (await post(absent, f"/territory/organisations/{own}/post", **said("need"))).status_code == 403
    assert (await post(coordinator, f"/territory/organisations/{own}/post", **said("need"))).status_code in (409, 422)
    added = text("""
        INSERT INTO consents (id, organisation_id, about, means, words, given_on, noted_by, noted_at)
        VALUES (gen_random_uuid(), :org, gen_random_uuid(), 'phone', 'Oui.', current_date, :by, now())
    """)
    pages = catalog_database.both.pages
    async with pages.acting(Acting(own, member, is_coordinator=True)) as session:
        await session.execute(added, {"org": organisation, "by": member})
    for acting, by in (
        (Acting(organisation, stranger), stranger),
        (Acting(own, member, is_coordinator=True), stranger),
    ):
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with pages.acting(acting) as session:
                await session.execute(added, {"org": organisation, "by": by})
    for acting, count in (
        (Acting(organisation, stranger), 1),
        (Acting(uuid4(), uuid4()), 0),
        (Acting(own, member, is_coordinator=True), 1),
    ):
        async with pages.acting(acting) as session:
            assert await session.scalar(text("SELECT count(*) FROM consents")) == count

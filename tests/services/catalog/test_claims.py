"""INVARIANT: nobody acts for an organisation that is there before a proof, its team or the territory says so."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.claims.domains import is_at, own_domain
from services.catalog.claims.models import CODE_TRIES
from services.catalog.claims.proving import print_letter
from services.catalog.claims.queries import claim_for_update
from services.catalog.claims.reminding import tell_teams
from services.catalog.organisations.commands import register_establishment
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.schemas import EstablishmentFacts
from shared.clock import now
from shared.database import Database
from shared.events.facts import Origin
from shared.identity import LinkKeys
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of, send_sign_up
from tests.services.catalog.letters import Mailbox, key_of, path_of
from tests.services.catalog.test_files import PDF
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_links import sign_in
from tests.services.catalog.test_team import organisation_of, said, shown
from tests.support import Isolated, an_identity, client_for

IMPORTED = SIRETS[5]
Sql = Callable[..., Awaitable[Any]]


@pytest.fixture
def mailbox(catalog_app: Litestar, catalog_database: Isolated) -> Mailbox:
    return Mailbox(catalog_app, catalog_database)


@pytest.fixture
def sql(catalog_database: Isolated) -> Sql:
    async def run(statement: str, **values: object) -> Any:
        async with catalog_database.sessions.begin() as session:
            found = await session.execute(text(statement), values)
            return [tuple(row) for row in found] if statement.startswith("SELECT") else None

    return run


async def imported(database: Database, *, website: str | None = "https://www.regie-reynerie.fr/", **facts: Any) -> UUID:
    """An establishment of a list, for which nobody acts."""
    values = {"siret": IMPORTED, "organisation_name": "Régie de Reynerie", "place": "31100 Toulouse", "roles": ["ess"]}
    establishment = EstablishmentFacts.model_validate({**values, **facts})
    async with database.sessions.begin() as session:
        made = await register_establishment(
            session,
            establishment,
            siret=establishment.siret,
            place=resolved_place(establishment.place),
            now=now(),
            origin=Origin.IMPORT,
        )
        made.website = website
        return made.id


@pytest.fixture
async def regie(catalog_database: Isolated) -> UUID:
    return await imported(catalog_database)


async def claimed(client: httpx.AsyncClient, organisation_id: UUID | str, **form: str) -> str:
    """The address of a new claim."""
    answer = await post(client, f"/organisations/{organisation_id}/claim", **form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def a_coordinator(sign_up: SignUp, sql: Sql, **facts: str) -> httpx.AsyncClient:
    client = await sign_up(organisation_name="Métropole", **facts)
    await sql("UPDATE organisations SET roles = '{territory}' WHERE name = 'Métropole'")
    return client


async def opened(client: httpx.AsyncClient, link: str) -> httpx.Response:
    """Somebody signed in presses the button of a claim's letter."""
    path = path_of(link).replace("/links/", "/claims/links/")
    token = await csrf_of(client, "/account")
    return await client.post(path, data={"key": key_of(link), "_csrf": token})


async def code_of(app: Litestar, database: Database, claim: str) -> str:
    """What the letter on paper says."""
    keys: LinkKeys = app.state.link_keys
    async with database.sessions.begin() as session:
        row = await claim_for_update(session, UUID(claim.rsplit("/", 1)[-1]))
        await print_letter(session, an_identity(), row, now=now())
        assert row.code_id is not None
        return keys.code(row.code_id)


class TestSigningUp:
    async def test_who_signs_up_for_an_imported_one_waits_and_acts_for_nobody(
        self, regie: UUID, catalog_app: Litestar, sql: Sql, mailbox: Mailbox
    ) -> None:
        async with client_for(catalog_app) as client:
            answer = await send_sign_up(client, 1, siret=IMPORTED, organisation_name="À moi")
            assert answer.status_code == 303
            claim = answer.headers["location"]
            assert claim.startswith("/claims/")
            assert "Un seul de ces trois moyens suffit" in await shown(client, claim)
            assert "Votre demande attend" in await shown(client, "/dashboard")
            for address in ("/needs/new", "/organisation/edit", "/organisation/keys", "/imports/new"):
                assert (await client.get(address)).status_code == 403, address
            assert (await client.get("/organisation/team")).text.count("Personne 1") >= 1
        assert await sql("SELECT count(*) FROM members WHERE organisation_id = :id", id=regie) == [(0,)]
        assert await sql("SELECT name, origin FROM organisations WHERE id = :id", id=regie) == [
            ("Régie de Reynerie", "import")
        ], "nothing that was typed is written over it"
        told = await mailbox.told("catalog.organisation.registered.v1")
        assert [each["name"] for each in told] == ["Régie de Reynerie"], "the place to wait in is told to nobody"
        assert len(await mailbox.requested("confirm_email")) == 1

    async def test_the_place_to_wait_in_is_in_no_list(
        self, regie: UUID, sign_up: SignUp, visitor: httpx.AsyncClient, sql: Sql
    ) -> None:
        await sign_up(siret=IMPORTED)
        listed = (await visitor.get("/api/v1/organisations")).json()
        assert [each["id"] for each in listed["items"]] == [str(regie)]
        ((waiting,),) = await sql("SELECT id FROM organisations WHERE state = 'waiting'")
        assert (await visitor.get(f"/organisations/{waiting}")).status_code == 404
        assert (await visitor.get(f"/organisations/{waiting}/claim")).status_code == 404

    async def test_who_signs_up_for_one_with_a_team_asks_the_team(
        self, sign_up: SignUp, catalog_app: Litestar, mailbox: Mailbox
    ) -> None:
        owner = await sign_up(organisation_name="Hexaplane")
        async with client_for(catalog_app) as client:
            answer = await send_sign_up(client, 2, siret=SIRETS[0])
            page = await shown(client, answer.headers["location"])
            assert "Quelqu'un agit déjà" in page
            assert "Personne 1" not in page, "who is there is not said"
        assert "personne2@exemple.fr" in await shown(owner, "/organisation/team")
        assert await mailbox.changes() == ["join_asked"]

    @pytest.mark.usefixtures("regie")
    async def test_a_further_organisation_that_is_there_is_claimed(
        self, sign_up: SignUp, catalog_app: Litestar
    ) -> None:
        member = await sign_up(organisation_name="Atelier")
        facts: dict[str, Any] = {"roles": ["ess"], "siret": IMPORTED, "organisation_name": "R", "place": "Toulouse"}
        facts |= {"organisation_name": "Régie"}
        answer = await post(member, "/organisations/new", **facts)
        assert (answer.status_code, answer.headers["location"].startswith("/claims/")) == (303, True)
        assert await organisation_of(member, catalog_app) == "Atelier"
        assert "Régie de Reynerie" in await shown(member, "/dashboard")
        again = await post(member, "/organisations/new", **facts)
        assert again.headers["location"] == answer.headers["location"], "asked again it is the same claim"

    @pytest.mark.usefixtures("regie")
    async def test_who_waits_may_found_another_and_waits_no_more(
        self, sign_up: SignUp, catalog_app: Litestar, sql: Sql
    ) -> None:
        member = await sign_up(siret=IMPORTED)
        facts: dict[str, Any] = {
            "roles": ["ess"],
            "siret": SIRETS[3],
            "organisation_name": "Neuve",
            "place": "Toulouse",
        }
        answer = await post(member, "/organisations/new", **facts)
        assert answer.headers["location"] == "/dashboard", answer.text
        assert await organisation_of(member, catalog_app) == "Neuve"
        assert (await member.get("/needs/new")).status_code == 200
        assert await sql("SELECT count(*) FROM members WHERE left_at IS NULL") == [(1,)]


class TestProofByMail:
    async def test_the_mail_of_its_own_domain_makes_an_owner(
        self, regie: UUID, sign_up: SignUp, mailbox: Mailbox, catalog_app: Litestar, sql: Sql
    ) -> None:
        member = await sign_up(siret=IMPORTED, roles=["buyer"])
        (claim,) = re.findall(r"/claims/[0-9a-f-]{36}", await shown(member, "/dashboard"))[:1]
        elsewhere = await post(member, f"{claim}/email", email="moi@gmail.com")
        assert (elsewhere.status_code, "@regie-reynerie.fr" in elsewhere.text) == (422, True)
        assert await mailbox.requested("claim") == []
        sent = await post(member, f"{claim}/email", email="direction@regie-reynerie.fr")
        assert sent.status_code == 303, sent.text
        (requested,) = await mailbox.requested("claim")
        assert "direction" not in str(requested)
        link = await mailbox.link("claim")
        moved = await member.get(link)
        assert moved.headers["location"] == link.replace("/links/", "/claims/links/")
        page = await shown(member, moved.headers["location"])
        assert "Devenir responsable de Régie de Reynerie" in page
        assert await sql("SELECT count(*) FROM members WHERE organisation_id = :id", id=regie) == [(0,)], (
            "a GET does nothing"
        )
        answer = await opened(member, link)
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
        assert await organisation_of(member, catalog_app) == "Régie de Reynerie"
        assert (await member.get("/needs/new")).status_code == 200
        assert await sql("SELECT origin, roles FROM organisations WHERE id = :id", id=regie) == [
            ("member", ["buyer", "ess"])
        ]
        assert await sql("SELECT state, proof, email FROM claims") == [("granted", "email_domain", None)]
        contacts = [
            each
            for each in await mailbox.told("contacts.member.reached.v1")
            if each["member_id"] == requested["member_id"]
        ]
        assert [each["email"] for each in contacts] == [None], "the address is forgotten"
        assert (await mailbox.told("catalog.organisation.updated.v1"))[-1]["origin"] == "member"
        assert await mailbox.changes() == ["claim_granted"]
        assert (await opened(member, link)).status_code == 410

    async def test_only_the_claimant_opens_the_letter(
        self, regie: UUID, sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox, sql: Sql
    ) -> None:
        member, other = await sign_up(), await sign_up()
        claim = await claimed(member, regie)
        await post(member, f"{claim}/email", email="direction@regie-reynerie.fr")
        link = await mailbox.link("claim")
        assert (await opened(other, link)).status_code == 404
        assert "sign-in" in (await visitor.get(link.replace("/links/", "/claims/links/"))).headers["location"]
        assert (await opened(member, link[:-3] + "xyz")).status_code == 404
        assert await sql("SELECT count(*) FROM members WHERE organisation_id = :id", id=regie) == [(0,)]

    async def test_letters_are_counted(self, regie: UUID, sign_up: SignUp) -> None:
        member = await sign_up()
        claim = await claimed(member, regie)
        answers = [await post(member, f"{claim}/email", email=f"a{n}@regie-reynerie.fr") for n in range(6)]
        assert [each.status_code for each in answers] == [303] * 5 + [422]

    async def test_a_withdrawn_claim_s_letter_opens_nothing(
        self, regie: UUID, sign_up: SignUp, mailbox: Mailbox
    ) -> None:
        member = await sign_up()
        claim = await claimed(member, regie)
        await post(member, f"{claim}/email", email="a@regie-reynerie.fr")
        assert (await post(member, f"{claim}/withdraw")).status_code == 303
        assert (await opened(member, await mailbox.link("claim"))).status_code == 410
        assert "retiré" in await shown(member, claim)
        assert (await post(member, f"{claim}/withdraw")).status_code == 409

    @pytest.mark.parametrize(
        ("website", "roles", "domain"),
        [
            ("https://www.regie.fr/contact", ["ess"], "regie.fr"),
            ("http://atelier.regie.fr", ["ess"], "atelier.regie.fr"),
            ("https://regie.free.fr", ["ess"], None),
            ("https://www.facebook.com/regie", ["ess"], None),
            ("https://regie.wordpress.com", ["ess"], None),
            ("https://localhost", ["ess"], None),
            (None, ["ess"], None),
            ("https://metropole.fr", ["territory"], None),
            ("https://metropole.fr", ["ess", "partner"], None),
        ],
    )
    def test_whose_mail_is_proof(self, website: str | None, roles: list[str], domain: str | None) -> None:
        assert own_domain(Organisation(website=website, roles=roles)) == domain

    def test_an_address_is_at_exactly_the_domain(self) -> None:
        assert is_at("a@Regie.fr", "regie.fr")
        assert not is_at("a@autre-regie.fr", "regie.fr")
        assert not is_at("a@x.regie.fr", "regie.fr")
        assert not is_at("regie.fr@gmail.com", "regie.fr")


class TestProofByPaper:
    async def test_the_code_of_the_letter_makes_an_owner(
        self, regie: UUID, sign_up: SignUp, catalog_app: Litestar, sql: Sql
    ) -> None:
        member, coordinator = await sign_up(), await a_coordinator(sign_up, sql)
        claim = await claimed(member, regie)
        missing = await post(member, f"{claim}/code", code="ABCDEFGH")
        assert missing.status_code == 422
        at = f"/territory{claim}"
        assert "Régie de Reynerie" in await shown(coordinator, "/territory")
        assert (await coordinator.get(f"{at}/letter")).status_code == 422, "there is none yet"
        assert (await post(coordinator, f"{at}/letter")).headers["location"] == f"{at}/letter"
        (code,) = re.findall(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b", await shown(coordinator, f"{at}/letter"))
        assert code not in await shown(member, claim)
        for stored in await sql("SELECT claims::text FROM claims"):
            assert code.replace("-", "") not in stored[0]
        wrong = await post(member, f"{claim}/code", code="AAAA-AAAA")
        assert (wrong.status_code, "cinq essais" in said(wrong)) == (422, True)
        right = await post(member, f"{claim}/code", code=code.lower().replace("-", " "))
        assert (right.status_code, right.headers["location"]) == (303, "/dashboard"), right.text
        assert await organisation_of(member, catalog_app) == "Régie de Reynerie"
        assert await sql("SELECT proof, code_tries FROM claims") == [("letter", 1)]

    async def test_five_wrong_codes_end_it(
        self, regie: UUID, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        member = await sign_up()
        claim = await claimed(member, regie)
        code = await code_of(catalog_app, catalog_database, claim)
        for _ in range(CODE_TRIES):
            assert (await post(member, f"{claim}/code", code="AAAAAAAA")).status_code == 422
        assert (await post(member, f"{claim}/code", code=code)).status_code == 422
        assert "/code" not in await shown(member, claim)
        again = await code_of(catalog_app, catalog_database, claim)
        assert again != code
        assert (await post(member, f"{claim}/code", code=again)).status_code == 303

    async def test_thirty_days_end_it(
        self, regie: UUID, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, sql: Sql
    ) -> None:
        member = await sign_up()
        claim = await claimed(member, regie)
        code = await code_of(catalog_app, catalog_database, claim)
        await sql("UPDATE claims SET code_until = :at", at=now())
        assert (await post(member, f"{claim}/code", code=code)).status_code == 422


class TestTheTeam:
    async def test_an_owner_lets_somebody_in_with_a_role(self, sign_up: SignUp, mailbox: Mailbox, sql: Sql) -> None:
        owner, friend = await sign_up(organisation_name="Hexaplane"), await sign_up(organisation_name="Atelier")
        ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
        claim = await claimed(friend, hexaplane, words="Chargée des achats depuis mars")
        assert "Chargée des achats" in await shown(owner, "/organisation/team")
        key = claim.rsplit("/", 1)[-1]
        assert (await post(friend, f"/organisation/team/requests/{key}/accept", role="owner")).status_code == 404
        answer = await post(owner, f"/organisation/team/requests/{key}/accept", role="viewer")
        assert answer.status_code == 303, answer.text
        assert await sql("SELECT role FROM members WHERE organisation_id = :id ORDER BY joined_at", id=hexaplane) == [
            ("owner",), ("viewer",),
        ]  # fmt: skip
        assert "Hexaplane" in await shown(friend, "/organisations/mine")
        assert (await mailbox.changes())[-1] == "claim_granted"
        again = await post(friend, f"/organisations/{hexaplane}/claim")
        assert (again.status_code, "Vous agissez déjà" in again.text) == (422, True)

    async def test_a_refusal_has_words_that_are_passed_on(self, sign_up: SignUp, mailbox: Mailbox, sql: Sql) -> None:
        owner, friend = await sign_up(organisation_name="Hexaplane"), await sign_up()
        ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
        claim = await claimed(friend, hexaplane)
        address = f"/organisation/team/requests/{claim.rsplit('/', 1)[-1]}/refuse"
        await post(owner, address, words="")
        assert await sql("SELECT state FROM claims") == [("pending",)]
        await post(owner, address, words="Nous ne vous connaissons pas.")
        assert "Nous ne vous connaissons pas." in await shown(friend, claim)
        assert (await mailbox.changes())[-1] == "claim_refused"

    async def test_only_owners_answer(self, sign_up: SignUp, sql: Sql) -> None:
        owner, friend = await sign_up(organisation_name="Hexaplane"), await sign_up()
        ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
        claim = await claimed(friend, hexaplane)
        await sql("UPDATE members SET role = 'editor' WHERE organisation_id = :id", id=hexaplane)
        answer = await post(owner, f"/organisation/team/requests/{claim.rsplit('/', 1)[-1]}/accept", role="owner")
        assert answer.status_code == 403
        assert "Demandes à rejoindre" not in await shown(owner, "/organisation/team")

    async def test_who_has_not_answered_a_letter_has_none_sent_to_the_team(
        self, sign_up: SignUp, catalog_database: Isolated, mailbox: Mailbox, sql: Sql
    ) -> None:
        owner, friend = await sign_up(organisation_name="Hexaplane"), await sign_up()
        catalog_database.both.pages.surround(confirmation_required=True)
        ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
        claim = await claimed(friend, hexaplane)
        async with catalog_database.sessions.begin() as session:
            assert await tell_teams(session) == 0
        answer = await post(owner, f"/organisation/team/requests/{claim.rsplit('/', 1)[-1]}/accept", role="viewer")
        assert await sql("SELECT state FROM claims") == [("pending",)], answer.text
        await sql("UPDATE accounts SET email_confirmed_at = now()")
        async with catalog_database.sessions.begin() as session:
            assert await tell_teams(session) == 1
            assert await tell_teams(session) == 0
        assert await mailbox.changes() == ["join_asked"]

    async def test_the_team_is_reminded_and_after_seven_days_the_territory_is_asked(
        self, sign_up: SignUp, catalog_database: Isolated, mailbox: Mailbox, sql: Sql
    ) -> None:
        await sign_up(organisation_name="Hexaplane")
        friend, coordinator = await sign_up(), await a_coordinator(sign_up, sql)
        ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
        claim = await claimed(friend, hexaplane, words="Je suis la directrice")
        assert (await post(friend, f"{claim}/territory")).status_code == 409
        assert (await coordinator.get(f"/territory{claim}")).status_code == 404, "the team still has time"
        await sql("UPDATE claims SET told_at = told_at - CAST(:days AS interval)", days=timedelta(days=3, minutes=1))
        async with catalog_database.sessions.begin() as session:
            assert await tell_teams(session) == 1
            assert await tell_teams(session) == 0, "once"
        assert await mailbox.changes() == ["join_asked", "join_still_asked"]
        await sql("UPDATE claims SET told_at = told_at - CAST(:days AS interval)", days=timedelta(days=4))
        assert "S'adresser au territoire" in await shown(friend, claim)
        assert (await post(friend, f"{claim}/territory")).status_code == 303
        both = await shown(coordinator, f"/territory{claim}")
        assert "Personne 1" in both
        assert "Je suis la directrice" in both


class TestTheTerritory:
    async def test_a_coordinator_reads_the_evidence_and_grants(
        self, regie: UUID, sign_up: SignUp, catalog_app: Litestar, mailbox: Mailbox, sql: Sql
    ) -> None:
        member, coordinator = await sign_up(siret=IMPORTED), await a_coordinator(sign_up, sql)
        (claim,) = re.findall(r"/claims/[0-9a-f-]{36}", await shown(member, "/dashboard"))[:1]
        token = await csrf_of(member, claim)
        sent = await member.post(f"{claim}/files", data={"_csrf": token}, files={"file": ("mandat.pdf", PDF)})
        assert "kind=error" not in str(sent.headers.get("set-cookie"))
        page = await shown(coordinator, f"/territory{claim}")
        (file,) = re.findall(rf"/territory{claim}/files/[0-9a-f-]{{36}}", page)
        assert (await coordinator.get(file)).content == PDF
        assert (await member.get(file)).status_code == 403
        without = await post(coordinator, f"/territory{claim}", answer="beside")
        assert (without.status_code, 'href="#proof"' in without.text) == (422, True)
        granted = await post(coordinator, f"/territory{claim}", answer="beside", proof="document")
        assert granted.status_code == 303, granted.text
        assert await sql("SELECT role FROM members WHERE organisation_id = :id", id=regie) == [("owner",)]
        assert await mailbox.changes() == ["claim_granted"]
        assert (await member.get("/dashboard")).status_code == 303, "the place to wait in is over, and its session"
        async with client_for(catalog_app) as again:
            assert await sign_in(again) == 303
            assert await organisation_of(again, catalog_app) == "Régie de Reynerie"
        lines = await sql(
            "SELECT action, details->>'proof' FROM audit WHERE organisation_id = :id ORDER BY at", id=regie
        )
        assert ("claim.granted", "document") in lines
        assert "n'attend" in await shown(coordinator, "/territory")

    async def test_a_coordinator_refuses_with_words(self, regie: UUID, sign_up: SignUp, sql: Sql) -> None:
        member, coordinator = await sign_up(), await a_coordinator(sign_up, sql)
        claim = await claimed(member, regie)
        assert (await post(coordinator, f"/territory{claim}", answer="refused")).status_code == 422
        assert (
            await post(coordinator, f"/territory{claim}", answer="refused", words="Pas de mandat.")
        ).status_code == 303
        assert "Pas de mandat." in await shown(member, claim)
        assert (await post(coordinator, f"/territory{claim}", answer="beside", proof="call")).status_code in (409, 422)

    async def test_a_squatter_makes_room(self, sign_up: SignUp, sql: Sql) -> None:
        squatter, director = await sign_up(organisation_name="Hexaplane"), await sign_up()
        coordinator = await a_coordinator(sign_up, sql)
        ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
        claim = await claimed(director, hexaplane)
        await sql("UPDATE claims SET told_at = told_at - CAST(:days AS interval)", days=timedelta(days=8))
        await post(director, f"{claim}/territory")
        answer = await post(coordinator, f"/territory{claim}", answer="instead", proof="visit")
        assert answer.status_code == 303, answer.text
        assert (await squatter.get("/dashboard")).status_code == 303
        members = "SELECT account_id FROM members WHERE organisation_id = :id AND left_at IS NULL"
        names = f"SELECT name FROM accounts WHERE id IN ({members})"
        assert await sql(names, id=hexaplane) == [("Personne 2",)]

    async def test_nobody_answers_themselves(self, regie: UUID, sign_up: SignUp, sql: Sql) -> None:
        coordinator = await a_coordinator(sign_up, sql)
        claim = await claimed(coordinator, regie)
        answer = await post(coordinator, f"/territory{claim}", answer="beside", proof="call")
        assert (answer.status_code, "Une autre personne" in answer.text) == (422, True)


async def test_the_second_to_prove_finds_a_team_and_asks_it(
    regie: UUID, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, sql: Sql
) -> None:
    first, second = await sign_up(), await sign_up()
    claims = [await claimed(each, regie) for each in (first, second)]
    codes = [await code_of(catalog_app, catalog_database, each) for each in claims]
    assert (await post(first, f"{claims[0]}/code", code=codes[0])).status_code == 303
    late = await post(second, f"{claims[1]}/code", code=codes[1])
    assert late.status_code == 422
    assert "Quelqu'un agit déjà" in await shown(second, claims[1])
    assert await sql("SELECT count(*) FROM members WHERE organisation_id = :id", id=regie) == [(1,)]
    assert "personne2@exemple.fr" in await shown(first, "/organisation/team")


async def test_of_two_at_once_one_becomes_the_owner(lasting_catalog: Litestar) -> None:
    """Both hold a good proof, and press at the same moment."""
    work: Database = lasting_catalog.state.work
    organisation_id = await imported(work)
    async with client_for(lasting_catalog) as one, client_for(lasting_catalog) as other:
        for number, client in enumerate((one, other), start=1):
            assert (await send_sign_up(client, number)).status_code == 303
        claims = [await claimed(client, organisation_id) for client in (one, other)]
        codes = [await code_of(lasting_catalog, work, each) for each in claims]
        tokens = [await csrf_of(client, claim) for client, claim in zip((one, other), claims, strict=True)]
        answers = await asyncio.gather(
            *(
                client.post(f"{claim}/code", data={"code": code, "_csrf": token})
                for client, claim, code, token in zip((one, other), claims, codes, tokens, strict=True)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    async with work.sessions() as session:
        members = "SELECT count(*) FROM members WHERE organisation_id = :id"
        assert await session.scalar(text(members), {"id": organisation_id}) == 1


async def test_claims_of_one_person_are_bounded(sign_up: SignUp, catalog_database: Isolated) -> None:
    member = await sign_up()
    ids = [
        await imported(catalog_database, siret=siret, organisation_name=f"Régie {siret}")
        for siret in ("55208131766522", "44306184100047", "40483304800022", "38012986646850", "33070384400036")
    ]
    ids.append(await imported(catalog_database, siret="13002526500013", organisation_name="DINUM"))
    answers = [await post(member, f"/organisations/{each}/claim") for each in ids]
    assert [each.status_code for each in answers] == [303] * 5 + [422]


async def test_a_claim_is_nobody_else_s(regie: UUID, sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    member, other = await sign_up(), await sign_up()
    claim = await claimed(member, regie)
    assert (await other.get(claim)).status_code == 404
    for action in ("withdraw", "territory", "code", "email"):
        answer = await post(other, f"{claim}/{action}", code="AAAAAAAA", email="a@regie-reynerie.fr")
        assert answer.status_code == 404, action
    assert (await visitor.get(claim)).status_code == 303
    assert (await other.get(f"/territory{claim}")).status_code == 403


async def test_claims_as_json(regie: UUID, sign_up: SignUp) -> None:
    member = await sign_up()
    token = {"x-csrf-token": await csrf_of(member, "/account")}
    made = await member.post(
        "/api/v1/claims", json={"organisation_id": str(regie), "words": "Directrice"}, headers=token
    )
    assert made.status_code == 201, made.text
    claim = made.json()
    assert (claim["state"], claim["way"], claim["words"]) == ("pending", "proof", "Directrice")
    assert (await member.get("/api/v1/claims")).json()["items"] == [claim]
    ended = await member.post(
        f"/api/v1/claims/{claim['id']}/withdraw", headers={**token, "if-match": f'"{claim["version"]}"'}
    )
    assert ended.json()["state"] == "withdrawn"
    assert (await member.get(f"/api/v1/claims/{claim['id']}")).json() == ended.json()


async def test_an_erased_person_s_claim_says_nothing_of_them(
    regie: UUID, sign_up: SignUp, mailbox: Mailbox, sql: Sql, catalog_app: Litestar
) -> None:
    member = await sign_up()
    claim = await claimed(member, regie, words="Directrice depuis mars")
    await post(member, f"{claim}/email", email="direction@regie-reynerie.fr")
    token = await csrf_of(member, claim)
    await member.post(f"{claim}/files", data={"_csrf": token}, files={"file": ("mandat.pdf", PDF)})
    (requested,) = await mailbox.requested("claim")
    assert "Directrice" in (await member.get("/account/data/export")).text
    erased = await post(member, "/account/data/erase", password="cheval agrafe pile", word="effacer")
    assert erased.status_code == 303, erased.text
    assert await sql("SELECT state, words, email FROM claims") == [("withdrawn", "", None)]
    assert await sql("SELECT count(*) FROM files") == [(0,)]
    contacts = [
        each["email"]
        for each in await mailbox.told("contacts.member.reached.v1")
        if each["member_id"] == requested["member_id"]
    ]
    assert contacts == [None]

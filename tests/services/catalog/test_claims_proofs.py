"""What proves that somebody speaks for an establishment: mail of its domain, a code on paper; the first is owner."""

import asyncio
import re
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.claims.domains import is_at, own_domain
from services.catalog.claims.models import CODE_TRIES
from services.catalog.organisations.models import Organisation
from shared.clock import now
from shared.database import Database
from tests.services.catalog.claimants import (
    IMPORTED,
    Sql,
    a_coordinator,
    claimed,
    code_of,
    imported,
    mailbox,
    opened,
    regie,
    sql,
)
from tests.services.catalog.conftest import SignUp, csrf_of, send_sign_up
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.pages import said, shown
from tests.services.catalog.teams import organisation_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated, client_for

__all__ = ["mailbox", "regie", "sql"]


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

"""INVARIANT: nobody acts for an organisation that is there before a proof, its team or the territory says so."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from tests.services.catalog.claimants import IMPORTED, Sql, claimed, imported, mailbox, regie, sql
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of, send_sign_up
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.pages import shown
from tests.services.catalog.teams import organisation_of
from tests.services.catalog.test_files import PDF
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated, client_for

__all__ = ["mailbox", "regie", "sql"]


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

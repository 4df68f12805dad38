"""Who answers a claim: the team that is there, and the territory after it."""

import re
from datetime import timedelta
from uuid import UUID

from litestar import Litestar

from services.catalog.claims.lapsing import lapse_unanswered
from services.catalog.claims.reminding import press_for_answers, tell_teams
from tests.services.catalog.claimants import IMPORTED, Sql, a_coordinator, claimed, code_of, mailbox, regie, sql
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.pages import shown
from tests.services.catalog.teams import organisation_of
from tests.services.catalog.test_files import PDF
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_links import sign_in
from tests.support import Isolated, client_for

__all__ = ["mailbox", "regie", "sql"]


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
        assert await tell_teams(catalog_database) == 0
        answer = await post(owner, f"/organisation/team/requests/{claim.rsplit('/', 1)[-1]}/accept", role="viewer")
        assert await sql("SELECT state FROM claims") == [("pending",)], answer.text
        await sql("UPDATE accounts SET email_confirmed_at = now()")
        assert await tell_teams(catalog_database) == 1
        assert await tell_teams(catalog_database) == 0
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
        assert await tell_teams(catalog_database) == 1
        assert await tell_teams(catalog_database) == 0, "once"
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


async def after(sql: Sql, **time: float) -> None:
    """Let everything of every claim be so much older."""
    moments = ("created_at", "told_at", "reminded_at", "pressed_at", "turned_at", "code_until")
    older = ", ".join(f"{name} = {name} - CAST(:time AS interval)" for name in moments)
    await sql(f"UPDATE claims SET {older}", time=timedelta(**time))
    await sql("UPDATE files SET added_at = added_at - CAST(:time AS interval)", time=timedelta(**time))


class TestNobody:
    async def looked(self, database: Isolated) -> tuple[int, int]:
        """How many whoever answers was reminded of, and how many closed."""
        return await press_for_answers(database), await lapse_unanswered(database)

    async def test_a_team_hears_of_it_again_after_seven_days_and_the_territory_seven_days_after_its_turn(
        self, sign_up: SignUp, catalog_database: Isolated, mailbox: Mailbox, sql: Sql
    ) -> None:
        await sign_up(organisation_name="Hexaplane")
        friend, _ = await sign_up(), await a_coordinator(sign_up, sql)
        ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
        claim = await claimed(friend, hexaplane)
        await after(sql, days=6, hours=23)
        assert await self.looked(catalog_database) == (0, 0)
        await after(sql, hours=2)
        assert await self.looked(catalog_database) == (1, 0)
        assert await self.looked(catalog_database) == (0, 0), "once"
        assert await tell_teams(catalog_database) == 0, "one letter says that three days are over too"
        assert await mailbox.changes() == ["join_asked", "join_waits"]
        assert (await post(friend, f"{claim}/territory")).status_code == 303
        await after(sql, days=7, hours=1)
        assert await self.looked(catalog_database) == (1, 0)
        told = (await mailbox.told("catalog.account.changed.v1"))[-1]
        ((coordinator,),) = await sql(
            "SELECT m.id FROM members m JOIN organisations o ON o.id = m.organisation_id WHERE o.name = 'Métropole'"
        )
        assert (told["change"], told["member_id"], told["organisation_id"]) == (
            "claim_waits", str(coordinator), str(hexaplane),
        )  # fmt: skip

    async def test_coordinators_hear_of_what_only_they_or_a_proof_answer(
        self, regie: UUID, sign_up: SignUp, catalog_database: Isolated, mailbox: Mailbox, sql: Sql
    ) -> None:
        member, _ = await sign_up(), await a_coordinator(sign_up, sql)
        await claimed(member, regie)
        await after(sql, days=8)
        assert await self.looked(catalog_database) == (0, 0), "nobody knows whose address it is"
        await sql("UPDATE accounts SET email_confirmed_at = now()")
        assert await self.looked(catalog_database) == (1, 0)
        assert await mailbox.changes() == ["claim_waits"]

    async def test_after_thirty_days_it_closes_and_its_claimant_may_ask_again(
        self, regie: UUID, sign_up: SignUp, catalog_database: Isolated, mailbox: Mailbox, sql: Sql
    ) -> None:
        member = await sign_up()
        claim = await claimed(member, regie)
        assert "se ferme d" in await shown(member, claim)
        await after(sql, days=29, hours=23)
        assert (await self.looked(catalog_database))[1] == 0
        await after(sql, hours=2)
        assert (await self.looked(catalog_database))[1] == 1
        assert (await self.looked(catalog_database))[1] == 0, "once"
        assert await mailbox.changes() == ["claim_lapsed"]
        assert await sql("SELECT state, ended_by FROM claims") == [("lapsed", None)]
        assert ("claim.lapsed", None) in await sql("SELECT action, member_id FROM audit")
        page = await shown(member, claim)
        assert "Ce n&#39;est pas un refus" in page or "Ce n'est pas un refus" in page
        assert await claimed(member, regie) != claim
        assert "Restée sans réponse" in await shown(member, "/organisations/mine")

    async def test_what_is_done_for_it_gives_it_time_again(
        self, regie: UUID, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated, sql: Sql
    ) -> None:
        member = await sign_up()
        claim = await claimed(member, regie)
        await after(sql, days=20)
        token = await csrf_of(member, claim)
        await member.post(f"{claim}/files", data={"_csrf": token}, files={"file": ("mandat.pdf", PDF)})
        await after(sql, days=15)
        assert (await self.looked(catalog_database))[1] == 0, "a document came fifteen days ago"
        await after(sql, days=14)
        await code_of(catalog_app, catalog_database, claim)
        await after(sql, days=2)
        assert (await self.looked(catalog_database))[1] == 0, "a letter on paper is under way"
        await after(sql, days=29)
        assert (await self.looked(catalog_database))[1] == 1

    async def test_a_request_that_the_team_still_reads_is_not_closed_for_its_age(
        self, sign_up: SignUp, catalog_database: Isolated, sql: Sql
    ) -> None:
        await sign_up(organisation_name="Hexaplane")
        friend = await sign_up()
        ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
        await claimed(friend, hexaplane)
        await sql("UPDATE claims SET created_at = created_at - interval '40 days'")
        assert (await self.looked(catalog_database))[1] == 0

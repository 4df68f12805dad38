"""Who is invited to act for an organisation, and who joins by the letter."""

from datetime import timedelta
from uuid import uuid4

import httpx
from litestar import Litestar
from sqlalchemy import text

from services.catalog.team.inviting import MOST, expire
from shared.clock import now
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.pages import said, shown
from tests.services.catalog.teams import GUEST, TEAM, invited, joined, mailbox, member_ids, organisation_of, owner
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_links import OLD, pressed
from tests.support import Isolated, moved_to

__all__ = ["mailbox", "owner"]


class TestInvitations:
    async def test_somebody_without_an_account_joins_with_a_name_and_a_password(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox, catalog_app: Litestar
    ) -> None:
        link = await invited(owner, mailbox, role="viewer")
        assert GUEST in (await owner.get(TEAM)).text
        sent_on = await visitor.get(await mailbox.link("invitation"))
        assert (sent_on.status_code, sent_on.headers["location"]) == (303, link)
        page = await shown(visitor, link)
        assert "Rejoindre Hexaplane" in page
        assert GUEST not in page
        assert len(await member_ids(owner)) == 1, "looking does nothing"
        short = await pressed(visitor, link, person_name="Noémie Barre", password="court")
        assert (short.status_code, 'href="#password"' in short.text) == (422, True)
        answer = await pressed(visitor, link, person_name="Noémie Barre", password=OLD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
        assert await organisation_of(visitor, catalog_app) == "Hexaplane"
        account = await visitor.get("/account")
        assert "Confirmée" in account.text
        assert (await visitor.get("/needs/new")).status_code == 403, "a viewer changes nothing"
        told = (await mailbox.told("catalog.member.joined.v1"))[-1]
        assert told["role"] == "viewer"
        assert GUEST not in (await owner.get(f"{TEAM}")).text

    async def test_the_address_is_in_no_event_once_it_was_answered(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await invited(owner, mailbox)
        (requested,) = await mailbox.requested("invitation")
        contacts = await mailbox.told("contacts.member.reached.v1")
        assert contacts[-1]["member_id"] == requested["member_id"]
        assert contacts[-1]["email"] == GUEST
        assert GUEST not in str(requested)
        link = (await mailbox.link("invitation")).replace("/links/", "/invitations/")
        await pressed(visitor, link, person_name="Noémie", password=OLD)
        contacts = [each for each in await mailbox.told("contacts.member.reached.v1") if each["email"] in (GUEST, None)]
        assert [each["email"] for each in contacts if each["member_id"] == requested["member_id"]] == [None]
        async with mailbox.database.sessions() as session:
            kept = await session.execute(text("SELECT state, email FROM invitations"))
            assert [tuple(each) for each in kept] == [("accepted", None)]

    async def test_who_is_signed_in_with_the_address_presses_one_button_and_acts_for_both(
        self, owner: httpx.AsyncClient, sign_up: SignUp, mailbox: Mailbox, catalog_app: Litestar
    ) -> None:
        friend = await sign_up(organisation_name="Atelier")
        link = await invited(owner, mailbox, email="Personne2@exemple.fr")
        assert 'name="password"' not in await shown(friend, link)
        assert (await pressed(friend, link)).status_code == 303
        assert await organisation_of(friend, catalog_app) == "Hexaplane"
        mine = await shown(friend, "/organisations/mine")
        assert "Atelier" in mine
        again = await friend.get(link)
        assert (again.status_code, "a déjà servi" in said(again)) == (410, True)

    async def test_who_is_signed_in_as_somebody_else_is_told_so(
        self, owner: httpx.AsyncClient, sign_up: SignUp, mailbox: Mailbox
    ) -> None:
        other = await sign_up()
        link = await invited(owner, mailbox)
        page = await shown(other, link)
        assert "avec une autre adresse" in page
        assert 'action="/session/end"' in page
        token = await csrf_of(other, link)
        answer = await other.post(link.partition("?")[0], data={"key": link.partition("key=")[2], "_csrf": token})
        assert answer.status_code == 403
        assert len(await member_ids(owner)) == 1

    async def test_who_has_an_account_shows_its_password(
        self, owner: httpx.AsyncClient, sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await sign_up()
        link = await invited(owner, mailbox, email="personne2@exemple.fr")
        wrong = await pressed(visitor, link, password="pas le bon du tout")
        assert (wrong.status_code, len(await member_ids(owner))) == (422, 1)
        assert (await pressed(visitor, link, password=OLD)).status_code == 303
        assert len(await member_ids(owner)) == 2

    async def test_sent_again_only_the_newest_letter_opens_and_taken_back_none(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        first = await invited(owner, mailbox)
        (pending,) = (await owner.get("/api/v1/invitations")).json()["items"]
        assert (await post(owner, f"{TEAM}/invitations/{pending['id']}/resend")).status_code == 303
        second = (await mailbox.link("invitation")).replace("/links/", "/invitations/")
        assert first != second
        assert [(await visitor.get(each)).status_code for each in (first, second)] == [410, 200]
        assert (await post(owner, f"{TEAM}/invitations/{pending['id']}/withdraw")).status_code == 303
        assert (await visitor.get(second)).status_code == 410
        assert (await post(owner, f"{TEAM}/invitations/{pending['id']}/resend")).status_code == 404
        assert (await mailbox.told("contacts.member.reached.v1"))[-1]["email"] is None

    async def test_without_its_secret_a_link_opens_nothing(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        link = await invited(owner, mailbox)
        for address in (link[:-1], link.partition("?")[0], f"/invitations/{uuid4()}?key=x"):
            assert (await visitor.get(address)).status_code == 404

    async def test_after_a_week_nobody_joins_and_the_address_is_forgotten(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox, catalog_database: Isolated
    ) -> None:
        link = await invited(owner, mailbox)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE invitations SET expires_at = expires_at - interval '7 days'"))
        answer = await visitor.get(link)
        assert (answer.status_code, "plus valable" in said(answer)) == (410, True)
        with moved_to(now() + timedelta(minutes=1), catalog_database):
            assert await expire(catalog_database) == 1
        async with catalog_database.sessions.begin() as session:
            assert await session.scalar(text("SELECT state FROM invitations WHERE email IS NULL")) == "expired"
        assert (await mailbox.told("contacts.member.reached.v1"))[-1]["email"] is None

    async def test_refusals_name_the_field_and_keep_what_was_typed(
        self, owner: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await invited(owner, mailbox)
        for email, why in (
            (GUEST, "attend déjà"),
            ("personne1@exemple.fr", "fait déjà partie"),
            ("noemie", "n'est pas complète"),
        ):
            answer = await post(owner, f"{TEAM}/invitations", email=email, role="viewer")
            assert answer.status_code == 422
            assert why in said(answer)
            assert 'href="#email"' in answer.text
            assert f'value="{email}"' in answer.text

    async def test_twenty_a_day_are_enough(self, owner: httpx.AsyncClient) -> None:
        for number in range(MOST):
            answer = await post(owner, f"{TEAM}/invitations", email=f"n{number}@exemple.fr", role="viewer")
            assert answer.status_code == 303
        answer = await post(owner, f"{TEAM}/invitations", email="n20@exemple.fr", role="viewer")
        assert (answer.status_code, "continuez demain" in said(answer)) == (422, True)

    async def test_only_owners_invite_and_see_who_is_invited(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await joined(owner, mailbox, visitor)
        await invited(owner, mailbox, email="autre@exemple.fr")
        page = await shown(visitor, TEAM)
        assert "Personne 1" in page
        assert "autre@exemple.fr" not in page
        assert "Inviter quelqu'un" not in page
        answer = await post(visitor, f"{TEAM}/invitations", email="b@exemple.fr", role="owner")
        assert (answer.status_code, "Seul un responsable" in said(answer)) == (403, True)
        assert (await visitor.get("/api/v1/invitations")).status_code == 403

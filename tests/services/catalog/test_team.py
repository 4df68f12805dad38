"""Who acts for an organisation: roles, leaving, invitations, several organisations of one person."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.team.inviting import MOST, expire
from shared.database import now_of
from shared.identity import Verifier
from shared.web.visit import IDENTITY_COOKIE, SESSION_COOKIE
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_links import OLD, pressed, sign_in
from tests.support import Isolated, client_for

TEAM = "/organisation/team"
GUEST = "noemie@exemple.fr"


@pytest.fixture
def mailbox(catalog_app: Litestar, catalog_database: Isolated) -> Mailbox:
    return Mailbox(catalog_app, catalog_database)


@pytest.fixture
async def owner(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Hexaplane")


async def invited(owner: httpx.AsyncClient, mailbox: Mailbox, *, email: str = GUEST, role: str = "editor") -> str:
    """The address of the link in the letter."""
    answer = await post(owner, f"{TEAM}/invitations", email=email, role=role)
    assert answer.status_code == 303, answer.text
    return (await mailbox.link("invitation")).replace("/links/", "/invitations/")


async def joined(
    owner: httpx.AsyncClient, mailbox: Mailbox, guest: httpx.AsyncClient, *, email: str = GUEST, role: str = "editor"
) -> None:
    """Somebody without an account comes by a letter."""
    link = await invited(owner, mailbox, email=email, role=role)
    answer = await pressed(guest, link, person_name="Noémie Barre", password=OLD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard"), answer.text


async def member_ids(owner: httpx.AsyncClient) -> dict[str, str]:
    """The members of one's team by name."""
    return {each["name"]: each["id"] for each in (await owner.get("/api/v1/team")).json()["items"]}


async def organisation_of(client: httpx.AsyncClient, app: Litestar) -> str:
    """For whom a browser acts, by its token."""
    await client.get("/account")
    identity = Verifier(app.state.settings.identity_keys_file).read(client.cookies[IDENTITY_COOKIE])
    assert identity is not None
    return identity.organisation_name


def said(answer: httpx.Response) -> str:
    return answer.text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'").replace("&#39;", "'")


async def shown(client: httpx.AsyncClient, address: str) -> str:
    return said(await client.get(address))


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
        async with catalog_database.sessions.begin() as session:
            await expire(session, now=now_of(session) + timedelta(minutes=1))
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


class TestTeam:
    async def test_a_new_role_is_told_and_holds_at_once(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await joined(owner, mailbox, visitor)
        assert (await visitor.get("/needs/new")).status_code == 200
        guest = (await member_ids(owner))["Noémie Barre"]
        assert (await post(owner, f"{TEAM}/{guest}/role", role="viewer")).status_code == 303
        assert (await visitor.get("/needs/new")).status_code == 403
        (changed,) = await mailbox.told("catalog.member.changed.v1")
        assert (changed["member_id"], changed["role"]) == (guest, "viewer")

    async def test_who_is_taken_out_is_signed_out_and_written_to_no_more(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await joined(owner, mailbox, visitor)
        guest = (await member_ids(owner))["Noémie Barre"]
        assert (await post(owner, f"{TEAM}/{guest}/remove")).status_code == 303
        assert (await visitor.get("/dashboard")).headers["location"].startswith("/sign-in")
        (left,) = await mailbox.told("catalog.member.left.v1")
        assert left["member_id"] == guest
        assert len(await mailbox.told("catalog.session.revoked.v1")) == 1
        contacts = [each for each in await mailbox.told("contacts.member.reached.v1") if each["member_id"] == guest]
        assert [each["email"] for each in contacts] == [None]
        token = await csrf_of(visitor, "/sign-in")
        back = await visitor.post("/sign-in", data={"email": GUEST, "password": OLD, "_csrf": token})
        assert (back.status_code, "plus pour aucune structure" in said(back)) == (403, True)

    async def test_who_left_may_be_invited_again(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await joined(owner, mailbox, visitor)
        assert (await post(visitor, f"{TEAM}/leave")).headers["location"] == "/"
        link = await invited(owner, mailbox, role="viewer")
        assert (await pressed(visitor, link, password=OLD)).status_code == 303
        first, again = (each for each in await mailbox.told("catalog.member.joined.v1") if each["role"] != "owner")
        assert first["member_id"] == again["member_id"]
        assert again["role"] == "viewer"
        assert (await visitor.get("/dashboard")).status_code == 200

    async def test_the_last_owner_neither_leaves_nor_is_demoted(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await joined(owner, mailbox, visitor)
        me = (await member_ids(owner))["Personne 1"]
        for address, fields in ((f"{TEAM}/leave", {}), (f"{TEAM}/{me}/role", {"role": "editor"})):
            assert (await post(owner, address, **fields)).headers["location"].startswith(TEAM)
        assert await mailbox.told("catalog.member.left.v1") == []
        assert await mailbox.told("catalog.member.changed.v1") == []
        assert "Vous êtes seul responsable" in await shown(owner, TEAM)
        guest = (await member_ids(owner))["Noémie Barre"]
        await post(owner, f"{TEAM}/{guest}/role", role="owner")
        assert (await post(owner, f"{TEAM}/leave")).headers["location"] == "/"
        assert list(await member_ids(visitor)) == ["Noémie Barre"]

    async def test_a_viewer_leaves_and_nobody_but_an_owner_removes(
        self, owner: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await joined(owner, mailbox, visitor, role="viewer")
        me = (await member_ids(owner))["Personne 1"]
        assert (await post_as_viewer(visitor, f"{TEAM}/{me}/remove")).status_code == 403
        assert (await post_as_viewer(visitor, f"{TEAM}/{me}/role", role="viewer")).status_code == 403
        assert (await post_as_viewer(visitor, f"{TEAM}/leave")).status_code == 303
        assert list(await member_ids(owner)) == ["Personne 1"]

    async def test_the_page_says_when_somebody_was_last_seen(self, owner: httpx.AsyncClient) -> None:
        assert "jamais" not in await shown(owner, TEAM)


async def post_as_viewer(client: httpx.AsyncClient, address: str, **fields: str) -> httpx.Response:
    return await client.post(address, data={"_csrf": await csrf_of(client, TEAM), **fields})


class TestSeveral:
    @pytest.fixture
    async def both(self, owner: httpx.AsyncClient) -> httpx.AsyncClient:
        """Somebody who founded two organisations; the second one is acted for."""
        form = {
            "roles": ["ess"],
            "siret": SIRETS[4],
            "organisation_name": "Atelier",
            "place": "Muret",
        }
        answer = await post(owner, "/organisations/new", **form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard"), answer.text
        return owner

    async def test_founding_another_acts_for_it_at_once(
        self, both: httpx.AsyncClient, catalog_app: Litestar, mailbox: Mailbox
    ) -> None:
        assert await organisation_of(both, catalog_app) == "Atelier"
        assert [each["name"] for each in await mailbox.told("catalog.organisation.registered.v1")] == [
            "Hexaplane", "Atelier",
        ]  # fmt: skip

    async def test_founding_what_somebody_holds_asks_them(self, owner: httpx.AsyncClient, sign_up: SignUp) -> None:
        await sign_up(organisation_name="Voisine")
        form = {"roles": ["ess"], "siret": SIRETS[1], "organisation_name": "La mienne", "place": "Muret"}
        answer = await post(owner, "/organisations/new", **form)
        assert (answer.status_code, answer.headers["location"].startswith("/claims/")) == (303, True)
        wrong = await post(owner, "/organisations/new", **{**form, "siret": "123"})
        assert wrong.status_code == 422
        assert 'href="#siret"' in wrong.text
        assert 'value="La mienne"' in wrong.text

    async def test_switching_gives_a_new_session_and_a_token_of_the_other_organisation(
        self, both: httpx.AsyncClient, catalog_app: Litestar, mailbox: Mailbox
    ) -> None:
        places = (await both.get("/api/v1/memberships")).json()["items"]
        assert [(each["organisation_name"], each["is_current"]) for each in places] == [
            ("Hexaplane", False), ("Atelier", True),
        ]  # fmt: skip
        secret, ended = both.cookies[SESSION_COOKIE], len(await mailbox.told("catalog.session.revoked.v1"))
        answer = await post(both, "/organisations/switch", organisation_id=places[0]["organisation_id"])
        assert answer.headers["location"] == "/dashboard"
        assert both.cookies[SESSION_COOKIE] != secret
        assert await organisation_of(both, catalog_app) == "Hexaplane"
        assert len(await mailbox.told("catalog.session.revoked.v1")) == ended + 1
        assert "Agir pour Atelier" in await shown(both, "/organisations/mine")

    async def test_signing_in_comes_back_to_the_organisation_used_last(
        self, both: httpx.AsyncClient, catalog_app: Litestar
    ) -> None:
        places = (await both.get("/api/v1/memberships")).json()["items"]
        await post(both, "/organisations/switch", organisation_id=places[0]["organisation_id"])
        async with client_for(catalog_app) as elsewhere:
            assert await sign_in(elsewhere) == 303
            assert await organisation_of(elsewhere, catalog_app) == "Hexaplane"

    async def test_nobody_acts_for_an_organisation_that_is_not_theirs(
        self, owner: httpx.AsyncClient, sign_up: SignUp, catalog_app: Litestar
    ) -> None:
        stranger = await sign_up(organisation_name="Voisine")
        (theirs,) = (await owner.get("/api/v1/memberships")).json()["items"]
        for wanted in (theirs["organisation_id"], str(uuid4()), "x"):
            assert (await post(stranger, "/organisations/switch", organisation_id=wanted)).status_code == 404
        assert await organisation_of(stranger, catalog_app) == "Voisine"

    async def test_leaving_one_goes_on_for_the_other(
        self, owner: httpx.AsyncClient, sign_up: SignUp, mailbox: Mailbox, catalog_app: Litestar
    ) -> None:
        friend = await sign_up(organisation_name="Atelier")
        await pressed(friend, await invited(owner, mailbox, email="personne2@exemple.fr"))
        assert (await post(friend, f"{TEAM}/leave")).headers["location"] == "/dashboard"
        assert await organisation_of(friend, catalog_app) == "Atelier"

    async def test_who_is_taken_out_of_one_keeps_the_session_of_the_other(
        self, owner: httpx.AsyncClient, sign_up: SignUp, mailbox: Mailbox, catalog_app: Litestar
    ) -> None:
        friend = await sign_up(organisation_name="Atelier")
        async with client_for(catalog_app) as elsewhere:
            assert await sign_in(elsewhere, email="personne2@exemple.fr") == 303
            await pressed(friend, await invited(owner, mailbox, email="personne2@exemple.fr"))
            guest = (await member_ids(owner))["Personne 2"]
            await post(owner, f"{TEAM}/{guest}/remove")
            assert (await friend.get("/dashboard")).headers["location"].startswith("/sign-in")
            assert await organisation_of(elsewhere, catalog_app) == "Atelier"


class TestInterface:
    @pytest.fixture
    async def program(self, owner: httpx.AsyncClient) -> httpx.AsyncClient:
        owner.event_hooks = {}
        owner.headers["x-csrf-token"] = await csrf_of(owner, TEAM)
        return owner

    async def test_an_invitation_is_made_once_for_a_key_and_changed_as_seen(self, program: httpx.AsyncClient) -> None:
        sent: dict[str, Any] = {"json": {"email": GUEST, "role": "viewer"}, "headers": {"idempotency-key": "k1"}}
        made = await program.post("/api/v1/invitations", **sent)
        assert made.status_code == 201, made.text
        assert (await program.post("/api/v1/invitations", **sent)).content == made.content
        address = made.headers["location"]
        assert (await program.post(f"{address}/withdraw")).status_code == 428
        old = {"if-match": made.headers["etag"]}
        assert (await program.post(f"{address}/resend", headers=old)).status_code == 200
        assert (await program.post(f"{address}/withdraw", headers=old)).status_code == 412
        tag = (await program.get(address)).headers["etag"]
        gone = (await program.post(f"{address}/withdraw", headers={"if-match": tag})).json()
        assert (gone["state"], gone["email"]) == ("withdrawn", None)
        assert (await program.get(address)).status_code == 404

    async def test_a_role_is_changed_as_seen_and_a_member_removed(
        self, program: httpx.AsyncClient, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        made = await program.post("/api/v1/invitations", json={"email": GUEST}, headers={"idempotency-key": "k1"})
        assert made.json()["role"] == "editor"
        link = (await mailbox.link("invitation")).replace("/links/", "/invitations/")
        await pressed(visitor, link, person_name="Noémie Barre", password=OLD)
        address = f"/api/v1/team/{(await member_ids(program))['Noémie Barre']}"
        seen = await program.get(address)
        assert re.fullmatch(r'"\d+-.+"', seen.headers["etag"])
        tag = {"if-match": seen.headers["etag"]}
        changed = await program.patch(address, json={"role": "viewer"}, headers=tag)
        assert (changed.status_code, changed.json()["role"]) == (200, "viewer")
        assert (await program.patch(address, json={"role": "owner"}, headers=tag)).status_code == 412
        removed = await program.post(f"{address}/remove", headers={"if-match": changed.headers["etag"]})
        assert removed.status_code == 200
        assert (await program.get(address)).status_code == 404

    async def test_lists_go_on_by_their_cursor(self, program: httpx.AsyncClient) -> None:
        for number in range(3):
            key = {"idempotency-key": f"k{number}"}
            await program.post("/api/v1/invitations", json={"email": f"n{number}@exemple.fr"}, headers=key)
        first = (await program.get("/api/v1/invitations?limit=2")).json()
        rest = (await program.get(f"/api/v1/invitations?limit=2&cursor={first['next']}")).json()
        assert [each["email"] for each in (*first["items"], *rest["items"])] == [
            f"n{number}@exemple.fr" for number in (2, 1, 0)
        ]
        assert rest["next"] is None
        for path in ("team", "memberships"):
            assert (await program.get(f"/api/v1/{path}?limit=1")).json()["next"] is None

    async def test_the_last_owner_is_kept_here_too(self, program: httpx.AsyncClient) -> None:
        ((_, me),) = (await member_ids(program)).items()
        assert UUID(me)
        answer = await program.post(f"/api/v1/team/{me}/remove", headers={"if-match": "*"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "role")

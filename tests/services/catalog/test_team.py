"""Who acts for an organisation: roles, leaving, and the same over the interface."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.services.catalog.conftest import csrf_of
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.pages import said, shown
from tests.services.catalog.teams import GUEST, TEAM, invited, joined, mailbox, member_ids, owner
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_links import OLD, pressed

__all__ = ["mailbox", "owner"]


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

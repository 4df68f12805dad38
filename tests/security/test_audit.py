"""INVARIANT: what somebody changes in catalog leaves a line that says who, for whom and what; no line ever changes."""

from uuid import UUID

import asyncpg
import pyotp
import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from services.catalog.accounts.commands import add_member
from services.catalog.accounts.entering import HALFWAY_COOKIE
from services.catalog.accounts.factors import stop_halfway
from services.catalog.accounts.queries import account_of, member_by_id
from services.catalog.organisations.queries import organisation_by_id
from shared.clock import now
from shared.identity import Identity, LinkKeys
from shared.messaging.worker import asyncpg_dsn
from tests.security.conftest import APP_SECRET, COLUMNS, OPEN, OWNER, a_call_of, an_application_of, posted, signed_in
from tests.security.scene import SECRET, Scene
from tests.services.catalog.conftest import SIRETS
from tests.services.catalog.letters import Mailbox, key_of

# What changes nothing: the page it leads to asks for the token and leaves its own line; a token is no record. And who
# has open postings is not erased: the line of that is shown by tests/services/catalog/test_persons.py.
SILENT = {"POST /session/renew", "POST /api/v1/token", "POST /account/data/erase"}
PASSWORD = {"password": "cheval agrafe pile"}
# Who comes in, or is written to, is not who asked: these routes' lines are theirs.
FORMS: dict[str, dict[str, object]] = {
    "/sign-up": {
        "roles": ["buyer"], "siret": SIRETS[-1], "organisation_name": "Nouvelle", "email": "n@exemple.fr", **PASSWORD,
    },
    "/sign-in": {"email": "personne2@exemple.fr", **PASSWORD},
    "/sign-in/link": {"email": "personne2@exemple.fr"},
    "/sign-in/forgotten": {"email": "personne2@exemple.fr"},
    "/organisations/new": {"roles": ["buyer"], "siret": SIRETS[-1], "organisation_name": "Nouvelle"},
    "/organisations/switch": {},
    "/organisation/team/leave": {},
    "/invitations/{link_id}": {},
}  # fmt: skip
CHANGES = (
    "UPDATE audit SET action = 'nothing'",
    "UPDATE audit SET at = now() WHERE false",
    "DELETE FROM audit",
    "DELETE FROM audit WHERE false",
    "TRUNCATE audit",
    "DROP TABLE audit",
    "ALTER TABLE audit RENAME TO audit_before",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "CREATE RULE silent AS ON INSERT TO audit DO INSTEAD NOTHING",
    "INSERT INTO audit (id, action, details) VALUES (gen_random_uuid(), 'x', '{}') "
    "ON CONFLICT (id) DO UPDATE SET action = 'nothing'",
)


@pytest.mark.promise(59)
@pytest.mark.parametrize("role", ["app", "work", "read"])
@pytest.mark.parametrize("statement", CHANGES)
async def test_no_line_is_changed_or_removed(engines: Engines, role: str, statement: str) -> None:
    url = asyncpg_dsn(engines.instance.database_url("catalog", role))
    connection = await asyncpg.connect(url, ssl=False, timeout=5)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def lines(scene: Scene) -> set[tuple[object, ...]]:
    """Who, for whom, what, on which record, of every line."""
    async with scene.database.connection() as connection:
        found = await connection.execute(text("SELECT id, member_id, organisation_id, action, about FROM audit"))
        return {tuple(line) for line in found}


async def things_in_every_state(scene: Scene) -> dict[str, list[object]]:
    """The owner's things, and a paused one where there is a pause: some state of theirs allows each change."""
    owner = scene.people[OWNER]
    ids = {name: list(known) for name, known in scene.ids.items()}
    for kind in ("offers", "flows"):
        paused = await posted(owner, kind, OPEN)
        assert (await owner.post(f"/api/v1/{kind}/{paused}/pause")).status_code == 200
        ids[f"{kind[:-1]}_id"].append(paused)
    me, them = [await signed_in(scene.people[who], scene.app) for who in (OWNER, "coordinator")]
    open_calls = [await a_call_of(scene.database, them.organisation_id, state="open") for _ in range(2)]
    own = me.organisation_id
    await an_application_of(scene.database, own, open_calls[0], state="submitted", title="La nôtre")
    async with scene.database.connection() as connection:
        closed = "SELECT id FROM calls WHERE organisation_id = :own AND state = 'closed'"
        ids["call_id"] += [*open_calls, *await connection.scalars(text(closed), {"own": own})]
    answer = await scene.people["owner of another"].post(
        "/organisation/team/invitations", data={"email": f"odile.{SECRET}@exemple.fr", "role": "viewer"}
    )
    assert answer.status_code == 303, answer.text
    (*_, requested) = await Mailbox(scene.app, scene.database).requested("invitation")
    ids["link_id"].append(UUID(requested["link_id"]))
    return ids


async def another_organisation(scene: Scene, me: Identity) -> str:
    """The id of one more organisation that the owner acts for."""
    async with scene.database.sessions.begin() as session:
        other = await signed_in(scene.people["editor"], scene.app)
        organisation = await organisation_by_id(session, other.organisation_id)
        assert organisation is not None
        await add_member(session, await account_of(session, me.member_id), organisation, now=now())
        return str(organisation.id)


def forms(scene: Scene, ids: dict[str, list[object]]) -> dict[str, dict[str, object]]:
    """What each form needs to be taken; codes are those of now."""
    keys: LinkKeys = scene.app.state.link_keys
    code: dict[str, object] = {"code": pyotp.TOTP(APP_SECRET).now()}
    proof: dict[str, object] = {**PASSWORD, **code}
    return FORMS | {
        "/links/{link_id}": {"key": key_of(keys.path(UUID(str(ids["link_id"][0]))))},
        "/invitations/{link_id}": {"key": key_of(keys.path(UUID(str(ids["link_id"][1]))))},
        "/organisation/team/invitations": {"email": "autre@exemple.fr"},
        "/api/v1/invitations": {"email": "autre@exemple.fr"},
        "/account/email": {"email": "autre@exemple.fr", **PASSWORD},
        "/account/second-factor/app": proof,
        "/account/second-factor/passkey": proof,
        "/account/second-factor/codes": proof,
        "/account/second-factor/{factor_id}": code,
        "/account/second-factor/{factor_id}/remove": proof,
        "/sign-in/second": code,
        "/imports/{import_id}/columns": dict[str, object](COLUMNS),
    }


async def halfway(scene: Scene, identity: Identity) -> str:
    """The secret of somebody who has shown their password only."""
    async with scene.database.sessions.begin() as session:
        member = await member_by_id(session, identity.member_id)
        return await stop_halfway(session, member, target="/dashboard", now=now())


@pytest.mark.promise(59)
async def test_every_unsafe_route_leaves_its_line(catalog_scene: Scene) -> None:
    scene, unseen = catalog_scene, list[str]()
    ids = await things_in_every_state(scene)
    me = await signed_in(scene.people[OWNER], scene.app)
    scene.people[OWNER].cookies.set(HALFWAY_COOKIE, await halfway(scene, me), domain="boucle.test")
    other = await another_organisation(scene, me)
    before = await lines(scene)
    coordinator = await signed_in(scene.people["coordinator"], scene.app)
    behalf = {(coordinator.member_id, each) for each in (coordinator.organisation_id, me.organisation_id)}
    for route in (each for each in scene.routes if each.is_unsafe and str(each) not in SILENT):
        who = "coordinator" if route.path.startswith("/territory/") else OWNER
        left = set[tuple[object, ...]]()
        for address in route.addresses(ids):
            async with scene.aside():
                sent = route.sent(**forms(scene, ids).get(route.path, {}))
                if route.path == "/organisations/switch":
                    sent = route.sent(organisation_id=other)
                answer = await scene.ask(who, route, address, **sent)
                if answer.status_code < 400:
                    left |= {line[1:] for line in await lines(scene) - before}
        said = {str(action) for _, _, action, about in left if about is not None}
        actors = {(member, organisation) for member, organisation, _, _ in left}
        is_mine = actors == {(me.member_id, me.organisation_id)} or route.path in FORMS
        # A coordinator acts in person, in the place of the organisation whose record it is.
        is_theirs = actors <= (behalf if who == "coordinator" else set())
        if not (said and (is_mine or is_theirs) and all(None not in actor for actor in actors)):
            unseen.append(f"{route}: {left}")
    assert unseen == []

"""INVARIANT: what somebody changes in catalog leaves a line that says who, for whom and what; no line ever changes."""

from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from deploy.embedded.engines import Engines
from shared.identity import LinkKeys
from shared.messaging.worker import asyncpg_dsn
from tests.security.conftest import OPEN, OWNER, posted, signed_in
from tests.security.scene import Scene
from tests.services.catalog.conftest import SIRETS
from tests.services.catalog.letters import key_of

# It changes nothing: the page it leads to asks for the token and leaves its own line.
SILENT = {"POST /session/renew"}
PASSWORD = {"password": "cheval agrafe pile"}
# Who comes in, or is written to, is not who asked: these routes' lines are theirs.
FORMS: dict[str, dict[str, object]] = {
    "/sign-up": {
        "roles": ["buyer"], "siret": SIRETS[-1], "organisation_name": "Nouvelle", "email": "n@exemple.fr", **PASSWORD,
    },
    "/sign-in": {"email": "personne2@exemple.fr", **PASSWORD},
    "/sign-in/link": {"email": "personne2@exemple.fr"},
    "/sign-in/forgotten": {"email": "personne2@exemple.fr"},
}  # fmt: skip
MINE: dict[str, dict[str, object]] = {"/account/email": {"email": "autre@exemple.fr", **PASSWORD}}
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
@pytest.mark.parametrize("role", ["app", "read"])
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
    return ids


@pytest.mark.promise(59)
async def test_every_unsafe_route_leaves_its_line(catalog_scene: Scene) -> None:
    scene, unseen = catalog_scene, list[str]()
    ids = await things_in_every_state(scene)
    me = await signed_in(scene.people[OWNER], scene.app)
    before = await lines(scene)
    keys: LinkKeys = scene.app.state.link_keys
    mine = MINE | {"/links/{link_id}": {"key": key_of(keys.path(UUID(str(ids["link_id"][0]))))}}
    for route in (each for each in scene.routes if each.is_unsafe and str(each) not in SILENT):
        left = set[tuple[object, ...]]()
        for address in route.addresses(ids):
            async with scene.aside():
                answer = await scene.ask(
                    OWNER, route, address, **route.sent(**FORMS.get(route.path, mine.get(route.path, {})))
                )
                if answer.status_code < 400:
                    left |= {line[1:] for line in await lines(scene) - before}
        said = {str(action) for _, _, action, about in left if about is not None}
        actors = {(member, organisation) for member, organisation, _, _ in left}
        is_mine = actors == {(me.member_id, me.organisation_id)} or route.path in FORMS
        if not (said and is_mine and all(None not in actor for actor in actors)):
            unseen.append(f"{route}: {left}")
    assert unseen == []

"""Who stands at a service's door: the owner of a scene, and strangers of every role."""

from uuid import UUID

import httpx

from shared.identity import Identity, Role, Signer, Verifier
from shared.web.application import Application
from shared.web.visit import IDENTITY_COOKIE
from tests.security.scene import visitor_of
from tests.support import an_identity, client_for, csrf_headers, set_identity

SERVICES = ("catalog", "matching", "notifications")
# Who is not the owner; a coordinator of the territory may see rankings, so matching has none among its strangers.
STRANGERS = ("nobody", "viewer", "editor", "owner of another", "coordinator")
OWNER = "owner"
ROLES = {"viewer": Role.VIEWER, "editor": Role.EDITOR}


async def signed_in(client: httpx.AsyncClient, app: Application) -> Identity:
    """Who a browser is signed in as, by the token that a page gives it; its requests carry their CSRF token then."""
    assert (await client.get("/account")).status_code == 200
    identity = Verifier(app.state.settings.identity_keys_file).read(client.cookies[IDENTITY_COOKIE])
    assert identity is not None
    client.headers.update(csrf_headers(client, app, identity))
    return identity


def people_of(
    app: Application, signer: Signer, owner: UUID, *, strangers: dict[str, UUID]
) -> dict[str, httpx.AsyncClient]:
    """Browsers with a token of catalog's: the owner, and a stranger of each role in its own organisation."""
    identities = {OWNER: an_identity(organisation_id=owner)} | {
        who: an_identity(
            organisation_id=organisation_id,
            role=ROLES.get(who, Role.OWNER),
            roles=frozenset({"territory" if who == "coordinator" else "ess"}),
        )
        for who, organisation_id in strangers.items()
    }
    people = {"nobody": visitor_of(app)}
    for who, identity in identities.items():
        people[who] = client = client_for(app)
        set_identity(client, signer.mint(identity))
        client.headers.update(csrf_headers(client, app, identity))
    return people

"""Catalog, with an organisation's private things and with strangers who have signed up."""

from collections.abc import AsyncIterator
from itertools import chain
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.identity import Identity
from shared.web.application import Application
from tests.security.accounts import KEY, SUBJECT, another_session, factors_of_scene, key_of_scene, link_an_identity
from tests.security.agreements import AGREED, AS_PARTNER, AS_SUPPLIER, agreements_of_scene
from tests.security.answers import GIVEN, RECEIVED, answers_of_scene
from tests.security.calls import APPLICATION, CALL, REVIEW, calls_of_scene
from tests.security.counting import COUNTED, impact_of_scene
from tests.security.exchanges import READ, WRITTEN, exchanges_of_scene
from tests.security.imports import SHEET, two_imports
from tests.security.payments import TO_PAY, TO_RECEIVE, settlements_of_scene
from tests.security.people import OWNER, ROLES, STRANGERS, signed_in
from tests.security.postings import DOCUMENT, DRAFT, DRAFTS, EVIDENCE, OPEN, SITE, SUBMITTED, posted, shown_and_checked
from tests.security.proposals import (
    BESIDE,
    BESIDE_RECEIVED,
    NAMED,
    PROPOSED,
    RECEIVED_PROPOSAL,
    evidence_of_scene,
    proposals_of_scene,
)
from tests.security.questions import ASKED, TO_ANSWER, questions_of_scene
from tests.security.scene import SECRET, Scene, closed, visitor_of
from tests.security.subscriptions import SUBSCRIBED_TO, SUBSCRIBER, subscriptions_of_scene
from tests.security.takings import GIVEN as LOT_GIVEN
from tests.security.takings import RECEIVED as LOT_RECEIVED
from tests.security.takings import takings_of_scene
from tests.security.team import COLLEAGUES, GUEST, JOINER, MANDATE, WORDS, claims_of_scene, team_of_scene
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.letters import Mailbox
from tests.support import Isolated


async def _give_roles(database: Isolated, people: dict[str, Identity]) -> None:
    async with database.connection() as connection:
        for who, role in ROLES.items():
            of = {"role": role.value, "id": people[who].member_id}
            await connection.execute(text("UPDATE members SET role = :role WHERE id = :id"), of)
        of = {"id": people["coordinator"].organisation_id}
        await connection.execute(text("UPDATE organisations SET roles = '{territory}' WHERE id = :id"), of)


@pytest.fixture
async def catalog_scene(catalog_app: Application, catalog_database: Isolated, sign_up: SignUp) -> AsyncIterator[Scene]:
    """Drafts and open postings of a signed-up owner; strangers of every role have signed up too."""
    facts = {"person_name": f"Odile {SECRET} personne", "email": f"odile.{SECRET}@exemple.fr"}
    people = {who: await sign_up(**(facts if who == OWNER else {})) for who in (OWNER, *STRANGERS[1:])}
    identities = {who: await signed_in(client, catalog_app) for who, client in people.items()}
    await _give_roles(catalog_database, identities)
    owner, identity = people[OWNER], identities[OWNER]
    ids: dict[str, list[object]] = {"organisation_id": [identity.organisation_id]}
    for kind in DRAFTS:
        ids[f"{kind[:-1]}_id"] = [await posted(owner, kind, state) for state in (DRAFT, OPEN)]
    lots = (await owner.get(f"/api/v1/flows/{ids['flow_id'][1]}/lots")).json()["items"]
    ids["lot_id"] = [lots[0]["id"]]
    await shown_and_checked(catalog_database, owner, ids, checked_by=identities["coordinator"].member_id)
    await team_of_scene(catalog_database, owner, ids)
    await claims_of_scene(catalog_database, owner, ids)
    people["nobody"] = visitor_of(catalog_app)
    requested = await Mailbox(catalog_app, catalog_database).requested("confirm_email")
    ids["link_id"] = [UUID(requested[0]["link_id"])]
    ids["session_id"] = [await another_session(catalog_database, identity)]
    ids["factor_id"] = await factors_of_scene(catalog_app, catalog_database, identity)
    await link_an_identity(catalog_app, catalog_database, identity)
    ids["import_id"] = await two_imports(catalog_database, owner)
    ids["key_id"] = [await key_of_scene(catalog_database, identity)]
    ids["parameter"] = ["gift_rate"]
    ids["category_id"] = ["wooden-pallets"]
    another = identities["coordinator"].organisation_id
    await calls_of_scene(catalog_database, owner, ids, identity, another=another)
    await answers_of_scene(catalog_database, ids, own=identity.organisation_id, another=another)
    await proposals_of_scene(catalog_database, ids, own=identity.organisation_id, another=another)
    await evidence_of_scene(catalog_database, owner, ids)
    await agreements_of_scene(catalog_database, ids, identity)
    await settlements_of_scene(catalog_database, ids)
    await questions_of_scene(catalog_database, ids, own=identity.organisation_id)
    await takings_of_scene(catalog_database, ids, own=identity.organisation_id, another=another)
    await exchanges_of_scene(catalog_database, ids, own=identity.organisation_id)
    await impact_of_scene(catalog_database, ids["taking_id"][1])
    await subscriptions_of_scene(catalog_database, ids)
    drafts = [f"{SECRET} {kind} {DRAFT}" for kind in DRAFTS]
    waiting = [f"{SECRET} {kind} {SUBMITTED}" for kind in ("needs", "flows")]
    secrets = [*drafts, *waiting, DOCUMENT, EVIDENCE, SITE, SHEET, f"{SECRET} rangee", *facts.values()]
    secrets += [*COLLEAGUES.values(), GUEST, KEY, SUBJECT, WORDS, MANDATE, JOINER]
    secrets += [CALL, APPLICATION, REVIEW, GIVEN, RECEIVED, ASKED, TO_ANSWER]
    secrets += [BESIDE, BESIDE_RECEIVED, PROPOSED, RECEIVED_PROPOSAL, NAMED, AGREED, AS_SUPPLIER, AS_PARTNER]
    secrets += [TO_PAY, TO_RECEIVE]
    secrets += [LOT_GIVEN, LOT_RECEIVED, SUBSCRIBED_TO, SUBSCRIBER, WRITTEN, READ, COUNTED]
    # A category is everybody's word: a row that names one is nobody's for that.
    owned = (found for name, found in ids.items() if name != "category_id")
    marks = [identity.member_id, identity.session_id, *chain(*owned)]
    yield Scene(
        catalog_app,
        catalog_database,
        people,
        ids,
        frozenset(secrets),
        frozenset(map(str, marks)),
        # Whoever claims shows the territory who they are.
        for_coordinators=frozenset([*waiting, EVIDENCE, WORDS, MANDATE, *facts.values()]),
    )
    catalog_app.state.oidc = None
    await closed([people["nobody"]])

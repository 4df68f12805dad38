"""The three services, each with an organisation's private things and with strangers at the door."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.embedded.engines import Engines
from services.catalog.accounts.commands import add_member, open_session_of
from services.catalog.accounts.factors import begin_factor, renew_codes
from services.catalog.accounts.models import Account, FactorKind, LinkedIdentity
from services.catalog.accounts.queries import account_of, member_by_id
from services.catalog.claims.commands import ask
from services.catalog.claims.schemas import Asking
from services.catalog.keys.commands import make_key
from services.catalog.keys.models import Scope
from services.catalog.keys.schemas import NewKey
from services.catalog.oidc.provider import Oidc, Provider
from services.catalog.organisations.commands import register_establishment
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.schemas import EstablishmentFacts
from services.matching.app import create_app as create_matching
from services.matching.settings import Settings as MatchingSettings
from services.notifications.app import create_app as create_notifications
from services.notifications.settings import Settings as NotificationsSettings
from services.notifications.webhooks.commands import add_webhook
from services.notifications.webhooks.schemas import WebhookWanted
from shared.clock import Calendar, now
from shared.events.facts import Origin
from shared.events.matching import SupplierSolicited
from shared.identity import Identity, Role, Signer, Verifier
from shared.territory.place import radius_around
from shared.web.application import Application
from shared.web.visit import IDENTITY_COOKIE
from tests.security.scene import BAIT, SECRET, Scene, closed, visitor_of
from tests.services.catalog.conftest import SignUp, catalog_app, lasting_catalog, sign_up, visitor
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.test_files import PDF, a_photo
from tests.services.catalog.test_flows import AS_JSON as FLOW
from tests.services.catalog.test_needs import MEALS as NEED
from tests.services.catalog.test_offers import AS_JSON as OFFER
from tests.services.matching import scenes
from tests.services.matching.stage import Stage as MatchingStage
from tests.services.notifications.actors import NOON, Actor, Stage, a_demand, actor, contact, joined, solicited
from tests.support import Isolated, an_identity, client_for, csrf_headers, isolated, set_identity

__all__ = ["catalog_app", "lasting_catalog", "sign_up", "visitor"]

SERVICES = ("catalog", "matching", "notifications")
# Who is not the owner; a coordinator of the territory may see rankings, so matching has none among its strangers.
STRANGERS = ("nobody", "viewer", "editor", "owner of another", "coordinator")
OWNER = "owner"
ROLES = {"viewer": Role.VIEWER, "editor": Role.EDITOR}
APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DRAFT, OPEN, SUBMITTED = "draft", "open", "submitted"
COLLEAGUES = {Role.OWNER: f"Colette {SECRET} collègue", Role.EDITOR: f"Edgar {SECRET} collègue"}
GUEST = f"invitee.{SECRET}@exemple.fr"
DOCUMENT, EVIDENCE, SITE = f"{SECRET} plan.pdf", f"{SECRET} statuts.pdf", f"{SECRET} quai"
KEY, SUBJECT = f"{SECRET} stock", f"{SECRET} sujet"
AWAY = Oidc(issuer="http://127.0.0.1:9", client_id="boucle", client_secret_file=Path("/nowhere"), name="Ailleurs")
A_CHECK = """
    INSERT INTO organisation_checks (id, organisation_id, finding, proof, words, checked_by, checked_at)
    VALUES (:id, :organisation, 'verified', 'call', '', :by, now())
"""
A_LETTER = "UPDATE claims SET code_id = gen_random_uuid(), code_until = now() + interval '1 day' WHERE id = :id"
CLAIMED = "13002526500013"
WORDS, MANDATE, JOINER = f"{SECRET} directrice", f"{SECRET} mandat.pdf", f"Jo {SECRET} demande"
A_CALL = """
    INSERT INTO calls (id, organisation_id, state, version, title, purpose, who, open_to, criteria, opens_on, closes_on,
                       created_at, updated_at, published_at)
    VALUES (:id, :organisation, CAST(:state AS text), 1, :title, 'Pour voir', '', '{buyer,ess}', '{Utile}',
            current_date - CAST(:ago AS int), current_date + 9 - CAST(:ago AS int), now(), now(),
            CASE WHEN CAST(:state AS text) = 'draft' THEN NULL ELSE now() END)
"""
AN_APPLICATION = """
    INSERT INTO call_applications (id, call_id, organisation_id, state, version, title, answers, words, created_at,
                                   updated_at, submitted_at)
    VALUES (:id, :call, :organisation, CAST(:state AS text), 1, :title, '["Oui"]', '', now(), now(),
            CASE WHEN CAST(:state AS text) = 'draft' THEN NULL ELSE now() END)
"""
A_REVIEW = """
    INSERT INTO application_reviews (application_id, organisation_id, marks, retained, words, reviewed_by, reviewed_at)
    VALUES (:id, :organisation, '[3]', true, :words, :by, now())
"""
A_PARTNER = "UPDATE organisations SET roles = '{buyer,partner}' WHERE id = :id"
AN_ORGANISATION = """
    INSERT INTO organisations SELECT (jsonb_populate_record(o, jsonb_build_object(
        'id', CAST(:id AS uuid), 'siret', null, 'name', 'Une autre'))).* FROM organisations o WHERE o.id = :like
"""
CALL, APPLICATION, REVIEW = f"{SECRET} appel", f"{SECRET} candidature", f"{SECRET} avis"
SHEET = f"{SECRET} besoins.csv"
ROWS = f"id;titre;type;lieu\nn1;{SECRET} rangee;Achat;Muret\n"
COLUMNS = {f"column_{at}": name for at, name in enumerate(("external_id", "title", "kind", "place"))}
A_TRIAL = "UPDATE imports SET state = 'checked' WHERE id = :id"
A_REFUSAL = """
    INSERT INTO import_refusals (import_id, line, field, organisation_id, why, written, is_remark)
    SELECT id, 2, 'title', organisation_id, 'trop long', 'rien', false FROM imports WHERE id = :id
"""
DRAFTS: dict[str, dict[str, Any]] = {"needs": NEED, "offers": OFFER, "flows": FLOW}
HOOK = {"url": "https://exemple.fr/boucle", "events": ["catalog.need.published.v1"]}


async def signed_in(client: httpx.AsyncClient, app: Application) -> Identity:
    """Who a browser is signed in as, by the token that a page gives it; its requests carry their CSRF token then."""
    assert (await client.get("/account")).status_code == 200
    identity = Verifier(app.state.settings.identity_keys_file).read(client.cookies[IDENTITY_COOKIE])
    assert identity is not None
    client.headers.update(csrf_headers(client, app, identity))
    return identity


async def posted(client: httpx.AsyncClient, kind: str, state: str) -> str:
    """The id of a new need, offer or flow, published when it is to be open."""
    made = await client.post(f"/api/v1/{kind}", json={**DRAFTS[kind], "title": f"{BAIT} {SECRET} {kind} {state}"})
    assert made.status_code == 201, made.text
    found: str = made.json()["id"]
    if state == OPEN:
        assert (await client.post(f"/api/v1/{kind}/{found}/publish")).status_code == 200
    return found


async def another_session(database: Isolated, identity: Identity) -> UUID:
    """The id of a session that the same person has in another browser."""
    async with database.sessions.begin() as session:
        member = await member_by_id(session, identity.member_id)
        opened, _ = await open_session_of(session, member, now=now())
        return opened.id


async def key_of_scene(database: Isolated, identity: Identity) -> UUID:
    """The id of a key that may write everything."""
    async with database.sessions.begin() as session:
        key, _ = await make_key(session, identity, NewKey(name=KEY, scopes=[Scope.WRITE]), now=now())
        return key.id


async def factors_of_scene(database: Isolated, identity: Identity) -> list[object]:
    """The ids of an app that is asked for at the door, and of one that is being added; both with `APP_SECRET`."""
    async with database.sessions.begin() as session:
        account = await account_of(session, identity.member_id)
        made: list[object] = []
        for confirmed_at in (now(), None):
            factor = await begin_factor(session, identity, account, FactorKind.APP, secret=APP_SECRET, now=now())
            factor.confirmed_at = confirmed_at
            made.append(factor.id)
        await renew_codes(session, identity, account.id)
        return made


async def link_an_identity(app: Application, database: Isolated, identity: Identity) -> None:
    """One of a provider that never answers opens somebody's account too."""
    app.state.oidc = Provider(AWAY, "http://boucle.test")
    async with database.sessions.begin() as session:
        account = await account_of(session, identity.member_id)
        session.add(LinkedIdentity(account_id=account.id, issuer=AWAY.issuer, subject=SUBJECT, linked_at=now()))


async def send_files(owner: httpx.AsyncClient, ids: dict[str, list[object]]) -> None:
    """Documents of the drafts of a need and an offer, a photo of a flow's, and a proof for the coordinators."""
    need, flow, offer = (f"/{kind}s/{ids[f'{kind}_id'][0]}" for kind in ("need", "flow", "offer"))
    sent = (
        (need, DOCUMENT, PDF, "document"),
        (offer, DOCUMENT, PDF, "document"),
        (flow, "quai.jpg", a_photo((40, 20)), "photo"),
        ("/organisation", EVIDENCE, PDF, "evidence"),
    )
    for address, name, data, purpose in sent:
        answer = await owner.post(f"{address}/files", data={"purpose": purpose}, files={"file": (name, data)})
        assert (answer.status_code, "kind=error" in answer.headers["location"]) == (303, False), answer.text


async def shown_and_checked(
    database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]], *, checked_by: UUID
) -> None:
    """Files, a site and a coordinator's check of the owner's; a need and a flow that wait for a coordinator."""
    await send_files(owner, ids)
    site = await owner.post("/organisation/sites", data={"name": SITE, "place": "Muret"})
    assert site.status_code == 303, site.text
    for kind in ("need", "flow"):
        ids[f"{kind}_id"].append(await posted(owner, f"{kind}s", SUBMITTED))
    organisation = {"organisation": ids["organisation_id"][0]}
    async with database.connection() as connection:
        for kind in ("need", "flow"):
            submit = f"UPDATE {kind}s SET state = 'submitted', submitted_at = now() WHERE id = :id"
            await connection.execute(text(submit), {"id": ids[f"{kind}_id"][-1]})
        await connection.execute(text(A_CHECK), {"id": uuid4(), "by": checked_by, **organisation})
        for table, name in (("files", "file_id"), ("sites", "site_id")):
            own = text(f"SELECT id FROM {table} WHERE organisation_id = :organisation ORDER BY id")
            ids[name] = list(await connection.scalars(own, organisation))


async def team_of_scene(database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]]) -> None:
    """Two colleagues of the owner's, one of them an owner too, and somebody who is invited."""
    ids["member_id"] = []
    async with database.sessions.begin() as session:
        organisation = await owned(session, ids)
        for role, name in COLLEAGUES.items():
            account = Account(email=f"{role}@exemple.fr", name=name, password_hash="", created_at=now())
            member = await add_member(session, account, organisation, now=now(), role=role)
            ids["member_id"].append(member.id)
    answer = await owner.post("/organisation/team/invitations", data={"email": GUEST, "role": "viewer"})
    assert answer.status_code == 303, answer.text
    (invitation,) = (await owner.get("/api/v1/invitations")).json()["items"]
    ids["invitation_id"] = [invitation["id"]]


async def claims_of_scene(database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]]) -> None:
    """What the owner claims, with evidence and a letter on paper; who asks to join their team; a project they hold."""
    async with database.sessions.begin() as session:
        facts = EstablishmentFacts(siret=CLAIMED, organisation_name="Régie", place="Muret", roles=["ess"])
        place = resolved_place(facts.place)
        claimed = await register_establishment(
            session, facts, siret=CLAIMED, place=place, now=now(), origin=Origin.IMPORT
        )
        joiner = Account(email=f"jo.{SECRET}@exemple.fr", name=JOINER, password_hash="", created_at=now())
        session.add(joiner)
        await session.flush()
        held = EstablishmentFacts(siret="", organisation_name="Projet", place="Muret")
        project = await register_establishment(session, held, siret=None, place=place, now=now())
        project.held_by = UUID(str(ids["organisation_id"][0]))
        ids["project_id"] = [project.id]
        asks = await ask(session, joiner, Asking(), organisation=await owned(session, ids), by=uuid4(), now=now())
    asked = await owner.post(f"/organisations/{claimed.id}/claim", data={"words": WORDS})
    assert asked.status_code == 303, asked.text
    claim = asked.headers["location"]
    sent = await owner.post(f"{claim}/files", files={"file": (MANDATE, PDF)})
    assert (sent.status_code, "kind=error" in sent.headers["location"]) == (303, False), sent.text
    ids["claim_id"] = [UUID(claim.rsplit("/", 1)[-1]), asks.id]
    async with database.connection() as connection:
        await connection.execute(text(A_LETTER), {"id": ids["claim_id"][0]})
        files = text("SELECT id FROM files WHERE about = :claim")
        ids["file_id"] += list(await connection.scalars(files, {"claim": ids["claim_id"][0]}))


async def owned(session: AsyncSession, ids: dict[str, list[object]]) -> Organisation:
    """The owner's organisation."""
    organisation = await organisation_by_id(session, UUID(str(ids["organisation_id"][0])))
    assert organisation is not None
    return organisation


async def a_call_of(
    database: Isolated, organisation: object, *, state: str, ago: int = 0, title: str = "Un appel"
) -> UUID:
    """The id of a call that opened some days ago and takes applications for ten."""
    call_id = uuid4()
    values = {"id": call_id, "organisation": organisation, "state": state, "ago": ago, "title": title}
    async with database.connection() as connection:
        await connection.execute(text(A_CALL), values)
    return call_id


async def an_application_of(database: Isolated, organisation: object, call: UUID, *, state: str, title: str) -> UUID:
    """The id of an application to a call."""
    application_id = uuid4()
    values = {"id": application_id, "organisation": organisation, "call": call, "state": state, "title": title}
    async with database.connection() as connection:
        await connection.execute(text(AN_APPLICATION), values)
    return application_id


async def calls_of_scene(
    database: Isolated, owner: httpx.AsyncClient, ids: dict[str, list[object]], identity: Identity, *, another: UUID
) -> None:
    """The owner, a partner too, has a draft call, a draft application to another's, and weighed what it was sent."""
    own, applicant = identity.organisation_id, uuid4()
    async with database.connection() as connection:
        await connection.execute(text(A_PARTNER), {"id": own})
        await connection.execute(text(AN_ORGANISATION), {"id": applicant, "like": another})
    ids["call_id"] = [await a_call_of(database, own, state="draft", title=CALL)]
    foreign = await a_call_of(database, another, state="open")
    ended = await a_call_of(database, own, state="closed", ago=20)
    weighed = await an_application_of(database, applicant, ended, state="submitted", title="La leur")
    written = await an_application_of(database, own, foreign, state="draft", title=APPLICATION)
    ids["application_id"] = [written, weighed]
    values = {"id": weighed, "organisation": own, "words": REVIEW, "by": identity.member_id}
    async with database.connection() as connection:
        await connection.execute(text(A_REVIEW), values)
    for about in (f"/calls/{ids['call_id'][0]}", f"/calls/applications/{written}"):
        answer = await owner.post(f"{about}/files", files={"file": (DOCUMENT, PDF)})
        assert (answer.status_code, "kind=error" in answer.headers["location"]) == (303, False), answer.text
    async with database.connection() as connection:
        files = text("SELECT id FROM files WHERE organisation_id = :own ORDER BY id")
        ids["file_id"] = list(await connection.scalars(files, {"own": own}))


async def two_imports(database: Isolated, owner: httpx.AsyncClient) -> list[object]:
    """The ids of a file whose columns are to be said, and of one that was tried and refused something."""
    made: list[object] = []
    for _ in range(2):
        sent = await owner.post("/imports", data={"what": "needs"}, files={"file": (SHEET, ROWS.encode())})
        assert sent.status_code == 303, sent.text
        made.append(UUID(sent.headers["location"].split("/")[2]))
    assert (await owner.post(f"/imports/{made[1]}/columns", data=COLUMNS)).status_code == 303
    async with database.connection() as connection:
        for change in (A_TRIAL, A_REFUSAL):
            await connection.execute(text(change), {"id": made[1]})
    return made


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
    ids["factor_id"] = await factors_of_scene(catalog_database, identity)
    await link_an_identity(catalog_app, catalog_database, identity)
    ids["import_id"] = await two_imports(catalog_database, owner)
    ids["key_id"] = [await key_of_scene(catalog_database, identity)]
    ids["parameter"] = ["gift_rate"]
    another = identities["coordinator"].organisation_id
    await calls_of_scene(catalog_database, owner, ids, identity, another=another)
    drafts = [f"{SECRET} {kind} {DRAFT}" for kind in DRAFTS]
    waiting = [f"{SECRET} {kind} {SUBMITTED}" for kind in ("needs", "flows")]
    secrets = [*drafts, *waiting, DOCUMENT, EVIDENCE, SITE, SHEET, f"{SECRET} rangee", *facts.values()]
    secrets += [*COLLEAGUES.values(), GUEST, KEY, SUBJECT, WORDS, MANDATE, JOINER]
    secrets += [*COLLEAGUES.values(), GUEST, KEY, SUBJECT, CALL, APPLICATION, REVIEW]
    marks = [identity.member_id, identity.session_id, *chain(*ids.values())]
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


@pytest.fixture
async def matching_scene(engines: Engines, matching_settings: MatchingSettings, signer: Signer) -> AsyncIterator[Scene]:
    """A need and a flow with who fits them and who almost does; every stranger has an offer that fits too."""
    stage = MatchingStage(scenes.NOW)
    async with isolated(engines.instance, "matching", clock=stage.clock, calendar=Calendar()) as database:
        stage.database = database
        strangers = {who: uuid4() for who in STRANGERS[1:-1]}
        names = (f"{SECRET} fits", f"{SECRET} almost")
        fits = scenes.offer(supplier=scenes.supplier(name=names[0]))
        almost = scenes.offer(
            zones=(radius_around(scenes.BESSIERES, 20),),
            supplier=scenes.supplier(name=names[1], place=scenes.BESSIERES),
        )
        theirs = [scenes.offer(supplier=scenes.supplier(organisation_id=each)) for each in strangers.values()]
        need = scenes.need(title=f"Réparation de palettes {BAIT}")
        flow = scenes.flow(author=need.author, title=f"Palettes {BAIT}")
        await stage.tell(fits, almost, *theirs, need, flow)
        await stage.ask()
        app = cast(Application, create_matching(matching_settings, databases=database.both, clock=stage.clock))
        owner = need.author.organisation_id
        people = people_of(app, signer, owner, strangers=strangers)
        ids: dict[str, list[object]] = {"demand_id": [need.need_id, flow.flow_id]}
        marks = frozenset(str(each) for each in (owner, *ids["demand_id"]))
        yield Scene(app, database, people, ids, frozenset(names), marks)
        await closed(people.values())


async def a_letter_of(stage: Stage, who: Actor) -> list[object]:
    """The id of a letter that waits for a member."""
    await stage.tell(joined(who), contact(who))
    return [row["id"] for row in await stage.rows("SELECT id FROM deliveries")]


@pytest.fixture
async def notifications_scene(
    notifications_settings: NotificationsSettings, notifications_database: Isolated, signer: Signer
) -> AsyncIterator[Scene]:
    """A notice of the owner's, and one of each stranger's; open streams say what was missed and end."""
    app = create_notifications(notifications_settings, databases=notifications_database.both)
    app.state.hub.started.set()
    app.state.hub._is_closed = True
    stage, owner = Stage(notifications_database), actor("Traiteur solidaire")
    strangers = {who: actor(who) for who in STRANGERS[1:]}
    title, address = f"{SECRET} notice", f"https://exemple.fr/{SECRET}-webhook"
    wanted = WebhookWanted(url=address, events=[SupplierSolicited.type])
    who = an_identity(organisation_id=owner.organisation_id)
    async with notifications_database.sessions.begin() as session:
        await add_webhook(session, who, wanted, to_loopback=False, now=NOON - timedelta(days=1))
    await stage.tell(solicited(owner, a_demand(actor("Ville"), title=title)))
    for stranger in strangers.values():
        await stage.tell(solicited(stranger, a_demand(actor("Ville"))))
    mine = {"organisation": owner.organisation_id}
    rows = await stage.rows("SELECT id FROM notices WHERE organisation_id = :organisation", **mine)
    ids: dict[str, list[object]] = {"notice_id": [row["id"] for row in rows]}
    ids["delivery_id"] = await a_letter_of(stage, owner)
    (hook,) = await stage.rows("SELECT id FROM webhooks")
    ids["webhook_id"] = [hook["id"]]
    sent = await stage.rows("SELECT id FROM webhook_deliveries")
    ids["delivery_id"] += [each["id"] for each in sent]
    people = people_of(
        app, signer, owner.organisation_id, strangers={who: each.organisation_id for who, each in strangers.items()}
    )
    marks = frozenset(str(each) for each in (owner.organisation_id, *(one for each in ids.values() for one in each)))
    yield Scene(app, notifications_database, people, ids, frozenset([title, address]), marks)
    await closed(people.values())


@pytest.fixture(params=SERVICES)
def scene(request: pytest.FixtureRequest) -> Scene:
    """Each service in turn."""
    found: Scene = request.getfixturevalue(f"{request.param}_scene")
    return found

"""INVARIANT: what somebody changes in catalog leaves a line that says who, for whom and what; no line ever changes."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

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
from shared.clock import day_of, now
from shared.identity import Identity, LinkKeys
from shared.messaging.worker import asyncpg_dsn
from shared.web.urls import is_api
from tests.security.agreements import DIGEST, agreements_to_act_on
from tests.security.answers import A_NEED
from tests.security.campaigns import campaign_forms, campaigns_in_every_state
from tests.security.conftest import APP_SECRET, COLUMNS, OPEN, OWNER, a_call_of, an_application_of, posted, signed_in
from tests.security.exchanges import exchange_forms
from tests.security.gifts import gifts_to_act_on, giving
from tests.security.payments import settlements_in_every_state
from tests.security.questions import A_FLOW
from tests.security.routes import Route
from tests.security.scene import SECRET, Scene
from tests.security.subscriptions import subscription_forms, subscriptions_in_every_state
from tests.security.takings import taking_forms, takings_in_every_state
from tests.security.trail import Trail
from tests.services.catalog.claimants import imported
from tests.services.catalog.conftest import SIRETS
from tests.services.catalog.letters import Mailbox, key_of
from tests.services.catalog.test_accounts import with_a_siret_of

# What changes nothing: the page it leads to asks for the token and leaves its own line; a token is no record. And who
# has open postings is not erased: the line of that is shown by tests/services/catalog/test_persons.py.
SILENT = {"POST /session/renew", "POST /api/v1/token", "POST /account/data/erase"}
# A preview is a POST for what a draft says, and keeps nothing of it.
# How far one has read is nobody's business.
SILENT |= {f"POST {prefix}/exchanges/{{exchange_id}}/read" for prefix in ("", "/api/v1")}
SILENT |= {
    f"POST /{kind}{path}" for kind in ("needs", "flows") for path in ("/preview", "/{row_id}/steps/{code}/preview")
}
# Nothing is asked of Stripe here: `test_payments_held` and `test_payments_online` read the lines of these.
SILENT |= {
    f"POST {path}/{verb}"
    for path in ("/payments/{settlement_id}", "/api/v1/settlements/{settlement_id}")
    for verb in ("pay", "hold", "capture", "release", "refund")
}
SILENT |= {"POST /payments/account", "POST /api/v1/payment-account"}
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
    "/answers/letters/{letter_id}/interested": {},
    "/answers/letters/{letter_id}/declined": {},
}  # fmt: skip
DECISIONS = ("accept", "reject")
THEIR_DOMAIN = "regie-exemple.fr"
# What the owner claims may be proved by a letter, and by another on paper; the team they asked to join is silent.
PROVABLE = f"UPDATE organisations SET website = 'https://{THEIR_DOMAIN}' WHERE id = :claimed"
UNANSWERED = "UPDATE claims SET told_at = now() - interval '8 days' WHERE id = :asked"
# The owner's own is a project while this route is asked.
FOUNDED_AT = "/organisation/siret"
A_PROJECT = "UPDATE organisations SET siret = NULL, held_by = id WHERE id = :own"
A_SUPPLIER = "UPDATE organisations SET roles = '{buyer,partner,ess}' WHERE id = :own"
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
    await agreements_to_act_on(scene.database, ids, me, like=them.organisation_id)
    async with scene.database.connection() as connection:
        closed = "SELECT id FROM calls WHERE organisation_id = :own AND state = 'closed'"
        ids["call_id"] += [*open_calls, *await connection.scalars(text(closed), {"own": own})]
    answer = await scene.people["owner of another"].post(
        "/organisation/team/invitations", data={"email": f"odile.{SECRET}@exemple.fr", "role": "viewer"}
    )
    assert answer.status_code == 303, answer.text
    (*_, requested) = await Mailbox(scene.app, scene.database).requested("invitation")
    ids["link_id"].append(UUID(requested["link_id"]))
    assert (await owner.post("/organisation/statuses", data={"kinds": ["association"]})).status_code == 303
    await claims_in_every_state(scene, ids)
    await needs_to_answer(scene, ids, me)
    await settlements_in_every_state(scene.database, ids)
    await takings_in_every_state(scene.database, ids, own)
    await subscriptions_in_every_state(scene.database, ids)
    await campaigns_in_every_state(scene.database, ids)
    await gifts_to_act_on(scene.database, ids, me, like=them.organisation_id)
    return ids


async def needs_to_answer(scene: Scene, ids: dict[str, list[object]], me: Identity) -> None:
    """Others' needs: one that the owner has answered, one it proposes for, and one it was written of; and a flow."""
    own = me.organisation_id
    async with scene.database.connection() as connection:
        await connection.execute(text(A_SUPPLIER), {"own": own})
        answered = text("SELECT need_id FROM answers WHERE organisation_id = :own ORDER BY state = 'proposed'")
        foreign, proposed = await connection.scalars(answered, {"own": own})
        whose = await connection.scalar(text("SELECT organisation_id FROM needs WHERE id = :id"), {"id": foreign})
        unanswered = uuid4()
        await connection.execute(text(A_NEED), {"id": unanswered, "organisation": whose, "like": foreign})
        flow, like = uuid4(), ids["flow_id"][1]
        await connection.execute(text(A_FLOW), {"id": flow, "organisation": whose, "like": like})
    ids["need_id"] += [foreign, proposed, unanswered]
    ids["flow_id"].append(flow)
    ids["reader"] = [me.member_id]


async def claims_in_every_state(scene: Scene, ids: dict[str, list[object]]) -> None:
    """One organisation that nobody claimed, a claim with both its letters, and one that a team left unanswered."""
    owner, database = scene.people[OWNER], scene.database
    ids["organisation_id"].append(await imported(database, siret=with_a_siret_of(SIRETS[-1][:9], 2)))
    team = (await signed_in(scene.people["owner of another"], scene.app)).organisation_id
    joining = await owner.post(f"/organisations/{team}/claim", data={"words": ""})
    assert joining.status_code == 303, joining.text
    ids["claim_id"].append(UUID(joining.headers["location"].rsplit("/", 1)[-1]))
    proved, _, asked = ids["claim_id"]
    async with database.connection() as connection:
        row = text("SELECT organisation_id, code_id FROM claims WHERE id = :id")
        claimed, code_id = (await connection.execute(row, {"id": proved})).one()
        await connection.execute(text(PROVABLE), {"claimed": claimed})
        await connection.execute(text(UNANSWERED), {"asked": asked})
    ids["letter_id"] = [code_id]
    sent = await owner.post(f"/claims/{proved}/email", data={"email": f"accueil@{THEIR_DOMAIN}"})
    assert sent.status_code == 303, sent.text
    (requested,) = await Mailbox(scene.app, database).requested("claim")
    ids["link_id"].append(UUID(requested["link_id"]))


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
    to_answer, letter, reader = [UUID(str(ids[each][-1])) for each in ("need_id", "letter_id", "reader")]
    by_letter = dict(parse_qsl(urlsplit(keys.path_to_answer(letter, need_id=to_answer, member_id=reader)).query))
    project: dict[str, object] = {"organisation_name": "Ressourcerie", "place": "Muret"}
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
        "/territory/organisations/{organisation_id}/statuses": {"codes": ["association"]},
        **posting_for_others(),
        "/api/v1/projects": project,
        "/api/v1/answers": {"need_id": str(to_answer)},
        "/api/v1/questions": {"need_id": str(to_answer)},
        "/questions/{question_id}/hide": {"reason": "abusive"},
        "/needs/{need_id}/declined": {"reason": "price"},
        **proposing(str(to_answer)),
        **taking_forms(ids),
        **exchange_forms(),
        **subscription_forms(ids),
        **campaign_forms(ids),
        **agreeing(str(ids["proposal_id"][-2])),
        **settling(ids),
        **giving(ids),
        "/answers/letters/{letter_id}/interested": dict[str, object](by_letter),
        "/answers/letters/{letter_id}/declined": {**by_letter, "reason": "price"},
        "/api/v1/claims": {"organisation_id": str(ids["organisation_id"][-1])},
        "/claims/links/{link_id}": {"key": key_of(keys.path(UUID(str(ids["link_id"][2]))))},
        "/claims/{claim_id}/email": {"email": f"accueil@{THEIR_DOMAIN}"},
        "/claims/{claim_id}/code": {"code": keys.code(UUID(str(ids["letter_id"][0])))},
        FOUNDED_AT: {"siret": with_a_siret_of(SIRETS[-1][:9], 3)},
    }


def posting_for_others() -> dict[str, dict[str, object]]:
    """What a coordinator sends in another's place, as a form and as JSON."""
    consent: dict[str, object] = {"words": "Oui.", "given_on": "2026-01-01"}
    shared: dict[str, object] = {"title": "Palettes", "categories": ["wooden-pallets"]}
    quantity: dict[str, object] = {"quantity_value": "5", "quantity_unit": "t"}
    place: dict[str, object] = {"place": "31000 Toulouse"}
    postings: dict[str, dict[str, object]] = {
        "needs": {"need": {**shared, **quantity, **place, "kind": "material"}},
        "flows": {"flow": {**shared, **quantity, **place, "legal_status": "product"}},
        "offers": {"offer": {**shared, "need_kinds": ["material"]}},
    }
    one = "/territory/organisations/{organisation_id}"
    return {f"{one}/post": consent} | {f"/api/v1{one}/{kind}": consent | said for kind, said in postings.items()}


def proposing(need: str) -> dict[str, dict[str, object]]:
    """What is sent about proposals, as forms and as JSON."""
    line, valid_until = {"what": "Repas", "quantity": "80", "unit": "repas"}, "2999-01-01"
    draft: dict[str, object] = {"lines": [{**line, "price_cents": 1250}], "valid_until": valid_until}
    form = {name: [value] for name, value in line.items()} | {"price_euros": ["12,50"]}
    reason: dict[str, object] = {"reason": "price"}
    takes_part: dict[str, object] = {"takes_part": "true"}
    return {
        "/needs/{need_id}/proposal": {**form, "valid_until": valid_until},
        "/needs/{need_id}/proposals/reject": reason,
        **{f"{prefix}/proposals/{{proposal_id}}/{what}": reason for prefix in ("", "/api/v1") for what in DECISIONS},
        **{f"{prefix}/proposals/{{proposal_id}}/participation": takes_part for prefix in ("", "/api/v1")},
        "/api/v1/proposals": {"need_id": need, **draft},
        "/api/v1/proposals/{proposal_id}": draft,
    }


def agreeing(proposal: str) -> dict[str, dict[str, object]]:
    """What is sent about agreements, as forms and as JSON."""
    order: dict[str, object] = {"nature": "order"}
    sent: dict[str, dict[str, object]] = {
        "": order,
        "/sign": {"document_sha256": DIGEST, "has_read": "true"},
        "/milestones": {"number": "1"},
        "/cancel": {"reason": "price"},
    }
    one = "/agreements/{agreement_id}"
    return {
        "/proposals/{proposal_id}/agreement": order,
        "/takings/{taking_id}/agreement": {"nature": "loan", "price_side": "free", "ends_on": "2031-01-06"},
        "/api/v1/agreements": {"proposal_id": proposal, **order},
        **{f"{prefix}{one}{path}": said for prefix in ("", "/api/v1") for path, said in sent.items()},
    }


def settling(ids: dict[str, list[object]]) -> dict[str, dict[str, object]]:
    """What is sent about settlements, as forms and as JSON."""
    today = day_of(now()).isoformat()
    sent: dict[str, dict[str, object]] = {
        "bill": {"invoice": "F-1", "invoiced_on": today},
        "credit": {"credit_note": "AV-1", "credited_on": today},
        "declare": {"means": "transfer", "paid_on": today},
        "dispute": {"reason": "amount"},
        "take-back": {"arrived": "true"},
    }
    forms = {f"/payments/{{settlement_id}}/{verb}": said for verb, said in sent.items()}
    programs = {f"/api/v1/settlements/{{settlement_id}}/{verb}": said for verb, said in sent.items()}
    back: dict[str, object] = {"returned_on": today}
    return {
        **forms,
        **programs,
        "/payments/mandates": {"payer_id": str(ids["payer_id"][0])},
        "/api/v1/billing-mandates": {"payer_id": str(ids["payer_id"][0])},
        "/payments/{settlement_id}/give-back": {"back_euros": "1", **back},
        "/api/v1/settlements/{settlement_id}/give-back": {"back_cents": 100, **back},
    }


async def halfway(scene: Scene, identity: Identity) -> str:
    """The secret of somebody who has shown their password only."""
    async with scene.database.sessions.begin() as session:
        member = await member_by_id(session, identity.member_id)
        return await stop_halfway(session, member, target="/dashboard", now=now())


async def is_taken(scene: Scene, who: str, route: Route, address: str, sent: dict[str, Any]) -> bool:
    """True when a request did what it asks for."""
    if route.path == FOUNDED_AT:
        async with scene.database.connection() as connection:
            await connection.execute(text(A_PROJECT), {"own": scene.ids["organisation_id"][0]})
    # The owner's client says a key by itself.
    headers = {"Idempotency-Key": str(uuid4())} if who == "coordinator" and is_api(route.path) else {}
    return (await scene.ask(who, route, address, headers=headers, **sent)).status_code < 400


@pytest.mark.promise(59)
async def test_every_unsafe_route_leaves_its_line(catalog_scene: Scene) -> None:
    scene, unseen = catalog_scene, list[str]()
    ids = await things_in_every_state(scene)
    me = await signed_in(scene.people[OWNER], scene.app)
    scene.people[OWNER].cookies.set(HALFWAY_COOKIE, await halfway(scene, me), domain="boucle.test")
    other = await another_organisation(scene, me)
    before = await Trail.since(scene)
    coordinator = await signed_in(scene.people["coordinator"], scene.app)
    for route in (each for each in scene.routes if each.is_unsafe and str(each) not in SILENT):
        is_theirs = route.path.removeprefix("/api/v1").startswith("/territory/")
        who, actor = ("coordinator", coordinator) if is_theirs else (OWNER, me)
        left = Trail()
        for address in route.addresses(ids):
            async with scene.aside():
                sent = route.sent(**forms(scene, ids).get(route.path, {}))
                if route.path == "/organisations/switch":
                    sent = route.sent(organisation_id=other)
                if await is_taken(scene, who, route, address, sent):
                    left.add(await Trail.since(scene, before))
        # A coordinator acts in person, in the place of the organisation whose record it is.
        organisations = {actor.organisation_id, me.organisation_id}
        if is_theirs:
            organisations |= {UUID(str(each)) for each in ids["organisation_id"]}
        is_by = left.is_by(actor.member_id, organisations) and left.tells_who_joined
        if not (left.names_a_record and left.is_of_somebody and (is_by or route.path in FORMS)):
            unseen.append(f"{route}: {left.lines}")
    assert unseen == []

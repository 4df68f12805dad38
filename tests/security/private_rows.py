"""The rows of each table that are one organisation's alone, and how to find them."""

from sqlalchemy import text

from shared.database import Database
from shared.database.acting import Acting
from shared.identity import Verifier
from shared.web.visit import IDENTITY_COOKIE, acting_of
from tests.security.people import OWNER
from tests.security.scene import Scene

OWN = "organisation_id = :org"
OF_DEMAND = f"demand_id IN (SELECT id FROM demands WHERE {OWN})"
OF_A_PAYMENT = ":org IN (payer_id, payee_id)"
OF_A_GIFT = "(donor_id = :org OR recipient_id = :org)"
OF_A_SIDE = "(buyer_id = :org OR supplier_id = :org OR :org = ANY (partner_ids))"
# The rows that are one organisation's alone, as the worker finds them.
PRIVATE = {
    "catalog": {
        "needs": f"{OWN} AND published_at IS NULL",
        "offers": f"{OWN} AND published_at IS NULL",
        "flows": f"{OWN} AND published_at IS NULL",
        "lots": f"{OWN} AND flow_id IN (SELECT id FROM flows WHERE published_at IS NULL)",
        "members": OWN,
        "accounts": f"id IN (SELECT account_id FROM members WHERE {OWN})",
        "sessions": "member_id = :member",
        "factors": "account_id IN (SELECT account_id FROM members WHERE id = :member)",
        "linked_identities": "account_id IN (SELECT account_id FROM members WHERE id = :member)",
        "recovery_codes": "account_id IN (SELECT account_id FROM members WHERE id = :member)",
        "audit": OWN,
        "kept_answers": "member_id = :member",
        "api_keys": OWN,
        "files": f"{OWN} AND NOT EXISTS (SELECT FROM needs n WHERE n.id = about AND n.published_at IS NOT NULL) "
        f"OR about IN (SELECT p.id FROM proposals p JOIN needs n ON n.id = p.need_id WHERE n.{OWN})",
        "sites": f"{OWN} AND NOT is_public",
        "claims": f"{OWN} OR account_id IN (SELECT account_id FROM members WHERE id = :member)",
        "organisation_checks": OWN,
        "consents": OWN,
        "invitations": OWN,
        "imports": OWN,
        "import_sheets": OWN,
        "import_refusals": OWN,
        "import_headings": OWN,
        "calls": f"{OWN} AND published_at IS NULL",
        "call_applications": OWN,
        "application_reviews": OWN,
        "campaigns": f"{OWN} AND published_at IS NULL",
        "pledges": f"{OWN} OR supporter_id = :org",
        "answers": f"{OWN} OR need_id IN (SELECT id FROM needs WHERE {OWN})",
        "proposals": f"{OWN} OR need_id IN (SELECT id FROM needs WHERE {OWN}) "
        f"OR id IN (SELECT proposal_id FROM participations WHERE {OWN})",
        "participations": f"{OWN} OR proposer_id = :org",
        "agreements": OF_A_SIDE,
        "agreement_signatures": f"agreement_id IN (SELECT id FROM agreements WHERE {OF_A_SIDE})",
        "agreement_papers": f"agreement_id IN (SELECT id FROM agreements WHERE {OF_A_SIDE})",
        "settlements": OF_A_PAYMENT,
        "ledger_moves": f"settlement_id IN (SELECT id FROM settlements WHERE {OF_A_PAYMENT})",
        "gifts": OF_A_GIFT,
        "gift_papers": OF_A_GIFT,
        "gift_paper_counters": "legal_entity_id IN (SELECT legal_entity_id FROM organisations WHERE id = :org)",
        "gift_profiles": OWN,
        "gift_turnovers": OWN,
        "questions": f"({OWN} OR asked_of = :org) AND state <> 'answered'",
        "takings": f"{OWN} OR taker_id = :org",
        "subscriptions": f"{OWN} OR taker_id = :org",
        "subscription_terms": f"{OWN} AND flow_id IN (SELECT id FROM flows WHERE published_at IS NULL)",
        "calendars": OWN,
        "exchange_messages": f"{OWN} OR reader_id = :org",
        "exchange_reads": OWN,
        "stripe_calls": OWN,
        "billing_mandates": OF_A_PAYMENT,
        "payment_accounts": OWN,
        "online_payments": "settlement_id IN (SELECT id FROM settlements WHERE :org IN (payer_id, payee_id))",
        "impact_exchanges": f"{OWN} OR partner_id = :org",
        "impact_entries": f"exchange_id IN (SELECT id FROM impact_exchanges WHERE {OWN} OR partner_id = :org)",
    },
    "matching": {
        "matches": OF_DEMAND,
        "near_misses": OF_DEMAND,
        "match_history": OF_DEMAND,
        "waves": OF_DEMAND,
        "solicitations": OF_DEMAND,
        "exposures": OWN,
        "allocations": OWN,
        "kept_answers": "member_id = :member",
    },
    "notifications": {
        "notices": OWN,
        "readings": "member_id = :member",
        "live_events": OWN,
        "preferences": "member_id = :member",
        "mail_hours": "member_id = :member",
        "digests": "member_id = :member",
        "webhooks": OWN,
        "webhook_deliveries": OWN,
    },
}
ROWS = [(service, table) for service, tables in PRIVATE.items() for table in tables]


def owner_of(scene: Scene) -> Acting:
    """Whom the scene's owner is signed in as."""
    verifier = Verifier(scene.app.state.settings.identity_keys_file)
    identity = verifier.read(scene.people[OWNER].cookies[IDENTITY_COOKIE])
    assert identity is not None
    return acting_of(identity)


TERMS_OF_A_DRAFT = """
    INSERT INTO subscription_terms (flow_id, organisation_id, version, open_to_all, criteria, updated_at)
    SELECT id, organisation_id, 1, true, '', now() FROM flows WHERE id = CAST(:draft AS uuid)
"""
A_LOT_OF_A_DRAFT = """
    INSERT INTO lots SELECT (jsonb_populate_record(l, jsonb_build_object(
        'id', gen_random_uuid(), 'flow_id', CAST(:draft AS uuid)))).* FROM lots l WHERE l.id = CAST(:lot AS uuid)
"""
OF_A_READER = (
    "INSERT INTO readings SELECT id, :member, created_at FROM notices WHERE organisation_id = :org",
    "INSERT INTO preferences SELECT :member, 'solicited', 'email', 'daily', now() WHERE CAST(:org AS uuid) IS NOT NULL",
    "INSERT INTO mail_hours SELECT :member, 9, 17, 'every', now() WHERE CAST(:org AS uuid) IS NOT NULL",
    "INSERT INTO digests VALUES (gen_random_uuid(), :member, :org, 'email', now())",
)


A_KEPT_ANSWER = """
    INSERT INTO kept_answers (member_id, key, organisation_id, fingerprint, status, headers, body, kept_at)
    VALUES (:member, 'mine', :org, '', 201, '{}', '', now())
"""


A_CONSENT = """
    INSERT INTO consents (id, organisation_id, about, means, words, given_on, noted_by, noted_at)
    VALUES (gen_random_uuid(), :org, gen_random_uuid(), 'phone', 'Oui.', current_date, :member, now())
"""


THROUGH_STRIPE = (
    """INSERT INTO stripe_calls (id, what, about, number, organisation_id, key, parameters, state, object_id, url, said,
        tries, made_at) VALUES (gen_random_uuid(), 'account', :org, 1, :org, gen_random_uuid()::text, '{}', 'done',
        'acct_1', '', '', 0, now())""",
    """INSERT INTO payment_accounts (organisation_id, account_id, standing, asked, made_at, updated_at)
        VALUES (:org, gen_random_uuid()::text, 'enabled', '{}', now(), now())""",
    """INSERT INTO online_payments (intent_id, settlement_id, cents, fee_cents, is_separate, step, stake, charge_id,
        transfer_id, refunded_cents, fee_refunded_cents, contested_cents, failure, url, made_at, updated_at)
        SELECT gen_random_uuid()::text, id, 1000, 0, false, 'paid', 'received', '', '', 0, 0, 0, '', '', now(), now()
        FROM settlements WHERE :org IN (payer_id, payee_id) LIMIT 1""",
)


async def complete(scene: Scene, owner: Acting) -> None:
    """What no scene has by itself: a lot and terms of a draft, and what a reader read, chose and was written."""
    async with scene.database.sessions.begin() as session:
        if scene.app.service == "catalog":
            values = {"draft": scene.ids["flow_id"][0], "lot": scene.ids["lot_id"][0]}
            await session.execute(text(A_LOT_OF_A_DRAFT), values)
            await session.execute(text(TERMS_OF_A_DRAFT), {"draft": values["draft"]})
            consent = {"member": owner.member_id, "org": owner.organisation_id}
            await session.execute(text(A_CONSENT), consent)
            for statement in THROUGH_STRIPE:
                await session.execute(text(statement), {"org": owner.organisation_id})
        if scene.app.service == "matching":
            values = {"member": owner.member_id, "org": owner.organisation_id}
            await session.execute(text(A_KEPT_ANSWER), values)
        if scene.app.service == "notifications":
            for statement in OF_A_READER:
                await session.execute(text(statement), {"member": owner.member_id, "org": owner.organisation_id})


async def everything(database: Database, acting: Acting, table: str) -> set[str]:
    """All rows of a table as a query finds them that asks for no organisation."""
    async with database.acting(acting) as session:
        return set(await session.scalars(text(f"SELECT t::text FROM {table} t")))


async def private(scene: Scene, owner: Acting, table: str) -> set[str]:
    """The owner's own rows of a table; there are some."""
    where = PRIVATE[scene.app.service][table]
    values = {"org": owner.organisation_id, "member": owner.member_id}
    named = {name: value for name, value in values.items() if f":{name}" in where}
    async with scene.database.sessions.begin() as session:
        found = set(await session.scalars(text(f"SELECT t::text FROM {table} t WHERE {where}"), named))
    assert found
    return found

"""INVARIANT: PostgreSQL itself refuses writes to what is another organisation's, and what no page may read."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from shared.database.acting import NOBODY, Acting
from tests.security.private_rows import owner_of
from tests.security.scene import Scene

WRITES = {
    "needs": "title", "offers": "title", "flows": "title", "lots": "quantity_unit", "members": "role",
    "accounts": "name", "sessions": "seen_at", "organisations": "name", "invitations": "role", "api_keys": "name",
    "claims": "words", "answers": "note", "proposals": "message", "questions": "words",
    "takings": "carrier_receipt", "subscriptions": "words", "calendars": "created_at", "exchange_messages": "words",
    "campaigns": "title", "pledges": "words",
}  # fmt: skip

DECIDED = ("answers", "proposals")


@pytest.mark.promise(46, 47)
@pytest.mark.parametrize("table", WRITES)
async def test_a_write_without_condition_touches_no_others_row(catalog_scene: Scene, table: str) -> None:
    owner, pages = owner_of(catalog_scene), catalog_scene.database.both.pages
    column = WRITES[table]
    touch = text(f"UPDATE {table} SET {column} = {column} RETURNING id")
    ids = {
        "organisations": "SELECT id FROM organisations WHERE id = :org",
        "accounts": "SELECT account_id FROM members WHERE organisation_id = :org",
        "claims": "SELECT id FROM claims WHERE organisation_id = :org OR account_id IN "
        "(SELECT account_id FROM members WHERE organisation_id = :org)",
        "questions": "SELECT id FROM questions WHERE organisation_id = :org OR asked_of = :org",
        "exchange_messages": "SELECT id FROM exchange_messages WHERE organisation_id = :org OR reader_id = :org",
        "subscriptions": "SELECT id FROM subscriptions WHERE organisation_id = :org OR taker_id = :org",
        "pledges": "SELECT id FROM pledges WHERE organisation_id = :org OR supporter_id = :org",
        "takings": "SELECT id FROM takings WHERE organisation_id = :org OR taker_id = :org",
        "sessions": "SELECT s.id FROM sessions s JOIN members m ON m.id = member_id WHERE organisation_id = :org",
    }
    async with catalog_scene.database.sessions.begin() as session:
        whose = ids.get(table, f"SELECT id FROM {table} WHERE organisation_id = :org")
        theirs = set(await session.scalars(text(whose), {"org": owner.organisation_id}))
    assert theirs
    for acting in (NOBODY, Acting(uuid4(), uuid4())):
        async with pages.acting(acting) as session:
            assert set(await session.scalars(touch)) & theirs == set()
    if table in DECIDED:
        # Whose need it is may decide what it received, and change nothing else of it.
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with pages.acting(owner) as session:
                await session.execute(touch)
    elif table != "accounts":  # a person changes their own only
        async with pages.acting(owner) as session:
            assert set(await session.scalars(touch)) <= theirs


REFUSED = {
    "catalog": (
        "INSERT INTO audit (id, organisation_id, action) VALUES (gen_random_uuid(), :other, 'mine')",
        "UPDATE needs SET organisation_id = :other WHERE organisation_id = :org",
        "INSERT INTO organisations SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), "
        "'siret', null))).* FROM organisations o WHERE id = :org",
        "SELECT payload FROM outbox",
        "UPDATE outbox SET published_at = now()",
        "SELECT * FROM inbox",
        "SELECT * FROM dead_letter",
        "SELECT * FROM imported_rows",
        "UPDATE participations SET proposal_id = proposal_id",
    ),
    "matching": (
        "UPDATE matches SET score = 100",
        "DELETE FROM demands",
        "SELECT payload FROM outbox",
        "UPDATE allocations SET version = 9",
        "DELETE FROM allocations",
        "INSERT INTO allocations SELECT gen_random_uuid(), flow_id, :other, 9, NULL, now(), '', '[]' FROM allocations",
        "INSERT INTO allocations SELECT gen_random_uuid(), :other, :org, 9, NULL, now(), '', '[]'",
        "INSERT INTO kept_answers VALUES (:other, 'k', :org, '', 201, '{}', '', now())",
    ),
    "notifications": (
        "SELECT * FROM contacts",
        "SELECT * FROM deliveries",
        "SELECT last_error FROM deliveries",
        "SELECT params FROM security_letters",
        "SELECT secret FROM webhook_secrets",
        "UPDATE webhook_secrets SET secret = 'mine'",
        "INSERT INTO webhooks (id, organisation_id, url, events, state, version, created_at) "
        "VALUES (gen_random_uuid(), :other, 'https://exemple.fr/', '{}', 'active', 1, now())",
        "UPDATE webhooks SET organisation_id = :other",
        "DELETE FROM webhook_deliveries",
        "UPDATE notices SET topic = 'mine'",
        "INSERT INTO readings SELECT id, :other, created_at FROM notices",
        "INSERT INTO preferences VALUES (:other, 'solicited', 'email', 'never', now())",
        "UPDATE deliveries SET state = 'unwanted'",
        "INSERT INTO digests VALUES (gen_random_uuid(), :other, :other, 'email', now())",
        "SELECT * FROM written_before",
        "DELETE FROM outbox",
    ),
}


async def test_nobody_reads_a_proposal_by_naming_themselves_in_it(catalog_scene: Scene) -> None:
    """Who is named reads: so only whose proposal it is names somebody."""
    owner = owner_of(catalog_scene)
    received = "SELECT id, need_id FROM proposals WHERE organisation_id <> :org LIMIT 1"
    named = (
        "INSERT INTO participations (id, proposal_id, need_id, proposer_id, organisation_id, state, version, asked_at) "
        "VALUES (gen_random_uuid(), :id, :need_id, :org, :org, 'asked', 1, now())"
    )
    async with catalog_scene.database.sessions.begin() as session:
        theirs = (await session.execute(text(received), {"org": owner.organisation_id})).one()
    with pytest.raises(IntegrityError, match="fk_participations_proposal_id_proposer_id"):
        async with catalog_scene.database.both.pages.acting(owner) as session:
            await session.execute(text(named), {**theirs._asdict(), "org": owner.organisation_id})


@pytest.mark.promise(47)
@pytest.mark.parametrize(
    ("scene", "statement"), [(name, each) for name, every in REFUSED.items() for each in every], indirect=["scene"]
)
async def test_pages_are_refused_what_is_not_theirs_to_do(scene: Scene, statement: str) -> None:
    owner = owner_of(scene)
    values = {"org": owner.organisation_id, "other": uuid4()}
    named = {name: value for name, value in values.items() if f":{name}" in statement}
    with pytest.raises(ProgrammingError, match=r"row-level security|permission denied"):
        async with scene.database.both.pages.acting(owner) as session:
            await session.execute(text(statement), named)

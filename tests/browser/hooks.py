"""Webhooks in every state for who looks at pages: put into the database, so that nothing ever leaves this machine."""

import json
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from deploy.bench.stage import Stage
from deploy.cli.place import known_instance
from deploy.embedded.data_folder import DataFolder
from shared.database import Database

LONG_URL = "https://gestion-de-stock.entrepot-intercommunal-de-castelmaurou.fr/boucle/webhooks/" + "x" * 60
HOOK = text("""
    INSERT INTO webhooks (id, organisation_id, url, events, state, because, version, created_at, failing_since,
      resting_until)
    VALUES (:id, :organisation, :url, '{matching.demand.matched.v1,catalog.need.published.v1}', :state, :because, 1,
      now() - interval '9 days', now() - interval '3 hours',
      now() + interval '1 year')
""")
SECRET = text("""
    INSERT INTO webhook_secrets (id, webhook_id, organisation_id, secret, made_at)
    VALUES (gen_random_uuid(), :id, :organisation, 'whsec_', now() - interval '9 days')
""")
SENT = text("""
    INSERT INTO webhook_deliveries (id, webhook_id, organisation_id, event_id, type, payload, created_at, state,
      attempts, next_at, tried_at, status, answer, error, duration_ms)
    VALUES (uuidv7(), :id, :organisation, gen_random_uuid(), 'catalog.need.published.v1', :payload,
      now() - interval '2 hours', :state, :attempts, now() + interval '2 hours',
      CASE WHEN :tried THEN now() END, :status, :answer, :error, 184)
""")
FAILED = text("SELECT id FROM webhook_deliveries WHERE webhook_id = :id AND status = 500")
STATES: tuple[dict[str, Any], ...] = (
    {"state": "sent", "attempts": 1, "status": 204, "answer": None, "error": None},
    {"state": "failed", "attempts": 10, "status": 500, "answer": "<h1>Erreur</h1> " * 20, "error": None},
    {"state": "failed", "attempts": 10, "status": 302, "answer": "", "error": "redirect"},
    {"state": "pending", "attempts": 4, "status": None, "answer": None, "error": "private_address"},
    {"state": "pending", "attempts": 0, "status": None, "answer": None, "error": None},
)


async def add_hooks(house: Stage, organisation_id: str) -> dict[str, str]:
    """The ids of one that runs and is not answered, and of one that was stopped."""
    instance = known_instance(DataFolder(house.folder))
    if instance is None:
        raise RuntimeError("the house never started")
    database = Database(instance.admin_database_url("notifications"))
    ids = {"hook": str(uuid4()), "stopped_hook": str(uuid4())}
    async with database.sessions.begin() as session:
        for name, (state, because, url) in {
            "hook": ("active", None, LONG_URL),
            "stopped_hook": ("stopped", "gone", "https://exemple.fr/boucle"),
        }.items():
            own = {"id": ids[name], "organisation": organisation_id}
            await session.execute(HOOK, {**own, "state": state, "because": because, "url": url})
            await session.execute(SECRET, own)
            payload = json.dumps({"specversion": "1.0", "data": {"title": "Palettes " * 30}}, indent=None)
            for each in STATES:
                await session.execute(SENT, {**own, "payload": payload, "tried": each["attempts"] > 0, **each})
        first = await session.scalar(FAILED, {"id": ids["hook"]})
    await database.close()
    return {**ids, "hook_sent": str(first)}

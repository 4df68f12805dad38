"""What a taking of the owner's counts for, with a title that is a secret of its two sides."""

import json

from sqlalchemy import text

from tests.security.scene import SECRET
from tests.support import Isolated

COUNTED = f"{SECRET} compté"
FACTS = {
    "kind": "taking", "confirmed_on": "2026-11-25", "holder": {}, "partner": {},
    "counted": {"value": "1", "unit": "t"}, "basis": "measured", "level": "reuse",
}  # fmt: skip
AN_EXCHANGE = """
    INSERT INTO impact_exchanges (id, kind, taking_id, organisation_id, partner_id, title, confirmed_on, commune_code,
                                  epci_code, facts, version, recorded_at)
    SELECT t.id, 'taking', t.id, t.organisation_id, t.taker_id, :title, current_date, '31555', '243100518',
           CAST(:facts AS jsonb), 2, now() FROM takings t WHERE t.id = :taking
"""
AN_ENTRY = """
    INSERT INTO impact_entries (id, exchange_id, kind, measure, version, unit, method, value, level, basis, source,
                                source_version, recorded_at)
    VALUES (gen_random_uuid(), :taking, 'taking', 'mass', 1, 'kg', 'weighed', 1000, 'reuse', 'measured', '', '', now())
"""


async def impact_of_scene(database: Isolated, taking: object) -> None:
    """One exchange with its mass."""
    values = {"taking": taking, "title": COUNTED, "facts": json.dumps(FACTS)}
    async with database.connection() as connection:
        await connection.execute(text(AN_EXCHANGE), values)
        await connection.execute(text(AN_ENTRY), {"taking": taking})

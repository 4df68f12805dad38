"""What matching asked after the backup that it was restored from: its own stream still tells."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import new_id
from shared.events.matching import SupplierSolicited

WHY = {"rank", "weights", "bonus", "chosen", "propensity"}
# Neither waits for its demand, which comes again later.
ASKED = text("""
    INSERT INTO solicitations (id, demand_id, organisation_id, offer_id, wave, score, due_at, solicited_at, rank,
                               weights, bonus, chosen, propensity)
    VALUES (:id, :demand_id, :organisation_id, :offer_id, :wave, :score, :at, :at, :rank, :weights, :bonus, :chosen,
            :propensity)
    ON CONFLICT DO NOTHING RETURNING id
""")
COUNTED = text("""
    INSERT INTO waves (id, demand_id, number, due_at, done_at, asked) VALUES (:id, :demand_id, :number, :at, :at, 1)
    ON CONFLICT (demand_id, number) DO UPDATE SET asked = waves.asked + 1
""")


async def recall_asked(session: AsyncSession, event: SupplierSolicited) -> None:
    """Count a supplier as asked, in its wave and against its week; nothing where it is counted already."""
    demand_id, at = event.demand.demand_id, event.solicited_at
    asked = {
        "id": event.solicitation_id,
        "demand_id": demand_id,
        "organisation_id": event.organisation_id,
        "offer_id": event.offer_id,
        "wave": event.wave,
        "score": event.score,
        "at": at,
        **event.model_dump(include=WHY),
    }
    if await session.scalar(ASKED, asked) is not None:
        await session.execute(COUNTED, {"id": new_id(), "demand_id": demand_id, "number": event.wave, "at": at})

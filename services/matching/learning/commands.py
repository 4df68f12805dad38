"""Keep what suppliers answered, where waves and learning find it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.learning.answers import Answer
from shared.database.statement import Statement

# The newest decides, whatever order they come in: who proposed was interested before.
KEEP = Statement("""
    INSERT INTO answers AS a (demand_id, organisation_id, answer, reason, answered_at)
    VALUES (:demand, :organisation, :answer, :reason, :at)
    ON CONFLICT (demand_id, organisation_id) DO UPDATE SET
        answer = excluded.answer, reason = excluded.reason, answered_at = excluded.answered_at
    WHERE a.answered_at < excluded.answered_at
""")
COUNT = Statement("""
    UPDATE demands SET interested = (
        SELECT count(*) FROM answers WHERE demand_id = demands.id AND answer NOT IN ('declined', 'withdrawn'))
    WHERE id = :demand
""")


async def keep_answer(
    session: AsyncSession,
    demand_id: UUID,
    organisation_id: UUID,
    *,
    answer: Answer,
    reason: str | None,
    at: datetime,
) -> None:
    """A supplier answered, answered anew or took it back; the waves of the demand stop when enough are interested."""
    kept = {"demand": demand_id, "organisation": organisation_id, "answer": answer.value, "reason": reason, "at": at}
    await KEEP.execute(session, **kept)
    await COUNT.execute(session, demand=demand_id)

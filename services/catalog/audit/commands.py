"""Writing the audit log, in the transaction of what it tells."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import new_id
from shared.database.statement import Statement

# The key that a program acts with for a member, set at the door for the request's own time.
acting_key: ContextVar[UUID | None] = ContextVar("acting_key", default=None)

NOTE = Statement("""
    INSERT INTO audit (id, member_id, organisation_id, action, about, details)
    SELECT id, member_id, organisation_id, action, about, details::jsonb
    FROM unnest(CAST(:id AS uuid[]), CAST(:member_id AS uuid[]), CAST(:organisation_id AS uuid[]),
                CAST(:action AS text[]), CAST(:about AS uuid[]), CAST(:details AS text[]))
         AS lines (id, member_id, organisation_id, action, about, details)
""")
GATHERED = "audit_gathered"

Line = dict[str, Any]


@asynccontextmanager
async def gathered_notes(session: AsyncSession) -> AsyncIterator[list[Line]]:
    """Keep the lines of the block, and write them in one statement at its end; none when the block raises."""
    lines: list[Line] = []
    session.info[GATHERED] = lines
    try:
        yield lines
    finally:
        del session.info[GATHERED]
    await _write(session, lines)


async def note(
    session: AsyncSession,
    member_id: UUID | None,
    organisation_id: UUID | None,
    action: str,
    *,
    about: UUID | None = None,
    **details: Any,
) -> None:
    """Add one line: who (None is the machine), for whom, did what, to which record; by which key, if by one."""
    key = acting_key.get()
    if key is not None:
        details["key"] = str(key)
    line = {
        "id": new_id(),
        "member_id": member_id,
        "organisation_id": organisation_id,
        "action": action,
        "about": about,
        "details": msgspec.json.encode(details).decode(),
    }
    if GATHERED in session.info:
        session.info[GATHERED].append(line)
    else:
        await _write(session, [line])


async def _write(session: AsyncSession, lines: list[Line]) -> None:
    if lines:
        await NOTE.execute(session, **{name: [line[name] for line in lines] for name in NOTE.names})

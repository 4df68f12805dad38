"""Reads what page and JSON show alike, for those who may see it."""

from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.history import queries, view
from services.matching.waves.policy import EXPOSURE_WINDOW
from shared.database import now_of
from shared.identity import Identity
from shared.phrases import say_reason
from shared.phrases.voice import To
from shared.web.errors import NotYours


async def history_seen_by(
    session: AsyncSession,
    member: Identity,
    demand_id: UUID,
    *,
    organisation_id: UUID | None,
    language: str,
) -> view.History:
    """One's own organisation's history with a demand; a coordinator's of any. Raises `NotYours`, also without one."""
    whose = organisation_id or member.organisation_id
    if whose != member.organisation_id and "territory" not in member.roles:
        raise NotYours
    known = await queries.demand_known(session, demand_id)
    changes = await queries.changes_of(session, demand_id, whose)
    asked = await queries.asked_about(session, demand_id, whose)
    if known is None or not (changes or asked):
        raise NotYours
    demand, is_open = known
    to: To = "supplier" if whose == member.organisation_id else "author"
    speak = partial(say_reason, language=language, to=to)
    share = await queries.share_of(session, whose, since=now_of(session) - EXPOSURE_WINDOW)
    return view.history(demand, changes, asked, share, is_open=is_open, organisation_id=whose, speak=speak)

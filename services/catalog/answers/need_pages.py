"""The page of a need: what it says, and what it was answered, to its author and to a supplier."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.answers.queries import answer_to, counts_of
from services.catalog.answers.view import Answering, may_answer, own_line, reason_options
from services.catalog.consents.view import consent_behind
from services.catalog.files.queries import files_of
from services.catalog.needs.models import Need
from services.catalog.needs.queries import need_seen_by
from services.catalog.needs.view import view_of
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity
from shared.web.pages import Html, Req, page
from shared.web.provided import Session, Visitor


@get("/needs/{need_id:uuid}")
async def show_need(request: Req, session: Session, visitor: Visitor, need_id: FromPath[UUID]) -> Html:
    """The need: its facts for all, its matches and answers for its author, the choice for a supplier."""
    need = await need_seen_by(session, need_id, visitor.organisation_id if visitor else None)
    files = await files_of(session, need.id)
    answering = await _answering(request, session, need, visitor)
    shown = view_of(request, need, visitor, files=files)
    if answering is not None and answering.knows_author:
        shown["hide_author"] = False
    behind = await consent_behind(request, session, visitor, about=need.id, whose=need.organisation_id)
    return page(request, "needs/page.html", answering=answering, behind=behind, **shown)


async def _answering(request: Req, session: AsyncSession, need: Need, visitor: Identity | None) -> Answering | None:
    if visitor is None or need.published_at is None:
        return None
    if visitor.organisation_id == need.organisation_id:
        return Answering(await counts_of(session, need.id), None, may_answer=False, reasons=[])
    answer, today = await answer_to(session, need.id, visitor.organisation_id), day_of(now_of(session))
    may = may_answer(need, visitor, today)
    return Answering(
        counts=None,
        given=own_line(request, answer, today) if answer else None,
        may_answer=may and (answer is None or answer.is_free),
        reasons=reason_options(request, need),
        may_propose=may,
    )


ROUTES = [show_need]

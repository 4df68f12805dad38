"""Labels of a lot, and the page that a phone opens when it reads one."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.collections.codes import code_of
from services.catalog.collections.errors import NotYourLot
from services.catalog.collections.labels import labels_on_paper
from services.catalog.collections.queries import parts_of_label
from services.catalog.flows.errors import FlowUnknown, LotUnknown
from services.catalog.flows.queries import flow_seen_by, lot_seen_by
from services.catalog.takings.errors import TakingUnknown
from services.catalog.takings.queries import taking_seen_by, takings_in
from services.catalog.takings.view import line_of
from shared.identity import Role
from shared.papers.printing import kept_as
from shared.web.pages import Req, gettext, page, redirect
from shared.web.provided import Member, Now, Session


@get("/flows/lots/{lot_id:uuid}/labels", media_type="application/pdf")
async def lot_labels(
    request: Req, session: Session, member: Member, now: Now, lot_id: FromPath[UUID]
) -> Response[bytes]:
    """A sheet to cut, for whose lot it is."""
    lot = await lot_seen_by(session, lot_id, member.organisation_id)
    if lot.organisation_id != member.organisation_id:
        raise LotUnknown
    flow = await flow_seen_by(session, lot.flow_id, member.organisation_id)
    parts = await takings_in(session, [lot.id], member.organisation_id)
    title = gettext(request, "Étiquettes : {title}").format(title=flow.title)
    return kept_as(title, await labels_on_paper(request, flow, lot, parts, title=title, now=now))


@get("/scan/{label_id:uuid}")
async def scan(request: Req, session: Session, member: Member, now: Now, label_id: FromPath[UUID]) -> Response[Any]:
    """The parts that a label stands for and one's organisation gives or takes, each with its one button.

    A part that was called off or is not taken yet leads to its own page, and one's own lot without any to its flow's.
    """
    parts = await parts_of_label(session, label_id, member.organisation_id)
    if not parts:
        return redirect(request, await _elsewhere(session, label_id, member.organisation_id))
    lines = [line_of(request, part, member.organisation_id, now) for part in parts]
    return page(
        request,
        "collections/scan.html",
        code=code_of(label_id),
        title=parts[0].flow.title,
        lines=[(line, member.may(Role.EDITOR) and line.taking.may_be_done(now)) for line in lines],
    )


async def _elsewhere(session: AsyncSession, label_id: UUID, organisation_id: UUID) -> str:
    """Where a label without parts to come leads; raises `NotYourLot`, the same for nobody's code and for others'."""
    try:
        return f"/takings/{(await taking_seen_by(session, label_id, organisation_id)).id}"
    except TakingUnknown:
        pass
    try:
        lot = await lot_seen_by(session, label_id, organisation_id)
    except (LotUnknown, FlowUnknown):
        raise NotYourLot from None
    if lot.organisation_id != organisation_id:
        raise NotYourLot
    return f"/flows/{lot.flow_id}"


ROUTES = [lot_labels, scan]

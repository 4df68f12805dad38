"""The dashboard of a member: what is new for them, what they published, what is not finished."""

from typing import Any

from litestar import get
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import account_of
from services.catalog.calls.queries import open_calls
from services.catalog.campaigns.queries import open_campaigns
from services.catalog.claims.queries import claims_of
from services.catalog.claims.view import ClaimLine, claim_lines
from services.catalog.desk.steps import first_steps
from services.catalog.desk.view import Board, board_of, flow_line, long_day, need_line, offer_line
from services.catalog.exchanges.queries import count_unread
from services.catalog.flows.models import Flow
from services.catalog.needs.models import Need
from services.catalog.offers.models import Offer
from services.catalog.organisations.models import OrganisationState
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.standing import endings
from services.catalog.organisations.view import role_names, short_kinds
from services.catalog.portrait.queries import sites_of
from services.catalog.posting.queries import posted_by
from services.catalog.questions.queries import count_waiting_for
from shared.clock import day_of
from shared.database.acting import act
from shared.identity import Identity
from shared.web.pages import Html, Req, gettext, page
from shared.web.provided import Member, Now, Session
from shared.web.visit import visit_of

SHOWN = ("running", "drafts", "ended")


@get("/dashboard")
async def dashboard(request: Req, session: Session, member: Member, now: Now, show: FromQuery[str] = SHOWN[0]) -> Html:
    """One page for every role; a part that has nothing says what to do next."""
    organisation = await organisation_by_id(session, member.organisation_id)
    claims = await _claims(request, session, member)
    if organisation is not None and organisation.state is OrganisationState.WAITING:
        return page(request, "desk/waiting.html", claims=claims)
    board = await _board(request, session, member)
    show = show if show in SHOWN else SHOWN[0]
    return page(
        request,
        "desk/dashboard.html",
        organisation=organisation,
        kinds=(short_kinds(request, organisation) or role_names(request, organisation)) if organisation else [],
        board=board,
        show=show,
        tabs=_tabs(request, board, show),
        questions=await count_waiting_for(session, member.organisation_id),
        unread=await count_unread(session, member.organisation_id),
        steps=first_steps(member.roles, board),
        campaigns=await open_campaigns(session, day_of(now)),
        calls=[each for each in await open_calls(session, day_of(now)) if member.roles & set(each.open_to)],
        today=long_day(now, visit_of(request).language),
        at=now,
        claims=[each for each in claims if each.is_pending],
        ending=endings(organisation, await sites_of(session, organisation.id), visit_of(request).language, day_of(now))
        if organisation
        else [],
    )


async def _claims(request: Req, session: AsyncSession, member: Identity) -> list[ClaimLine]:
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    return claim_lines(request, await claims_of(session, account.id))


async def _board(request: Req, session: AsyncSession, member: Identity) -> Board:
    owner = member.organisation_id
    needs, flows, offers = (
        await posted_by(session, Need, owner),
        await posted_by(session, Flow, owner),
        await posted_by(session, Offer, owner),
    )
    demands = [need_line(request, need) for need in needs] + [flow_line(request, flow) for flow in flows]
    return board_of(demands, [offer_line(request, offer) for offer in offers])


def _tabs(request: Req, board: Board, show: str) -> list[tuple[str, str, Any, bool]]:
    url = visit_of(request).url
    return [
        (gettext(request, "En cours"), url("/dashboard"), len(board.demands) + len(board.offers), show == "running"),
        (gettext(request, "Brouillons"), url("/dashboard?show=drafts"), len(board.drafts), show == "drafts"),
        (gettext(request, "Terminés"), url("/dashboard?show=ended"), len(board.ended), show == "ended"),
    ]


ROUTES = [dashboard]

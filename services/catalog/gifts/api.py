"""Gifts as JSON: valued, confirmed, signed, withdrawn, receipted and stated by the same rules as on pages."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.gifts.commands import confirm_gift, save_profile, sign_sheet, value_gift, withdraw_gift
from services.catalog.gifts.errors import GiftUnknown, NamedGiftUnknown, NamedPaperUnknown, PaperUnknown
from services.catalog.gifts.figures import skills_ceiling
from services.catalog.gifts.issuing import attest_year, issue_paper, replace_paper
from services.catalog.gifts.models import Gift
from services.catalog.gifts.outgoing import GiftLine, GiftOut, Gifts, PaperOut, Papers, ProfileOut, StatementOut
from services.catalog.gifts.queries import (
    gift_seen_by,
    gifts_of,
    paper_seen_by,
    papers_of,
    papers_of_gift,
    profile_of,
    replacements_of,
)
from services.catalog.gifts.schemas import (
    Attesting,
    Confirming,
    IssuingOf,
    Profile,
    Replacing,
    SheetSigning,
    TurnoverAsked,
    Valuing,
)
from services.catalog.gifts.stating import say_turnover, statement_of
from shared.clock import day_of
from shared.database import now_of
from shared.events.gifts import GiftKind
from shared.identity import Identity
from shared.papers.printing import kept_as
from shared.phrases.gifts import PAPERS
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.pages import Req
from shared.web.provided import Editor, Member, Now, Session
from shared.web.transactions import ONCE, SEEN
from shared.web.visit import visit_of

OfYear = Annotated[int, QueryParameter(ge=2000, le=2100, description="The year in which gifts were given.")]


@get("/")
async def list_gifts(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Gifts:
    """What one's organisation gives and receives, the newest first."""
    reader = member.organisation_id
    rows = await gifts_of(session, reader, before=place_of(cursor, UUID), limit=limit + 1)
    found, last = cut(rows, limit)
    return Gifts([GiftLine.of(each, reader) for each in found], cursor_at(last.id) if last else None)


@get("/{gift_id:uuid}")
async def read_gift(session: Session, member: Member, gift_id: FromPath[UUID]) -> GiftOut:
    """One gift, to its donor and its recipient."""
    return await _out(session, member, await gift_seen_by(session, gift_id, member.organisation_id))


@post("/{gift_id:uuid}/value", status_code=200, dependencies=SEEN)
async def value(
    session: Session, editor: Editor, now: Now, gift_id: FromPath[UUID], data: JSONBody[Valuing]
) -> GiftOut:
    """Say what one's gift is worth: the donor alone does, line by line, or person by person."""
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    return await _out(session, editor, await value_gift(session, editor, data, gift, now=now))


@post("/{gift_id:uuid}/deliver", status_code=200, dependencies=SEEN)
async def deliver(
    session: Session, editor: Editor, now: Now, gift_id: FromPath[UUID], data: JSONBody[Confirming]
) -> GiftOut:
    """Say what arrived: the recipient alone does; of skills this signs the sheet."""
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    return await _out(session, editor, await confirm_gift(session, editor, data, gift, now=now))


@post("/{gift_id:uuid}/sheet", status_code=200, dependencies=SEEN)
async def sign(
    session: Session, editor: Editor, now: Now, gift_id: FromPath[UUID], data: JSONBody[SheetSigning]
) -> GiftOut:
    """Sign the attendance sheet that was said at `delivered_at`."""
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    return await _out(session, editor, await sign_sheet(session, editor, data, gift, now=now))


@post("/{gift_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, editor: Editor, now: Now, gift_id: FromPath[UUID]) -> GiftOut:
    """Take a promise of skills back before anything arrived."""
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    return await _out(session, editor, await withdraw_gift(session, editor, gift, now=now))


@post("/papers", dependencies=ONCE)
async def issue(session: Session, editor: Editor, now: Now, data: JSONBody[IssuingOf]) -> PaperOut:
    """Issue a receipt or an attestation about a gift that one received. Missing mentions are named."""
    try:
        return PaperOut.of(await issue_paper(session, editor, data.kind, data, gift_id=data.gift_id, now=now))
    except GiftUnknown:
        raise NamedGiftUnknown from None


@post("/replacements", status_code=200, dependencies=ONCE)
async def replace(session: Session, editor: Editor, now: Now, data: JSONBody[Replacing]) -> PaperOut:
    """Cancel a paper and issue another in its place, from what is said today."""
    try:
        return PaperOut.of(await replace_paper(session, editor, data, paper_id=data.paper_id, now=now))
    except PaperUnknown:
        raise NamedPaperUnknown from None


@post("/attestations", status_code=200, dependencies=ONCE)
async def attest(session: Session, editor: Editor, now: Now, data: JSONBody[Attesting]) -> PaperOut:
    """One attestation for all unsold goods that a donor gave in a year."""
    return PaperOut.of(await attest_year(session, editor, data, now=now))


@get("/papers/{paper_id:uuid}")
async def read_paper(session: Session, member: Member, paper_id: FromPath[UUID]) -> PaperOut:
    """One paper, to who issued it and to the donor."""
    paper = await paper_seen_by(session, paper_id, member.organisation_id)
    return PaperOut.of(paper, (await replacements_of(session, [paper])).get(paper.id))


@get("/papers")
async def list_papers(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Papers:
    """Every paper that one's organisation issued or was issued, the void ones, too; the newest first."""
    rows = await papers_of(session, member.organisation_id, before=place_of(cursor, UUID), limit=limit + 1)
    found, last = cut(rows, limit)
    replacements = await replacements_of(session, found)
    items = [PaperOut.of(each, replacements.get(each.id)) for each in found]
    return Papers(items, cursor_at(last.id) if last else None)


@get("/papers/{paper_id:uuid}/file", media_type="application/pdf")
async def paper_file(session: Session, member: Member, paper_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it was issued."""
    paper = await paper_seen_by(session, paper_id, member.organisation_id)
    return kept_as(f"{PAPERS[paper.kind][0]} {paper.reference}", paper.pdf)


@get("/profile")
async def read_profile(session: Session, member: Member) -> ProfileOut:
    """What papers about gifts say of one's structure."""
    return ProfileOut.of(await profile_of(session, member.organisation_id))


@post("/profile", status_code=200, dependencies=ONCE)
async def keep_profile(session: Session, editor: Editor, now: Now, data: JSONBody[Profile]) -> ProfileOut:
    """Say it anew; what was issued stays as it was."""
    return ProfileOut.of(await save_profile(session, editor, data, now=now))


@get("/statement")
async def read_statement(request: Req, session: Session, member: Member, year: OfYear) -> StatementOut:
    """A donor's year: receipts, ceiling, reduction and carry-over. To be checked, never advice.

    A person's is that of all establishments of the company that they act for; a key's that of its own.
    """
    return StatementOut.of(await statement_of(session, member, year, alone=visit_of(request).is_program))


@post("/statement", status_code=200, dependencies=ONCE)
async def say(request: Req, session: Session, editor: Editor, now: Now, data: JSONBody[TurnoverAsked]) -> StatementOut:
    """Say a year's turnover, from which the ceiling is counted."""
    await say_turnover(session, editor, data, now=now)
    return StatementOut.of(await statement_of(session, editor, data.year, alone=visit_of(request).is_program))


async def _out(session: AsyncSession, reader: Identity, gift: Gift) -> GiftOut:
    ceiling = None
    if gift.kind is GiftKind.SKILLS:
        ceiling = (await skills_ceiling(session, gift.delivered_on or day_of(now_of(session)))).cents
    papers = await papers_of_gift(session, gift.id)
    return GiftOut.of(gift, reader.organisation_id, papers, await replacements_of(session, papers), ceiling)


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/v1/gifts",
        route_handlers=[
            list_gifts,
            read_gift,
            value,
            deliver,
            sign,
            withdraw,
            issue,
            replace,
            attest,
            list_papers,
            read_paper,
            paper_file,
            read_profile,
            keep_profile,
            read_statement,
            say,
        ],
        tags=["gifts"],
    )
]

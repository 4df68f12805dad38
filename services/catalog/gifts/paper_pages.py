"""Papers about gifts on pages: shown beforehand, issued, listed with their numbers, replaced, and taken away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.gifts.dossier import Signing
from services.catalog.gifts.errors import NothingToAttest, PaperUnknown, RecipientAloneIssues
from services.catalog.gifts.issuing import attest_year, dossier_of, issue_paper, refuse_ineligible, replace_paper
from services.catalog.gifts.mentions import source_of
from services.catalog.gifts.models import Gift, GiftPaper
from services.catalog.gifts.paper import HEADED
from services.catalog.gifts.queries import (
    gift_seen_by,
    names_of,
    paper_seen_by,
    papers_of,
    replacements_of,
    unsold_gifts,
)
from services.catalog.gifts.schemas import Attesting, Issuing
from services.catalog.gifts.view import TITLES, mentions_shown, papers_shown
from services.catalog.proposals.view import named_errors
from shared.events.gifts import PaperKind
from shared.identity import Identity
from shared.papers.printing import kept_as
from shared.phrases.gifts import GIFT_FORMS, PAPERS
from shared.phrases.names import named, options
from shared.refusal import Refusal
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

PAGE = 50


@get("/gifts/papers")
async def paper_list(request: Req, session: Session, member: Member, *, before: FromQuery[UUID | None] = None) -> Html:
    """Every number that one's organisation issued or was issued, the void ones with what replaces them."""
    reader = member.organisation_id
    found, last = cut(await papers_of(session, reader, before=before, limit=PAGE + 1), PAGE)
    names = await names_of(session, [side for each in found for side in (each.donor_id, each.recipient_id)])
    lines = papers_shown(request, found, await replacements_of(session, found), reader, names)
    return page(
        request, "gifts/papers.html", papers=lines, following=f"/gifts/papers?before={last.id}" if last else None
    )


@get("/gifts/papers/{paper_id:uuid}/file", media_type="application/pdf")
async def paper_file(session: Session, member: Member, paper_id: FromPath[UUID]) -> Response[bytes]:
    """The bytes as they were issued."""
    paper = await paper_seen_by(session, paper_id, member.organisation_id)
    return kept_as(f"{PAPERS[paper.kind][0]} {paper.reference}", paper.pdf)


@get("/gifts/{gift_id:uuid}/papers/{paper_kind:str}")
async def paper_form(
    request: Req, session: Session, editor: Editor, *, now: Now, gift_id: FromPath[UUID], paper_kind: FromPath[str]
) -> Html:
    """A paper as it will be, with what is missing and where it is given."""
    gift = await _received(session, editor, gift_id)
    return await _form_page(request, session, _kind(paper_kind), [gift], Form(), now=now)


@post("/gifts/{gift_id:uuid}/papers/{paper_kind:str}", status_code=303)
async def issue(
    request: Req, session: Session, editor: Editor, *, now: Now, gift_id: FromPath[UUID], paper_kind: FromPath[str]
) -> Response[Any]:
    """Issue it."""
    gift, kind = await _received(session, editor, gift_id), _kind(paper_kind)
    form = await read_form(request, Issuing)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            paper = await issue_paper(session, editor, kind, form.data, gift_id=gift_id, now=now)
            return _issued(request, paper)
    return await _form_page(request, session, kind, [gift], form, now=now)


@get("/gifts/papers/{paper_id:uuid}/replace")
async def replace_form(request: Req, session: Session, editor: Editor, *, now: Now, paper_id: FromPath[UUID]) -> Html:
    """What would stand in a paper's place, and the form that asks why."""
    old, gifts = await _own_paper(session, editor, paper_id)
    typed = {"signatory": old.signatory, "capacity": old.capacity, "form": old.form.value}
    return await _form_page(request, session, old.kind, gifts, Form(typed=typed), now=now, old=old)


@post("/gifts/papers/{paper_id:uuid}/replace", status_code=303)
async def replace(
    request: Req, session: Session, editor: Editor, *, now: Now, paper_id: FromPath[UUID]
) -> Response[Any]:
    """Cancel it and issue another in its place."""
    old, gifts = await _own_paper(session, editor, paper_id)
    form = await read_form(request, Issuing)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            paper = await replace_paper(session, editor, form.data, paper_id=paper_id, now=now)
            if paper.cancelled_at is None:
                return _issued(request, paper)
            own = f"/gifts/{paper.gift_ids[0]}#papers"
            return redirect(request, own, say="Document annulé. Le donateur est prévenu.")
    old, gifts = await _own_paper(session, editor, paper_id)
    return await _form_page(request, session, old.kind, gifts, form, now=now, old=old)


@get("/gifts/attest")
async def year_form(
    request: Req, session: Session, editor: Editor, *, now: Now, donor_id: FromQuery[UUID], year: FromQuery[int]
) -> Html:
    """One attestation for all unsold goods of a donor's year, as it will be."""
    gifts = await _unsold(session, editor, donor_id, year)
    typed = {"donor_id": str(donor_id), "year": year}
    return await _form_page(request, session, PaperKind.UNSOLD, gifts, Form(typed=typed), now=now, year=year)


@post("/gifts/attest", status_code=303)
async def attest(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Issue it."""
    form = await read_form(request, Attesting)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            return _issued(request, await attest_year(session, editor, form.data, now=now))
    try:
        donor_id, year = UUID(str(form.typed.get("donor_id"))), int(str(form.typed.get("year")))
    except ValueError:
        raise NothingToAttest from None
    gifts = await _unsold(session, editor, donor_id, year)
    return await _form_page(request, session, PaperKind.UNSOLD, gifts, form, now=now, year=year)


def _kind(text: str) -> PaperKind:
    if text not in set(PaperKind):
        raise PaperUnknown
    return PaperKind(text)


def _issued(request: Req, paper: GiftPaper) -> Response[Any]:
    say = gettext(request, "Document n° {number} établi. Le donateur est prévenu.").format(number=paper.reference)
    return redirect(request, f"/gifts/{paper.gift_ids[0]}#papers", say=say)


async def _received(session: AsyncSession, editor: Identity, gift_id: UUID) -> Gift:
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    if gift.recipient_id != editor.organisation_id:
        raise RecipientAloneIssues
    return gift


async def _own_paper(session: AsyncSession, editor: Identity, paper_id: UUID) -> tuple[GiftPaper, list[Gift]]:
    paper = await paper_seen_by(session, paper_id, editor.organisation_id)
    if paper.recipient_id != editor.organisation_id:
        raise RecipientAloneIssues
    return paper, [await gift_seen_by(session, each, editor.organisation_id) for each in paper.gift_ids]


async def _unsold(session: AsyncSession, editor: Identity, donor_id: UUID, year: int) -> Sequence[Gift]:
    if not 2000 <= year <= 2100:
        raise NothingToAttest
    recipient = editor.organisation_id
    gifts = await unsold_gifts(session, donor_id=donor_id, recipient_id=recipient, year=year)
    if not gifts:
        raise NothingToAttest
    return gifts


async def _form_page(
    request: Req,
    session: AsyncSession,
    kind: PaperKind,
    gifts: Sequence[Gift],
    form: Form[Any],
    *,
    now: datetime,
    old: GiftPaper | None = None,
    year: int | None = None,
) -> Html:
    language = visit_of(request).language
    dossier, refused = await dossier_of(session, kind, gifts, now), ""
    try:
        refuse_ineligible(dossier, now)
    except Refusal as refusal:
        refused = gettext(request, refusal.sentence)
    parts = mentions_shown(request, dossier, Signing())
    own = f"/gifts/papers/{old.id}/replace" if old else f"/gifts/{gifts[0].id}/papers/{kind}"
    source = source_of(kind)
    return page(
        request,
        "gifts/issue.html",
        status=422 if form.errors else 200,
        form=form,
        errors=named_errors(request, form.errors, TITLES),
        kind=kind,
        name=named(PAPERS, kind, language),
        about=HEADED[kind][1],
        gift=gifts[0],
        gift_count=len(gifts),
        donor=dossier.donor.name,
        parts=parts,
        missing=[each for _, mentions in parts for each in mentions if each.is_missing],
        refused=refused,
        is_void=old is not None and all(each.delivered_at is None for each in gifts),
        forms=options(GIFT_FORMS, language),
        old=old,
        year=year,
        action=own if year is None else "/gifts/attest",
        source=source.name(language),
        source_on=source.source_on,
    )


ROUTES = [paper_list, paper_file, paper_form, issue, replace_form, replace, year_form, attest]

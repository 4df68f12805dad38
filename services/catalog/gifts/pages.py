"""Gifts on pages: an organisation's own, one with what either side may do, and what papers say of a structure."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.eligibility.articles import UNSOLD_VAT
from services.catalog.gifts.commands import confirm_gift, save_profile, sign_sheet, value_gift, withdraw_gift
from services.catalog.gifts.errors import DonorAloneValues, RecipientAloneConfirms
from services.catalog.gifts.figures import counterpart_percent, skills_ceiling
from services.catalog.gifts.models import Gift
from services.catalog.gifts.queries import (
    gift_seen_by,
    gifts_of,
    names_of,
    papers_of_gift,
    profile_of,
    replacements_of,
    settlements_behind,
    side_of,
)
from services.catalog.gifts.schemas import Confirming, Profile, SheetSigning, Valuing
from services.catalog.gifts.view import (
    TITLES,
    papers_shown,
    shown,
    stale_of,
    typed_delivery,
    typed_valuation,
)
from services.catalog.parameters.definitions import Unit
from services.catalog.parameters.view import value_words
from services.catalog.proposals.view import named_errors
from shared.clock import day_of
from shared.database.versions import ChangedMeanwhile
from shared.events.gifts import GiftKind
from shared.identity import Identity, Role
from shared.phrases.gifts import BASES, MEANS
from shared.phrases.names import TAX_RECEIPTS, options
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.visit import visit_of

PAGE = 50
# Rows that a form begins with, and adds.
ROWS = 3


@get("/gifts")
async def gift_list(request: Req, session: Session, member: Member, *, before: FromQuery[UUID | None] = None) -> Html:
    """What one's organisation gives and receives, and above it what waits for its word."""
    reader = member.organisation_id
    found, last = cut(await gifts_of(session, reader, before=before, limit=PAGE + 1), PAGE)
    names = await names_of(session, [side for each in found for side in (each.donor_id, each.recipient_id)])
    lines = [shown(request, each, reader, names) for each in found]
    return page(
        request,
        "gifts/list.html",
        waiting=[] if before else [each for each in lines if each.awaits_reader],
        lines=lines,
        following=f"/gifts?before={last.id}" if last else None,
    )


@get("/gifts/{gift_id:uuid}")
async def show_gift(request: Req, session: Session, member: Member, now: Now, gift_id: FromPath[UUID]) -> Html:
    """One gift, to both its sides."""
    return await _page(request, session, member, await gift_seen_by(session, gift_id, member.organisation_id), now)


@post("/gifts/{gift_id:uuid}/value", status_code=303)
async def value(request: Req, session: Session, editor: Editor, *, now: Now, gift_id: FromPath[UUID]) -> Response[Any]:
    """Say what one's gift is worth."""
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    if gift.donor_id != editor.organisation_id:
        raise DonorAloneValues
    form, adds = await _read(request, Valuing)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            try:
                await value_gift(session, editor, form.data, gift, seen=form.version or 0, now=now)
            except ChangedMeanwhile:
                # Locked by now, it is as it stands: sent again, the form puts itself in its place.
                form.refuse_when_changed(gift.version)
            return redirect(request, f"/gifts/{gift_id}", say="Valeur enregistrée. Le bénéficiaire est prévenu.")
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    return await _page(request, session, editor, gift, now, valuing=form, adds=adds)


@post("/gifts/{gift_id:uuid}/deliver", status_code=303)
async def confirm(
    request: Req, session: Session, editor: Editor, *, now: Now, gift_id: FromPath[UUID]
) -> Response[Any]:
    """Say what arrived."""
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    if gift.recipient_id != editor.organisation_id:
        raise RecipientAloneConfirms
    form, adds = await _read(request, Confirming)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            try:
                await confirm_gift(session, editor, form.data, gift, seen=form.version or 0, now=now)
            except ChangedMeanwhile:
                form.refuse_when_changed(gift.version)
            return redirect(request, f"/gifts/{gift_id}", say="C'est noté, et le donateur est prévenu.")
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    return await _page(request, session, editor, gift, now, confirming=form, adds=adds)


@post("/gifts/{gift_id:uuid}/sheet", status_code=303)
async def sign(request: Req, session: Session, editor: Editor, *, now: Now, gift_id: FromPath[UUID]) -> Response[Any]:
    """Sign the attendance sheet that the page showed."""
    gift = await gift_seen_by(session, gift_id, editor.organisation_id)
    form = await read_form(request, SheetSigning)
    said_at = form.data.said_at if form.data else datetime.min.replace(tzinfo=now.tzinfo)
    await sign_sheet(session, editor, SheetSigning(said_at=said_at), gift, now=now)
    return redirect(request, f"/gifts/{gift_id}", say="Feuille de présence signée par les deux structures.")


@post("/gifts/{gift_id:uuid}/withdraw", status_code=303)
async def withdraw(
    request: Req, session: Session, editor: Editor, *, now: Now, gift_id: FromPath[UUID]
) -> Response[Any]:
    """Take a promise back."""
    await withdraw_gift(session, editor, await gift_seen_by(session, gift_id, editor.organisation_id), now=now)
    return redirect(request, f"/gifts/{gift_id}", say="Promesse retirée. Le bénéficiaire est prévenu.")


@get("/gifts/profile")
async def profile_form(request: Req, session: Session, member: Member) -> Html:
    """What papers about gifts say of one's structure."""
    row = await profile_of(session, member.organisation_id)
    typed = {name: getattr(row, name) for name in Profile.model_fields} if row else {}
    return await _profile_page(request, session, member, Form(typed=typed))


@post("/gifts/profile", status_code=303)
async def keep_profile(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Say it anew."""
    form = await read_form(request, Profile)
    if form.data is None:
        return await _profile_page(request, session, editor, form)
    await save_profile(session, editor, form.data, now=now)
    return redirect(request, "/gifts/profile", say="Enregistré. Les documents déjà établis restent comme ils sont.")


async def _profile_page(request: Req, session: AsyncSession, member: Identity, form: Form[Profile]) -> Html:
    return page(
        request,
        "gifts/profile.html",
        status=422 if form.errors else 200,
        form=form,
        organisation=await side_of(session, member.organisation_id),
        may_act=member.may(Role.EDITOR),
    )


async def _read(request: Req, model: Any) -> tuple[Form[Any], bool]:
    """The form, and whether it only asks for more rows."""
    form, adds = await read_form(request, model), (await request.form()).get("then") == "line"
    if model is Confirming:
        # A line that nobody counted is none of zero: the form keeps the place of each.
        counts = (await request.form()).getall("received", [])
        form.typed["received"] = [str(each) for each in counts]
    if adds:
        form.errors, form.data = {}, None
    return form, adds


async def _page(
    request: Req,
    session: AsyncSession,
    reader: Identity,
    gift: Gift,
    now: datetime,
    *,
    valuing: Form[Any] | None = None,
    confirming: Form[Any] | None = None,
    adds: bool = False,
) -> Html:
    language, sent = visit_of(request).language, valuing or confirming
    names = await names_of(session, [gift.donor_id, gift.recipient_id])
    on = gift.delivered_on or day_of(now)
    ceiling = await skills_ceiling(session, on) if gift.kind is GiftKind.SKILLS else None
    papers = await papers_of_gift(session, gift.id)
    valuing = valuing or Form(typed=typed_valuation(gift))
    confirming = confirming or Form(typed=typed_delivery(gift))
    entity = (await side_of(session, gift.recipient_id)).legal_entity
    return page(
        request,
        "gifts/page.html",
        status=422 if sent and sent.errors else 200,
        line=shown(request, gift, reader.organisation_id, names, ceiling_cents=ceiling.cents if ceiling else None),
        names=names,
        may_act=reader.may(Role.EDITOR) and gift.withdrawn_at is None,
        ceiling=ceiling,
        percent=value_words(await counterpart_percent(session, day_of(now)), Unit.PERCENT, language),
        valuing=valuing,
        confirming=confirming,
        errors=named_errors(request, {**valuing.errors, **confirming.errors}, TITLES),
        values=_padded(valuing.typed.get("lines"), {}, len(gift.lines)),
        counts=_padded(confirming.typed.get("received"), "", len(gift.lines)),
        persons=_rows(valuing.typed.get("persons"), adds=adds),
        days=_rows(confirming.typed.get("sheet"), adds=adds),
        bases=options(BASES, language),
        means=options(MEANS, language),
        settlements=await settlements_behind(session, gift, reader.organisation_id),
        stale=stale_of(gift, papers, ceiling_cents=ceiling.cents if ceiling else None),
        papers=papers_shown(request, papers, await replacements_of(session, papers), reader.organisation_id, names),
        standing={each.kind for each in papers if each.cancelled_at is None},
        may_issue=entity.counts(TAX_RECEIPTS, day_of(now)),
        may_attest=entity.counts(UNSOLD_VAT, day_of(now)),
    )


def _rows(typed: Any, *, adds: bool) -> list[Any]:
    """The rows that were typed and empty ones below: three to begin with."""
    rows = list(typed or [])
    return [*rows, *({} for _ in range(max(ROWS - len(rows), ROWS if adds else 1)))]


def _padded(typed: Any, blank: Any, length: int) -> list[Any]:
    """What was typed of each line, and blanks where nothing was."""
    return [*(typed or []), *(blank for _ in range(length))][:length]


ROUTES = [gift_list, show_gift, value, confirm, sign, withdraw, profile_form, keep_profile]

"""What either side does on an agreement's page: signs, ticks, says that all is done, ends it."""

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath

from services.catalog.agreements.carrying import (
    cancel_agreement,
    finish_agreement,
    give_skills,
    sign_agreement,
    tick_milestone,
)
from services.catalog.agreements.errors import MilestoneUnknown
from services.catalog.agreements.pages import agreement_page
from services.catalog.agreements.queries import agreement_seen_by
from services.catalog.agreements.schemas import Cancelling, Signing, Ticking
from shared.web.forms import kept_when_refused, read_form
from shared.web.pages import Req, redirect
from shared.web.provided import Editor, Now, Session


@post("/agreements/{agreement_id:uuid}/sign", status_code=303)
async def sign(
    request: Req, session: Session, editor: Editor, *, now: Now, agreement_id: FromPath[UUID]
) -> Response[Any]:
    """Sign for one's organisation the document that the page showed."""
    form = await read_form(request, Signing)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            signed = await sign_agreement(session, editor, form.data, agreement_id=agreement_id, now=now)
            return redirect(
                request,
                f"/agreements/{agreement_id}",
                say="Les deux ont signé : l'accord court." if signed.running_at else "Signé pour votre structure.",
            )
    agreement = await agreement_seen_by(session, agreement_id, editor.organisation_id)
    return await agreement_page(request, session, editor, agreement, signing=form)


@post("/agreements/{agreement_id:uuid}/milestones", status_code=303)
async def tick(
    request: Req, session: Session, editor: Editor, *, now: Now, agreement_id: FromPath[UUID]
) -> Response[Any]:
    """Tick a milestone, or take that back."""
    await agreement_seen_by(session, agreement_id, editor.organisation_id)
    form = await read_form(request, Ticking)
    # The page's own buttons are always right; anything else is a milestone that there is not.
    if form.data is None:
        raise MilestoneUnknown
    await tick_milestone(session, editor, form.data, agreement_id=agreement_id, now=now)
    return redirect(request, f"/agreements/{agreement_id}#milestones", say="C'est noté, et l'autre partie le sait.")


@post("/agreements/{agreement_id:uuid}/complete", status_code=303)
async def complete(
    request: Req, session: Session, editor: Editor, *, now: Now, agreement_id: FromPath[UUID]
) -> Response[Any]:
    """Say that all is done."""
    agreement = await finish_agreement(session, editor, agreement_id=agreement_id, now=now)
    is_over = agreement.completed_at is not None
    return redirect(
        request,
        f"/agreements/{agreement_id}",
        say="Accord terminé : les deux le disent." if is_over else "C'est noté : l'autre partie doit confirmer.",
    )


@post("/agreements/{agreement_id:uuid}/cancel", status_code=303)
async def cancel(
    request: Req, session: Session, editor: Editor, *, now: Now, agreement_id: FromPath[UUID]
) -> Response[Any]:
    """End it with a reason."""
    form = await read_form(request, Cancelling)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            seen = form.version or 0
            await cancel_agreement(session, editor, form.data, agreement_id=agreement_id, seen=seen, now=now)
            return redirect(
                request, f"/agreements/{agreement_id}", say="Accord annulé. L'autre partie lira votre raison."
            )
    agreement = await agreement_seen_by(session, agreement_id, editor.organisation_id)
    return await agreement_page(request, session, editor, agreement, cancelling=form)


@post("/agreements/{agreement_id:uuid}/gift", status_code=303)
async def give(
    request: Req, session: Session, editor: Editor, *, now: Now, agreement_id: FromPath[UUID]
) -> Response[Any]:
    """Say that one lends people for free: a gift of skills is promised."""
    gift = await give_skills(session, editor, agreement_id=agreement_id, now=now)
    return redirect(request, f"/gifts/{gift.id}", say="Don de compétences promis. L'autre structure est prévenue.")


ROUTES = [sign, tick, complete, cancel, give]

"""An organisation's settlements, the page of one with what its reader may do, and the statement of a month."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.payments.commands import (
    bill_settlement,
    confirm_settlement,
    credit_settlement,
    declare_settlement,
    dispute_settlement,
    give_back,
    take_back,
)
from services.catalog.payments.errors import MonthUnknown
from services.catalog.payments.mandates.queries import mandate_between
from services.catalog.payments.mandates.words import source, words_of
from services.catalog.payments.models import Settlement, State
from services.catalog.payments.online.till import refund_online
from services.catalog.payments.online.view import online_shown
from services.catalog.payments.queries import (
    balances_of,
    month_of,
    moves_between,
    moves_under,
    settlement_seen_by,
    settlements_awaiting,
    settlements_of,
)
from services.catalog.payments.schemas import (
    Billing,
    Crediting,
    Declaring,
    Disputing,
    GivingBack,
    GivingBackOnline,
    TakingBack,
)
from services.catalog.payments.view import (
    HEADINGS,
    TITLES,
    moves_shown,
    reasons,
    shown,
    statement_rows,
    sums_shown,
)
from services.catalog.proposals.view import named_errors
from services.catalog.vat.lines import choice_of, choices_on
from shared.clock import PARIS, day_of
from shared.identity import Identity, Role
from shared.phrases.names import options
from shared.phrases.payments import MEANS
from shared.web import i18n
from shared.web.asked import Asked
from shared.web.cursors import cut
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.tables import Form as FileForm
from shared.web.tables import download, written
from shared.web.visit import visit_of

HOME = "/payments"
PAGE = 50


class Act(NamedTuple):
    """What one of the sides says with a form, what does it, and what is answered."""

    verb: str
    model: type[Asked]
    command: Callable[..., Awaitable[Settlement]]
    say: str


BILL = Act("bill", Billing, bill_settlement, say="Facture notée : l'autre structure sait combien payer.")
CREDIT = Act("credit", Crediting, credit_settlement, say="Avoir noté : l'autre structure le sait.")
DECLARE = Act("declare", Declaring, declare_settlement, say="Paiement déclaré : l'autre structure confirmera.")
DISPUTE = Act("dispute", Disputing, dispute_settlement, say="Paiement contesté : l'autre structure lit pourquoi.")
GIVE_BACK = Act("give-back", GivingBack, give_back, say="Remboursement déclaré : l'autre structure confirmera.")
TAKE_BACK = Act("take-back", TakingBack, take_back, say="C'est noté : l'autre structure le sait.")
REFUND = Act("refund", GivingBackOnline, refund_online, say="Remboursement demandé : Stripe l'envoie.")


@get(HOME)
async def settlement_list(
    request: Req, session: Session, member: Member, now: Now, before: FromQuery[UUID | None] = None
) -> Html:
    """What waits for one's organisation, then all that it pays or is paid."""
    own = member.organisation_id
    rows = await settlements_of(session, own, before=before, limit=PAGE + 1)
    found, last = cut(rows, PAGE)
    waiting = [] if before else await settlements_awaiting(session, own)
    return page(
        request,
        "payments/list.html",
        waiting=[shown(request, each, own, now) for each in waiting],
        lines=[shown(request, each, own, now) for each in found],
        sums=sums_shown(request, await balances_of(session, own, now)),
        month=f"{day_of(now):%Y-%m}",
        following=f"{HOME}?before={last.id}" if last else None,
    )


@get(f"{HOME}/{{settlement_id:uuid}}")
async def show_settlement(
    request: Req, session: Session, member: Member, now: Now, settlement_id: FromPath[UUID]
) -> Html:
    """One settlement: how far it is, what one may say about it, and its moves in the ledger."""
    return await one_page(request, session, member, now, settlement_id=settlement_id)


@get(f"{HOME}/statement")
async def show_statement(request: Req, session: Session, member: Member, now: Now, month: FromQuery[str] = "") -> Html:
    """What moved on one's organisation's accounts in a month, and what they held at its end."""
    first = _month(month, now)
    since, until = _ends(first)
    moves = await moves_between(session, member.organisation_id, since, until)
    language = visit_of(request).language
    before, after = first - timedelta(days=1), day_of(until)
    return page(
        request,
        "payments/statement.html",
        month=f"{first:%Y-%m}",
        title=i18n.month(f"{first:%Y-%m}", language),
        sums=sums_shown(request, await balances_of(session, member.organisation_id, until)),
        moves=moves_shown(request, moves, member.organisation_id),
        earlier=(f"{before:%Y-%m}", i18n.month(f"{before:%Y-%m}", language)),
        later=(f"{after:%Y-%m}", i18n.month(f"{after:%Y-%m}", language)) if after <= day_of(now) else None,
    )


@get(f"{HOME}/statement/file")
async def statement_file(
    request: Req, session: Session, member: Member, now: Now, *, month: FromQuery[str] = "",
    form: FromQuery[str] = FileForm.CSV,
) -> Response[Any]:  # fmt: skip
    """The same as a table."""
    first = _month(month, now)
    if form not in list(FileForm):
        raise MonthUnknown
    moves = await moves_between(session, member.organisation_id, *_ends(first))
    rows = statement_rows(moves, member.organisation_id, request.app.state.settings.public_url)
    content = await asyncio.to_thread(written, FileForm(form), "releve", HEADINGS, rows)
    return download(content, f"boucle-reglements-{first:%Y-%m}", FileForm(form))


@post(f"{HOME}/{{settlement_id:uuid}}/confirm", status_code=303)
async def confirm(
    request: Req, session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]
) -> Response[Any]:
    """Say that the money is there."""
    await confirm_settlement(session, editor, settlement_id=settlement_id, now=now)
    return redirect(request, f"{HOME}/{settlement_id}", say="Paiement confirmé.")


def saying(act: Act) -> HTTPRouteHandler:
    """The route by which one of the sides says something; refused, its form comes back as it was typed."""

    @post(f"{HOME}/{{settlement_id:uuid}}/{act.verb}", status_code=303)
    async def said(
        request: Req, session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await read_form(request, act.model)
        if form.data is not None:
            async with kept_when_refused(request, session, form):
                await act.command(session, editor, form.data, settlement_id=settlement_id, seen=form.version, now=now)
                return redirect(request, f"{HOME}/{settlement_id}", say=act.say)
        return await one_page(request, session, editor, now, settlement_id=settlement_id, sent=(act, form))

    return said


async def one_page(
    request: Req,
    session: AsyncSession,
    reader: Identity,
    now: datetime,
    *,
    settlement_id: UUID,
    sent: tuple[Act, Form[Any]] | None = None,
) -> Html:
    """One settlement, with the form that was sent as it was typed."""
    own, language = reader.organisation_id, visit_of(request).language
    settlement = await settlement_seen_by(session, settlement_id, own)
    form = sent[1] if sent else Form()
    forms: dict[Act, Form[Any]] = {sent[0]: form} if sent else {}
    may_act, pays = reader.may(Role.EDITOR), settlement.payer_id == own
    online = await online_shown(request, session, settlement, pays=pays)
    mandate = await mandate_between(session, payee_id=settlement.payee_id, payer_id=settlement.payer_id)
    may_write = may_act and (not pays or mandate is not None)
    return page(
        request,
        "payments/page.html",
        status=422 if form.errors else 200,
        line=shown(request, settlement, own, now, is_held=online.held_until is not None),
        moves=moves_shown(request, await moves_under(session, settlement.id), own),
        errors=named_errors(request, form.errors, TITLES),
        mandate=mandate,
        mandate_words=words_of(request).format(payee=settlement.payee_name, payer=settlement.payer_name),
        mandate_source=source(),
        may_give_mandate=reader.may(Role.OWNER) and not pays and mandate is None,
        may_bill=may_write and settlement.is_open,
        may_credit=may_write and settlement.may_credit,
        may_declare=may_act and pays and settlement.is_open,
        may_confirm=may_act and not pays and settlement.state is State.DECLARED and not settlement.is_online,
        may_return=may_act and not pays and settlement.may_bring_back and not settlement.is_online,
        may_refund=may_act and not pays and settlement.may_bring_back and settlement.is_online,
        may_take=may_act and pays and settlement.returning_cents > 0 and not settlement.is_online,
        may_pay=may_act and pays and online.is_ready,
        may_take_held=may_act and pays,
        may_release=may_act and not pays,
        online=online,
        billing=forms.get(BILL, Form()),
        crediting=forms.get(CREDIT, Form()),
        declaring=forms.get(DECLARE, Form()),
        disputing=forms.get(DISPUTE, Form()),
        giving=forms.get(GIVE_BACK, Form()),
        refunding=forms.get(REFUND, Form()),
        means=options(MEANS, language),
        reasons=reasons(language),
        vat_rates=choices_on(settlement.invoiced_on or day_of(now)),
        vat_rate=choice_of(settlement.vat_lines),
        today=day_of(now).isoformat(),
    )


def _month(words: str, now: datetime) -> date:
    first = month_of(words) if words else day_of(now).replace(day=1)
    if first is None:
        raise MonthUnknown
    return first


def _ends(first: date) -> tuple[datetime, datetime]:
    """The first moment of a month, and of the next one, on Paris's clocks."""
    following = (first + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time(), PARIS), datetime.combine(following, time(), PARIS)


ROUTES = [
    settlement_list,
    show_settlement,
    show_statement,
    statement_file,
    confirm,
    *map(saying, (BILL, CREDIT, DECLARE, DISPUTE, GIVE_BACK, TAKE_BACK, REFUND)),
]

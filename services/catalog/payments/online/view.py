"""What a settlement's page says about paying online: whether it can be, how far it is, and what went wrong."""

from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.payments.models import Settlement, State
from services.catalog.payments.online.queries import account_of, held_for, payments_of
from services.catalog.payments.online.seen import Step
from services.catalog.payments.online.till import LEAST_CENTS
from shared.web.pages import Req, gettext


class Online(NamedTuple):
    """`is_ready` when it can be paid online now; `note` what there is to know, `url` where a transfer is explained.

    `held_until` is when a card that holds it is let go. `asks_payee` when its payee could be paid online and has no
    account yet; `came_back` when its payer was at Stripe's page, and no notice is here yet.
    """

    is_here: bool
    is_ready: bool
    note: str = ""
    url: str = ""
    held_until: datetime | None = None
    asks_payee: bool = False
    came_back: bool = False


async def online_shown(request: Req, session: AsyncSession, settlement: Settlement, *, pays: bool) -> Online:
    """What its reader may know, and do, about paying it online."""
    if request.app.state.gateway is None:
        return Online(is_here=False, is_ready=False)
    say = partial(gettext, request)
    account = await account_of(session, settlement.payee_id)
    can_be_paid = account is not None and account.is_enabled
    is_ready = settlement.is_open and can_be_paid and settlement.cents >= LEAST_CENTS
    if settlement.state is State.DECLARED and settlement.is_online:
        held = await held_for(session, settlement.id)
        return Online(is_here=True, is_ready=False, held_until=held.held_until if held else None)
    latest = next(iter(await payments_of(session, settlement.id)), None) if settlement.is_open else None
    note = url = ""
    if latest is not None and pays:
        if latest.step is Step.FAILED:
            note = say("Votre dernier paiement n'a pas abouti. Rien n'est perdu : payez de nouveau, ou autrement.")
        elif latest.url:
            note, url = (
                say("Votre virement est attendu : faites-le avec la référence que Stripe vous a donnée."),
                latest.url,
            )
    if settlement.is_open and not can_be_paid and pays:
        note = say("L'autre structure ne reçoit pas encore de paiements en ligne : payez-la vous-même.")
    return Online(
        is_here=True,
        is_ready=is_ready,
        note=note,
        url=url,
        asks_payee=settlement.is_open and not can_be_paid and not pays,
        came_back=settlement.is_open and not note and request.query_params.get("checkout") == "done",
    )

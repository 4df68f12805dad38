"""Where pages and programs meet Stripe: what they ask is kept, asked while they wait, and what came of it kept."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.payments.commands import settlement_of_payer
from services.catalog.payments.errors import OfflineHere, OwnersAlone, StripeAway
from services.catalog.payments.online.calling import asked_now
from services.catalog.payments.online.following import FOLLOWS
from services.catalog.payments.online.gateway import Gateway
from services.catalog.payments.online.models import StripeCall
from services.catalog.payments.online.queries import account_of
from services.catalog.payments.online.supplying import begin_account, begin_link
from services.catalog.payments.online.till import Shop, begin_checkout, begin_customer, payable
from shared.database.versions import hand_on
from shared.identity import Identity, Role
from shared.web.pages import Req
from shared.web.transactions import begun
from shared.web.visit import visit_of


def gateway_of(request: Req) -> Gateway:
    """The way to Stripe; raises `OfflineHere`."""
    gateway: Gateway | None = request.app.state.gateway
    if gateway is None:
        raise OfflineHere
    return gateway


def shop_of(request: Req) -> Shop:
    """This installation as a payer sees it, in the payer's language."""
    return Shop(gateway_of(request).settings, request.app.state.settings.public_url, visit_of(request).language)


def refuse_others(member: Identity) -> None:
    """Whoever may sign for an organisation asks for its account; raises `OwnersAlone`."""
    if not member.may(Role.OWNER):
        raise OwnersAlone


async def opened_checkout(
    request: Req,
    payer: Identity,
    *,
    settlement_id: UUID,
    now: datetime,
    holds: bool = False,
    seen: int | None = None,
    asked: AsyncSession | None = None,
) -> StripeCall:
    """The checkout of a settlement, open; with `holds` its card is taken only once it is done.

    `asked` is a session that knows which version its caller has seen. Neither of the transactions is open while Stripe
    thinks. Raises what does not allow it.
    """
    opening = partial(begun, request)
    async with opening() as session:
        hand_on(asked, session)
        # Whose it is comes first: nobody else hears how payments are made here.
        settlement = await settlement_of_payer(session, payer, settlement_id, seen)
        gateway, shop = gateway_of(request), shop_of(request)
        await payable(session, settlement)
        customer = await begin_customer(session, payer, payer.organisation_name, now)
    customer = await asked_now(gateway, opening, customer, FOLLOWS)
    async with opening() as session:
        call = await begin_checkout(
            session, shop, payer, settlement_id=settlement_id, customer=customer.object_id, now=now, holds=holds
        )
    return await asked_now(gateway, opening, call, FOLLOWS)


async def opened_onboarding(request: Req, owner: Identity, now: datetime) -> StripeCall:
    """An address where Stripe asks what it has to know of an organisation, whose account is made if there is none."""
    gateway, shop, opening = gateway_of(request), shop_of(request), partial(begun, request)
    async with opening() as session:
        account = await account_of(session, owner.organisation_id)
        call = await begin_account(session, owner, now) if account is None else None
    if call is not None:
        await asked_now(gateway, opening, call, FOLLOWS)
    async with opening() as session:
        account = await account_of(session, owner.organisation_id)
        if account is None:
            raise StripeAway
        link = await begin_link(session, shop, owner, account, now)
    return await asked_now(gateway, opening, link, FOLLOWS)

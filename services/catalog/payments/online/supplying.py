"""An organisation's account with Stripe: asked for, onboarded at an address of Stripe's, known by what Stripe says."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.payments.online.calling import begin, begin_unless
from services.catalog.payments.online.models import PaymentAccount, StripeCall, What
from services.catalog.payments.online.queries import calls_about
from services.catalog.payments.online.till import Shop
from shared.identity import Identity

ACCOUNT_PAGE = "/payments/account"


async def begin_account(session: AsyncSession, owner: Identity, now: datetime) -> StripeCall:
    """The account that an organisation is paid on; the platform answers for its losses and keeps its fees."""
    call = await begin_unless(
        session,
        What.ACCOUNT,
        owner.organisation_id,
        parameters={
            "display_name": owner.organisation_name,
            "dashboard": "express",
            "identity": {"country": "FR"},
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
            "defaults": {
                "currency": "eur",
                "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
            },
            "metadata": {"organisation": str(owner.organisation_id)},
        },
        now=now,
    )
    if call.tries == 0 and call.made_at == now:
        await note(
            session, owner.member_id, owner.organisation_id, "payment-account.asked", about=owner.organisation_id
        )
    return call


async def begin_link(
    session: AsyncSession, shop: Shop, owner: Identity, account: PaymentAccount, now: datetime
) -> StripeCall:
    """An address where Stripe asks what it has to know; it is open for minutes, and for one visit."""
    asked = await calls_about(session, owner.organisation_id, What.LINK)
    page = f"{shop.public_url}/{shop.language}{ACCOUNT_PAGE}"
    onboarding = {
        "refresh_url": f"{page}?link=over",
        "return_url": f"{page}?link=done",
    }
    return await begin(
        session,
        What.LINK,
        owner.organisation_id,
        organisation_id=owner.organisation_id,
        parameters={
            "account": account.account_id,
            "use_case": {"type": "account_onboarding", "account_onboarding": onboarding},
        },
        now=now,
        number=len(asked) + 1,
        is_awaited=True,
    )

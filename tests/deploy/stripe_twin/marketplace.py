"""What a marketplace does with Stripe, in a few words, for tests of the twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import stripe

from tests.stripe_twin import RunningTwin

RECIPIENT: Any = {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}}


@dataclass
class Marketplace:
    """Every call is Stripe's own client's."""

    twin: RunningTwin
    client: stripe.StripeClient

    async def account(self, name: str = "Ressourcerie du Canal") -> str:
        """A supplier of whom nothing is known yet."""
        made = await self.client.v2.core.accounts.create_async({"display_name": name, "configuration": RECIPIENT})
        return made.id

    async def link(self, account: str) -> str:
        """Where it is onboarded."""
        use: Any = {"refresh_url": "https://boucle.test/again", "return_url": "https://boucle.test/done"}
        made = await self.client.v2.core.account_links.create_async(
            {"account": account, "use_case": {"type": "account_onboarding", "account_onboarding": use}}
        )
        return made.url

    async def supplier(self) -> str:
        """One that may receive."""
        account = await self.account()
        await self.twin.do("account", account, status="active")
        return account

    async def session(self, cents: int = 12_000, *, key: str | None = None, **params: Any) -> stripe.checkout.Session:
        """A payment that is asked for."""
        asked: Any = {
            "mode": "payment",
            "success_url": "https://boucle.test/paid?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://boucle.test/order",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {"currency": "eur", "unit_amount": cents, "product_data": {"name": "Palettes"}},
                }
            ],
            **params,
        }
        return await self.client.v1.checkout.sessions.create_async(asked, {"idempotency_key": key} if key else {})

    async def paid(self, cents: int = 12_000, *, means: str = "card", **params: Any) -> stripe.PaymentIntent:
        """A payment that was made as far as its means goes at once."""
        session = await self.session(cents, **params)
        done = await self.twin.do("pay", session.id, means=means)
        return await self.client.v1.payment_intents.retrieve_async(done["payment_intent"])

    async def customer(self) -> str:
        """A company that pays."""
        return (await self.client.v1.customers.create_async({"name": "Ville", "email": "achats@ville.test"})).id

    async def sums(self) -> dict[str, int]:
        """What every account holds, '' for the platform."""
        found: dict[str, int] = await self.twin.told("sums")
        return found

"""Stripe, asked: the only module that imports its library. What it answers leaves here as small tuples of ours.

Each call that changes something goes out with a key of ours; asked again with the same key, Stripe answers again what
it answered first.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import stripe
from stripe import HTTPXClient, StripeClient

from services.catalog.payments.online.modes import Stripe as Settings
from services.catalog.payments.online.seen import (
    AccountSeen,
    Answer,
    CheckoutSeen,
    DisputeSeen,
    Event,
    PaymentSeen,
    account_seen,
    dispute_seen,
    event_seen,
    payment_seen,
)
from shared.settings import PaymentMode

PATIENCE_S = 10.0
# The same key is asked again by the library itself, before the timer does: a lock of Stripe's is gone in a moment.
RETRIES = 3
# The library refuses what is older; what comes from the future it takes.
TOLERANCE_S = 300
PAGE = 100
WITH_CHARGE = ["latest_charge", "latest_charge.application_fee"]
ACCOUNT_PARTS = ["configuration.recipient", "requirements"]


class Refused(Exception):
    """Stripe understood and says no: asking again changes nothing."""


class Away(Exception):
    """Nobody knows whether it was done: asked again later, with the same key."""


class Forged(Exception):
    """A notice that Stripe did not sign, or not now."""


class Gateway:
    """One installation's way to Stripe."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._secrets = [each.get_secret_value() for each in settings.webhook_secrets]
        self._http: Any = HTTPXClient(timeout=PATIENCE_S)
        # What is asked is data, kept before it goes out: Stripe and the twin check its shape.
        self._client: Any = StripeClient(
            settings.api_key.get_secret_value(),
            base_addresses=cast("Any", settings.base_addresses),
            http_client=self._http,
            max_network_retries=RETRIES,
        )
        v1, core = self._client.v1, self._client.v2.core
        self._doing: Mapping[str, Any] = {
            "customer": v1.customers.create_async,
            "account": core.accounts.create_async,
            "link": core.account_links.create_async,
            "checkout": v1.checkout.sessions.create_async,
            "transfer": v1.transfers.create_async,
            "refund": v1.refunds.create_async,
        }
        self._doing_to: Mapping[str, Any] = {
            "reversal": v1.transfers.reversals.create_async,
            "capture": v1.payment_intents.capture_async,
            "cancel": v1.payment_intents.cancel_async,
            "expire": v1.checkout.sessions.expire_async,
        }

    async def close(self) -> None:
        """Hang up."""
        await self._http.close_async()

    async def ask(self, what: str, parameters: Mapping[str, Any], *, key: str) -> Answer:
        """Do something, once for each key; what it is done to is the parameter `to`. Raises `Refused` or `Away`."""
        asked = {**parameters}
        options = {"idempotency_key": key}
        if what in self._doing_to:
            made = await _said(self._doing_to[what](asked.pop("to"), asked, options))
        else:
            made = await _said(self._doing[what](asked, options))
        return Answer(made.get("id") or "", made.get("url") or "", _moment(made.get("expires_at")))

    async def payment(self, intent_id: str) -> PaymentSeen:
        """A payment as it is now."""
        read = self._client.v1.payment_intents.retrieve_async
        return payment_seen(await _said(read(intent_id, {"expand": [*WITH_CHARGE]})))

    async def checkout(self, session_id: str) -> CheckoutSeen:
        """A checkout as it is now, with its payment once its payer chose how."""
        session = await _said(self._client.v1.checkout.sessions.retrieve_async(session_id))
        intent = session.get("payment_intent")
        return CheckoutSeen(session_id, session["status"] == "open", await self.payment(intent) if intent else None)

    async def dispute(self, dispute_id: str) -> DisputeSeen:
        """A bank's dispute as it is now."""
        return dispute_seen(await _said(self._client.v1.disputes.retrieve_async(dispute_id)))

    async def account(self, account_id: str) -> AccountSeen:
        """A supplier's account as it is now."""
        read = self._client.v2.core.accounts.retrieve_async
        return account_seen(await _said(read(account_id, {"include": [*ACCOUNT_PARTS]})))

    def event_of(self, body: bytes, signature: str) -> Event:
        """What a notice tells, if one of our secrets signed these very bytes, now. Raises `Forged`."""
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_S)
            except (stripe.SignatureVerificationError, UnicodeDecodeError, ValueError):
                continue
            _refuse_future(signature)
            return event_seen(body)
        raise Forged

    async def events_since(self, moment: datetime) -> AsyncIterator[Event]:
        """What Stripe told since a moment, whether it arrived or not: of payments, then of accounts."""
        asked: dict[str, Any] = {"created": {"gte": int(moment.timestamp())}, "limit": PAGE}
        while True:
            page = await _said(self._client.v1.events.list_async({**asked}))
            for each in page["data"]:
                yield event_seen(each)
            if not page["has_more"]:
                break
            asked["starting_after"] = page["data"][-1]["id"]
        since = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        try:
            listed = await self._client.v2.core.events.list_async({"created": {"gte": since}, "limit": PAGE})
            async for thin in listed.auto_paging_iter():
                yield event_seen(thin.to_dict())
        except stripe.StripeError as error:
            raise Away(type(error).__name__) from error


def gateway_from(mode: PaymentMode, settings: Settings | None) -> Gateway | None:
    """The way to Stripe, where there is one."""
    return None if mode is PaymentMode.OFFLINE or settings is None else Gateway(settings)


async def _said(asked: Awaitable[Any]) -> dict[str, Any]:
    try:
        answer = await asked
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise Away(type(error).__name__) from error
    except stripe.StripeError as error:
        # 409: another call holds the key. 401: our own key is wrong, and nothing was done.
        if error.http_status is None or error.http_status >= 500 or error.http_status in (401, 409):
            raise Away(f"{type(error).__name__} {error.http_status}") from error
        raise Refused(error.user_message or str(error)) from error
    found: dict[str, Any] = answer.to_dict()
    return found


def _refuse_future(signature: str) -> None:
    moments = [part.partition("=")[2] for part in signature.split(",") if part.startswith("t=")]
    if any(int(each) > time.time() + TOLERANCE_S for each in moments):
        raise Forged


def _moment(told: Any) -> datetime | None:
    if isinstance(told, int):
        return datetime.fromtimestamp(told, UTC)
    return datetime.fromisoformat(told) if told else None

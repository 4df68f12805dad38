"""What Stripe's objects say that concerns us, read from their JSON; a pure module."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from shared.events.payments import Means


class Answer(NamedTuple):
    """What came of a call: the id of what was made, where a person goes on, and until when."""

    object_id: str
    url: str = ""
    ends_at: datetime | None = None


class Step(StrEnum):
    """How far a payment is."""

    AWAITED = "awaited"
    """Its payer has to do something yet: choose, or send a transfer."""
    UNDERWAY = "underway"
    """A debit that a bank has not answered yet."""
    HELD = "held"
    """A card holds it until it is captured."""
    PAID = "paid"
    FAILED = "failed"
    """Refused or given up; another try is open."""


class PaymentSeen(NamedTuple):
    """A payment as it is now; `settlement_id` None: not one of ours. `url` is where a transfer is explained."""

    intent_id: str
    settlement_id: UUID | None
    step: Step
    cents: int
    fee_cents: int
    means: Means
    is_separate: bool = False
    charge_id: str = ""
    transfer_id: str = ""
    refunded_cents: int = 0
    fee_refunded_cents: int = 0
    failure: str = ""
    url: str = ""
    held_until: datetime | None = None


class CheckoutSeen(NamedTuple):
    """A checkout as it is now, and its payment; None before its payer chose how."""

    session_id: str
    is_open: bool
    payment: PaymentSeen | None


class Bank(StrEnum):
    """What a payer's bank says of a payment that it disputes."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class DisputeSeen(NamedTuple):
    """A dispute as it is now; `bank` None while it only asks, and has taken nothing."""

    dispute_id: str
    intent_id: str
    cents: int
    bank: Bank | None


class Standing(StrEnum):
    """Whether a supplier's account can be paid."""

    ASKED = "asked"
    ENABLED = "enabled"
    RESTRICTED = "restricted"


class AccountSeen(NamedTuple):
    """A supplier's account as it is now, with what Stripe still asks of it, in Stripe's words."""

    account_id: str
    standing: Standing
    asked: list[str]


class Event(NamedTuple):
    """That something happened: of which kind, to which object. `is_foreign` in the name of a supplier's account."""

    event_id: str
    kind: str
    object_id: str
    told_at: datetime
    is_foreign: bool = False


STEPS = {
    "requires_payment_method": Step.AWAITED,
    "requires_confirmation": Step.AWAITED,
    "requires_action": Step.AWAITED,
    "processing": Step.UNDERWAY,
    "requires_capture": Step.HELD,
    "succeeded": Step.PAID,
    "canceled": Step.FAILED,
}
MEANS = {"card": Means.CARD, "sepa_debit": Means.DEBIT, "customer_balance": Means.TRANSFER}
BANKS = {"won": Bank.WON, "lost": Bank.LOST, "needs_response": Bank.OPEN, "under_review": Bank.OPEN}
RESTRICTED = ("restricted", "rejected", "unsupported")


def payment_seen(intent: dict[str, Any]) -> PaymentSeen:
    """A payment intent with its charge expanded."""
    step, error = STEPS[intent["status"]], intent.get("last_payment_error") or {}
    if step is Step.AWAITED and error:
        step = Step.FAILED
    charge = intent.get("latest_charge") or {}
    details = charge.get("payment_method_details") or {}
    fee = charge.get("application_fee") or {}
    waited = (intent.get("next_action") or {}).get("display_bank_transfer_instructions") or {}
    held = (details.get("card") or {}).get("capture_before")
    return PaymentSeen(
        intent_id=intent["id"],
        settlement_id=_id(intent["metadata"].get("settlement")),
        step=step,
        cents=intent["amount"],
        # Without a destination the platform keeps what it does not pass on, and says so itself.
        fee_cents=intent.get("application_fee_amount") or int(intent["metadata"].get("fee_cents", 0)),
        means=MEANS.get(details.get("type") or ("customer_balance" if waited else ""), Means.OTHER),
        is_separate=intent["metadata"].get("separate") == "yes",
        charge_id=charge.get("id") or "",
        transfer_id=charge.get("transfer") or "",
        refunded_cents=(charge.get("amount_refunded") or 0) if step is Step.PAID else 0,
        fee_refunded_cents=fee.get("amount_refunded") or 0,
        failure=error.get("message") or "",
        url=waited.get("hosted_instructions_url") or "",
        held_until=datetime.fromtimestamp(held, UTC) if held else None,
    )


def dispute_seen(dispute: dict[str, Any]) -> DisputeSeen:
    """A dispute."""
    return DisputeSeen(
        dispute["id"], dispute.get("payment_intent") or "", dispute["amount"], BANKS.get(dispute["status"])
    )


def account_seen(account: dict[str, Any]) -> AccountSeen:
    """An account with its recipient's configuration and its requirements."""
    recipient = (account.get("configuration") or {}).get("recipient") or {}
    capability = ((recipient.get("capabilities") or {}).get("stripe_balance") or {}).get("stripe_transfers") or {}
    entries = (account.get("requirements") or {}).get("entries") or []
    asked = [each["description"] for each in entries if each.get("awaiting_action_from") == "user"]
    status = capability.get("status")
    if status == "active":
        return AccountSeen(account["id"], Standing.ENABLED, asked)
    return AccountSeen(account["id"], Standing.RESTRICTED if status in RESTRICTED else Standing.ASKED, asked)


def event_seen(told: bytes | dict[str, Any]) -> Event:
    """A whole event of payments, or a notice of accounts (v2)."""
    event = told if isinstance(told, dict) else json.loads(told)
    created = event["created"]
    if event["object"] == "v2.core.event":
        return Event(
            event["id"],
            event["type"],
            (event.get("related_object") or {}).get("id") or "",
            datetime.fromisoformat(created),
            is_foreign=bool(event.get("context")),
        )
    return Event(
        event["id"],
        event["type"],
        _about(event["data"]["object"]),
        datetime.fromtimestamp(created, UTC),
        is_foreign=bool(event.get("account")),
    )


def _about(body: dict[str, Any]) -> str:
    """The object that is read again: a payment for its charges and refunds, otherwise what the event names."""
    if body["object"] in ("charge", "refund"):
        return body.get("payment_intent") or ""
    return str(body.get("id") or "")


def _id(words: str | None) -> UUID | None:
    try:
        return UUID(words or "")
    except ValueError:
        return None

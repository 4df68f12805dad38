"""Payment intents: a payment from its wish to its money, by card at once, by debit or transfer after days."""

from __future__ import annotations

from typing import Any, Literal

from deploy.stripe_twin.accounts import must_receive
from deploy.stripe_twin.call import DAY, Call, in_euros, listed
from deploy.stripe_twin.charges import DECLINED, HELD_DAYS, method_of, new_charge, take
from deploy.stripe_twin.errors import Refusal, missing, wrong_state
from deploy.stripe_twin.events import emit
from deploy.stripe_twin.store import Json, new_id

MEANS = ("card", "sepa_debit", "customer_balance")
SMALLEST_CENTS = 50
# What tests pay with, as in Stripe's test mode: whether the bank agrees.
TEST_METHODS = {
    "pm_card_visa": True,
    "pm_card_fr": True,
    "pm_card_visa_chargeDeclined": False,
    "pm_card_chargeCustomerFail": False,
}
IBAN_OF_TWIN = "FR7630004000031234567890143"
UNPAID = ("requires_payment_method", "requires_confirmation", "requires_action")

Outcome = Literal["agreed", "declined"]


def new_intent(call: Call, params: Json, *, means: list[str]) -> Json:
    """An intent that waits for a means of payment."""
    cents, fee = params["amount"], params.get("application_fee_amount")
    if cents < SMALLEST_CENTS:
        raise Refusal("Amount must be at least €0.50 eur", code="amount_too_small", param="amount")
    data = params.get("transfer_data")
    if data:
        must_receive(call, data["destination"])
    if fee is not None and (not data or fee > cents or data.get("amount") is not None):
        raise Refusal("Can only apply an application_fee_amount up to the amount, to a charge with a destination.")
    if data and (data.get("amount") or 0) > cents:
        raise Refusal("The transfer_data[amount] must be less than or equal to the charge amount")
    if params.get("customer"):
        call.found("customer", params["customer"])
    name = new_id("pi")
    intent: Json = {
        "id": name,
        "object": "payment_intent",
        "amount": cents,
        "amount_capturable": 0,
        "amount_received": 0,
        "application": None,
        "application_fee_amount": fee,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{name}_secret_{new_id('x')}",
        "confirmation_method": "automatic",
        "created": call.now,
        "currency": in_euros(params["currency"]),
        "customer": params.get("customer"),
        "description": params.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_types": means,
        "receipt_email": params.get("receipt_email"),
        "status": "requires_payment_method",
        "transfer_data": data,
        "transfer_group": params.get("transfer_group"),
    }
    call.add(intent)
    emit(call, "payment_intent.created", intent)
    return intent


def create_intent(call: Call) -> Json:
    """By the interface; `confirm` pays at once."""
    params = call.params
    wanted = [each for each in params.get("allowed_payment_method_types", ["card"]) if each in MEANS]
    intent = new_intent(call, params, means=wanted or ["card"])
    if params.get("payment_method"):
        intent = call.store.save(_with(call, intent, params["payment_method"]))
    return confirm(call, intent) if params.get("confirm") else intent


def _with(call: Call, intent: Json, method: str) -> Json:
    if method in TEST_METHODS:
        made = method_of(call, "card", customer=intent["customer"])
        call.store.hide(made["id"], agreed=TEST_METHODS[method])
    else:
        made = call.found("payment_method", method)
    return intent | {"payment_method": made["id"], "status": "requires_confirmation"}


def confirm_intent(call: Call, name: str) -> Json:
    """Pay with the method that is said, or said before."""
    intent = call.found("payment_intent", name)
    if intent["status"] not in UNPAID:
        raise wrong_state(f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.")
    if call.params.get("payment_method"):
        intent = _with(call, intent, call.params["payment_method"])
    return confirm(call, intent)


def confirm(call: Call, intent: Json) -> Json:
    """Ask the bank; what it declines is told to the caller as a 402 and leaves the intent open."""
    if not intent["payment_method"]:
        raise wrong_state("You cannot confirm this PaymentIntent because it's missing a payment method.")
    method = call.found("payment_method", intent["payment_method"])
    agreed = call.store.hidden(method["id"]).get("agreed", True)
    intent = attempt(call, intent, method, "agreed" if agreed else "declined")
    if not agreed:
        raise Refusal(DECLINED, status=402, kind="card_error", code="card_declined", payment_intent=intent)
    return intent


def attempt(call: Call, intent: Json, method: Json, outcome: Outcome) -> Json:
    """One try to pay: a card answers at once, a debit is on its way, a transfer is waited for."""
    intent = intent | {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if method["type"] == "customer_balance":
        return _await_transfer(call, intent)
    if method["type"] == "sepa_debit":
        return _debit(call, intent, method, outcome)
    if outcome == "declined":
        return fail(call, intent, new_charge(call, intent, method, status="failed", captured=False))
    manual = intent["capture_method"] == "manual"
    charge = new_charge(call, intent, method, status="succeeded", captured=not manual)
    intent["latest_charge"] = charge["id"]
    if not manual:
        return succeed(call, intent, charge)
    intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
    emit(call, "charge.succeeded", charge)
    emit(call, "payment_intent.amount_capturable_updated", call.store.save(intent))
    call.store.hide(intent["id"], until=call.now + HELD_DAYS * DAY)
    return intent


def succeed(
    call: Call, intent: Json, charge: Json, *, cents: int | None = None, told: str = "charge.succeeded"
) -> Json:
    """The money is there."""
    charge = take(call, charge, intent["amount"] if cents is None else cents)
    intent |= {"status": "succeeded", "amount_received": charge["amount_captured"], "amount_capturable": 0}
    intent |= {"latest_charge": charge["id"], "next_action": None, "transfer_group": charge["transfer_group"]}
    call.store.save(intent)
    emit(call, told, charge)
    emit(call, "payment_intent.succeeded", intent)
    return intent


def fail(call: Call, intent: Json, charge: Json, *, code: str = "card_declined", message: str = DECLINED) -> Json:
    """The bank has said no; another try is open."""
    charge |= {"status": "failed", "paid": False, "failure_code": code, "failure_message": message}
    call.store.save(charge)
    error = {"type": "card_error", "code": code, "message": message, "charge": charge["id"]}
    intent |= {"status": "requires_payment_method", "latest_charge": charge["id"], "last_payment_error": error}
    intent |= {"payment_method": None, "next_action": None}
    call.store.save(intent)
    emit(call, "charge.failed", charge)
    emit(call, "payment_intent.payment_failed", intent)
    return intent


def _debit(call: Call, intent: Json, method: Json, outcome: Outcome) -> Json:
    charge = new_charge(call, intent, method, status="pending", captured=True)
    intent |= {"status": "processing", "latest_charge": charge["id"]}
    call.store.save(intent)
    call.store.hide(intent["id"], until=call.now + call.settings.sepa_after_s, agreed=outcome == "agreed")
    emit(call, "charge.pending", charge)
    emit(call, "payment_intent.processing", intent)
    return intent


def _await_transfer(call: Call, intent: Json) -> Json:
    nowhere = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    iban = {
        "account_holder_address": nowhere,
        "account_holder_name": "Simulation",
        "bank_address": nowhere,
        "bic": "BNPAFRPPXXX",
        "country": "FR",
        "iban": IBAN_OF_TWIN,
    }
    waited = {
        "amount_remaining": intent["amount"],
        "currency": "eur",
        "financial_addresses": [{"type": "iban", "supported_networks": ["sepa"], "iban": iban}],
        "hosted_instructions_url": f"{call.settings.address}/bank/{intent['id']}",
        "reference": intent["id"][-8:].upper(),
        "type": "eu_bank_transfer",
    }
    intent |= {"status": "requires_action"}
    intent["next_action"] = {"type": "display_bank_transfer_instructions", "display_bank_transfer_instructions": waited}
    emit(call, "payment_intent.requires_action", call.store.save(intent))
    return intent


def capture_intent(call: Call, name: str) -> Json:
    """Take what a card holds, whole or in part; the rest is let go."""
    intent = call.found("payment_intent", name)
    if intent["status"] != "requires_capture":
        raise wrong_state(
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}.",
            payment_intent=intent,
        )
    cents: Any = call.params.get("amount_to_capture", intent["amount_capturable"])
    if not 0 < cents <= intent["amount_capturable"]:
        raise Refusal("The provided amount is greater than the amount capturable", code="amount_too_large")
    charge = call.found("charge", intent["latest_charge"])
    if (fee := call.params.get("application_fee_amount")) is not None:
        charge["application_fee_amount"] = intent["application_fee_amount"] = fee
    if (charge["application_fee_amount"] or 0) > cents:
        raise Refusal(
            "The application fee cannot be greater than the amount to capture.", param="application_fee_amount"
        )
    intent["metadata"] |= call.params.get("metadata") or {}
    return succeed(call, intent, charge, cents=cents, told="charge.captured")


def cancel_intent(call: Call, name: str) -> Json:
    """Give up a payment that was not made; a card is let go."""
    intent = call.found("payment_intent", name)
    if intent["status"] not in (*UNPAID, "requires_capture"):
        raise wrong_state(f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.")
    return give_up(call, intent, call.params.get("cancellation_reason"))


def give_up(call: Call, intent: Json, reason: str | None) -> Json:
    """The same, by Stripe itself when a card was held too long."""
    if intent["status"] == "requires_capture":
        charge = call.found("charge", intent["latest_charge"])
        charge |= {"amount_refunded": charge["amount"], "refunded": True}
        emit(call, "charge.expired" if reason == "automatic" else "charge.refunded", call.store.save(charge))
    intent |= {"status": "canceled", "canceled_at": call.now, "cancellation_reason": reason}
    intent |= {"amount_capturable": 0, "next_action": None}
    emit(call, "payment_intent.canceled", call.store.save(intent))
    return intent


def update_intent(call: Call, name: str) -> Json:
    """Words about a payment; its money stays as it is."""
    intent = call.found("payment_intent", name)
    return call.store.save(changed(intent, call.params))


def changed(body: Json, params: Json, *names: str) -> Json:
    """An object with its metadata merged (an empty value takes a name away) and other words replaced."""
    metadata: dict[str, Any] = body.get("metadata", {}) | (params.get("metadata") or {})
    words = {name: value for name, value in params.items() if name not in {"metadata", "expand", *names}}
    return body | words | {"metadata": {name: value for name, value in metadata.items() if value != ""}}


def retrieve_intent(call: Call, name: str) -> Json:
    """One intent."""
    return call.found("payment_intent", name)


def list_intents(call: Call) -> Json:
    """Intents of the account that asks."""
    return listed("/v1/payment_intents", call.store.objects("payment_intent", account=call.account), call.params)


def retrieve_method(call: Call, name: str) -> Json:
    """One payment method."""
    found = call.store.get(name, kind="payment_method")
    if found is None:
        raise missing("payment_method", name)
    return found

"""Refunds: money back to the payer, from the platform; from the supplier too when that is asked."""

from __future__ import annotations

from deploy.stripe_twin.balances import book
from deploy.stripe_twin.call import Call, listed
from deploy.stripe_twin.errors import Refusal
from deploy.stripe_twin.events import emit
from deploy.stripe_twin.intents import changed
from deploy.stripe_twin.store import Json, new_id
from deploy.stripe_twin.transfers import Part, return_fee, reverse


def create_refund(call: Call) -> Json:
    """Of a charge or of an intent's charge, whole or in part."""
    params = call.params
    charge = _charge(call, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    cents = params.get("amount", left)
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if not 0 < cents <= left:
        raise Refusal(f"Refund amount ({cents}) is greater than unrefunded amount on charge ({left})", param="amount")
    if (params.get("reverse_transfer") or params.get("refund_application_fee")) and not charge.get("transfer"):
        raise Refusal("Cannot reverse transfer or fee of a charge that was not created with a destination.")
    refund = _refund(call, charge, cents)
    charge["amount_refunded"] += cents
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    if charge.get("transfer"):
        _from_the_supplier(call, charge, refund)
    call.add(refund)
    call.store.save(charge)
    call.effect("refund", refund, cents)
    emit(call, "refund.created", refund)
    emit(call, "charge.refunded", charge)
    return refund


def _charge(call: Call, params: Json) -> Json:
    name = params.get("charge")
    if name is None:
        if params.get("payment_intent") is None:
            raise Refusal("One of the following params should be provided: payment_intent or charge.", saved=False)
        name = call.found("payment_intent", params["payment_intent"])["latest_charge"]
    charge = call.found("charge", name) if name else None
    if charge is None or charge["status"] != "succeeded" or not charge["captured"]:
        raise Refusal("This PaymentIntent does not have a successful charge to refund.", code="charge_not_refundable")
    return charge


def _refund(call: Call, charge: Json, cents: int) -> Json:
    name = new_id("re" if charge["id"].startswith("ch_") else "pyr")
    kind = "refund" if name.startswith("re_") else "payment_refund"
    return {
        "id": name,
        "object": "refund",
        "amount": cents,
        "balance_transaction": book(call, kind, name, cents=-cents)["id"],
        "charge": charge["id"],
        "created": call.now,
        "currency": "eur",
        "failure_reason": None,
        "metadata": call.params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _from_the_supplier(call: Call, charge: Json, refund: Json) -> None:
    """In proportion to what is refunded."""
    transfer = call.found("transfer", charge["transfer"], account="")
    part = Part(charge["amount_refunded"] - refund["amount"], charge["amount_refunded"], charge["amount_captured"])
    if call.params.get("reverse_transfer"):
        due = min(part.of(transfer["amount"]), transfer["amount"] - transfer["amount_reversed"])
        if due > 0:
            refund["transfer_reversal"] = reverse(call, transfer, due, refund=refund["id"])["id"]
    if call.params.get("refund_application_fee"):
        return_fee(call, transfer, part)


def fail_refund(call: Call, name: str) -> Json:
    """The payer's bank sends the money back to the platform, days later."""
    refund = call.found("refund", name)
    if refund["status"] != "succeeded":
        raise Refusal(f"This refund is {refund['status']}.")
    made = call.of(name)
    back = book(made, "refund_failure", name, cents=refund["amount"])
    refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card", "failure_balance_transaction": back["id"]}
    charge = made.found("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    made.store.save(charge)
    made.effect("refund_failure", refund, refund["amount"])
    emit(made, "refund.failed", made.store.save(refund))
    return refund


def update_refund(call: Call, name: str) -> Json:
    """Its metadata."""
    refund = call.store.save(changed(call.found("refund", name), call.params))
    emit(call, "refund.updated", refund)
    return refund


def retrieve_refund(call: Call, name: str) -> Json:
    """One refund."""
    return call.found("refund", name)


def list_refunds(call: Call) -> Json:
    """Refunds; by charge or intent."""
    return listed("/v1/refunds", call.store.objects("refund", account=call.account), call.params)

"""Transfers to suppliers, their reversals, and the fees that the platform kept of payments."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.stripe_twin.accounts import must_receive
from deploy.stripe_twin.balances import book, sums
from deploy.stripe_twin.call import Call, in_euros, listed
from deploy.stripe_twin.charges import send
from deploy.stripe_twin.errors import Refusal, missing
from deploy.stripe_twin.events import emit
from deploy.stripe_twin.intents import changed
from deploy.stripe_twin.store import Json, new_id


def create_transfer(call: Call) -> Json:
    """Money to a supplier: of what the platform may use, or of one charge as soon as that one is there."""
    params = call.params
    cents, source = params.get("amount") or 0, params.get("source_transaction")
    in_euros(params["currency"])
    must_receive(call, params["destination"])
    if cents <= 0:
        raise Refusal(
            "This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer"
        )
    charge = _source(call, source, cents) if source else None
    if charge is None and cents > sums(call, "")[0]:
        raise Refusal(
            "You have insufficient available funds in your Stripe account.", code="balance_insufficient", param="amount"
        )
    told = {"description": params.get("description"), "metadata": params.get("metadata") or {}}
    group = params.get("transfer_group")
    if charge is not None and group is None:
        group = charge["transfer_group"] or f"group_{charge['payment_intent']}"
    available = call.store.get(charge["balance_transaction"]) if charge else None
    return send(
        call,
        params["destination"],
        cents,
        charge=charge,
        available=available["available_on"] if available else 0,
        told=told | {"transfer_group": group},
    )


def _source(call: Call, name: str, cents: int) -> Json:
    charge = call.store.get(name, kind="charge", account="")
    if charge is None:
        raise Refusal(f"No such charge: '{name}'", code="resource_missing", param="source_transaction")
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise Refusal("The charge must have succeeded and be captured.", param="source_transaction")
    sent = sum(
        each["amount"] - each["amount_reversed"]
        for each in call.store.objects("transfer")
        if each["source_transaction"] == name
    )
    if sent + cents > charge["amount_captured"]:
        raise Refusal(
            "Cannot transfer more than the source amount, with what was transferred of it already.",
            code="transfer_source_balance_insufficient",
            param="amount",
        )
    return charge


def reverse(call: Call, transfer: Json, cents: int, *, refund: str | None = None, metadata: Json | None = None) -> Json:
    """Take money back from a supplier, whose balance may go below zero."""
    name = new_id("trr")
    back = book(call, "transfer_refund", name, cents=cents)
    taken = new_id("pyr")
    out = book(call, "payment_refund", taken, cents=-cents, account=transfer["destination"])
    returned = {
        "id": name,
        "object": "transfer_reversal",
        "amount": cents,
        "balance_transaction": back["id"],
        "created": call.now,
        "currency": "eur",
        "destination_payment_refund": taken,
        "metadata": metadata or {},
        "source_refund": refund,
        "transfer": transfer["id"],
    }
    call.add(returned, account="")
    _refunded(call, transfer, taken, cents, out)
    transfer["amount_reversed"] += cents
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, returned)
    call.store.save(transfer)
    call.effect("reversal", returned, cents)
    emit(call, "transfer.reversed", transfer, account="")
    return returned


def _refunded(call: Call, transfer: Json, name: str, cents: int, out: Json) -> None:
    """What a reversal is on the account it is taken from."""
    call.add(
        {
            "id": name,
            "object": "refund",
            "amount": cents,
            "balance_transaction": out["id"],
            "charge": transfer["destination_payment"],
            "created": call.now,
            "currency": "eur",
            "metadata": {},
            "status": "succeeded",
        },
        account=transfer["destination"],
    )
    payment = call.found("charge", transfer["destination_payment"], account=transfer["destination"])
    payment["amount_refunded"] += cents
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    call.store.save(payment)


def create_reversal(call: Call, name: str) -> Json:
    """Take a transfer back, whole or in part, with its part of the fee when that is asked."""
    transfer = call.found("transfer", name)
    left = transfer["amount"] - transfer["amount_reversed"]
    cents = call.params.get("amount", left)
    if not 0 < cents <= left:
        raise Refusal(f"Reversal amount is greater than unreversed amount on transfer ({left}).", param="amount")
    returned = reverse(call, transfer, cents, metadata=call.params.get("metadata"))
    if call.params.get("refund_application_fee"):
        return_fee(
            call, transfer, Part(transfer["amount_reversed"] - cents, transfer["amount_reversed"], transfer["amount"])
        )
    return returned


@dataclass(frozen=True)
class Part:
    """From so many cents given back to so many, of a whole: shares are cut so that all of them add up to the whole."""

    before: int
    after: int
    whole: int

    def of(self, cents: int) -> int:
        """This part's share of another amount."""
        return cents * self.after // self.whole - cents * self.before // self.whole


def return_fee(call: Call, transfer: Json, part: Part) -> None:
    """Give the supplier back its part of the platform's fee."""
    name = call.store.hidden(transfer["id"]).get("fee")
    if name is None:
        return
    earned = call.found("application_fee", name, account="")
    cents = min(part.of(earned["amount"]), earned["amount"] - earned["amount_refunded"])
    if cents <= 0:
        return
    refund = new_id("fr")
    moved = book(call, "application_fee_refund", refund, cents=-cents)
    book(call, "application_fee_refund", refund, cents=cents, account=transfer["destination"])
    returned = {
        "id": refund,
        "object": "fee_refund",
        "amount": cents,
        "balance_transaction": moved["id"],
        "created": call.now,
        "currency": "eur",
        "fee": name,
        "metadata": {},
    }
    call.add(returned, account="")
    earned["amount_refunded"] += cents
    earned["refunded"] = earned["amount_refunded"] == earned["amount"]
    earned["refunds"]["data"].insert(0, returned)
    call.effect("fee_refund", returned, cents)
    emit(call, "application_fee.refunded", call.store.save(earned), account="")


def update_transfer(call: Call, name: str) -> Json:
    """Its words."""
    transfer = call.store.save(changed(call.found("transfer", name), call.params))
    emit(call, "transfer.updated", transfer)
    return transfer


def retrieve_transfer(call: Call, name: str) -> Json:
    """One transfer."""
    return call.found("transfer", name)


def list_transfers(call: Call) -> Json:
    """Transfers; by destination or transfer group."""
    return listed("/v1/transfers", call.store.objects("transfer", account=call.account), call.params)


def list_reversals(call: Call, name: str) -> Json:
    """Reversals of one transfer."""
    call.found("transfer", name)
    every = [each for each in call.store.objects("transfer_reversal") if each["transfer"] == name]
    return listed(f"/v1/transfers/{name}/reversals", every, call.params)


def retrieve_reversal(call: Call, name: str, reversal: str) -> Json:
    """One reversal of one transfer."""
    found = call.found("transfer_reversal", reversal)
    if found["transfer"] != name:
        raise missing("transfer_reversal", reversal)
    return found


def retrieve_fee(call: Call, name: str) -> Json:
    """One fee that the platform kept."""
    return call.found("application_fee", name)


def list_fees(call: Call) -> Json:
    """Fees that the platform kept; by charge."""
    return listed("/v1/application_fees", call.store.objects("application_fee", account=call.account), call.params)

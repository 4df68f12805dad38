"""Charges: what was taken from a payer, what of it went to a connected account, and what the platform kept."""

from __future__ import annotations

from deploy.stripe_twin.balances import available_on, book, stripes_fee
from deploy.stripe_twin.call import DAY, Call, listed
from deploy.stripe_twin.events import emit
from deploy.stripe_twin.store import Json, new_id

HELD_DAYS = 7
DECLINED = "Your card was declined."
CARD: Json = {
    "brand": "visa",
    "country": "FR",
    "exp_month": 12,
    "exp_year": 2040,
    "fingerprint": "twin",
    "funding": "credit",
    "last4": "4242",
}
IBAN: Json = {"bank_code": "20041", "branch_code": "01005", "country": "FR", "fingerprint": "twin", "last4": "2606"}
NOBODY: Json = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}


def empty_list(url: str) -> Json:
    """A list inside an object."""
    return {"object": "list", "data": [], "has_more": False, "url": url}


def method_of(call: Call, means: str, *, customer: str | None, billing: Json | None = None) -> Json:
    """A payment method of this kind, made as it is used."""
    details = {"card": CARD, "sepa_debit": IBAN, "customer_balance": {}}[means]
    return call.add(
        {
            "id": new_id("pm"),
            "object": "payment_method",
            "billing_details": NOBODY | (billing or {}),
            "created": call.now,
            "customer": customer,
            "livemode": False,
            "metadata": {},
            "type": means,
            means: details,
        }
    )


def _details(call: Call, means: str, *, held: bool) -> Json:
    if means == "card":
        return {"type": means, means: CARD | ({"capture_before": call.now + HELD_DAYS * DAY} if held else {})}
    if means == "sepa_debit":
        return {"type": means, means: IBAN | {"mandate": new_id("mandate")}}
    return {"type": means, means: {}}


def new_charge(call: Call, intent: Json, method: Json, *, status: str, captured: bool) -> Json:
    """A charge of an intent's whole amount; no money has moved yet."""
    means = method["type"]
    refused = status == "failed"
    charge = {
        "id": new_id("ch" if means == "card" else "py"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "captured": captured,
        "created": call.now,
        "currency": "eur",
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": "card_declined" if refused else None,
        "failure_message": DECLINED if refused else None,
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": {
            "network_status": "declined_by_network" if refused else "approved_by_network",
            "reason": "generic_decline" if refused else None,
            "risk_level": "normal",
            "seller_message": "Simulation.",
            "type": "issuer_declined" if refused else "authorized",
        },
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(call, means, held=not captured),
        "receipt_url": None,
        "refunded": False,
        "source_transfer": None,
        "status": status,
        "transfer_data": _destination(intent),
        "transfer_group": intent["transfer_group"],
    }
    return call.add(charge)


def _destination(intent: Json) -> Json | None:
    data = intent["transfer_data"]
    return data and {"amount": data.get("amount"), "destination": data["destination"]}


def take(call: Call, charge: Json, cents: int) -> Json:
    """The money comes: onto the platform, and from there on to the destination when the charge has one."""
    means = charge["payment_method_details"]["type"]
    fee = stripes_fee(means, cents)
    moved = book(
        call,
        "charge" if means == "card" else "payment",
        charge["id"],
        cents=cents,
        fee=fee,
        available=available_on(call, means),
    )
    charge |= {"amount_captured": cents, "balance_transaction": moved["id"], "captured": True}
    charge |= {"paid": True, "status": "succeeded"}
    call.effect("payment", charge, cents)
    if charge["transfer_data"]:
        data = charge["transfer_data"]
        charge["transfer_group"] = charge["transfer_group"] or f"group_{charge['payment_intent']}"
        transfer = send(
            call,
            data["destination"],
            cents if data["amount"] is None else data["amount"],
            charge=charge,
            kept=charge["application_fee_amount"] or 0,
            available=moved["available_on"],
        )
        charge["transfer"] = transfer["id"]
        if charge["application_fee_amount"]:
            charge["application_fee"] = call.store.hidden(transfer["id"])["fee"]
    return call.store.save(charge)


def send(
    call: Call,
    destination: str,
    cents: int,
    *,
    charge: Json | None = None,
    kept: int = 0,
    available: int = 0,
    told: Json | None = None,
) -> Json:
    """Money from the platform to a connected account, of which the platform keeps a fee again."""
    name, paid = new_id("tr"), new_id("py")
    out = book(call, "transfer", name, cents=-cents, available=available)
    fee = {"amount": kept, "type": "application_fee", "application": "ca_twin"}
    came = book(call, "payment", paid, cents=cents, account=destination, fee=fee, available=available)
    group = charge["transfer_group"] if charge else None
    transfer = {
        "id": name,
        "object": "transfer",
        "amount": cents,
        "amount_reversed": 0,
        "balance_transaction": out["id"],
        "created": call.now,
        "currency": "eur",
        "description": None,
        "destination": destination,
        "destination_payment": paid,
        "livemode": False,
        "metadata": {},
        "reversals": empty_list(f"/v1/transfers/{name}/reversals"),
        "reversed": False,
        "source_transaction": charge["id"] if charge else None,
        "source_type": "card",
        "transfer_group": group,
    }
    transfer |= told or {}
    _received(call, transfer, came)
    earned = _earned(call, transfer, kept, charge) if kept else None
    call.add(transfer, account="", fee=earned and earned["id"])
    call.effect("transfer", transfer, cents)
    emit(call, "transfer.created", transfer, account="")
    return transfer


def _received(call: Call, transfer: Json, came: Json) -> None:
    """What a transfer is on the account that receives it: a payment of its own."""
    payment = {
        "id": transfer["destination_payment"],
        "object": "charge",
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "application": "ca_twin" if came["fee"] else None,
        "application_fee_amount": came["fee"] or None,
        "balance_transaction": came["id"],
        "billing_details": NOBODY,
        "captured": True,
        "created": call.now,
        "currency": "eur",
        "disputed": False,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": None,
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
        "transfer_group": transfer["transfer_group"],
    }
    call.add(payment, account=transfer["destination"])
    emit(call, "charge.succeeded", payment, account=transfer["destination"])


def _earned(call: Call, transfer: Json, kept: int, charge: Json | None) -> Json:
    name = new_id("fee")
    moved = book(call, "application_fee", name, cents=kept)
    earned = {
        "id": name,
        "object": "application_fee",
        "account": transfer["destination"],
        "amount": kept,
        "amount_refunded": 0,
        "application": "ca_twin",
        "balance_transaction": moved["id"],
        "charge": transfer["destination_payment"],
        "created": call.now,
        "currency": "eur",
        "livemode": False,
        "originating_transaction": charge["id"] if charge else None,
        "refunded": False,
        "refunds": empty_list(f"/v1/application_fees/{name}/refunds"),
    }
    call.add(earned, account="")
    emit(call, "application_fee.created", earned, account="")
    return earned


def retrieve_charge(call: Call, name: str) -> Json:
    """One charge."""
    return call.found("charge", name)


def list_charges(call: Call) -> Json:
    """Charges of the account that asks; by customer, intent or transfer group."""
    return listed("/v1/charges", call.store.objects("charge", account=call.account), call.params)

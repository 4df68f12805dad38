"""Checkout: a payment asked for by an address, and what the payer does at it."""

from __future__ import annotations

from deploy.stripe_twin.accounts import must_receive
from deploy.stripe_twin.call import DAY, Call, in_euros, listed
from deploy.stripe_twin.charges import method_of, new_charge
from deploy.stripe_twin.errors import Refusal
from deploy.stripe_twin.events import emit
from deploy.stripe_twin.intents import MEANS, SMALLEST_CENTS, Outcome, attempt, changed, fail, new_intent, succeed
from deploy.stripe_twin.store import Json, new_id

HALF_AN_HOUR = 1800
REFUSED_DEBIT = "The customer's bank has refused the debit (simulation)."


def create_session(call: Call) -> Json:
    """An address where a payer chooses how to pay; the intent comes with the choice, not before."""
    params, data = call.params, call.params.get("payment_intent_data") or {}
    name = new_id("cs_test")
    items = [_item(call, each) for each in params.get("line_items") or []]
    total = sum(item["amount_total"] for item in items)
    _must_be_payable(call, total, data)
    expires_at = params.get("expires_at", call.now + DAY)
    if not call.now + HALF_AN_HOUR <= expires_at <= call.now + DAY:
        raise Refusal("The `expires_at` timestamp must be from 30 minutes to 24 hours from now.", param="expires_at")
    email = params.get("customer_email")
    session = {
        "id": name,
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": call.now,
        "currency": "eur",
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer": params.get("customer"),
        "customer_details": None,
        "customer_email": email,
        "expires_at": expires_at,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": params.get("metadata") or {},
        "mode": "payment",
        "payment_intent": None,
        "payment_method_options": params.get("payment_method_options") or {},
        "payment_method_types": _means(call, params, data),
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{call.settings.address}/pay/{name}",
    }
    return call.add(session, items=items, data=data)


def _must_be_payable(call: Call, total: int, data: Json) -> None:
    params = call.params
    if params["mode"] != "payment":
        raise Refusal("The twin knows the mode `payment` only.", param="mode", saved=False)
    if not params.get("success_url"):
        raise Refusal(
            "Missing required param: success_url.", code="parameter_missing", param="success_url", saved=False
        )
    if total < SMALLEST_CENTS:
        raise Refusal("The Checkout Session's total amount must be at least €0.50.", code="amount_too_small")
    if params.get("customer"):
        call.found("customer", params["customer"])
    if params.get("customer") and params.get("customer_email"):
        raise Refusal("You may only specify one of these parameters: customer, customer_email.", saved=False)
    to = data.get("transfer_data")
    if to:
        must_receive(call, to["destination"])
    fee = data.get("application_fee_amount")
    if fee is not None and (not to or to.get("amount") is not None or fee > total):
        raise Refusal("Can only apply an application_fee_amount up to the amount, to a charge with a destination.")


def _means(call: Call, params: Json, data: Json) -> list[str]:
    """Filtered silently, as Stripe does since 2026-09-30: no card held by a debit, no transfer without a customer."""
    allowed = params.get("allowed_payment_method_types") or list(MEANS)
    others = params.get("excluded_payment_method_types") or []
    possible = {
        "card": True,
        "sepa_debit": data.get("capture_method") != "manual",
        "customer_balance": bool(params.get("customer")) and data.get("capture_method") != "manual",
    }
    found = [each for each in MEANS if possible[each] and each in allowed and each not in others]
    if not found:
        raise Refusal("No valid payment method types for this Checkout Session.", param="allowed_payment_method_types")
    return found


def _item(call: Call, line: Json) -> Json:
    price = line.get("price_data")
    if not price or "unit_amount" not in price or "product_data" not in price:
        raise Refusal("The twin wants price_data with unit_amount and product_data.", param="line_items", saved=False)
    in_euros(price["currency"])
    quantity = line.get("quantity", 1)
    cents = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": cents,
        "amount_tax": 0,
        "amount_total": cents,
        "currency": "eur",
        "description": price["product_data"]["name"],
        "price": {
            "id": new_id("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": call.now,
            "currency": "eur",
            "livemode": False,
            "metadata": {},
            "product": new_id("prod"),
            "type": "one_time",
            "unit_amount": price["unit_amount"],
        },
        "quantity": quantity,
    }


def items_of(call: Call, name: str) -> Json:
    """The lines of a session."""
    call.found("checkout.session", name)
    lines = call.store.hidden(name)["items"]
    return {"object": "list", "data": lines, "has_more": False, "url": f"/v1/checkout/sessions/{name}/line_items"}


def pay(call: Call, name: str, means: str, outcome: Outcome = "agreed") -> Json:
    """What a payer does at the address. A declined card leaves the session open for another try."""
    session = call.found("checkout.session", name)
    if session["status"] != "open" or means not in session["payment_method_types"]:
        raise Refusal(f"This Checkout Session is {session['status']} and takes {session['payment_method_types']}.")
    made = call.of(name)
    intent = _intent_of(made, session)
    method = method_of(made, means, customer=session["customer"], billing={"email": session["customer_email"]})
    intent = attempt(made, intent, method, outcome)
    session["payment_intent"] = intent["id"]
    if intent["status"] == "requires_payment_method":
        return call.store.save(session)
    session |= {
        "status": "complete",
        "payment_status": "paid" if intent["status"] == "succeeded" else "unpaid",
        "customer_details": {
            "address": None,
            "email": session["customer_email"],
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "url": None,
    }
    call.store.save(session)
    emit(made, "checkout.session.completed", session)
    return session


def _intent_of(call: Call, session: Json) -> Json:
    if session["payment_intent"]:
        return call.found("payment_intent", session["payment_intent"])
    data = call.store.hidden(session["id"])["data"]
    asked = data | {"amount": session["amount_total"], "currency": "eur", "customer": session["customer"]}
    intent = new_intent(call, asked, means=session["payment_method_types"])
    call.store.hide(intent["id"], session=session["id"])
    return intent


def answer_of_bank(call: Call, name: str, *, agreed: bool, cents: int | None = None) -> Json:
    """Days later: a debit is paid or refused, or a transfer arrives, `cents` of it when not all."""
    intent = call.found("payment_intent", name)
    made = call.of(name)
    if intent["status"] == "processing":
        charge = call.found("charge", intent["latest_charge"])
        if agreed:
            intent = succeed(made, intent, charge)
        else:
            intent = fail(made, intent, charge, code="debit_not_authorized", message=REFUSED_DEBIT)
    elif intent["status"] == "requires_action" and agreed:
        intent = _arrived(made, intent, cents)
    else:
        raise Refusal(f"Nothing is waited for: this payment is {intent['status']}.")
    _tell_session(made, intent)
    return intent


def _arrived(call: Call, intent: Json, cents: int | None) -> Json:
    waited = intent["next_action"]["display_bank_transfer_instructions"]
    came = waited["amount_remaining"] if cents is None else cents
    if came < waited["amount_remaining"]:
        waited["amount_remaining"] -= came
        emit(call, "payment_intent.partially_funded", call.store.save(intent))
        return intent
    method = call.found("payment_method", intent["payment_method"])
    return succeed(call, intent, new_charge(call, intent, method, status="succeeded", captured=True))


def _tell_session(call: Call, intent: Json) -> None:
    name = call.store.hidden(intent["id"]).get("session")
    if name is None or intent["status"] not in ("succeeded", "requires_payment_method"):
        return
    session, paid = call.found("checkout.session", name), intent["status"] == "succeeded"
    if paid:
        session["payment_status"] = "paid"
    told = "async_payment_succeeded" if paid else "async_payment_failed"
    emit(call, f"checkout.session.{told}", call.store.save(session))


def expire_session(call: Call, name: str) -> Json:
    """Close the address to a payer who has not paid."""
    session = call.found("checkout.session", name)
    if session["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
    session |= {"status": "expired", "url": None}
    emit(call, "checkout.session.expired", call.store.save(session))
    return session


def update_session(call: Call, name: str) -> Json:
    """Its metadata."""
    return call.store.save(changed(call.found("checkout.session", name), call.params))


def retrieve_session(call: Call, name: str) -> Json:
    """One session; its lines when `line_items` is to be expanded."""
    session = call.found("checkout.session", name)
    if "line_items" in call.params.get("expand", []):
        session["line_items"] = items_of(call, name)
    return session


def list_sessions(call: Call) -> Json:
    """Sessions of the account that asks; by customer, intent or status."""
    return listed("/v1/checkout/sessions", call.store.objects("checkout.session", account=call.account), call.params)

"""Disputes: a payer's bank takes the money back from the platform, and gives it again or not."""

from __future__ import annotations

from deploy.stripe_twin.balances import book
from deploy.stripe_twin.call import DAY, Call, fees, listed
from deploy.stripe_twin.errors import Refusal
from deploy.stripe_twin.events import emit
from deploy.stripe_twin.intents import changed
from deploy.stripe_twin.store import Json, new_id

DAYS_TO_ANSWER = 7


def open_dispute(call: Call, charge_name: str, *, cents: int | None = None, reason: str = "fraudulent") -> Json:
    """A bank disputes a charge: its money leaves the platform at once, with a fee that is not given back."""
    charge = call.found("charge", charge_name, account="")
    left = charge["amount_captured"] - charge["amount_refunded"]
    cents = left if cents is None else cents
    if charge["disputed"] or not 0 < cents <= left:
        raise Refusal("This charge cannot be disputed, or not for so much.", code="charge_disputed")
    made = call.of(charge_name)
    name = new_id("du")
    fee = {"amount": fees()["dispute"]["cents"], "type": "stripe_fee"}
    gone = book(made, "adjustment", name, cents=-cents, fee=fee)
    dispute = {
        "id": name,
        "object": "dispute",
        "amount": cents,
        "balance_transactions": [gone],
        "charge": charge_name,
        "created": call.now,
        "currency": "eur",
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": call.now + DAYS_TO_ANSWER * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    made.add(dispute, account="")
    made.store.save(charge | {"disputed": True})
    made.effect("dispute", dispute, cents)
    emit(made, "charge.dispute.created", dispute, account="")
    emit(made, "charge.dispute.funds_withdrawn", dispute, account="")
    return dispute


def settle_dispute(call: Call, name: str, *, won: bool) -> Json:
    """The bank has decided; what is won comes back."""
    dispute = call.found("dispute", name, account="")
    if dispute["status"] not in ("needs_response", "under_review"):
        raise Refusal(f"This dispute is {dispute['status']}.")
    made = call.of(name)
    dispute["status"] = "won" if won else "lost"
    if won:
        dispute["balance_transactions"].append(book(made, "adjustment", name, cents=dispute["amount"]))
        made.effect("dispute_won", dispute, dispute["amount"])
        emit(made, "charge.dispute.funds_reinstated", dispute, account="")
    emit(made, "charge.dispute.closed", made.store.save(dispute), account="")
    return dispute


def close_dispute(call: Call, name: str) -> Json:
    """Give in."""
    return settle_dispute(call, name, won=False)


def update_dispute(call: Call, name: str) -> Json:
    """Evidence, and whether it is handed in."""
    dispute = changed(call.found("dispute", name), call.params, "evidence", "submit")
    dispute["evidence"] |= call.params.get("evidence") or {}
    dispute["evidence_details"]["has_evidence"] = len(dispute["evidence"]) > 1
    if call.params.get("submit") and dispute["status"] == "needs_response":
        dispute["status"] = "under_review"
        dispute["evidence_details"] |= {"submission_count": 1, "submission_method": "manual"}
    emit(call, "charge.dispute.updated", call.store.save(dispute))
    return dispute


def retrieve_dispute(call: Call, name: str) -> Json:
    """One dispute."""
    return call.found("dispute", name)


def list_disputes(call: Call) -> Json:
    """Disputes; by charge or intent."""
    return listed("/v1/disputes", call.store.objects("dispute", account=call.account), call.params)

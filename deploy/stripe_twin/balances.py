"""Money on accounts: every movement is a balance transaction of one account, and an account's balance is their sum."""

from __future__ import annotations

from deploy.stripe_twin.call import DAY, Call, fees, listed
from deploy.stripe_twin.store import Json, new_id

CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "transfer_refund": "transfer_reversal",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "adjustment": "dispute",
    "refund_failure": "refund_failure",
}


def book(
    call: Call, kind: str, source: str, *, cents: int, account: str = "", fee: Json | None = None, available: int = 0
) -> Json:
    """One movement of `cents` (negative: out of the account) less the fee's `amount`; usable from `available` on."""
    taken = fee["amount"] if fee else 0
    available_on = max(available, call.now)
    return call.add(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": cents,
            "available_on": available_on,
            "balance_type": "payments",
            "created": call.now,
            "currency": "eur",
            "description": None,
            "exchange_rate": None,
            "fee": taken,
            "fee_details": [{"application": None, "currency": "eur", "description": None} | fee]
            if fee and taken
            else [],
            "net": cents - taken,
            "reporting_category": CATEGORIES.get(kind, kind),
            "source": source,
            "status": "pending",
            "type": kind,
        },
        account=account,
    )


def stripes_fee(means: str, cents: int) -> Json:
    """What is taken of a payment, by the dated table; rounded to the next cent."""
    line = fees()[means]
    amount = -(-cents * line["per_mille"] // 1000) + line["cents"]
    return {"amount": min(amount, line.get("at_most_cents", amount)), "type": "stripe_fee"}


def available_on(call: Call, means: str) -> int:
    """From when a payment's money may be used."""
    return call.now + int(fees()[means]["available_after_days"]) * DAY


def as_now(call: Call, body: Json) -> Json:
    """A movement with whether its money may be used by now."""
    return body | {"status": "available" if body["available_on"] <= call.now else "pending"}


def sums(call: Call, account: str) -> tuple[int, int]:
    """Cents that an account may use, and cents that are on their way to it."""
    movements = call.store.objects("balance_transaction", account=account)
    ready = sum(each["net"] for each in movements if each["available_on"] <= call.now)
    return ready, sum(each["net"] for each in movements) - ready


def retrieve_balance(call: Call) -> Json:
    """The balance of the account that asks."""
    ready, coming = sums(call, call.account)
    return {
        "object": "balance",
        "available": [{"amount": ready, "currency": "eur", "source_types": {"card": ready}}],
        "livemode": False,
        "pending": [{"amount": coming, "currency": "eur", "source_types": {"card": coming}}],
    }


def retrieve_transaction(call: Call, name: str) -> Json:
    """One movement."""
    return as_now(call, call.found("balance_transaction", name))


def list_transactions(call: Call) -> Json:
    """Movements of the account that asks."""
    movements = call.store.objects("balance_transaction", account=call.account)
    return listed("/v1/balance_transactions", [as_now(call, each) for each in movements], call.params)

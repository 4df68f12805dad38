"""Customers: whom payments are asked of."""

from __future__ import annotations

from deploy.stripe_twin.call import Call, listed
from deploy.stripe_twin.intents import changed
from deploy.stripe_twin.store import Json, new_id


def create_customer(call: Call) -> Json:
    """Somebody who pays, with what is said of them."""
    customer: Json = {
        "id": new_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "livemode": False,
        "metadata": {},
        "name": None,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
    }
    return call.add(changed(customer, call.params))


def update_customer(call: Call, name: str) -> Json:
    """What is said of them now."""
    return call.store.save(changed(call.found("customer", name), call.params))


def retrieve_customer(call: Call, name: str) -> Json:
    """One customer."""
    return call.found("customer", name)


def list_customers(call: Call) -> Json:
    """Customers of the account that asks; by e-mail."""
    return listed("/v1/customers", call.store.objects("customer", account=call.account), call.params)

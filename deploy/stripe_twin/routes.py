"""What the twin can be asked: each path, the client's own types of its parameters, and which of them it simulates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from stripe import params as v1
from stripe.params import checkout
from stripe.params.v2 import core as v2

from deploy.stripe_twin import accounts, balances, charges, customers, disputes, events, intents, refunds, transfers
from deploy.stripe_twin import checkout as sessions
from deploy.stripe_twin.call import Call
from deploy.stripe_twin.store import Json

PAGE = "limit starting_after ending_before created"
WORDS = "description metadata"
FEE = "application_fee_amount transfer_data transfer_data.destination transfer_data.amount transfer_group"
TO_PAY = f"{FEE} {WORDS} capture_method receipt_email"
INTENT = f"amount currency customer confirm payment_method allowed_payment_method_types off_session {TO_PAY}"
SESSION = (
    "mode line_items success_url cancel_url client_reference_id customer customer_email expires_at locale metadata"
)
SESSION += " allowed_payment_method_types excluded_payment_method_types payment_method_options submit_type"
SESSION += " payment_intent_data " + " ".join(
    f"payment_intent_data.{each}" for each in TO_PAY.split() if "." not in each
)
CUSTOMER = f"{WORDS} name email phone address preferred_locales shipping tax_exempt"
ACCOUNT = "configuration contact_email contact_phone dashboard defaults display_name identity include metadata"
ACCOUNT += " configuration.recipient"


@dataclass(frozen=True)
class Route:
    """`{name}` in the path is handed to the endpoint; `simulated` are the parameters that have an effect here."""

    method: str
    path: str
    endpoint: Callable[..., Json]
    shape: Any
    simulated: frozenset[str]

    @property
    def pattern(self) -> re.Pattern[str]:
        """What matches the path."""
        return re.compile(re.sub(r"\{\w+\}", r"([\\w.]+)", self.path))


def _get(path: str, endpoint: Callable[..., Json], shape: Any, names: str = "") -> Route:
    return Route("GET", path, endpoint, shape, frozenset(f"{names} expand".split()))


def _post(path: str, endpoint: Callable[..., Json], shape: Any, names: str = "") -> Route:
    return Route("POST", path, endpoint, shape, frozenset(f"{names} expand".split()))


ROUTES = (
    _post("/v1/customers", customers.create_customer, v1.CustomerCreateParams, CUSTOMER),
    _get("/v1/customers", customers.list_customers, v1.CustomerListParams, f"{PAGE} email"),
    _get("/v1/customers/{id}", customers.retrieve_customer, v1.CustomerRetrieveParams),
    _post("/v1/customers/{id}", customers.update_customer, v1.CustomerUpdateParams, CUSTOMER),
    _post("/v1/checkout/sessions", sessions.create_session, checkout.SessionCreateParams, SESSION),
    _get(
        "/v1/checkout/sessions",
        sessions.list_sessions,
        checkout.SessionListParams,
        f"{PAGE} customer payment_intent status",
    ),
    _get("/v1/checkout/sessions/{id}", sessions.retrieve_session, checkout.SessionRetrieveParams),
    _post("/v1/checkout/sessions/{id}", sessions.update_session, checkout.SessionUpdateParams, "metadata"),
    _get("/v1/checkout/sessions/{id}/line_items", sessions.items_of, checkout.SessionListLineItemsParams, PAGE),
    _post("/v1/checkout/sessions/{id}/expire", sessions.expire_session, checkout.SessionExpireParams),
    _post("/v1/payment_intents", intents.create_intent, v1.PaymentIntentCreateParams, INTENT),
    _get("/v1/payment_intents", intents.list_intents, v1.PaymentIntentListParams, f"{PAGE} customer"),
    _get("/v1/payment_intents/{id}", intents.retrieve_intent, v1.PaymentIntentRetrieveParams),
    _post("/v1/payment_intents/{id}", intents.update_intent, v1.PaymentIntentUpdateParams, WORDS),
    _post("/v1/payment_intents/{id}/confirm", intents.confirm_intent, v1.PaymentIntentConfirmParams, "payment_method"),
    _post(
        "/v1/payment_intents/{id}/capture",
        intents.capture_intent,
        v1.PaymentIntentCaptureParams,
        "amount_to_capture application_fee_amount metadata",
    ),
    _post(
        "/v1/payment_intents/{id}/cancel", intents.cancel_intent, v1.PaymentIntentCancelParams, "cancellation_reason"
    ),
    _get("/v1/payment_methods/{id}", intents.retrieve_method, v1.PaymentMethodRetrieveParams),
    _get("/v1/charges", charges.list_charges, v1.ChargeListParams, f"{PAGE} customer payment_intent transfer_group"),
    _get("/v1/charges/{id}", charges.retrieve_charge, v1.ChargeRetrieveParams),
    _post(
        "/v1/transfers",
        transfers.create_transfer,
        v1.TransferCreateParams,
        f"amount currency destination source_transaction transfer_group {WORDS}",
    ),
    _get("/v1/transfers", transfers.list_transfers, v1.TransferListParams, f"{PAGE} destination transfer_group"),
    _get("/v1/transfers/{id}", transfers.retrieve_transfer, v1.TransferRetrieveParams),
    _post("/v1/transfers/{id}", transfers.update_transfer, v1.TransferUpdateParams, WORDS),
    _post(
        "/v1/transfers/{id}/reversals",
        transfers.create_reversal,
        v1.TransferReversalCreateParams,
        "amount metadata refund_application_fee",
    ),
    _get("/v1/transfers/{id}/reversals", transfers.list_reversals, v1.TransferReversalListParams, PAGE),
    _get("/v1/transfers/{id}/reversals/{of}", transfers.retrieve_reversal, v1.TransferReversalRetrieveParams),
    _post(
        "/v1/refunds",
        refunds.create_refund,
        v1.RefundCreateParams,
        "amount charge payment_intent metadata reason refund_application_fee reverse_transfer",
    ),
    _get("/v1/refunds", refunds.list_refunds, v1.RefundListParams, f"{PAGE} charge payment_intent"),
    _get("/v1/refunds/{id}", refunds.retrieve_refund, v1.RefundRetrieveParams),
    _post("/v1/refunds/{id}", refunds.update_refund, v1.RefundUpdateParams, "metadata"),
    _get("/v1/application_fees", transfers.list_fees, v1.ApplicationFeeListParams, f"{PAGE} charge"),
    _get("/v1/application_fees/{id}", transfers.retrieve_fee, v1.ApplicationFeeRetrieveParams),
    _get("/v1/disputes", disputes.list_disputes, v1.DisputeListParams, f"{PAGE} charge payment_intent"),
    _get("/v1/disputes/{id}", disputes.retrieve_dispute, v1.DisputeRetrieveParams),
    _post("/v1/disputes/{id}", disputes.update_dispute, v1.DisputeUpdateParams, "evidence metadata submit"),
    _post("/v1/disputes/{id}/close", disputes.close_dispute, v1.DisputeCloseParams),
    _get("/v1/balance", balances.retrieve_balance, v1.BalanceRetrieveParams),
    _get(
        "/v1/balance_transactions",
        balances.list_transactions,
        v1.BalanceTransactionListParams,
        f"{PAGE} currency source type",
    ),
    _get("/v1/balance_transactions/{id}", balances.retrieve_transaction, v1.BalanceTransactionRetrieveParams),
    _get("/v1/events", events.list_events, v1.EventListParams, f"{PAGE} type types"),
    _get("/v1/events/{id}", events.retrieve_event, v1.EventRetrieveParams),
    _post("/v2/core/accounts", accounts.create_account, v2.AccountCreateParams, ACCOUNT),
    _get("/v2/core/accounts/{id}", accounts.retrieve_account, v2.AccountRetrieveParams, "include"),
    _post("/v2/core/accounts/{id}", accounts.update_account, v2.AccountUpdateParams, ACCOUNT),
    _post("/v2/core/account_links", accounts.create_link, v2.AccountLinkCreateParams, "account use_case"),
    _get("/v2/core/events", events.list_thin_events, v2.EventListParams, "created limit object_id types"),
    _get("/v2/core/events/{id}", events.retrieve_thin_event, v2.EventRetrieveParams),
)


@cache
def _compiled() -> tuple[tuple[Route, re.Pattern[str]], ...]:
    return tuple((route, route.pattern) for route in ROUTES)


def found(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route of a call, with the ids in its path."""
    for route, pattern in _compiled():
        if route.method == method and (match := pattern.fullmatch(path)):
            return route, match.groups()
    return None


def expanded(call: Call, body: Json, paths: list[str]) -> Json:
    """An answer with ids replaced by the objects they name, as `expand` asks: every id is unique."""
    for path in paths:
        _expand(call, body, path.split("."))
    return body


def _expand(call: Call, body: Any, steps: list[str]) -> None:
    if isinstance(body, list):
        for each in body:
            _expand(call, each, steps)
        return
    if not isinstance(body, dict) or not steps:
        return
    first, *rest = steps
    if isinstance(body.get(first), str):
        found = call.store.get(body[first]) or body[first]
        is_movement = isinstance(found, dict) and found["object"] == "balance_transaction"
        body[first] = balances.as_now(call, found) if is_movement else found
    _expand(call, body.get(first), rest)

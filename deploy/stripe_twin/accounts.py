"""Suppliers as Accounts v2: one that only receives, its onboarding by a link, and what is still asked of it."""

from __future__ import annotations

from typing import Any, Literal

from deploy.stripe_twin.call import Call
from deploy.stripe_twin.errors import Refusal, missing
from deploy.stripe_twin.events import emit_thin, moment
from deploy.stripe_twin.store import Json, new_id

KIND, LINK = "v2.core.account", "v2.core.account_link"
LINK_LASTS_S = 300
# Shown only when `include` names them.
INCLUDED = (
    "configuration.customer",
    "configuration.merchant",
    "configuration.recipient",
    "defaults",
    "future_requirements",
    "identity",
    "requirements",
)
ASKED = ("identity.business_details.registered_name", "identity.attestations.terms_of_service.account")
CAPABILITY = "stripe_balance.stripe_transfers"

Result = Literal["finished", "left", "refused"]


def create_account(call: Call) -> Json:
    """An account that nothing is known of yet but what is said; it may receive once it is onboarded."""
    params = call.params
    recipient = (params.get("configuration") or {}).get("recipient")
    account = {
        "id": new_id("acct"),
        "object": KIND,
        "applied_configurations": ["recipient"] if recipient is not None else [],
        "closed": False,
        "configuration": {"customer": None, "merchant": None, "recipient": _recipient(recipient)},
        "contact_email": params.get("contact_email"),
        "contact_phone": params.get("contact_phone"),
        "created": moment(call.now),
        "dashboard": params.get("dashboard"),
        "defaults": params.get("defaults"),
        "display_name": params.get("display_name"),
        "future_requirements": None,
        "identity": params.get("identity"),
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "requirements": _requirements("user") if recipient is not None else None,
    }
    call.add(account, account="")
    _tell(call, account, "created")
    return _shown(account, params.get("include"))


def _recipient(asked: Json | None) -> Json | None:
    if asked is None:
        return None
    wanted = (asked.get("capabilities") or {}).get("stripe_balance", {}).get("stripe_transfers", {})
    transfers = _status("restricted", "provide_info") if wanted.get("requested") else None
    return {"applied": True, "capabilities": {"stripe_balance": {"payouts": transfers, "stripe_transfers": transfers}}}


def _status(status: str, resolution: str | None = None, code: str = "requirements_past_due") -> Json:
    details = [{"code": code, "resolution": resolution}] if resolution else []
    return {"status": status, "status_details": details}


def _requirements(awaited: str | None) -> Json:
    deadline = {"status": "currently_due"}
    restricts = [{"capability": CAPABILITY, "configuration": "recipient", "deadline": deadline}]
    entries = [
        {
            "awaiting_action_from": awaited,
            "description": asked,
            "errors": [],
            "impact": {"restricts_capabilities": restricts},
            "minimum_deadline": deadline,
            "reference": None,
            "requested_reasons": [{"code": "routine_onboarding"}],
        }
        for asked in ASKED
        if awaited
    ]
    return {"entries": entries, "summary": {"minimum_deadline": deadline | {"time": None}} if awaited else None}


def _shown(account: Json, include: list[str] | None) -> Json:
    """What is not asked for is null, although it is there."""
    asked = set(include or ())
    shown = account | {name: None for name in INCLUDED if "." not in name and name not in asked}
    parts = account["configuration"]
    kept = {name: parts[name] if f"configuration.{name}" in asked else None for name in parts}
    return shown | {"configuration": kept if any(each.startswith("configuration.") for each in asked) else None}


def update_account(call: Call, name: str) -> Json:
    """Other words, another identity, or the recipient's configuration asked for later."""
    account, params = _account(call, name), call.params
    for field in ("contact_email", "contact_phone", "dashboard", "display_name", "defaults"):
        account[field] = params.get(field, account[field])
    for field in ("identity", "metadata"):
        account[field] = (account[field] or {}) | (params.get(field) or {})
    recipient = (params.get("configuration") or {}).get("recipient")
    if recipient is not None and account["configuration"]["recipient"] is None:
        account["configuration"]["recipient"] = _recipient(recipient)
        account["applied_configurations"].append("recipient")
        account["requirements"] = _requirements("user")
        _tell(call, account, "[configuration.recipient].updated")
    if params.get("identity"):
        _tell(call, account, "[identity].updated")
    _tell(call, account, "updated")
    return _shown(call.store.save(account), params.get("include"))


def retrieve_account(call: Call, name: str) -> Json:
    """One account, with what `include` names."""
    return _shown(_account(call, name), call.params.get("include"))


def _account(call: Call, name: str) -> Json:
    return call.found(KIND, name, account="")


def transfers_of(account: Json) -> str:
    """Whether money may be sent to it: Stripe's status of the capability."""
    recipient = account["configuration"]["recipient"]
    capability = recipient and recipient["capabilities"]["stripe_balance"]["stripe_transfers"]
    return str(capability["status"]) if capability else "unsupported"


def must_receive(call: Call, name: str) -> None:
    """Refuse money for an account that is unknown or not onboarded."""
    account = call.store.get(name, kind=KIND)
    if account is None:
        raise Refusal(f"No such destination: '{name}'", code="resource_missing", param="destination")
    if transfers_of(account) != "active":
        raise Refusal(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
            param="destination",
        )


def create_link(call: Call) -> Json:
    """An address where the supplier answers what is asked; once, within five minutes."""
    account, use = _account(call, call.params["account"]), call.params["use_case"]
    name = new_id("link")
    link = {
        "object": LINK,
        "account": account["id"],
        "created": moment(call.now),
        "expires_at": moment(call.now + LINK_LASTS_S),
        "livemode": False,
        "url": f"{call.settings.address}/onboarding/{name}",
        "use_case": {"type": use["type"], use["type"]: use[use["type"]]},
    }
    # Stripe gives a link no id: the twin knows it by its address.
    call.add({"id": name, "object": LINK, "link": link}, account="", until=call.now + LINK_LASTS_S)
    return link


def open_link(call: Call, name: str) -> tuple[Json, Json]:
    """A link and its account; Refusal when it was used, is too old or never was."""
    kept = call.store.get(name, kind=LINK)
    if kept is None:
        raise missing("account_link", name)
    hidden = call.store.hidden(name)
    if hidden.get("used") or hidden["until"] < call.now:
        raise Refusal("This link was used or is too old.", status=410)
    return kept["link"], _account(call, kept["link"]["account"])


def onboard(call: Call, name: str, result: Result) -> Json:
    """What the supplier does at the link's address; the link with where to go back to."""
    link, account = open_link(call, name)
    call.store.hide(name, used=True)
    made = call.of(account["id"])
    if result != "left":
        settle_account(made, account["id"], "active" if result == "finished" else "rejected")
    # The event names no object: it says in its data whose link came back.
    data = {"account_id": account["id"], "configurations": ["recipient"], "use_case": link["use_case"]["type"]}
    emit_thin(made, "v2.core.account_link.returned", related=None, data=data)
    return link


def settle_account(call: Call, name: str, status: Literal["active", "restricted", "rejected"]) -> Json:
    """What Stripe finds about an account, now or years later."""
    account = _account(call, name)
    found = {
        "active": _status("active"),
        "restricted": _status("restricted", "provide_info"),
        "rejected": _status("rejected", "contact_stripe", "rejected_other"),
    }[status]
    balance = account["configuration"]["recipient"]["capabilities"]["stripe_balance"]
    balance |= {"stripe_transfers": found, "payouts": found}
    account["requirements"] = _requirements("user" if status == "restricted" else None)
    call.store.save(account)
    _tell(call, account, "[identity].updated")
    _tell(call, account, "[requirements].updated")
    told: dict[str, Any] = {"updated_capability": CAPABILITY}
    _tell(call, account, "[configuration.recipient].capability_status_updated", told)
    return account


def _tell(call: Call, account: Json, what: str, data: Json | None = None) -> None:
    kind = f"{KIND}{what}" if what.startswith("[") else f"{KIND}.{what}"
    emit_thin(call, kind, related=(KIND, account["id"], f"/v2/core/accounts/{account['id']}"), data=data)

"""What comes of time alone: debits are answered, sessions expire, cards that were held too long are let go."""

from __future__ import annotations

from deploy.stripe_twin.api import Desk
from deploy.stripe_twin.call import Call
from deploy.stripe_twin.checkout import answer_of_bank, expire_session
from deploy.stripe_twin.intents import give_up
from deploy.stripe_twin.store import Json


def tick(desk: Desk) -> None:
    """Everything that is due by the twin's clock."""
    call = desk.call()
    with desk.store.transaction():
        for session in desk.store.objects("checkout.session"):
            if session["status"] == "open" and session["expires_at"] <= call.now:
                expire_session(call, session["id"])
        for intent in desk.store.objects("payment_intent"):
            if intent["status"] in ("processing", "requires_capture"):
                _by_itself(call, intent)


def _by_itself(call: Call, intent: Json) -> None:
    known = call.store.hidden(intent["id"])
    if known.get("until", call.now + 1) > call.now:
        return
    if intent["status"] == "processing":
        answer_of_bank(call, intent["id"], agreed=known["agreed"])
    else:
        give_up(call.of(intent["id"]), intent, "automatic")

"""Refusals in Stripe's words: a status and the body that its clients turn into exceptions."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """What a call is answered instead of its object.

    `saved` says whether the answer is kept under the idempotency key: Stripe keeps whatever came of an endpoint that
    began, and nothing of a call whose parameters it could not read.
    """

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", saved: bool = True, **fields: Any
    ) -> None:
        super().__init__(message)
        self.status, self.saved = status, saved
        self.error = {"type": kind, "message": message, **{name: it for name, it in fields.items() if it is not None}}

    @property
    def body(self) -> dict[str, Any]:
        """The whole answer."""
        return {"error": self.error}


def missing(kind: str, name: str) -> Refusal:
    """There is no such object, or it belongs to another account."""
    return Refusal(f"No such {kind}: '{name}'", status=404, code="resource_missing", param="id")


def wrong_state(message: str, **fields: Any) -> Refusal:
    """A payment that is not where this call could take it on."""
    return Refusal(message, code="payment_intent_unexpected_state", **fields)

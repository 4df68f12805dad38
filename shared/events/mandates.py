"""What catalog publishes about mandates to bill: given, and ended."""

from datetime import datetime
from uuid import UUID

from shared.events.event import Event


class MandateEvent(Event):
    """Who lets whom write its invoices.

    `organisation_id` is who hears of it, one of the two; `partner_name` is the other one.
    """

    mandate_id: UUID
    organisation_id: UUID
    payee_id: UUID
    payer_id: UUID
    partner_name: str
    at: datetime


class MandateGiven(MandateEvent, type="catalog.mandate.given.v1", aggregate="mandate_id"):
    """Who is paid lets who pays bill in its name."""


class MandateEnded(MandateEvent, type="catalog.mandate.ended.v1", aggregate="mandate_id"):
    """One of the two ended it; what was billed under it stays."""

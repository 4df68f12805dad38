"""What is asked about mandates to bill, and mandates as JSON."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.catalog.payments.mandates.models import BillingMandate
from shared.web.asked import Asked


class MandateGiving(Asked):
    """Who may bill in one's name: an organisation that pays one."""

    payer_id: UUID


class MandateOut(Struct, frozen=True):
    """A mandate to bill, to its two sides; `ended_at` is None while it is in force."""

    id: UUID
    version: int
    payee_id: UUID
    payee_name: str
    payer_id: UUID
    payer_name: str
    words: str
    given_at: datetime
    ended_at: datetime | None
    ended_for: UUID | None

    @classmethod
    def of(cls, mandate: BillingMandate) -> "MandateOut":
        """The JSON of a mandate."""
        return cls(*(getattr(mandate, name) for name in cls.__struct_fields__))


class Mandates(Struct, frozen=True):
    """One page of mandates, the newest first; `next` is the cursor of the following one."""

    items: list[MandateOut]
    next: str | None

"""What a signed agreement makes due, to whom and when; a pure module."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from services.catalog.agreements.content import Content


class Share(NamedTuple):
    """One amount that an agreement makes due, for a milestone from 1, or for all of it (0)."""

    milestone: int
    payer_id: UUID
    payee_id: UUID
    cents: int
    due_on: date


def shares_of(content: Content, *, signed_on: date, term_days: int) -> list[Share]:
    """What is due once both have signed: a part a milestone where these have amounts, otherwise all at the end.

    It is to be paid `term_days` after the day on which it is done, as far as that is known; free of charge: nothing.
    """
    total, buyer, supplier = content.total_cents, content.buyer.organisation_id, content.supplier.organisation_id
    payer, payee = (buyer, supplier) if total > 0 else (supplier, buyer)
    end = max(signed_on, content.ends_on or content.starts_on or signed_on)
    parts = [
        (number, each.cents, max(signed_on, each.due_on or end))
        for number, each in enumerate(content.milestones, start=1)
        if each.cents
    ] or [(0, abs(total), end)]
    return [
        Share(milestone, payer, payee, cents, done_on + timedelta(days=term_days))
        for milestone, cents, done_on in parts
        if cents
    ]

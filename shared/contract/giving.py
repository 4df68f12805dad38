"""Examples of what is told of gifts and eligibilities: trays that a cidery gives a caterer, and what follows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.events import Event, eligibility, gifts

Facts = dict[str, Any]

AT = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


def _id(number: int) -> UUID:
    return UUID(f"0199d4a0-7c00-7000-8000-{number:012d}")


DONOR, RECIPIENT, RECIPIENT_ENTITY = _id(11), _id(12), _id(22)
GIFT, AGREEMENT, PAPER = _id(71), _id(54), _id(72)


def what_is_given() -> Iterator[Event]:
    """Each of them once."""
    said: Facts = {"title": "Two hundred serving trays", "kind": gifts.GiftKind.GOODS, "at": AT}
    about: Facts = {"gift_id": GIFT, "agreement_id": AGREEMENT, "donor_id": DONOR, "recipient_id": RECIPIENT, **said}
    to_donor: Facts = {**about, "organisation_id": DONOR, "partner_name": "Table du Canal"}
    to_recipient: Facts = {**about, "organisation_id": RECIPIENT, "partner_name": "Cidrerie des Coteaux"}
    paper: Facts = {"paper_id": PAPER, "paper": gifts.PaperKind.RECEIPT, "year": 2026, "number": 1}
    yield gifts.GiftPromised(version=1, **to_donor)
    yield gifts.GiftValued(version=2, **to_recipient, value_cents=60_000)
    yield gifts.GiftDelivered(version=3, **to_donor, delivered_on=date(2026, 11, 25), differs=False, to_sign=False)
    yield gifts.GiftSheetSigned(version=4, **to_recipient)
    yield gifts.GiftReceipted(
        version=5, **to_donor, **paper, value_cents=60_000, document_sha256="0123456789abcdef" * 4
    )
    yield gifts.GiftReceiptCancelled(version=6, **to_donor, **paper, replaced_in=2026, replaced_by=2)
    yield gifts.GiftReturned(version=7, **{**to_recipient, "kind": gifts.GiftKind.MONEY}, cents=40_000, to_replace=True)
    yield gifts.GiftReceiptVoided(version=8, **to_donor, **paper)
    yield gifts.GiftWithdrawn(version=9, **to_recipient)
    fact: Facts = {"legal_entity_id": RECIPIENT_ENTITY, "organisation_id": RECIPIENT, "code": "tax_receipts"}
    rests: Facts = {**fact, "article": "public_utility", "at": AT}
    yield eligibility.EligibilityDeclared(version=3, **rests)
    yield eligibility.EligibilityChecked(version=4, **rests)
    yield eligibility.EligibilityRefused(version=5, **rests)

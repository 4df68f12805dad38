"""One made-up event of each kind about an amount that an agreement makes due."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.events import mandates, payments


def settled_amounts(
    *, settlement_id: UUID, agreement_id: UUID, payer: UUID, payee: UUID, at: datetime
) -> Iterator[payments.SettlementEvent]:
    """Each of them, about one settlement of eighty meal trays."""
    about: dict[str, Any] = {
        "settlement_id": settlement_id,
        "agreement_id": agreement_id,
        "milestone": 0,
        "payer_id": payer,
        "payee_id": payee,
        "title": "Eighty meal trays a month",
        "cents": 110_000,
        "due_on": date(2027, 7, 30),
        "at": at,
    }
    to_payer = {**about, "organisation_id": payer, "partner_name": "Table du Canal"}
    to_payee = {**about, "organisation_id": payee, "partner_name": "Cidrerie des Coteaux"}
    yield payments.SettlementDue(version=1, **to_payer)
    yield payments.SettlementBilled(version=3, **to_payer)
    paid: dict[str, Any] = {"means": payments.Means.TRANSFER, "paid_on": date(2027, 7, 20)}
    yield payments.SettlementDeclared(version=4, **to_payee, **paid)
    yield payments.SettlementDisputed(version=5, **to_payer, reason=payments.DisputedFor.NOT_ARRIVED)
    yield payments.SettlementConfirmed(version=7, **to_payer)
    yield payments.SettlementReturned(version=8, **to_payer, returned_cents=20_000)
    yield payments.SettlementRefunded(version=9, **to_payee, returned_cents=20_000, is_whole=False)
    yield payments.SettlementCredited(version=10, **to_payer, credit_note="AV-2027-3", credited_on=date(2027, 8, 2))
    yield payments.SettlementVoided(version=3, **to_payer)
    yield payments.SettlementOverdue(version=3, **to_payer)
    online = {"is_online": True}
    yield payments.SettlementFailed(version=5, **to_payer | online)
    yield payments.SettlementContested(version=8, **to_payee | online, contest=payments.Contest.OPEN)


def mandates_to_bill(*, mandate_id: UUID, payer: UUID, payee: UUID, at: datetime) -> Iterator[mandates.MandateEvent]:
    """Who sells meal trays lets who buys them bill, and ends it."""
    about: dict[str, Any] = {
        "mandate_id": mandate_id,
        "organisation_id": payer,
        "payer_id": payer,
        "payee_id": payee,
        "partner_name": "Table du Canal",
        "at": at,
    }
    yield mandates.MandateGiven(version=1, **about)
    yield mandates.MandateEnded(version=2, **about)

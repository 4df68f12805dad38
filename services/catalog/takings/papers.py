"""What the law asks of whoever takes waste: raised with the rule, the field, and what to do. No advice."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.catalog.flows.law import mass_kg
from services.catalog.flows.models import Flow
from services.catalog.organisations.models import Organisation
from services.catalog.takings.errors import (
    CarrierReceiptMissing,
    HazardousPermitMissing,
    TrackingSlipMissing,
    TreatmentPermitMissing,
    WantedPermitMissing,
)
from shared.events.facts import Permit, Quantity
from shared.events.takings import Transport
from shared.phrases.names import FOOD_AID_BODY, SHORT_DATED

# Facts of a legal entity that do for a paper.
SHOWN_AS = {FOOD_AID_BODY: "food_aid", SHORT_DATED: SHORT_DATED}


class Papers(NamedTuple):
    """What a taker shows for one load: the permits it declares, and two references."""

    permits: Iterable[Permit]
    carrier_receipt: str = ""
    tracking_slip: str = ""

    @classmethod
    def of(cls, taker: Organisation, carrier_receipt: str = "", tracking_slip: str = "") -> "Papers":
        """Those of an organisation: its permits, and what its legal entity is for food."""
        stated = [
            Permit(code=SHOWN_AS[fact.code], expires_on=fact.expires_on)
            for fact in taker.legal_entity.facts
            if fact.code in SHOWN_AS
        ]
        return cls([*taker.all_permits, *stated], carrier_receipt, tracking_slip)

    def holds(self, code: str, on: date) -> bool:
        """True when a permit of that code is valid on a day."""
        return any(each.code == code and (each.expires_on is None or each.expires_on >= on) for each in self.permits)


def refuse_without_permits(flow: Flow, papers: Papers, on: date) -> None:
    """Raise what the taker lacks to have it at all, on a day."""
    if flow.is_waste and not papers.holds("waste_treatment", on):
        raise TreatmentPermitMissing
    if flow.is_waste and flow.hazardous_codes and not papers.holds("hazardous", on):
        raise HazardousPermitMissing
    if not all(papers.holds(code, on) for code in flow.permits):
        raise WantedPermitMissing


def refuse_without_references(
    flow: Flow, load: Quantity, papers: Papers, *, transport: Transport, on: date, receipt_above: Decimal
) -> None:
    """Raise what is missing for the road; a load whose mass nobody can tell is not refused for its mass."""
    if not flow.is_waste:
        return
    mass = mass_kg(load.value, load.unit)
    has_receipt = bool(papers.carrier_receipt) or (transport is Transport.OWN and papers.holds("waste_transport", on))
    if transport is not Transport.HOLDER and mass is not None and mass > receipt_above and not has_receipt:
        raise CarrierReceiptMissing(mass=f"{receipt_above.normalize():f}")
    if flow.hazardous_codes and not papers.tracking_slip:
        raise TrackingSlipMissing

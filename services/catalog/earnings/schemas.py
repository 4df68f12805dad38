"""A seller's year as JSON."""

from msgspec import Struct

from services.catalog.earnings.queries import Earnings
from services.catalog.earnings.year import Threshold, Totals


class SellerOut(Struct, frozen=True):
    """Who was paid; `vat_number` is the last one that it billed under."""

    name: str
    siren: str
    vat_number: str
    address: str
    country: str


class TotalsOut(Struct, frozen=True):
    """What was received before fees and refunds, in cents of euros, and how many settlements were paid."""

    payments: int
    received_cents: int
    fee_cents: int
    returned_cents: int
    kept_cents: int

    @classmethod
    def of(cls, totals: Totals) -> "TotalsOut":
        """The JSON of a quarter, or of a year."""
        return cls(**{name: getattr(totals, name) for name in cls.__struct_fields__})


class ThresholdOut(Struct, frozen=True):
    """From how many sales, or above how many cents, a seller of goods is reported; to be checked at its source."""

    sales: int
    cents: int
    source: str
    source_on: str
    to_check: bool

    @classmethod
    def of(cls, threshold: Threshold) -> "ThresholdOut":
        """The JSON of a threshold."""
        noted = threshold.source_on.isoformat()
        return cls(threshold.sales, threshold.cents, threshold.source, noted, threshold.to_check)


class EarningsOut(Struct, frozen=True):
    """A seller's year, its four quarters from January on; `is_above` the threshold, where the year has one."""

    year: int
    currency: str
    seller: SellerOut
    quarters: list[TotalsOut]
    whole: TotalsOut
    threshold: ThresholdOut | None
    is_above: bool

    @classmethod
    def of(cls, earnings: Earnings) -> "EarningsOut":
        """The JSON of a year."""
        threshold = earnings.threshold
        return cls(
            year=earnings.year,
            currency="EUR",
            seller=SellerOut(*earnings.seller),
            quarters=[TotalsOut.of(each) for each in earnings.quarters],
            whole=TotalsOut.of(earnings.whole),
            threshold=ThresholdOut.of(threshold) if threshold else None,
            is_above=earnings.is_above,
        )

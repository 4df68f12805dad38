"""Years of sellers as cells of a table, for the sellers themselves and for whoever runs the platform."""

from collections.abc import Iterable, Iterator

from services.catalog.earnings.queries import Earnings, Reported
from services.catalog.earnings.year import Totals

SELLER = ("Legal name", "SIREN", "VAT number", "Address", "Country", "Stripe account")
PERIODS = ("Q1", "Q2", "Q3", "Q4", "Year")
AMOUNTS = ("received before fees (EUR)", "fees (EUR)", "given back (EUR)", "kept (EUR)")
HEADINGS = (
    *SELLER,
    *(f"{period} {what}" for period in PERIODS for what in ("sales", *AMOUNTS)),
    "Below the threshold of a seller of goods",
)


def rows_of(sellers: Iterable[Reported]) -> Iterator[list[str]]:
    """One row of `HEADINGS` for each seller."""
    for earnings, accounts in sellers:
        cells = [*earnings.seller, ", ".join(accounts)]
        for totals in (*earnings.quarters, earnings.whole):
            cells += [str(totals.payments), *map(euros, cents_of(totals))]
        yield [*cells, _below(earnings)]


def cents_of(totals: Totals) -> tuple[int, int, int, int]:
    """What was received before fees, fees, what was given back, and what is left."""
    return totals.received_cents, totals.fee_cents, totals.returned_cents, totals.kept_cents


def euros(cents: int) -> str:
    """Euros as French spreadsheets read them."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02d}"


def _below(earnings: Earnings) -> str:
    if earnings.threshold is None:
        return "no threshold is known"
    return f"{'no' if earnings.is_above else 'yes'}{', to be checked' if earnings.threshold.to_check else ''}"

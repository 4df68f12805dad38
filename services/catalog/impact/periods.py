"""A year or a month, as an address says it."""

import re
from calendar import monthrange
from datetime import date

from services.catalog.impact.errors import PeriodUnreadable
from services.catalog.impact.queries import Span

EVER = Span(date(2000, 1, 1), date(2999, 12, 31))
WRITTEN = re.compile(r"(2\d{3})(?:-(0[1-9]|1[0-2]))?")


def span_of(period: str) -> Span:
    """The days of `2026` or `2026-11`, or of ever where it is empty; raises `PeriodUnreadable`."""
    if not period:
        return EVER
    said = WRITTEN.fullmatch(period)
    if said is None:
        raise PeriodUnreadable
    year, month = int(said[1]), said[2]
    if month is None:
        return Span(date(year, 1, 1), date(year, 12, 31))
    return Span(date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1]))

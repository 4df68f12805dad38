"""How a row lies in memory: the record of a supply and of a demand, their zone rows, and the flags in them."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]

# One line of lists a row, in this order, in the pool of its rack; `at` is where it begins.
SUPPLY: Final = np.dtype(
    [
        ("id_high", "u8"),
        ("id_low", "u8"),
        ("entity", "u8"),
        ("organisation", "u8"),
        ("x", "f8"),
        ("y", "f8"),
        ("z", "f8"),
        ("published", "f8"),
        ("kinds", "u8"),
        ("opens", "i4"),
        ("closes", "i4"),
        ("at", "u4"),
        ("capacity", "u4"),
        ("minimum", "u4"),
        ("epci", "u4"),
        ("known", "u2"),
        ("inferred", "u2"),
        ("ewc", "u2"),
        ("cpv", "u2"),
        ("permits", "u2"),
        ("blocked", "u2"),
        ("words", "u2"),
        ("bits", "u1"),
        ("flags", "u1"),
        ("services", "u1"),
        ("level", "u1"),
        ("social", "u1"),
    ],
    align=True,
)
DEMAND: Final = np.dtype(
    [
        ("id_high", "u8"),
        ("id_low", "u8"),
        ("entity", "u8"),
        ("organisation", "u8"),
        ("x", "f8"),
        ("y", "f8"),
        ("z", "f8"),
        ("published", "f8"),
        ("kinds", "u8"),
        ("radius", "f8"),
        ("opens", "i4"),
        ("closes", "i4"),
        ("at", "u4"),
        ("amount", "u4"),
        ("minimum", "u4"),
        ("known", "u2"),
        ("inferred", "u2"),
        ("ewc", "u2"),
        ("cpv", "u2"),
        ("permits", "u2"),
        ("profile", "u2"),
        ("hazardous", "u2"),
        ("words", "u2"),
        ("bits", "u1"),
        ("flags", "u1"),
        ("service", "u1"),
        ("levels", "u1"),
    ],
    align=True,
)
# `reach` and `near` are squares of chords of the unit sphere: what the zone covers, and from where it is a near miss.
ZONE: Final = np.dtype(
    [
        ("x", "f4"),
        ("y", "f4"),
        ("z", "f4"),
        ("reach", "f4"),
        ("near", "f4"),
        ("slot", "u4"),
        ("opens", "u2"),
        ("closes", "u2"),
        ("bits", "u1"),
        ("unused", "u1", 3),
    ],
    align=True,
)
# value in its base unit, the same per month (both equal for what happens once), number of the unit, happens once
AMOUNT: Final = np.dtype([("value", "f8"), ("monthly", "f8"), ("unit", "i4"), ("once", "i4")], align=True)

# flags of a supply
PAUSED: Final = 1
MAY_ISSUE_RECEIPTS: Final = 2
# flags of a demand
PUBLIC_TENDER: Final = 1
RECEIPT_WANTED: Final = 2
WASTE: Final = 4
IS_FLOW: Final = 8

UNTOLD: Final = 255
"""A level or a service type that nobody told."""

EARLIEST: Final = -(2**31)
LATEST: Final = 2**31 - 1
EPOCH_ORDINAL: Final = 730_120
"""Day 0 of records and zone rows: 2000-01-01, as `date.toordinal` counts."""
FOR_EVER: Final = 65_535

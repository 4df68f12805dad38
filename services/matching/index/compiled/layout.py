"""How a row lies in memory: its head, its lists, the record of a supply and of a demand, their zone rows, and flags."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]

# What is read first, of every row that is looked at: its first two categories (or `no_category`), which features a
# demand lets count, so that nobody is looked at who could not have the points, and who can be kept from another by
# place and days only, and whether there are `more` categories.
BROW: Final = np.dtype([("first", "u2"), ("second", "u2"), ("counts", "u1"), ("more", "u1")], align=True)
# What else shows whether two sides mean the same thing: `at`, where its line of lists begins in the pool of its rack,
# and how long these are: words, further categories, known and inferred, codes of waste and of purchases, permits (two
# numbers each of a supply, one of a demand), and what is its side's own: whom a supply has blocked (two numbers each).
HEAD: Final = np.dtype(
    [
        ("at", "u4"),
        ("words", "u2"),
        ("inferred", "u2"),
        ("ewc", "u2"),
        ("cpv", "u2"),
        ("blocked", "u2"),
        ("known", "u1"),
        ("permits", "u1"),
    ],
    align=True,
)
# The rest, read of those who may fit. `x`, `y`, `z` are the place on the unit sphere, in parts of `SPHERE`; `published`
# is in seconds since 2000.
SUPPLY: Final = np.dtype(
    [
        ("id_high", "u8"),
        ("id_low", "u8"),
        ("entity", "u8"),
        ("organisation", "u8"),
        ("x", "i4"),
        ("y", "i4"),
        ("z", "i4"),
        ("published", "u4"),
        ("opens", "i4"),
        ("closes", "i4"),
        ("capacity", "u4"),
        ("minimum", "u4"),
        ("kinds", "u4"),
        ("epci", "u2"),
        ("services", "u1"),
        ("flags", "u1"),
    ],
    align=True,
)
# Lists of its own: the permits that its waste takes (`profile`), and its hazardous codes.
DEMAND: Final = np.dtype(
    [
        ("id_high", "u8"),
        ("id_low", "u8"),
        ("entity", "u8"),
        ("organisation", "u8"),
        ("radius", "f8"),
        ("x", "i4"),
        ("y", "i4"),
        ("z", "i4"),
        ("published", "u4"),
        ("opens", "i4"),
        ("closes", "i4"),
        ("amount", "u4"),
        ("minimum", "u4"),
        ("kinds", "u4"),
        ("profile", "u2"),
        ("hazardous", "u2"),
        ("flags", "u1"),
        ("service", "u1"),
        ("levels", "u1"),
    ],
    align=True,
)
# `rim` numbers how far it reaches.
ZONE: Final = np.dtype(
    [
        ("x", "f4"),
        ("y", "f4"),
        ("z", "f4"),
        ("rim", "u4"),
        ("slot", "u4"),
        ("opens", "u2"),
        ("closes", "u2"),
    ],
    align=True,
)
# value in its base unit, the same per month (both equal for what happens once), number of the unit, happens once
AMOUNT: Final = np.dtype([("value", "f8"), ("monthly", "f8"), ("unit", "i4"), ("once", "i4")], align=True)
# squares of chords of the unit sphere: what a zone covers, and from where it is a near miss; whether its centre is the
# place of who is found there
RIM: Final = np.dtype([("reach", "f4"), ("near", "f4"), ("own", "u4")], align=True)

NO_AREA: Final = 0
"""Areas are numbered from 1 on."""
# where who asks is or works: a disc around a point and how far it almost reaches, or an area; whether the point is the
# own place
PLACE: Final = np.dtype(
    [("latitude", "f8"), ("longitude", "f8"), ("km", "f8"), ("near_km", "f8"), ("area", "i8"), ("own", "i8")]
)
# what is found: its slot and score, the number of the constraint that fails (0 for a match), its points and kilometres
FOUND: Final = np.dtype([("slot", "i8"), ("score", "i8"), ("gap", "i8"), ("points", "i8"), ("km", "f8")])

SPHERE: Final = 1 << 30
"""Parts of the sphere's radius: six millimetres of the earth's each."""

# flags of a supply; above them its `social_rank` (two bits) and the level of what it does with a material (four)
PAUSED: Final = 1
MAY_ISSUE_RECEIPTS: Final = 2
SOCIAL: Final = 2
LEVEL: Final = 4
NO_LEVEL: Final = 15
# flags of a demand
PUBLIC_TENDER: Final = 1
RECEIPT_WANTED: Final = 2
WASTE: Final = 4
IS_FLOW: Final = 8

# what a demand lets count, beside what always does
DISTANCE_COUNTS: Final = 1
QUANTITY_COUNTS: Final = 2
SERVICE_COUNTS: Final = 4
LEVEL_COUNTS: Final = 8
CODES_COUNT: Final = 16
PLAIN: Final = 32
"""Beside them, of both sides: nothing but place and days can keep it from another plain one."""
COUNTED: Final = PLAIN - 1
"""The bits of features."""

UNTOLD: Final = 255
"""A service type that nobody told."""

EARLIEST: Final = -(2**31)
LATEST: Final = 2**31 - 1
EPOCH_ORDINAL: Final = 730_120
"""Day 0 of records and zone rows: 2000-01-01, as `date.toordinal` counts."""
EPOCH_SECONDS: Final = 946_684_800
"""Its beginning in UTC, as `datetime.timestamp` counts."""
FOR_EVER: Final = 65_535

"""Who is served before whom: the better treatment, then the social economy, then who asked before."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from services.catalog.subscriptions.rules import given, in_order
from shared.events.facts import Level
from shared.events.subscriptions import UnservedFor
from tests.services.catalog.test_subscriptions_states import a_subscription

BEGINS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# Best first: level, whether it is of the social economy, hours after the first one asked.
PLACES = (
    (Level.REUSE, True, 9),
    (Level.REUSE, False, 1),
    (Level.REUSE, False, 2),
    (Level.ANIMALS, True, 0),
    (Level.RECYCLING, True, 0),
    (Level.RECYCLING, False, 0),
)


def test_the_better_treatment_then_the_social_economy_then_who_asked_before() -> None:
    subscriptions = []
    for level, is_ess, hours in PLACES:
        one = a_subscription()
        one.level, one.asked_at = level, BEGINS + timedelta(hours=hours)
        one.taker.roles = ["ess"] if is_ess else ["buyer"]
        subscriptions.append(one)
    for shuffled in list(permutations(subscriptions))[::97]:
        assert in_order(shuffled) == subscriptions


@pytest.mark.parametrize(
    ("wanted", "left", "minimum", "part"),
    [
        (Decimal(4), Decimal(10), None, Decimal(4)),
        (Decimal(4), Decimal(3), None, Decimal(3)),
        (Decimal(4), Decimal(10), Decimal(5), UnservedFor.BELOW_MINIMUM),
        # All that is left may be smaller than the smallest part.
        (Decimal(4), Decimal(3), Decimal(5), Decimal(3)),
        (Decimal(4), Decimal(0), None, UnservedFor.NOTHING_LEFT),
        (None, Decimal(10), None, UnservedFor.UNIT),
    ],
)
def test_each_has_its_part_and_the_last_one_what_is_left(
    wanted: Decimal | None, left: Decimal, minimum: Decimal | None, part: Decimal | UnservedFor
) -> None:
    assert given(wanted, left, minimum) == part

"""The form with every question on one page, alike for needs, offers and flows."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.services.catalog import test_flows, test_needs, test_offers
from tests.services.catalog.conftest import SignUp, hidden_of

KINDS = [
    (test_needs.post_need, test_needs.MEALS),
    (test_offers.post_offer, test_offers.PALLETS),
    (test_flows.post_flow, test_flows.PALLETS),
]


@pytest.mark.parametrize(("publish", "says"), KINDS, ids=["need", "offer", "flow"])
async def test_what_a_colleague_saved_meanwhile_is_not_written_over_and_what_was_typed_is_kept(
    sign_up: SignUp, publish: Callable[..., Awaitable[httpx.Response]], says: dict[str, Any]
) -> None:
    author = await sign_up(roles=["buyer", "ess", "publisher"])
    address = (await publish(author)).headers["location"]
    seen = await hidden_of(author, f"{address}/edit")
    first, second = ({**says, **seen, "title": title} for title in ("Écrit en premier", "Écrit en second"))
    assert (await author.post(address, data=first)).status_code == 303
    refused = await author.post(address, data=second)
    assert refused.status_code == 422
    assert 'value="Écrit en second"' in refused.text
    assert "Écrit en premier" in (await author.get(address)).text

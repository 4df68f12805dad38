"""A twin, Stripe's own client on it, a receiver of its events and what a marketplace does with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import stripe

from tests.deploy.stripe_twin.marketplace import Marketplace
from tests.deploy.stripe_twin.receiver import Receiver, receiving
from tests.stripe_twin import RunningTwin, running_twin


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "twin.sqlite"


@pytest.fixture
async def twin(receiver: Receiver, store: Path) -> AsyncIterator[RunningTwin]:
    async with running_twin([receiver.url], store=store) as running:
        yield running


@pytest.fixture
def client(twin: RunningTwin) -> stripe.StripeClient:
    return twin.client()


@pytest.fixture
def market(twin: RunningTwin, client: stripe.StripeClient) -> Marketplace:
    return Marketplace(twin, client)

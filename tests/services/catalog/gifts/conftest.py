"""A company that gives and an association that receives."""

import httpx
import pytest

from tests.services.catalog.conftest import SignUp


@pytest.fixture
async def donor(buyer: httpx.AsyncClient) -> httpx.AsyncClient:
    return buyer


@pytest.fixture
async def recipient(donor: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(organisation_name="Mobilier solidaire", roles=["ess"], place="31100 Toulouse")

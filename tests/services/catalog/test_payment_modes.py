"""INVARIANT: money moves as the settings say, or the service does not start."""

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from services.catalog.settings import Settings
from shared.settings import PaymentMode

TEST, LIVE, SECRET, TWIN = "sk_test_1", "sk_live_1", ["whsec_1"], {"api": "http://127.0.0.1:1"}
HERE, HTTPS = "http://127.0.0.1:8000", "https://boucle.fr"


def set_as(settings: Settings, mode: str, public_url: str, **stripe: Any) -> Settings:
    known = {**settings.model_dump(), "payment_mode": mode, "public_url": public_url}
    return Settings(**{**known, "stripe": stripe or None})


@pytest.mark.parametrize(
    ("mode", "public_url", "stripe", "sentence"),
    [
        ("stripe", HERE, {}, "there is no key"),
        ("simulated", HERE, {}, "there is no key"),
        ("stripe", HERE, {"api_key": TEST}, "webhook_secrets is empty"),
        ("stripe", HERE, {"api_key": LIVE, "webhook_secrets": SECRET}, "is not https"),
        ("stripe", HTTPS, {"api_key": LIVE}, "webhook_secrets is empty"),
        ("stripe", HTTPS, {"api_key": "rk_live_1", "webhook_secrets": SECRET, "base_addresses": TWIN}, "elsewhere"),
        ("simulated", HERE, {"api_key": LIVE, "webhook_secrets": SECRET, "base_addresses": TWIN}, "a live one"),
        ("simulated", HERE, {"api_key": TEST, "webhook_secrets": SECRET}, "does not say where"),
        (
            "simulated",
            HTTPS,
            {"api_key": TEST, "webhook_secrets": SECRET, "base_addresses": TWIN},
            "is where people come",
        ),
        ("stripe", HERE, {"api_key": "pk_test_1", "webhook_secrets": SECRET}, "a secret or restricted key"),
    ],
)
def test_half_configured_it_does_not_start(
    catalog_settings: Settings, mode: str, public_url: str, stripe: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        set_as(catalog_settings, mode, public_url, **stripe)


@pytest.mark.parametrize(
    ("mode", "public_url", "stripe", "is_live"),
    [
        ("offline", HTTPS, {}, False),
        ("offline", HTTPS, {"api_key": LIVE}, False),
        ("stripe", HERE, {"api_key": TEST, "webhook_secrets": SECRET}, False),
        ("stripe", HTTPS, {"api_key": LIVE, "webhook_secrets": SECRET}, True),
        ("simulated", HERE, {"api_key": TEST, "webhook_secrets": SECRET, "base_addresses": TWIN}, False),
        (
            "simulated",
            "https://boucle.test",
            {"api_key": TEST, "webhook_secrets": SECRET, "base_addresses": TWIN},
            False,
        ),
    ],
)
def test_whole_it_starts_and_says_whether_money_moves(
    catalog_settings: Settings, mode: str, public_url: str, stripe: dict[str, Any], is_live: bool
) -> None:
    found = set_as(catalog_settings, mode, public_url, **stripe)
    assert (found.payment_mode, found.payments_are_live) == (PaymentMode(mode), is_live)
    assert "sk_" not in repr(found)


async def test_offline_it_says_so_and_nothing_is_asked_of_stripe(visitor: httpx.AsyncClient) -> None:
    told = (await visitor.get("/api/capabilities")).json()
    assert told["payments"] == {"mode": "offline", "is_live": False}

"""How money moves here, as settings say it: what Stripe has to know, and which half-configured modes do not start."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator

from shared.settings import PaymentMode
from shared.settings.addresses import is_encrypted

LIVE = ("sk_live_", "rk_live_")
TEST = ("sk_test_", "rk_test_")
# Names that nobody can have on the internet (RFC 2606, RFC 6761): what is simulated there misleads nobody.
RESERVED = (".test", ".example", ".localhost", ".invalid")


class Stripe(BaseModel):
    """What must be known of Stripe: its key, and the secrets that its notices are signed with, two while one changes.

    `fee_permille` is what the platform keeps of a payment. `base_addresses` leads to another Stripe than the real one,
    such as the small one that is simulated with; with a live key there is none.
    """

    api_key: SecretStr
    webhook_secrets: list[SecretStr] = []
    fee_permille: int = Field(0, ge=0, le=300)
    # Companies pay by transfer or debit first, by card second.
    means: tuple[str, ...] = ("customer_balance", "sepa_debit", "card")
    base_addresses: dict[str, str] = {}

    @field_validator("api_key")
    @classmethod
    def _is_secret(cls, key: SecretStr) -> SecretStr:
        if not key.get_secret_value().startswith((*LIVE, *TEST)):
            raise ValueError("a secret or restricted key begins with sk_test_, rk_test_, sk_live_ or rk_live_")
        return key

    @property
    def is_live(self) -> bool:
        """True when the key moves real money."""
        return self.api_key.get_secret_value().startswith(LIVE)


class HalfConfigured(ValueError):
    """Money would move in another way than the settings seem to say: the service does not start."""


def refuse_half_configured(mode: PaymentMode, stripe: Stripe | None, public_url: str) -> None:
    """Raise `HalfConfigured` in a sentence that says what is missing, or what must not be there."""
    if mode is PaymentMode.OFFLINE:
        return
    if stripe is None:
        raise HalfConfigured(f"payment_mode is {mode}, and there is no key: set stripe.api_key, or be offline.")
    if not stripe.webhook_secrets:
        raise HalfConfigured(f"payment_mode is {mode}, and stripe.webhook_secrets is empty: nobody says who paid.")
    if mode is PaymentMode.SIMULATED:
        _refuse_half_simulated(stripe, public_url)
    elif stripe.is_live:
        _refuse_half_live(stripe, public_url)


def _refuse_half_simulated(stripe: Stripe, public_url: str) -> None:
    if stripe.is_live:
        raise HalfConfigured("payment_mode is simulated, and the key is a live one: real money would move.")
    if "api" not in stripe.base_addresses:
        raise HalfConfigured("payment_mode is simulated, and stripe.base_addresses.api does not say where.")
    host = urlsplit(public_url).hostname or ""
    if public_url.startswith("https:") and not host.endswith(RESERVED) and not is_encrypted(f"http://{host}"):
        raise HalfConfigured(f"payment_mode is simulated, and {public_url} is where people come: nothing is simulated.")


def _refuse_half_live(stripe: Stripe, public_url: str) -> None:
    if not public_url.startswith("https:"):
        raise HalfConfigured(f"the key moves real money, and public_url ({public_url}) is not https.")
    if stripe.base_addresses:
        raise HalfConfigured("the key moves real money, and stripe.base_addresses would send it elsewhere.")


def is_live(mode: PaymentMode, stripe: Any) -> bool:
    """True when real money moves."""
    return mode is PaymentMode.STRIPE and stripe is not None and stripe.is_live

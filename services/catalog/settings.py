"""What catalog reads from its environment."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, field_validator, model_validator

from services.catalog.files.place import S3
from services.catalog.files.scanning import address_of
from services.catalog.oidc.provider import Oidc
from services.catalog.payments.online.modes import Stripe, is_live, refuse_half_configured
from services.catalog.replies.place import Replies
from shared.settings import ServiceSettings


class Host(BaseModel):
    """Who lends the machines; the law asks for all three (LCEN, 1-1)."""

    name: str = ""
    address: str = ""
    phone: str = ""


class Operator(BaseModel):
    """Who answers for this installation; the legal notice and the accessibility statement say what is missing.

    `number` is a SIREN or a SIRET, `director` answers for what is published, `data_protection` and
    `accessibility` are how one reaches whoever answers for these.
    """

    name: str = ""
    number: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    director: str = ""
    data_protection: str = ""
    accessibility: str = ""
    accessibility_plan_url: str = ""
    host: Host = Host()


class Settings(ServiceSettings):
    """Settings of catalog; see `ServiceSettings` for where they come from."""

    service: ClassVar[str] = "catalog"

    identity_private_key_file: Path
    # Documents and photos; a folder that nothing serves directly.
    files_dir: Path
    # A bucket for them instead, where machines share no folder: endpoint, bucket, access_key_id, secret_access_key.
    s3: S3 | None = None
    # What organisations nobody has verified publish waits for a coordinator's look.
    check_first: bool = False
    # ClamAV's daemon, which looks at each file before it is kept: tcp://host:3310 or unix:///its.socket. Empty: nobody.
    clamav: str = ""
    link_keys_file: Path
    # Whether letters leave. If so, an address is confirmed before anything is published in its name.
    sends_mail: bool = False
    # Where answers to letters about messages are taken in: domain, authserv_id. None: nowhere, and no port is open.
    replies: Replies | None = None
    # The State's open register of enterprises (no key, seven questions a second); empty: nobody is asked.
    register_url: str = "https://recherche-entreprises.api.gouv.fr"
    # Who else knows the people that sign in, ProConnect for one; without one there is no button.
    oidc: Oidc | None = None
    # What the legal notice has to say; until it does, the page says what is missing.
    operator: Operator = Operator()

    # What `payment_mode` needs to be `stripe`, or `simulated`; without it nothing is paid online.
    stripe: Stripe | None = None

    @property
    def payments_are_live(self) -> bool:
        """True when real money moves through this installation."""
        return is_live(self.payment_mode, self.stripe)

    @model_validator(mode="after")
    def _refuses_half_configured(self) -> Self:
        refuse_half_configured(self.payment_mode, self.stripe, self.public_url)
        return self

    @field_validator("clamav")
    @classmethod
    def _names_a_place(cls, clamav: str) -> str:
        if clamav:
            address_of(clamav)
        return clamav

    @model_validator(mode="after")
    def _sends_what_is_answered(self) -> Self:
        if self.replies and not self.sends_mail:
            raise ValueError("replies: no letter leaves that could be answered; set smtp_url of notifications first")
        return self

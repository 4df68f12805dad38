"""Where answers by e-mail are taken in, as settings name it; without it no port is open and no letter says so."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network

from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.catalog.files.scanning import address_of

DOMAIN = re.compile(r"(?=.{4,180}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]+")
THIS_MACHINE = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


class Replies(BaseModel):
    """What must be known to take answers in; all of it, or the service does not start.

    `authserv_id` is the name by which the operator's own mail server signs its `Authentication-Results`; `listen` is
    where that server hands mail over by LMTP, and `peers` are the networks it may come from.
    """

    model_config = ConfigDict(extra="forbid")

    domain: str
    authserv_id: str = Field(min_length=1)
    listen: str = "tcp://127.0.0.1:2424"
    peers: list[IPv4Network | IPv6Network] = Field(default=THIS_MACHINE, min_length=1)

    @field_validator("domain", "authserv_id")
    @classmethod
    def _without_case(cls, name: str) -> str:
        return name.strip().lower()

    @field_validator("domain")
    @classmethod
    def _is_a_domain(cls, domain: str) -> str:
        if not DOMAIN.fullmatch(domain):
            raise ValueError("a domain that mail is sent to, such as reponses.example.org")
        return domain

    @field_validator("listen")
    @classmethod
    def _names_a_port(cls, listen: str) -> str:
        if not isinstance(address_of(listen), tuple):
            raise ValueError("write tcp://host:port")
        return listen

    @property
    def host_and_port(self) -> tuple[str, int]:
        """The address and the port that are listened at."""
        place = address_of(self.listen)
        if isinstance(place, str):
            raise TypeError("checked when it was read")
        return place

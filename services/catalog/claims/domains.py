"""Which domain is an organisation's own: that of its site, unless anybody may have an address or a page there."""

import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from services.catalog.organisations.models import Organisation
from services.catalog.organisations.schemas import OPEN_ROLES

FILE = Path(__file__).parent / "public_domains.toml"


@cache
def public_domains() -> frozenset[str]:
    """The domains where anybody may have an address or a page, from the dated list."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return frozenset([*table["mail"], *table["sites"]])


def own_domain(organisation: Organisation) -> str | None:
    """The domain whose addresses are proof; None when there is no such proof for this organisation.

    Roles that only the territory gives (and the rights they carry) are not for whoever reads one mailbox.
    """
    if not OPEN_ROLES.issuperset(organisation.roles):
        return None
    host = (urlsplit(organisation.website or "").hostname or "").removeprefix("www.").rstrip(".")
    return host if "." in host and not _is_public(host) else None


def is_at(email: str, domain: str) -> bool:
    """True when an address is at exactly this domain: parts of it may be somebody else's."""
    return email.rpartition("@")[2].lower() == domain


def _is_public(host: str) -> bool:
    parts = host.split(".")
    return any(".".join(parts[start:]) in public_domains() for start in range(len(parts)))

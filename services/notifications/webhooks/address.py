"""Where a webhook may lead: names and addresses that everybody can reach, and none of our own network.

An address is judged twice. As text, when somebody types it, so that mistakes are said at once. And as what its name
stands for at the moment of sending: whoever owns a name may let it stand for 127.0.0.1 tomorrow.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

HTTPS_PORT = 443
LONGEST = 500
Address = IPv4Address | IPv6Address
# A gateway behind these reaches the IPv4 address that the last 32 bits name (RFC 6052, RFC 8215).
NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
# Names that stand for this machine or its network, whatever a resolver says.
INNER_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "invalid", "test", "example", "onion")


class NotPublic(ValueError):
    """The address is not one that a webhook may lead to."""


def read(url: str, *, to_loopback: bool = False) -> str:
    """The address as it is kept; raises `NotPublic`.

    `to_loopback` also lets plain http through to this machine, on any port: for development.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError as error:  # UnicodeError too
        raise NotPublic("not an address") from error
    if to_loopback and parts.scheme == "http" and _is_loopback(host) and not _holds_more(parts):
        return parts.geturl()
    if parts.scheme != "https" or not host or _holds_more(parts) or port not in (None, HTTPS_PORT):
        raise NotPublic("not a plain https address")
    if len(url) > LONGEST or not url.isprintable() or any(letter.isspace() for letter in url.strip()):
        raise NotPublic("not an address")
    if not _is_public_host(host):
        raise NotPublic("not a public host")
    return parts._replace(netloc=host if ":" not in host else f"[{host}]", path=parts.path or "/").geturl()


def is_public(address: Address) -> bool:
    """True for an address that everybody can reach; those that only wrap another one are judged by that."""
    inner = _wrapped(address)
    if inner is not None:
        return is_public(inner)
    refused = (
        address.is_multicast, address.is_reserved, address.is_unspecified, address.is_loopback,
        address.is_link_local, address.is_private, getattr(address, "is_site_local", False),
    )  # fmt: skip
    return address.is_global and not any(refused)


def is_allowed(address: Address, *, to_loopback: bool) -> bool:
    """True where a connection may go."""
    return is_public(address) or (to_loopback and address.is_loopback)


def _wrapped(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to by some gateway."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _holds_more(parts: SplitResult) -> bool:
    """A password would be kept and shown; a fragment is never sent."""
    return bool(parts.username or parts.password or parts.fragment or "@" in parts.netloc)


def _is_public_host(host: str) -> bool:
    try:
        return is_public(ip_address(host))
    except ValueError:
        labels = host.rstrip(".").lower()
        # A name without a dot is one of the local network, digits alone are an address in disguise.
        inner = any(labels == name or labels.endswith(f".{name}") for name in INNER_NAMES)
        return "." in labels and not inner and not labels.rpartition(".")[2].isdigit()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""Addresses in settings: who is asked over a network is asked over an encrypted one."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_encrypted(address: str) -> bool:
    """True for https, and for plain http to this machine itself."""
    parts = urlsplit(address)
    return parts.hostname is not None and (
        parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

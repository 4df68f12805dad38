"""Passkeys (WebAuthn): what the browser is asked, and what its answer proves."""

import json
from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.catalog.accounts.errors import PasskeyRefused
from services.catalog.accounts.models import Account, Factor

NAME = "Boucle"
# The answer is a stranger's, in JSON, CBOR and bytes: whatever its parsers stumble over, it proves nothing.
UNREADABLE = (Exception,)


class Site(NamedTuple):
    """Where passkeys are good: the name they are bound to, and the one origin they are used from."""

    name: str
    origin: str


class NewKey(NamedTuple):
    """What is kept of a passkey: nothing of it is secret."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def site_of(public_url: str) -> Site | None:
    """The site of an address; None where browsers have no passkeys: without TLS, or under a number.

    An instance on this machine is known to browsers as `localhost` as well, which is a name.
    """
    parts = urlsplit(public_url)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    if _is_number(host):
        return Site("localhost", f"{parts.scheme}://localhost{port}") if ip_address(host).is_loopback else None
    is_safe = parts.scheme == "https" or host == "localhost"
    return Site(host, f"{parts.scheme}://{host}{port}") if is_safe else None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def creation_options(site: Site, account: Account, challenge: bytes, known: Iterable[Factor]) -> str:
    """What `navigator.credentials.create` is asked, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name=NAME,
        user_name=account.email,
        user_display_name=account.name,
        user_id=account.id.bytes,
        challenge=challenge,
        exclude_credentials=_described(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return webauthn.options_to_json(options)


def request_options(site: Site, challenge: bytes, known: Iterable[Factor]) -> str:
    """What `navigator.credentials.get` is asked, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.name, challenge=challenge, allow_credentials=_described(known)
    )
    return webauthn.options_to_json(options)


def created(site: Site, challenge: bytes, credential: str) -> NewKey:
    """The passkey that the browser made; raises `PasskeyRefused`."""
    try:
        made = webauthn.verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=site.name, expected_origin=site.origin
        )
    except UNREADABLE as error:
        raise PasskeyRefused from error
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def used(site: Site, challenge: bytes, credential: str, *, factor: Factor) -> int:
    """How often the passkey was used by its own count, once it has signed the challenge; raises `PasskeyRefused`."""
    try:
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=factor.public_key or b"",
            credential_current_sign_count=factor.sign_count,
        )
    except UNREADABLE as error:
        raise PasskeyRefused from error
    return shown.new_sign_count


def credential_id(credential: str) -> bytes:
    """Which passkey the browser says it used; raises `PasskeyRefused`."""
    try:
        return base64url_to_bytes(json.loads(credential)["id"])
    except UNREADABLE as error:
        raise PasskeyRefused from error


def _described(known: Iterable[Factor]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential_id) for each in known if each.credential_id]

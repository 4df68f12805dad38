"""An OpenID Connect provider as its own discovery document describes it: where people go, and who came back.

Authorization code with PKCE, state and nonce (RFC 9700); what the provider says of a person is read from its
userinfo, which may be JSON or, as ProConnect does, a signed JWT.
"""

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from pydantic import BaseModel, field_validator

from services.catalog.oidc.errors import ProviderAway, ProviderRefused
from shared.settings.addresses import is_encrypted

log = structlog.get_logger(__name__)

# Signatures only: none of them is made with a secret that the two sides share.
ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519", "EdDSA")
DISCOVERED_FOR_S = 3600.0
PATIENCE_S = 5.0
LEEWAY_S = 30
CALLBACK, ENDED = "/sign-in/oidc/callback", "/sign-in/oidc/ended"


class Oidc(BaseModel):
    """What must be known of a provider; all of it, or the service does not start."""

    issuer: str
    client_id: str
    client_secret_file: Path
    # What people call it: « Continuer avec ProConnect ».
    name: str
    scopes: tuple[str, ...] = ("openid", "email", "given_name", "usual_name", "siret")

    @field_validator("issuer")
    @classmethod
    def _over_https(cls, issuer: str) -> str:
        if not is_encrypted(issuer):
            raise ValueError("an issuer is reached over https; http is for a provider on this machine")
        return issuer.rstrip("/")


@dataclass(frozen=True)
class Doubts:
    """What one sign-in is recognised by when it comes back; known to the browser that began it alone."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> "Doubts":
        """New ones, 256 bits each."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """The verifier as the provider is shown it beforehand (S256)."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).decode().rstrip("=")


@dataclass(frozen=True)
class Person:
    """Who came back, as the provider knows them; `subject` is theirs for ever, everything else may change."""

    issuer: str
    subject: str
    email: str
    name: str
    siret: str
    # What the provider is shown when they sign out.
    id_token: str


class Provider:
    """One provider; its discovery document is kept for an hour, its keys are asked for each time they are needed."""

    def __init__(self, settings: Oidc, public_url: str) -> None:
        self.settings = settings
        self._callback, self._ended = f"{public_url}{CALLBACK}", f"{public_url}{ENDED}"
        self._discovered: tuple[float, dict[str, Any]] | None = None

    async def address(self, doubts: Doubts) -> str:
        """Where a browser is sent to; raises `ProviderAway`."""
        async with _client() as client:
            where = (await self._discover(client))["authorization_endpoint"]
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self._callback,
            "scope": " ".join(self.settings.scopes),
            "state": doubts.state,
            "nonce": doubts.nonce,
            "code_challenge": doubts.challenge,
            "code_challenge_method": "S256",
        }
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    async def person(self, code: str, doubts: Doubts) -> Person:
        """Who the code stands for; raises `ProviderAway`, or `ProviderRefused` for whatever does not hold."""
        async with _client() as client:
            found = await self._discover(client)
            given = await _json(
                client.post(
                    found["token_endpoint"],
                    data={
                        "grant_type": "authorization_code",
                        "code": code,
                        "redirect_uri": self._callback,
                        "code_verifier": doubts.verifier,
                        "client_id": self.settings.client_id,
                        "client_secret": self.settings.client_secret_file.read_text().strip(),
                    },
                )
            )
            keys = _keys(await _json(client.get(found["jwks_uri"])))
            proven = self._claims(given.get("id_token", ""), keys, nonce=doubts.nonce)
            bearer = {"authorization": f"Bearer {given.get('access_token', '')}"}
            told = await self._told(client.get(found["userinfo_endpoint"], headers=bearer), keys)
        if told.get("sub") != proven["sub"]:
            raise ProviderRefused
        return self._person(told, given["id_token"])

    async def way_out(self, id_token: str) -> str | None:
        """Where a browser ends the session it has over there; None when that has no door, or does not answer."""
        try:
            async with _client() as client:
                where = str((await self._discover(client)).get("end_session_endpoint") or "")
        except (ProviderAway, ProviderRefused):
            return None
        if not is_encrypted(where):
            return None
        asked = {
            "id_token_hint": id_token,
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": self._ended,
            "state": secrets.token_urlsafe(16),
        }
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    async def _discover(self, client: httpx.AsyncClient) -> dict[str, Any]:
        if self._discovered is None or self._discovered[0] < time.monotonic():
            found = await _json(client.get(f"{self.settings.issuer}/.well-known/openid-configuration"))
            if str(found.get("issuer", "")).rstrip("/") != self.settings.issuer:
                raise ProviderRefused
            self._discovered = time.monotonic() + DISCOVERED_FOR_S, found
        return self._discovered[1]

    def _claims(self, token: str, keys: KeySet, *, nonce: str | None = None) -> Mapping[str, Any]:
        """The claims of a token that is signed, for us, of now; and of this sign-in when there is a nonce."""
        wanted: dict[str, Any] = {
            "sub": {"essential": True},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        if nonce is not None:
            wanted |= {"exp": {"essential": True}, "nonce": {"essential": True, "value": nonce}}
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            jwt.JWTClaimsRegistry(leeway=LEEWAY_S, **wanted).validate(claims)
        except (JoseError, ValueError) as error:
            log.warning("oidc_token_refused", error=repr(error))
            raise ProviderRefused from error
        if str(claims.get("iss", "")).rstrip("/") != self.settings.issuer:
            raise ProviderRefused
        return claims

    async def _told(self, asking: Any, keys: KeySet) -> Mapping[str, Any]:
        answer = await _answer(asking)
        if answer.headers.get("content-type", "").partition(";")[0].strip() == "application/jwt":
            return self._claims(answer.text, keys)
        return _read(answer)

    def _person(self, told: Mapping[str, Any], id_token: str) -> Person:
        names = (told.get("given_name"), told.get("usual_name") or told.get("family_name"))
        return Person(
            issuer=self.settings.issuer,
            subject=str(told["sub"]),
            email=str(told.get("email") or ""),
            name=" ".join(str(name) for name in names if name) or str(told.get("name") or ""),
            siret=str(told.get("siret") or ""),
            id_token=id_token,
        )


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=PATIENCE_S, follow_redirects=False)


async def _answer(asking: Any) -> httpx.Response:
    try:
        answer: httpx.Response = await asking
    except httpx.TransportError as error:
        log.warning("oidc_provider_away", error=repr(error))
        raise ProviderAway from error
    if answer.is_server_error:
        log.warning("oidc_provider_away", status=answer.status_code)
        raise ProviderAway
    if not answer.is_success:
        log.warning("oidc_provider_refused", status=answer.status_code)
        raise ProviderRefused
    return answer


async def _json(asking: Any) -> dict[str, Any]:
    return _read(await _answer(asking))


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise ProviderRefused from error
    if not isinstance(found, dict):
        raise ProviderRefused
    return found


def _keys(told: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set(cast(KeySetSerialization, told))
    except (JoseError, ValueError, KeyError) as error:
        raise ProviderRefused from error

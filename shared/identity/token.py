"""The identity token: signed by catalog (Ed25519), verified by everyone, too short-lived to need revoking elsewhere."""

import json
import time
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.identity.identity import Identity, Role

ALGORITHM = "Ed25519"
# Revocation is immediate in catalog and at most this late elsewhere, even with NATS frozen: under the promised 60 s.
TOKEN_LIFE = timedelta(seconds=50)
ISSUER = "boucle"


class Signer:
    """Mints tokens with the first of catalog's private keys; the others are on their way out."""

    def __init__(self, private_key_file: Path) -> None:
        self._key = KeySet.import_key_set(json.loads(private_key_file.read_text())).keys[0]

    def mint(self, identity: Identity) -> str:
        """A token that says who is acting, for `TOKEN_LIFE`."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "iat": now,
            "exp": now + int(TOKEN_LIFE.total_seconds()),
            "sub": str(identity.member_id),
            "sid": str(identity.session_id),
            "name": identity.person_name,
            "org": str(identity.organisation_id),
            "org_name": identity.organisation_name,
            "role": identity.role,
            "roles": sorted(identity.roles),
            "lang": identity.language,
            "confirmed": identity.is_confirmed,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid}, claims, self._key, algorithms=[ALGORITHM])


class Verifier:
    """Reads tokens with the public keys."""

    def __init__(self, public_keys_file: Path) -> None:
        self._keys = KeySet.import_key_set(json.loads(public_keys_file.read_text()))
        self._rules = jwt.JWTClaimsRegistry(leeway=0, iss={"essential": True, "value": ISSUER}, exp={"essential": True})
        # A browser shows the same token for most of a minute: its signature is checked once, its age each time.
        self._signed = lru_cache(maxsize=4096)(self._verify)

    def read(self, token: str, *, life_left_s: int = 0) -> Identity | None:
        """The identity a valid token speaks of, with at least so many seconds to live; None for anything else."""
        signed = self._signed(token)
        if signed is None or signed.expires_at < time.time() + life_left_s:
            return None
        return signed.identity

    def _verify(self, token: str) -> "_Signed | None":
        try:
            claims = jwt.decode(token, self._keys, algorithms=[ALGORITHM]).claims
            self._rules.validate(claims)
            identity = Identity(
                session_id=UUID(claims["sid"]),
                member_id=UUID(claims["sub"]),
                person_name=claims["name"],
                organisation_id=UUID(claims["org"]),
                organisation_name=claims["org_name"],
                role=Role(claims["role"]),
                roles=frozenset(claims["roles"]),
                language=claims["lang"],
                # Not in the tokens of a catalog from before it, during a rolling change.
                is_confirmed=claims.get("confirmed", True),
            )
            return _Signed(identity, int(claims["exp"]))
        except (JoseError, ValueError, KeyError, TypeError):
            return None


class _Signed(NamedTuple):
    identity: Identity
    expires_at: int

"""Every secret of an instance: made once, kept in files only their owner may read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

from deploy.embedded.data_folder import DataFolder, write_private

SERVICES = ("catalog", "matching", "notifications")
NATS_USERS = (*SERVICES, "admin", "sys")
ROLE_KINDS = ("owner", "app", "work", "read")
SUPERUSER = "boucle_admin"
# What the nodes of a NATS cluster say to each other.
ROUTES_FILE = "nats_routes.password"


def database_roles() -> list[str]:
    """`catalog_owner`, `catalog_app`, `catalog_work`, `catalog_read` and so on."""
    return [f"{service}_{kind}" for service in SERVICES for kind in ROLE_KINDS]


def make_credentials(folder: DataFolder) -> None:
    """Make whatever is missing; what exists is never replaced (delete a file to have a new secret)."""
    for name in ("csrf", "links", ROUTES_FILE, *(f"{role}.password" for role in (SUPERUSER, *database_roles()))):
        _once(folder.secrets / name, lambda: secrets.token_urlsafe(32))
    for user in NATS_USERS:
        _once(folder.secrets / f"{user}.nkey", _nkey_seed)
    if not (folder.secrets / "identity.jwks").exists():
        _make_identity_keys(folder)


def password(folder: DataFolder, role: str) -> str:
    """The password of a database role."""
    return (folder.secrets / f"{role}.password").read_text()


def seed_file(folder: DataFolder, user: str) -> Path:
    """Where the nkey seed of a NATS user lies."""
    return folder.secrets / f"{user}.nkey"


def public_nkey(folder: DataFolder, user: str) -> str:
    """What the NATS server knows of a user: the public half of its key."""
    import nkeys  # 50 ms that most commands never need

    public: bytes = nkeys.from_seed(seed_file(folder, user).read_bytes().strip()).public_key
    return public.decode()


def _once(path: Path, make: Callable[[], str]) -> None:
    if not path.exists():
        write_private(path, make())


def _nkey_seed() -> str:
    import nkeys  # first start only

    seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    return seed.decode()


def _make_identity_keys(folder: DataFolder) -> None:
    """An Ed25519 pair: the private set for catalog, the public one for all who verify its tokens."""
    from joserfc.jwk import KeySet, OKPKey  # first start only

    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "Ed25519", "kid": secrets.token_hex(8)})
    keys = KeySet([key])
    write_private(folder.secrets / "identity.private.jwks", json.dumps(keys.as_dict(private=True)))
    write_private(folder.secrets / "identity.jwks", json.dumps(keys.as_dict(private=False)))

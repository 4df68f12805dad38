"""What catalog must read again and nobody else may: sealed before it is stored, with a key that no database holds.

AES-256-GCM; each key is derived (HKDF) from a line of the file that links are made with. The first line seals, all of
them open, as with links: a new line on top, and what was sealed before is sealed anew. A seal says which key made it,
and holds for one account and one purpose: a row copied to another account opens nothing there.
"""

import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.ext.asyncio import AsyncSession

VERSION = "v1"
INFO = b"boucle catalog vault v1"
NONCE_BYTES, KEY_BYTES, NAME_LENGTH = 12, 32, 8
# Under what name sessions know the vault.
VAULT = "vault"


class Sealed(StrEnum):
    """What is sealed."""

    APP = "app"
    ID_TOKEN = "id_token"  # noqa: S105 - a purpose


class SealBroken(Exception):
    """No key here opens it: the key is lost, or the row is not what was sealed."""


class Vault:
    """The keys of a file, one a line."""

    def __init__(self, file: Path) -> None:
        lines = [line.strip().encode() for line in file.read_text().splitlines() if line.strip()]
        if not lines:
            raise ValueError(f"no key in {file}")
        derived = [_derived(line) for line in lines]
        self._keys: Mapping[str, AESGCM] = {_name(key): AESGCM(key) for key in derived}
        self._first = _name(derived[0])

    @property
    def prefix(self) -> str:
        """How everything begins that the first key sealed."""
        return f"{VERSION}:{self._first}:"

    def seal(self, text: str, account_id: UUID, purpose: Sealed) -> str:
        """The text, readable with one of the keys alone, for this account and purpose alone."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        closed = self._keys[self._first].encrypt(nonce, text.encode(), _bound(account_id, purpose))
        return self.prefix + urlsafe_b64encode(nonce + closed).decode()

    def open(self, stored: str, account_id: UUID, purpose: Sealed) -> str:
        """What was sealed; a text of before there was a vault as it stands. Raises `SealBroken`."""
        if not stored.startswith(f"{VERSION}:"):
            return stored
        try:
            _, name, packed = stored.split(":")
            whole = b64decode(packed, b"-_", validate=True)
            nonce, closed = whole[:NONCE_BYTES], whole[NONCE_BYTES:]
            return self._keys[name].decrypt(nonce, closed, _bound(account_id, purpose)).decode()
        except (KeyError, ValueError, InvalidTag) as error:
            raise SealBroken from error


def vault_of(session: AsyncSession) -> Vault:
    """The vault of whoever serves this session."""
    vault: Vault = session.info[VAULT]
    return vault


def _derived(line: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=INFO).derive(line)


def _name(key: bytes) -> str:
    return sha256(b"name:" + key).hexdigest()[:NAME_LENGTH]


def _bound(account_id: UUID, purpose: Sealed) -> bytes:
    return f"{purpose.value}:{account_id}".encode()

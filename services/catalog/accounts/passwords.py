"""Passwords: argon2id in a thread, a few at a time, and the list of those everybody tries first."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from services.catalog.accounts.errors import PasswordTooCommon

# ASVS 11.4.2: at least m=19 MiB, t=2, p=1. Each hash holds its memory, so only a few run at once.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = asyncio.Semaphore(4)
_decoy = _hasher.hash(secrets.token_urlsafe(16))

COMMON = frozenset(
    """
    motdepasse azertyuiop azerty123456 password1234 123456789012 1234567890 qwertyuiop toulouse31000 toulouse2026
    bienvenue2026 boucle123456 administrateur soleil123456 jetaime12345 abcdefghijkl changemenow! password12345
    motdepasse123 motdepasse1234 azertyuiop123 stadetoulousain stade-toulousain 1234567891011 987654321098
    """.split()  # noqa: SIM905 - a list of words reads better as text
)


async def hash_password(password: str) -> str:
    """The argon2id hash to store; refuses what is on the list."""
    if password.casefold() in COMMON or len(set(password)) < 4:
        raise PasswordTooCommon
    async with _slots:
        return await asyncio.to_thread(_hasher.hash, password)


async def password_matches(stored: str | None, password: str) -> bool:
    """Compare in constant effort: an unknown account costs what a known one does."""
    async with _slots:
        try:
            await asyncio.to_thread(_hasher.verify, stored or _decoy, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return stored is not None

"""Recovery codes: ten, shown once, each good once, for who has lost their phone."""

import secrets
from hashlib import sha256

CODES = 10
# What is easily mistaken on paper is left out; twelve of these are 59 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 12


def new_codes() -> list[str]:
    """Ten codes as they are shown: `abcd-efgh-jkmn`."""
    return [_grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH))) for _ in range(CODES)]


def is_like_one(code: str) -> bool:
    """True for what could be a recovery code, however it was typed."""
    return len(_bare(code)) == LENGTH


def hash_of(code: str) -> bytes:
    """What is kept of a code; with that many bits a plain hash cannot be searched."""
    return sha256(_bare(code).encode()).digest()


def _bare(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))

"""How a key is written: a name to be found by, 256 bits, and a checksum that tells a key from what only looks like one.

`boucle_`, 43 letters and digits, then six of the CRC-32 of what stands before: scanners of code and logs recognise a
leaked key without asking anybody.
"""

import secrets
import string
from hashlib import sha256
from zlib import crc32

NAME = "boucle_"
BITS = 256
# 62 ** 43 is the first power above 2 ** 256.
LENGTH, CHECKSUM_LENGTH = 43, 6
# Enough to tell one's keys apart; what stays unknown is still 232 bits.
SHOWN = len(NAME) + 4
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_key() -> str:
    """A key that nobody had before."""
    body = NAME + _written(secrets.randbits(BITS), LENGTH)
    return body + _checksum(body)


def is_like_one(text: str) -> bool:
    """True when the checksum is that of the rest; says nothing about whether the key opens anything."""
    body, checksum = text[:-CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    return body.startswith(NAME) and len(body) == len(NAME) + LENGTH and checksum == _checksum(body)


def hash_of(key: str) -> bytes:
    """What the table knows of a key; one round is enough for what nobody can guess."""
    return sha256(key.encode()).digest()


def _checksum(body: str) -> str:
    return _written(crc32(body.encode()), CHECKSUM_LENGTH)


def _written(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits

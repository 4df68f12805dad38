"""Free texts without the addresses and numbers by which a person is reached: not by the file."""

from __future__ import annotations

import re

MASK = "[…]"

_MAIL = re.compile(r"[\w.+%-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
# As they are dialled in France, with what people put between the pairs.
_PHONE = re.compile(r"(?<![\d+])(?:(?:\+|00)\s?33\s?(?:\(0\)\s?)?|0)[1-9](?:[\s.\u00a0\u202f-]?\d{2}){4}(?!\d)")


def masked(text: str) -> str:
    """The text with each e-mail address and French phone number taken out."""
    return _PHONE.sub(MASK, _MAIL.sub(MASK, text))

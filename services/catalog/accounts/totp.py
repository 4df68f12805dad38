"""Codes of an authenticator app (RFC 6238): six digits, new every half minute, each of them good once."""

import hmac
from datetime import datetime

import pyotp
import segno

STEP_S = 30
# A phone's clock may be one step off, either way.
TOLERANCE = 1
ISSUER = "Boucle"


def new_secret() -> str:
    """160 random bits in base 32, as apps take them."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step whose code this is, if it is a later one than `after`, the last that was used."""
    made, step = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    near = range(step - TOLERANCE, step + TOLERANCE + 1)
    matching = [each for each in near if hmac.compare_digest(made.at(each * STEP_S).encode(), code.encode())]
    return next((each for each in matching if each > after), None)


def address(secret: str, email: str) -> str:
    """What the app reads from the drawing: `otpauth://totp/Boucle:…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def drawing(secret: str, email: str) -> str:
    """The same as an SVG element, black on white whatever the theme, as cameras want it."""
    code = segno.make(address(secret, email), error="m", micro=False)
    return code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)


def grouped(secret: str) -> str:
    """The secret for typing, in groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))

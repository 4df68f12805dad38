"""When a message that was not taken is sent again: ten times in three days, then no more."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Standard Webhooks' own schedule: soon for what was a hiccup, a night and a week-end's day for what has to be mended.
DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
# So that what failed together does not come back together.
JITTER = 0.1
# A receiver may ask for more patience than the schedule has, though not for ever.
LONGEST_WAIT = timedelta(hours=24)
# What they mean is "not so fast": everything to that address rests, for so long unless the answer says how long.
THROTTLING = frozenset({429, 502, 503, 504})
REST = timedelta(seconds=30)


def is_over(attempts: int) -> bool:
    """True when no further attempt follows."""
    return attempts >= len(DELAYS)


def delay_after(attempts: int, *, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many attempts; `asked` is what the receiver wants at least."""
    planned = DELAYS[attempts] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter, not a secret
    return max(planned, asked or timedelta(0))


def rest_after(status: int | None, asked: timedelta | None) -> timedelta | None:
    """How long the whole address is left alone; None when it need not be."""
    if status in THROTTLING:
        return asked or REST
    return asked


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """What `Retry-After` asks for, in seconds or as a date, within reason; None when it cannot be read."""
    if header is None:
        return None
    text = header.strip()
    try:
        wait = timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else _until(text) - now
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _until(text: str) -> datetime:
    at = parsedate_to_datetime(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)

"""Waiting in tests for what comes by itself, as long as a busy machine needs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

PATIENCE_S: Final = 30.0
PAUSE_S: Final = 0.05


async def holds(check: Callable[[], Awaitable[None]], seconds: float = PATIENCE_S) -> None:
    """Return once nothing that is checked is refused; raise what still is when the time is over."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await check()
        except (AssertionError, KeyError):
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(PAUSE_S)

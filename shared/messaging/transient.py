"""Which errors mean "the database is away" and which mean "this message cannot be applied"."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLSTATE classes: connection, insufficient resources, operator intervention, system error, rolled back by conflict.
TRANSIENT_CLASSES = ("08", "53", "57", "58", "40")
LOCK_NOT_AVAILABLE = "55P03"


def is_transient(error: BaseException) -> bool:
    """True when trying the same unit of work again later may succeed without anything being mended."""
    if isinstance(error, OSError | TimeoutError | PoolTimeout | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if not state:
        # A killed postmaster surfaces as a bare client error without a code.
        return isinstance(getattr(error.orig, "__cause__", None), asyncpg.InternalClientError)
    return state[:2] in TRANSIENT_CLASSES or state == LOCK_NOT_AVAILABLE

"""Which errors mean "the database is away" and which mean "this message cannot be applied"."""

from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLSTATE classes: connection, insufficient resources, operator intervention, system error, rolled back by conflict.
TRANSIENT_CLASSES = ("08", "53", "57", "58", "40")
LOCK_NOT_AVAILABLE = "55P03"
# A name that is just being given to a restored database (`boucle restore`).
NO_SUCH_DATABASE = "3D000"
# In a transient class, yet it is the statement's own slowness that was cut short.
QUERY_CANCELED = "57014"


def is_transient(error: BaseException) -> bool:
    """True when trying the same unit of work again later may succeed without anything being mended."""
    if isinstance(error, OSError | PoolTimeout):
        return True
    faces = list(_faces(error))
    states = [str(state) for face in faces if (state := getattr(face, "sqlstate", None))]
    if states:
        return any(_passes(state) for state in states)
    return any(_lost_connection(face) for face in faces)


def _faces(error: BaseException | None) -> Iterator[BaseException]:
    # The same trouble comes raw from a Statement, in the adapter's class from BEGIN, and wrapped from the session.
    while error is not None:
        yield error
        orig = getattr(error, "orig", None)
        error = orig if isinstance(orig, BaseException) else error.__cause__


def _passes(state: str) -> bool:
    return state != QUERY_CANCELED and (
        state[:2] in TRANSIENT_CLASSES or state in (LOCK_NOT_AVAILABLE, NO_SUCH_DATABASE)
    )


def _lost_connection(face: BaseException) -> bool:
    if isinstance(face, DBAPIError):
        return face.connection_invalidated
    if isinstance(face, asyncpg.InterfaceError):
        # Its other uses (a wrong number or type of parameters) are mistakes that stay.
        return "connection" in str(face) and not isinstance(face, ValueError)
    # A killed postmaster surfaces as a bare client error without a code.
    return isinstance(face, asyncpg.InternalClientError)

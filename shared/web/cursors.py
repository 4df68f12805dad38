"""Where a list goes on: an opaque text, which holds the place of the last row that was told."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import QueryParameter

from shared.refusal import Refusal

Place = TypeVar("Place")
Row = TypeVar("Row")
Out = TypeVar("Out")

MOST = 100
NUL = rb"\u0000"
# What every list takes: `list_needs(session, cursor: Cursor = None, limit: Limit = 50)`.
Cursor = Annotated[
    str | None, QueryParameter(max_length=200, description="`next` of the page before; without it, the first page.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many at most.")]


class CursorMalformed(Refusal):
    """A cursor that none of our lists gave."""

    status = 422
    sentence = "Ce curseur ne vient pas d'une de nos listes : reprenez-le tel quel de « next »."
    field = "cursor"


def cursor_at(place: Any) -> str:
    """The cursor of a place: an id, a day, a number."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str | None, kind: type[Place]) -> Place | None:
    """The place a cursor stands for; raises `CursorMalformed`."""
    if cursor is None:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if NUL in text:
            raise ValueError("PostgreSQL's text has no NUL character")
        return msgspec.json.decode(text, type=kind)
    except (ValueError, RecursionError) as error:
        raise CursorMalformed from error


def cut(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], Row | None]:
    """The rows of one page out of one more than it holds, and the last of them when there is a next page."""
    return rows[:limit], rows[limit - 1] if len(rows) > limit else None


def listed(
    rows: Sequence[Row], limit: int, out: Callable[[Row], Out], *, at: Callable[[Row], Any] = attrgetter("id")
) -> tuple[list[Out], str | None]:
    """What one page tells, out of one more row than it holds, and the cursor of the next page when there is one."""
    found, last = cut(rows, limit)
    return [out(each) for each in found], None if last is None else cursor_at(at(last))

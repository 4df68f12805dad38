"""Compiles all that matching computes with, or reads it from where it was kept.

`python -m services.matching.search.warming`: `make setup` and the image's build call it, so that no process has to wait
for the compiler before its first search.
"""

from datetime import UTC, datetime
from uuid import UUID

from services.matching.index.compiled import warming
from services.matching.search.columns import Line
from services.matching.search.memory import Memory
from shared.questions.search import SearchAsked

AT = datetime(2026, 1, 1, tzinfo=UTC)


def warm_up() -> None:
    """The index, and one search among one row."""
    warming.warm_up()
    memory = Memory()
    line = Line(
        id=UUID(int=1),
        asks="offer",
        title="bois",
        published_at=AT,
        deadline_on=None,
        commune_code="",
        categories=(),
        kinds=(),
        found={"w:bois": 1.0},
    )
    memory.put(line, ["bois"])
    memory.search(SearchAsked(text="bois"), today=AT.date())


if __name__ == "__main__":
    warm_up()

"""What a service keeps of another's facts, declared so that it can be built again from them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Event


class Keeper(Protocol):
    """Writes what one event tells, and only that."""

    def __call__(self, session: AsyncSession, event: Any, /) -> Awaitable[object]:
        """Run inside a transaction, through the names of the service's tables without a schema."""


Turn = Callable[[AsyncSession], Awaitable[None]]
Follow = Callable[[AsyncSession, Sequence[UUID]], Awaitable[None]]


@dataclass(frozen=True)
class Projection:
    """One table of one row an aggregate: its primary key is the aggregate's id.

    INVARIANT: a row is what `keepers` make of those events that the inbox holds, in whatever order they came.

    `keepers` write what an event tells and nothing else: no event of ours, no mail, no consequence.
    `own` are the columns that the service fills by itself; they are left as they are.
    `cache_key` is the column by which processes keep decoded rows: a mended row gets another one.
    `ended` tells, of the row `l`, that its aggregate is no more: such a row may outlive its events.
    `end` is the assignment that ends a row which nobody ever told of; None removes it.
    `turn` is what writers of the table take first, so that it is taken before the table.
    `follow` does for mended rows what the handlers would have done besides keeping them.
    `chunk` rows are mended in one transaction: the table's writers wait for so many.
    `purpose` names the durable that reads these events, where the service has more than one.
    """

    service: str
    stream: str
    table: str
    keepers: Mapping[type[Event], Keeper]
    own: tuple[str, ...] = ()
    cache_key: str | None = None
    ended: str = "false"
    end: str | None = None
    turn: Turn | None = None
    follow: Follow | None = None
    chunk: int = 1_000
    purpose: str = ""

    @property
    def name(self) -> str:
        """`matching.supplies`."""
        return f"{self.service}.{self.table}"

    @property
    def consumer(self) -> str:
        """The reader whose inbox says which events were told."""
        return f"{self.stream}.{self.service}-{self.purpose}" if self.purpose else f"{self.stream}.{self.service}"

    @property
    def types(self) -> list[str]:
        """The types of event that write here."""
        return [kind.type for kind in self.keepers]

    @property
    def whole_types(self) -> list[str]:
        """Those of them after which nothing earlier matters."""
        return [kind.type for kind in self.keepers if kind.whole]

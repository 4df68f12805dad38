"""Who goes first: from when each treatment and kind of taker may take a part of a lot. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from services.catalog.flows.ladder import MATERIAL, Ladder
from shared.events.facts import Level

OPEN_TO_ALL = timedelta(hours=72)
"""A lot with less to live is open to everybody at once (domain.md, rule 5)."""


class Life(NamedTuple):
    """When a lot opened and when it is gone, and which share of the time between is kept for those who go first."""

    begins_at: datetime
    ends_at: datetime
    percent: int

    @property
    def open_to_all_at(self) -> datetime:
        """The end of the share, or when too little time is left, whichever comes first."""
        share = (self.ends_at - self.begins_at) * self.percent / 100
        return max(self.begins_at, min(self.begins_at + share, self.ends_at - OPEN_TO_ALL))


class Step(NamedTuple):
    """From `since` on, who does this may take, of the social economy alone where `is_ess`; None is anybody."""

    since: datetime
    level: Level | None
    is_ess: bool


def steps(life: Life, wanted: Collection[str], ladder: Ladder = MATERIAL) -> list[Step]:
    """Who may take from when on, each with everybody before; `wanted` are the holder's treatments, none is any.

    The window is shared evenly, a better treatment before a worse one and in each the social economy first.
    """
    first = [(level, is_ess) for level in ladder.first if not wanted or level in wanted for is_ess in (True, False)]
    window = life.open_to_all_at - life.begins_at
    if not first or not window:
        return [Step(life.begins_at, None, is_ess=False)]
    queue = [Step(life.begins_at + window * at / len(first), *each) for at, each in enumerate(first)]
    return [*queue, Step(life.open_to_all_at, None, is_ess=False)]


def opens_at(life: Life, wanted: Collection[str], ladder: Ladder = MATERIAL, *, level: Level, is_ess: bool) -> datetime:
    """From when on somebody may take who treats it so."""
    return next(
        step.since
        for step in steps(life, wanted, ladder)
        if step.level is None or (step.level is level and (is_ess or not step.is_ess))
    )

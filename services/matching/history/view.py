"""What became of a match, as pages and JSON show it: one entry a change."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row

from services.matching.matches.view import Chip, path_of
from services.matching.ranking.score import REASONS
from services.matching.ranking.sides import Demand
from shared.events.reasons import Reason

Speaking = Callable[[Reason], Chip]
"""Says a reason in somebody's language, to the supplier or of it."""

Change = Literal["entered", "changed", "left", "asked", "waiting"]


class Entry(Struct, frozen=True):
    """One thing that happened: `before` is the score until then, where it changed.

    `rank`, `wave`, `bonus`, `chosen` and `propensity` are those of a solicitation; older ones do not say why. `at` of
    one that waits is when it will be looked at.
    """

    change: Change
    at: datetime
    score: int
    weights: str | None
    offer_id: UUID
    offer: str
    chips: list[Chip] = []
    before: int | None = None
    wave: int | None = None
    rank: int | None = None
    bonus: float | None = None
    chosen: str | None = None
    propensity: float | None = None


class Share(Struct, frozen=True):
    """What an organisation was asked in ninety days, and what would have been its fair share, once that was counted."""

    asked: int
    fair: float | None


class History(Struct, frozen=True):
    """What became of one organisation's match with one demand, newest first."""

    demand_id: UUID
    kind: str
    path: str
    title: str
    is_open: bool
    organisation_id: UUID
    organisation: str
    entries: list[Entry]
    share: Share


def history(
    demand: Demand,
    changes: Sequence[Row[Any]],
    asked: Row[Any] | None,
    share: Row[Any],
    *,
    is_open: bool,
    organisation_id: UUID,
    speak: Speaking,
) -> History:
    """All of it in words; there is at least one change or a solicitation."""
    entries = [_change(row, _score_before(changes, at), speak) for at, row in enumerate(changes)]
    entries += [_asked(asked)] if asked else []
    named = changes[0] if changes else asked
    return History(
        demand_id=demand.id,
        kind=demand.kind,
        path=path_of(demand),
        title=demand.title,
        is_open=is_open,
        organisation_id=organisation_id,
        organisation=(named.supplier_name if named else None) or "",
        entries=sorted(entries, key=_newest_first),
        share=Share(share.asked, share.fair),
    )


def _newest_first(entry: Entry) -> tuple[bool, float, bool]:
    # What waits is still to come; whoever is asked in the moment of the match is asked after it.
    return entry.change != "waiting", -entry.at.timestamp(), entry.change != "asked"


def _score_before(changes: Sequence[Row[Any]], at: int) -> int | None:
    """The score that the same offer had until this change; rows come newest first."""
    row = changes[at]
    return next((each.score for each in changes[at + 1 :] if each.offer_id == row.offer_id), None)


def _change(row: Row[Any], before: int | None, speak: Speaking) -> Entry:
    reasons = REASONS.validate_json(row.reasons)
    return Entry(
        change=row.change,
        at=row.at,
        score=row.score,
        weights=row.weights,
        offer_id=row.offer_id,
        offer=row.offer_title or "",
        chips=[] if row.change == "left" else [speak(each) for each in reasons],
        before=before if row.change == "changed" else None,
    )


def _asked(row: Row[Any]) -> Entry:
    return Entry(
        change="asked" if row.solicited_at else "waiting",
        at=row.solicited_at or row.due_at,
        score=row.score,
        weights=row.weights,
        offer_id=row.offer_id,
        offer=row.offer_title or "",
        wave=row.wave,
        rank=row.rank,
        bonus=row.bonus,
        chosen=row.chosen if row.solicited_at else None,
        propensity=row.propensity if row.solicited_at else None,
    )

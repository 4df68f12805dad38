"""A seller's year, pure: from moves of the ledger to what each quarter received, gave back and paid in fees."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel

from services.catalog.payments.ledger import Kind
from shared.clock import day_of

THRESHOLDS: Final = Path(__file__).with_name("thresholds.toml")
# Where a sale's money ends: with its seller, and the platform's part of it.
ENDS: Final = (Kind.RECEIVED, Kind.FEES)
# Where it comes from before it is there: money that goes there again never was.
BEFORE: Final = (Kind.CLAIMED, Kind.HELD)


class Moved(NamedTuple):
    """A move of the ledger under a settlement that the seller is paid by."""

    settlement_id: UUID
    at: datetime
    source: Kind
    target: Kind
    cents: int


class Threshold(BaseModel, frozen=True):
    """A line of `thresholds.toml`."""

    valid_from: date
    sales: int
    cents: int
    source: str
    source_on: date
    to_check: bool


@dataclass
class Totals:
    """What was received before fees and refunds, what was given back, and what the platform kept; cents of euros."""

    received_cents: int = 0
    returned_cents: int = 0
    fee_cents: int = 0
    sales: set[UUID] = field(default_factory=set)

    @property
    def payments(self) -> int:
        """How many settlements were paid."""
        return len(self.sales)

    @property
    def kept_cents(self) -> int:
        """What the seller has of it: as much as the ledger put on its account."""
        return self.received_cents - self.returned_cents - self.fee_cents

    def take(self, move: Moved) -> None:
        """Count a move that money came by, went by, or was shared by with the platform."""
        comes, goes = move.target in ENDS, move.source in ENDS
        self.fee_cents += move.cents * ((move.target is Kind.FEES) - (move.source is Kind.FEES))
        if comes and not goes:
            if move.source in BEFORE:
                self.received_cents += move.cents
                self.sales.add(move.settlement_id)
            else:
                self.returned_cents -= move.cents
        elif goes and not comes:
            if move.target in BEFORE:
                self.received_cents -= move.cents
            else:
                self.returned_cents += move.cents


def quarters_of(moves: Iterable[Moved]) -> list[Totals]:
    """The four quarters of the one year that the moves are of, on Paris's clocks."""
    found = [Totals() for _ in range(4)]
    for move in moves:
        found[(day_of(move.at).month - 1) // 3].take(move)
    return found


def whole_of(quarters: Iterable[Totals]) -> Totals:
    """A year: what is paid in two quarters is one sale."""
    whole = Totals()
    for each in quarters:
        whole.received_cents += each.received_cents
        whole.returned_cents += each.returned_cents
        whole.fee_cents += each.fee_cents
        whole.sales |= each.sales
    return whole


@cache
def _thresholds() -> list[Threshold]:
    said = tomllib.loads(THRESHOLDS.read_text(encoding="utf-8"))["threshold"]
    return sorted((Threshold(**each) for each in said), key=lambda each: each.valid_from)


def threshold_of(year: int) -> Threshold | None:
    """What holds at the end of a year; None for a year before there was any."""
    holding = [each for each in _thresholds() if each.valid_from <= date(year, 12, 31)]
    return holding[-1] if holding else None


def is_above(whole: Totals, threshold: Threshold) -> bool:
    """True once a seller of goods is reported: by how often it sold, or by how much it was paid, less fees."""
    return whole.payments >= threshold.sales or whole.received_cents - whole.fee_cents > threshold.cents

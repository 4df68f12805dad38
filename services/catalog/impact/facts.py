"""What of a confirmed exchange its figures follow from, frozen: whatever its flow or its sides become."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from shared.events.agreements import Nature
from shared.events.facts import Level
from shared.events.impact import ExchangeKind
from shared.events.takings import Basis


class Frozen(BaseModel):
    """A value that does not change."""

    model_config = ConfigDict(frozen=True)


class SideFacts(Frozen):
    """One of the two as it was then; `kinds` are its legal form and its inclusion kinds."""

    is_ess: bool = False
    kinds: tuple[str, ...] = ()
    epci_code: str | None = None


class Amount(Frozen):
    """How much, in a unit of the vocabulary."""

    value: Decimal
    unit: str


class ExchangeFacts(Frozen):
    """A taking has `counted`, its basis and its level; an agreement its nature, lines and signed total in cents.

    `holder` is whose lot or need it is, `partner` the taker or supplier. Positive cents go to the partner. An agreement
    `of_taking` is about a lot's part, which counts by itself.
    """

    kind: ExchangeKind
    confirmed_on: date
    holder: SideFacts
    partner: SideFacts
    categories: tuple[str, ...] = ()
    counted: Amount | None = None
    basis: Basis | None = None
    level: Level | None = None
    is_free: bool = False
    of_taking: bool = False
    nature: Nature | None = None
    total_cents: int = 0
    lines: tuple[Amount, ...] = ()

"""How a demand's own conditions can be made wider, one at a time, from the nearest step on."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from services.matching.ranking.sides import Amount, Demand
from shared.events.facts import Quantity, Window
from shared.events.reasons import Constraint
from shared.questions.preview import Widening

RADII_KM = (20, 40, 80)
DAYS = (7, 30, 90)
SHARES = (Decimal("0.5"), Decimal("0.25"))


class Wider(NamedTuple):
    """The demand with one condition wider, and what that is; its `more` is counted afterwards."""

    demand: Demand
    widening: Widening


def widenings(constraint: Constraint, demand: Demand, today: date) -> list[Wider]:
    """Each wider than the one before; none where only the supplier could change something."""
    wider = WIDER.get(constraint)
    return [] if wider is None else list(wider(demand, today))


def _radius(demand: Demand, _today: date) -> Iterator[Wider]:
    for km in (*(km for km in RADII_KM if demand.radius_km is None or km > demand.radius_km), None):
        yield _wider(demand, Constraint.RADIUS, radius_km=km)


def _window(demand: Demand, today: date) -> Iterator[Wider]:
    """Later at its end or earlier at its beginning; never before answers are in, or before today."""
    window, earliest = demand.window, max(today, demand.deadline_on or today)
    if window.ends_on is not None:
        for days in DAYS:
            moved = Window(starts_on=window.starts_on, ends_on=window.ends_on + timedelta(days=days))
            yield _wider(demand, Constraint.WINDOW, window=moved)
    if window.starts_on is not None and window.starts_on > earliest:
        starts = dict.fromkeys(max(earliest, window.starts_on - timedelta(days=days)) for days in DAYS)
        for start in starts:
            yield _wider(demand, Constraint.WINDOW, window=Window(starts_on=start, ends_on=window.ends_on))


def _minimum(demand: Demand, _today: date) -> Iterator[Wider]:
    if demand.minimum is None:
        return
    said = demand.minimum.said
    for share in SHARES:
        least = Quantity(value=_rounded(said.value * share), unit=said.unit, period=said.period)
        yield Wider(
            demand.model_copy(update={"minimum": Amount.of(least)}),
            Widening(constraint=Constraint.MINIMUM, more=0, minimum=least),
        )
    yield _wider(demand, Constraint.MINIMUM, minimum=None)


def _supplier_kind(demand: Demand, _today: date) -> Iterator[Wider]:
    yield Wider(demand.model_copy(update={"supplier_kinds": ()}), Widening(constraint=Constraint.SUPPLIER_KIND, more=0))


def _permit(demand: Demand, _today: date) -> Iterator[Wider]:
    for permit in demand.permits:
        yield _wider(demand, Constraint.PERMIT, permits=tuple(each for each in demand.permits if each != permit))


def _eligibility(demand: Demand, _today: date) -> Iterator[Wider]:
    yield Wider(
        demand.model_copy(update={"receipt_wanted": False}), Widening(constraint=Constraint.ELIGIBILITY, more=0)
    )


def _wider(demand: Demand, constraint: Constraint, **changed: Any) -> Wider:
    return Wider(demand.model_copy(update=changed), Widening.model_construct(constraint=constraint, more=0, **changed))


def _rounded(value: Decimal) -> Decimal:
    """As people write it: two figures, never nothing."""
    return max(Decimal("0.001"), round(Decimal(f"{value:.2g}"), 3))


WIDER: Mapping[Constraint, Callable[[Demand, date], Iterator[Wider]]] = {
    Constraint.RADIUS: _radius,
    Constraint.WINDOW: _window,
    Constraint.MINIMUM: _minimum,
    Constraint.SUPPLIER_KIND: _supplier_kind,
    Constraint.PERMIT: _permit,
    Constraint.ELIGIBILITY: _eligibility,
}

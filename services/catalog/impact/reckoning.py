"""What an exchange counts for, from its frozen facts and the dated factors alone: a pure module, exact in decimals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from services.catalog.impact.factors import Factor, factor_for
from services.catalog.impact.facts import Amount, ExchangeFacts, SideFacts
from shared.events.agreements import Nature
from shared.events.facts import Level
from shared.events.impact import ExchangeKind, Measure
from shared.events.takings import Basis
from shared.phrases.names import INCLUSION_KINDS
from shared.vocabulary import UnitUnknown, category, unit

CENTS = Decimal(100)
HUNDREDTH = Decimal("0.01")
# Inclusion through work: what an hour of it costs says nothing of adapted work or of prison.
INSERTION_KINDS = frozenset({"EI", "ACI", "AI", "ETTI", "EITI", "GEIQ"})
DEMOCRATIC_FORMS = frozenset({"association", "scop", "scic", "cooperative", "mutual"})


class Method(StrEnum):
    """How a figure came about; `shared.phrases.impact.METHODS` says it in words."""

    WEIGHED = "weighed"
    BY_VOLUME = "by_volume"
    BY_PIECE = "by_piece"
    NO_WEIGHT = "no_weight"
    MAKING = "making"
    TREATMENT = "treatment"
    SIGNED_PRICE = "signed_price"
    LINES = "lines"
    PARAMETER = "parameter"
    RULE = "rule"


class HourPrice(NamedTuple):
    """What one hour of inclusion work costs in euros, from the dated table of parameters."""

    euros: Decimal
    source: str
    version: str


class Reckoned(NamedTuple):
    """One figure of an exchange: kg, kg CO2e, cents, hours, or one exchange; `value` is None for what has no weight."""

    measure: Measure
    unit: str
    method: Method
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    level: Level | None = None
    basis: Basis | None = None
    source: str = ""
    source_version: str = ""


def reckon(facts: ExchangeFacts, factors: Iterable[Factor], hour: HourPrice | None) -> list[Reckoned]:
    """All that an exchange counts for, each measure once; kilograms are a taking's alone.

    The agreement about a taking adds its money, and the one point that follows from money: the others count already.
    """
    figures = _of_taking(facts, factors) if facts.kind is ExchangeKind.TAKING else _of_agreement(facts, hour)
    points = (Measure.JOBS,) if facts.of_taking else RULES
    return figures + [_point(measure) for measure in points if RULES[measure](facts)]


def weight_of(counted: Amount, categories: Sequence[str]) -> tuple[Decimal | None, Method]:
    """Its mass in kg, exactly, and how: by its unit, or by the one density or weight that its categories agree on."""
    try:
        measured = unit(counted.unit)
    except UnitUnknown:
        return None, Method.NO_WEIGHT
    amount = counted.value * measured.factor
    if measured.dimension == "mass":
        return amount, Method.WEIGHED
    if measured.dimension == "volume":
        density = _agreed(categories, "density")
        return (amount * Decimal(density), Method.BY_VOLUME) if density else (None, Method.NO_WEIGHT)
    piece = _agreed(categories, "unit_kg") if measured.dimension == "count" else None
    return (amount * Decimal(piece), Method.BY_PIECE) if piece else (None, Method.NO_WEIGHT)


def _of_taking(facts: ExchangeFacts, factors: Iterable[Factor]) -> list[Reckoned]:
    if facts.counted is None:
        return []
    mass, method = weight_of(facts.counted, facts.categories)
    # What a volume or a number of pieces weighs is an estimate, however well it was counted.
    basis = facts.basis if method is Method.WEIGHED else Basis.ESTIMATED
    figures = [Reckoned(Measure.MASS, "kg", method, mass, level=facts.level, basis=basis)]
    factor = factor_for(factors, _agreed(facts.categories, "factor"), facts.level, on=facts.confirmed_on)
    if mass is not None and factor is not None:
        figures.append(_avoided(mass, factor, basis))
    return figures


def _avoided(mass: Decimal, factor: Factor, basis: Basis | None) -> Reckoned:
    return Reckoned(
        Measure.CO2E,
        "kgCO2e",
        Method(factor.method),
        mass * factor.value,
        low=mass * factor.low,
        high=mass * factor.high,
        level=factor.level,
        basis=basis,
        source=factor.source,
        source_version=f"{factor.key}/{factor.level}/{factor.version}",
    )


def _of_agreement(facts: ExchangeFacts, hour: HourPrice | None) -> list[Reckoned]:
    figures, paid = [], _paid_to(facts)
    if paid is not None and paid.is_ess:
        figures.append(Reckoned(Measure.MONEY, "cent", Method.SIGNED_PRICE, Decimal(abs(facts.total_cents))))
    if hours := _hours_given(facts):
        figures.append(Reckoned(Measure.HOURS, "hour", Method.LINES, hours))
    if paid is not None and hour is not None and INSERTION_KINDS & set(paid.kinds):
        hours = (abs(facts.total_cents) / CENTS / hour.euros).quantize(HUNDREDTH, ROUND_HALF_UP)
        about = {"basis": Basis.ESTIMATED, "source": hour.source, "source_version": hour.version}
        figures.append(Reckoned(Measure.INSERTION, "hour", Method.PARAMETER, hours, **about))  # type: ignore[arg-type]
    return figures


def _hours_given(facts: ExchangeFacts) -> Decimal:
    """Hours of a partnership's lines: time that is bought is money, and counted there."""
    if facts.nature is not Nature.PARTNERSHIP:
        return Decimal(0)
    return sum((_hours(line) for line in facts.lines), Decimal(0))


def _hours(line: Amount) -> Decimal:
    try:
        measured = unit(line.unit)
    except UnitUnknown:
        return Decimal(0)
    return line.value * measured.factor if measured.dimension == "work" else Decimal(0)


def _paid_to(facts: ExchangeFacts) -> SideFacts | None:
    if facts.kind is not ExchangeKind.AGREEMENT or not facts.total_cents:
        return None
    return facts.partner if facts.total_cents > 0 else facts.holder


def _agreed(categories: Sequence[str], name: str) -> str | None:
    """What all categories say of this, as text; None where one says nothing or they differ."""
    said = {getattr(category(each), name) for each in categories}
    only = said.pop() if len(said) == 1 else None
    return str(only) if only else None


def _point(measure: Measure) -> Reckoned:
    return Reckoned(measure, "exchange", Method.RULE, Decimal(1))


def _sides_hold(facts: ExchangeFacts, kinds: Iterable[str]) -> bool:
    return bool(set(kinds) & {*facts.holder.kinds, *facts.partner.kinds})


def _has_jobs(facts: ExchangeFacts) -> bool:
    paid = _paid_to(facts)
    return paid is not None and paid.is_ess


def _has_influence(facts: ExchangeFacts) -> bool:
    codes = {facts.holder.epci_code, facts.partner.epci_code}
    return None not in codes and len(codes) == 2


def _has_services(facts: ExchangeFacts) -> bool:
    serves = any(category(each).kind == "service" for each in facts.categories)
    return facts.kind is ExchangeKind.AGREEMENT and facts.partner.is_ess and serves


def _has_justice(facts: ExchangeFacts) -> bool:
    gives = facts.is_free if facts.kind is ExchangeKind.TAKING else facts.nature in (Nature.GIFT, Nature.LOAN)
    return gives and (facts.partner.is_ess or facts.holder.is_ess)


# The eight points; `shared.phrases.impact.RULES` says each of these in words, beside its count.
RULES: Mapping[Measure, Callable[[ExchangeFacts], bool]] = {
    Measure.JOBS: _has_jobs,
    Measure.INFLUENCE: _has_influence,
    Measure.SERVICES: _has_services,
    Measure.DEMOCRACY: lambda facts: _sides_hold(facts, DEMOCRATIC_FORMS),
    Measure.JUSTICE: _has_justice,
    Measure.EQUALITY: lambda facts: _sides_hold(facts, INCLUSION_KINDS),
    Measure.TIES: lambda facts: facts.nature is Nature.PARTNERSHIP,
    Measure.ENVIRONMENT: lambda facts: facts.kind is ExchangeKind.TAKING,
}

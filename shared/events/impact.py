"""What catalog publishes about what came of a confirmed exchange."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event
from shared.events.levels import OneLevel, TellsLevel


class ExchangeKind(StrEnum):
    """What was confirmed by both its sides."""

    TAKING = "taking"
    AGREEMENT = "agreement"


class Measure(StrEnum):
    """What a figure counts; the last eight are the points of the territory's grid, and count exchanges."""

    MASS = "mass"
    CO2E = "co2e"
    MONEY = "money"
    HOURS = "hours"
    INSERTION = "insertion"
    JOBS = "jobs"
    INFLUENCE = "influence"
    SERVICES = "services"
    DEMOCRACY = "democracy"
    JUSTICE = "justice"
    EQUALITY = "equality"
    TIES = "ties"
    ENVIRONMENT = "environment"


POINTS = tuple(Measure)[5:]


class ImpactFigure(TellsLevel):
    """One figure; a mass that nobody could weigh has no `value`. Masses are in kg, money in cents."""

    measure: Measure
    unit: str
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    level: OneLevel | None = None
    source_version: str = ""


class ImpactRecorded(Event, type="catalog.impact.recorded.v1", aggregate="exchange_id"):
    """What a confirmed exchange counts for, all of it; told again when it is computed anew with other factors.

    `exchange_id` is the id of the taking or of the agreement; without figures it counts for nothing any more. Each of
    the two sides is told once, as `organisation_id`, with the other as `partner_id`: both count the same exchange.
    """

    exchange_id: UUID
    kind: ExchangeKind
    organisation_id: UUID
    partner_id: UUID
    confirmed_on: date
    figures: tuple[ImpactFigure, ...] = ()
    at: datetime

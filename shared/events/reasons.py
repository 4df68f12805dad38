"""Reasons and near misses as data; `shared.phrases` says them in French and English."""

from decimal import Decimal
from enum import StrEnum

from shared.events.event import Facts

Value = str | int | Decimal | bool | None


class Constraint(StrEnum):
    """What decides whether a demand and a supply can meet at all."""

    KIND = "kind"
    AREA = "area"
    RADIUS = "radius"
    WINDOW = "window"
    PERMIT = "permit"
    LEGAL_STATUS = "legal_status"
    ELIGIBILITY = "eligibility"
    SUPPLIER_KIND = "supplier_kind"
    MINIMUM = "minimum"
    PAUSED = "paused"
    SAME_ENTITY = "same_entity"
    BLOCKED = "blocked"


class Feature(StrEnum):
    """What decides how well they meet."""

    CATEGORY = "category"
    CODE = "code"
    TEXT = "text"
    DISTANCE = "distance"
    QUANTITY = "quantity"
    SERVICE_TYPE = "service_type"
    LEVEL = "level"
    SOCIAL = "social"
    FRESHNESS = "freshness"


class Reason(Facts):
    """One feature that counted: its points of 100 (the score is read off their sum), and what its sentence needs."""

    feature: Feature
    points: Decimal
    values: dict[str, Value] = {}


class Gap(Facts):
    """The one constraint that failed, with the measured gap in `values`."""

    constraint: Constraint
    values: dict[str, Value] = {}

"""Matches as pages and JSON show them: names, words and sentences, nothing to compute in a template."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row

from services.matching.ranking.score import REASONS
from services.matching.ranking.sides import Demand, Supply
from shared.events.reasons import Constraint, Gap, Reason
from shared.phrases import say_gap, say_reason
from shared.phrases.gaps import CONSTRAINT_NAMES
from shared.phrases.names import INCLUSION_KINDS, NEED_KINDS, named, short_supplier_kind
from shared.phrases.voice import To
from shared.web import i18n

CHIPS = 3
NEW_FOR = timedelta(hours=24)

Chip = tuple[str, str]


class Fitting(Struct, frozen=True):
    """One supplier of a demand: the first reasons as chips, the others on demand; `solicited` is when it was asked."""

    rank: int
    offer_id: UUID
    path: str
    organisation_id: UUID
    name: str
    about: str
    score: int
    chips: list[Chip]
    more: list[Chip]
    solicited_at: datetime | None = None
    waits_until: datetime | None = None


class Missing(Struct, frozen=True):
    """One supplier that a single condition keeps out."""

    offer_id: UUID
    path: str
    organisation_id: UUID
    name: str
    about: str
    score: int
    gap: Chip


class Cost(Struct, frozen=True):
    """One condition, and how many good suppliers it alone keeps out."""

    name: str
    suppliers: int


class ForYou(Struct, frozen=True):
    """One demand that fits an organisation (or almost: then `gap` says why not). A hidden author has no name."""

    kind: str
    demand_id: UUID
    path: str
    title: str
    about: str
    score: int
    chips: list[Chip] = []
    more: list[Chip] = []
    gap: Chip | None = None
    matched_at: datetime | None = None
    deadline_on: str | None = None
    is_new: bool = False


def fitting(row: Row[Any], *, rank: int, asked: Row[Any] | None, language: str) -> Fitting:
    """A ranked match for its author."""
    supply = Supply.model_validate_json(row.supply)
    chips, more = _said(REASONS.validate_json(row.reasons), language, to="author")
    return Fitting(
        rank=rank,
        offer_id=row.offer_id,
        path=supply_path(supply),
        organisation_id=row.organisation_id,
        name=supply.supplier_name,
        about=_about(supply, language),
        score=row.score,
        chips=chips,
        more=more,
        solicited_at=asked.solicited_at if asked else None,
        waits_until=asked.due_at if asked and asked.solicited_at is None else None,
    )


def missing(row: Row[Any], *, language: str) -> Missing:
    """A near miss for its author."""
    supply = Supply.model_validate_json(row.supply)
    return Missing(
        offer_id=row.offer_id,
        path=supply_path(supply),
        organisation_id=row.organisation_id,
        name=supply.supplier_name,
        about=_about(supply, language),
        score=row.score,
        gap=say_gap(Gap.model_validate_json(row.gap), language),
    )


def cost(constraint: str, suppliers: int, *, language: str) -> Cost:
    """What one condition costs."""
    french, english = CONSTRAINT_NAMES[Constraint(constraint)]
    return Cost(english if language == "en" else french, suppliers)


def for_you(row: Row[Any], *, language: str, now: datetime) -> ForYou:
    """A match for its supplier."""
    demand = Demand.model_validate_json(row.demand)
    chips, more = _said(REASONS.validate_json(row.reasons), language, to="supplier")
    return ForYou(
        **_demand(demand, language),
        score=row.score,
        chips=chips,
        more=more,
        matched_at=row.matched_at,
        is_new=now - row.matched_at < NEW_FOR,
    )


def almost_for_you(row: Row[Any], *, language: str) -> ForYou:
    """A near miss for its supplier."""
    demand = Demand.model_validate_json(row.demand)
    gap = say_gap(Gap.model_validate_json(row.gap), language, to="supplier")
    return ForYou(**_demand(demand, language), score=row.score, gap=gap)


def mine(row: Row[Any], demand: Demand, *, language: str) -> ForYou:
    """How this demand fits the visitor's organisation."""
    if row.gap is not None:
        gap = say_gap(Gap.model_validate_json(row.gap), language, to="supplier")
        return ForYou(**_demand(demand, language), score=row.score, gap=gap)
    chips, more = _said(REASONS.validate_json(row.reasons), language, to="supplier")
    return ForYou(**_demand(demand, language), score=row.score, chips=chips, more=more)


def path_of(demand: Demand) -> str:
    """The demand's page, in catalog."""
    return f"/{demand.kind}s/{demand.id}"


def supply_path(supply: Supply) -> str:
    """The page of an offer or a campaign, in catalog."""
    return f"/{supply.posted}s/{supply.id}"


def kind_name(asks: str, language: str) -> str:
    """« Achat », « Gisement »: the kind of need, or a flow."""
    if asks == "flow":
        return "Material flow" if language == "en" else "Gisement"
    return named(NEED_KINDS, asks, language)


def _demand(demand: Demand, language: str) -> dict[str, Any]:
    parts = [kind_name(demand.asks, language), demand.place.short_name]
    return {
        "kind": demand.kind,
        "demand_id": demand.id,
        "path": path_of(demand),
        "title": demand.title,
        "about": ", ".join([*parts, demand.author_name] if demand.author_name else parts),
        "deadline_on": demand.deadline_on.isoformat() if demand.deadline_on else None,
    }


def _about(supply: Supply, language: str) -> str:
    # « ESAT » says more than « Association »: what it is for before its legal form.
    telling = sorted(supply.supplier_kinds, key=lambda code: code not in INCLUSION_KINDS)
    kinds = [short_supplier_kind(code, language) for code in telling[:1]]
    return ", ".join([*_campaign(supply, language), *kinds, supply.place.commune_name])


def _campaign(supply: Supply, language: str) -> list[str]:
    """« Campagne « Un four », 8 000 € » before who opened it: it is for this that money is sought."""
    if supply.posted != "campaign":
        return []
    goal = i18n.euros(supply.goal_cents, language)
    return [f"Campaign “{supply.title}”, {goal}" if language == "en" else f"Campagne « {supply.title} », {goal}"]


def _said(reasons: tuple[Reason, ...], language: str, *, to: To) -> tuple[list[Chip], list[Chip]]:
    said = [say_reason(reason, language, to=to) for reason in reasons]
    return said[:CHIPS], said[CHIPS:]

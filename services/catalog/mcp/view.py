"""Rows as an assistant reads them: the columns of open data, short in lists and whole one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.catalog.flows.lot import Lot
from services.catalog.opendata.datasets import DATASETS, LOTS
from services.catalog.opendata.models import LotRow
from services.catalog.opendata.writing import plain_of
from shared.phrases.names import (
    AMOUNT_BANDS,
    CONDITIONS,
    LEGAL_STATUSES,
    LEVELS,
    MEANS,
    NEED_KINDS,
    ORGANISATION_ROLES,
    ORIGINS,
    PACKAGINGS,
    PERIODS,
    PERMITS,
    PROCUREMENT_MODES,
    SERVICE_TYPES,
    SUPPLIER_KINDS,
    Names,
)
from shared.vocabulary import UNITS, categories, children, name, roots

_POSTED = ("id", "url", "title", "categories", "organisation_id", "organisation_name", "commune_name")
_MUCH = ("quantity_value", "quantity_unit", "quantity_period", "published_at", "origin")
# What a list tells of each row.
SHORT: Mapping[str, Sequence[str]] = {
    "needs": (*_POSTED, "kind", "deadline_on", *_MUCH),
    "flows": (*_POSTED, "legal_status", "recurrence", "price_cents", *_MUCH),
    "offers": (*_POSTED, "need_kinds", "takes_material", "zones", *_MUCH),
    "organisations": ("id", "url", "siret", "name", "roles", "kinds", "commune_name", "state", "origin"),
}
LISTS: Mapping[str, Names] = {
    "need_kinds": NEED_KINDS,
    "organisation_roles": ORGANISATION_ROLES,
    "supplier_kinds": SUPPLIER_KINDS,
    "legal_statuses": LEGAL_STATUSES,
    "levels": LEVELS,
    "periods": PERIODS,
    "permits": PERMITS,
    "conditions": CONDITIONS,
    "packagings": PACKAGINGS,
    "means": MEANS,
    "service_types": SERVICE_TYPES,
    "procurement_modes": PROCUREMENT_MODES,
    "amount_bands": AMOUNT_BANDS,
    "origins": ORIGINS,
}


def short_of(dataset: str, row: Any, public_url: str) -> dict[str, Any]:
    """A row in a list."""
    told = DATASETS[dataset].values(row, public_url)
    return {column: plain_of(told[column]) for column in SHORT[dataset]}


def whole_of(dataset: str, row: Any, public_url: str, language: str) -> dict[str, Any]:
    """Everything public of a row, with its state and what its categories are called."""
    told = {column: plain_of(value) for column, value in DATASETS[dataset].values(row, public_url).items()}
    told["state"] = plain_of(row.state)
    if "categories" in told:
        told["category_names"] = [name(each, language) for each in told["categories"]]
    return told


def lots_of(lots: Iterable[Lot], origin: str, public_url: str) -> list[dict[str, Any]]:
    """A flow's lots."""
    rows = (LOTS.values(LotRow(lot, origin), public_url) for lot in lots)
    return [{column: plain_of(value) for column, value in row.items()} for row in rows]


def vocabulary_of(listed: str, under: str | None, language: str) -> list[dict[str, Any]]:
    """A list of codes with their names; categories a level at a time, with how many are below each."""
    if listed == "categories":
        ids = children(under) if under else roots()
        return [_category(each, language) for each in ids]
    if listed == "units":
        return [{"code": unit.id, "name": unit.name(language), "symbol": unit.symbol} for unit in UNITS]
    return [{"code": code, "name": names[language == "en"]} for code, names in LISTS[listed].items()]


def _category(category_id: str, language: str) -> dict[str, Any]:
    entry = categories()[category_id]
    told = {"code": category_id, "name": name(category_id, language), "below": len(children(category_id))}
    return told | {"ewc": list(entry.ewc), "cpv": list(entry.cpv), "naf": list(entry.naf)}

"""Which columns each kind of row has, the headings they go by, and how their cells read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.catalog.imports.cells import (
    Reader,
    as_category,
    as_cents,
    as_day,
    as_flag,
    as_number,
    as_permit,
    as_siret,
    as_text,
    as_time,
    coded,
    listed,
)
from services.catalog.imports.errors import ColumnMissing, FieldUnknown, HeadingUnknown
from services.catalog.imports.files import Line, Sheet
from shared.phrases import names
from shared.vocabulary import fold


@dataclass(frozen=True)
class Column:
    """A field of a row: its usual headings beside its own name, how its cells read, and as what they are handed on."""

    name: str
    headings: tuple[str, ...] = ()
    read: Reader = as_text
    required: bool = False
    field: str = ""


Columns = tuple[Column, ...]


@dataclass(frozen=True)
class Reading:
    """How one file's columns lie: position by field, how many there are, and the headings nothing was made of."""

    positions: Mapping[Column, int]
    width: int
    ignored: tuple[str, ...] = ()

    def typed(self, line: Line) -> dict[str, str]:
        """The row's texts by field; empty cells are absent."""
        cells = line.cells
        texts = {column.name: cells[at] for column, at in self.positions.items() if at < len(cells)}
        return {name: text for name, text in texts.items() if text}

    def values(self, typed: Mapping[str, str], today: date) -> dict[str, object]:
        """What the texts mean."""
        columns = (column for column in self.positions if column.name in typed)
        return {column.field or column.name: column.read(typed[column.name], today) for column in columns}


def reading_of(sheet: Sheet, columns: Columns, mapping: Mapping[str, str]) -> Reading:
    """Find each column's place, by `mapping` (field to heading) first, then by name and usual headings."""
    known = {column.name: column for column in columns}
    for name in mapping:
        if name not in known:
            raise FieldUnknown(field=name, known=", ".join(known))
    places = {key_of(heading): at for at, heading in reversed(list(enumerate(sheet.headings))) if heading}
    positions: dict[Column, int] = {}
    for column in columns:
        at = _place_of(column, places, mapping.get(column.name), sheet.headings)
        if at is not None:
            positions[column] = at
        elif column.required:
            raise ColumnMissing(column=column.name, headings=", ".join(filter(None, sheet.headings)))
    used = set(positions.values())
    ignored = tuple(each for at, each in enumerate(sheet.headings) if each and at not in used)
    return Reading(positions, len(sheet.headings), ignored)


def key_of(heading: str) -> str:
    """A heading without accents, case, spaces and punctuation: « N° SIRET » is `nsiret`."""
    return re.sub(r"[\W_]", "", fold(heading))


def _place_of(column: Column, places: Mapping[str, int], mapped: str | None, headings: tuple[str, ...]) -> int | None:
    if mapped is not None:
        if key_of(mapped) not in places:
            raise HeadingUnknown(heading=mapped, headings=", ".join(filter(None, headings)))
        return places[key_of(mapped)]
    candidates = (key_of(each) for each in (column.name, *column.headings))
    return next((places[key] for key in candidates if key in places), None)


_EXTERNAL_IDS = ("id", "identifiant", "identifiant externe", "référence", "reference", "ref")
_PLACE = Column("place", ("lieu", "commune", "ville", "city", "town"), required=True)
_DESCRIPTION = Column("description", ("texte", "détail", "text", "details"))

ORGANISATION_COLUMNS: Columns = (
    Column("external_id", _EXTERNAL_IDS),
    Column("siret", ("n° siret", "numéro siret", "siret number"), as_siret),
    Column(
        "organisation_name",
        ("name", "nom", "raison sociale", "dénomination", "structure", "organisation", "enseigne"),
        required=True,
    ),
    _PLACE,
    Column("latitude", ("lat",), as_number),
    Column("longitude", ("lon", "lng", "long"), as_number),
    Column("address", ("adresse", "rue", "street")),
    Column("kinds", ("kind", "type", "statut", "forme juridique", "legal form"), listed(coded(names.SUPPLIER_KINDS))),
    Column("roles", ("rôle", "rôles", "role"), listed(coded(names.ORGANISATION_ROLES))),
    _DESCRIPTION,
    Column("website", ("site", "site internet", "site web", "url")),
    Column("naf", ("code naf", "ape", "code ape")),
    Column("permits", ("permis", "autorisations"), listed(as_permit)),
    Column("may_issue_receipts", ("reçus fiscaux", "tax receipts"), as_flag),
    Column("verified", ("vérifiée", "vérifié"), as_flag),
)

_POSTED: Columns = (
    Column("external_id", _EXTERNAL_IDS, required=True),
    Column("organisation", ("structure", "siret", "propriétaire", "owner"), required=True),
    Column("state", ("état",)),
    Column("title", ("titre", "intitulé", "objet", "subject"), required=True),
    _DESCRIPTION,
    Column("categories", ("catégorie", "catégories", "category"), listed(as_category)),
    Column("ewc", ("code déchet", "codes déchets", "waste code", "waste codes"), listed()),
    Column("quantity_value", ("quantité", "quantity", "capacité", "capacity")),
    Column("quantity_unit", ("unité", "unit")),
    Column("quantity_period", ("période", "period", "rythme"), coded(names.PERIODS)),
    Column("minimum_value", ("minimum", "quantité minimale", "minimum quantity")),
    Column("starts_on", ("début", "start", "start date"), as_day),
    Column("ends_on", ("fin", "end", "end date"), as_day),
)
_SUPPLIER_KINDS = Column(
    "supplier_kinds", ("types de structures", "supplier kinds"), listed(coded(names.SUPPLIER_KINDS))
)
_PERMITS_WANTED = Column("permits", ("permis", "autorisations"), listed(coded(names.PERMITS)))
_RADIUS = Column("radius_km", ("rayon", "rayon km", "radius"))
_RECEIPT = Column("receipt_wanted", ("reçu fiscal", "tax receipt"), as_flag)

NEED_COLUMNS: Columns = (
    *_POSTED,
    Column("kind", ("type", "nature", "type de besoin"), coded(names.NEED_KINDS), required=True),
    _PLACE,
    Column("cpv", ("code cpv", "codes cpv"), listed()),
    _RADIUS,
    Column("deadline_on", ("date limite", "échéance", "deadline"), as_day),
    Column("service_type", ("type de prestation", "service type"), coded(names.SERVICE_TYPES)),
    Column("procurement_mode", ("mode d'achat", "procurement mode"), coded(names.PROCUREMENT_MODES)),
    Column("amount_band", ("montant", "tranche de montant", "budget", "amount"), coded(names.AMOUNT_BANDS)),
    _SUPPLIER_KINDS,
    _PERMITS_WANTED,
    _RECEIPT,
    Column("public_tender", ("marché public", "public tender"), as_flag),
    Column("tender_url", ("adresse de l'annonce", "annonce", "notice")),
    Column("tender_reference", ("référence de l'annonce", "notice reference")),
    Column("author_hidden", ("anonyme", "auteur masqué", "hidden"), as_flag),
)

OFFER_COLUMNS: Columns = (
    *_POSTED,
    Column("need_kinds", ("types de besoins", "kinds", "kind"), listed(coded(names.NEED_KINDS))),
    Column("takes_material", ("prend des matières", "takes"), as_flag),
    Column("cpv", ("code cpv", "codes cpv"), listed()),
    Column("naf", ("code naf", "ape"), listed()),
    Column("zones", ("zone", "secteur", "périmètre", "areas", "area"), listed()),
    Column("service_types", ("types de prestation", "service type"), listed(coded(names.SERVICE_TYPES))),
    Column("permits", ("permis", "autorisations"), listed(as_permit)),
    Column("level", ("niveau", "usage"), coded(names.LEVELS)),
)

FLOW_COLUMNS: Columns = (
    *_POSTED,
    Column("legal_status", ("statut juridique", "statut"), coded(names.LEGAL_STATUSES), required=True),
    _PLACE,
    Column("recurrence", ("récurrence", "rrule", "recurrence rule")),
    _RADIUS,
    Column("levels", ("niveaux", "usages"), listed(coded(names.LEVELS))),
    _SUPPLIER_KINDS,
    _PERMITS_WANTED,
    _RECEIPT,
    Column("price", ("prix", "prix par unité", "unit price"), as_cents, field="price_cents"),
    Column("pickup_from", ("enlèvement de", "heure de début"), as_time),
    Column("pickup_until", ("enlèvement à", "heure de fin"), as_time),
    Column("lot_days", ("jours", "durée du lot"), as_text),
)

"""The lists that are given, and the dictionary of their columns: a column cannot be told without being described.

Nothing stands here that no public page shows. Left out though pages show it: how to get in and what is safe on a site,
owners and operators by name, references and facilitators, since these name people.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter

from services.catalog.needs.models import AmountShown, Need
from services.catalog.offers.models import Offer
from services.catalog.opendata.columns import (
    CPV,
    ENDS,
    ID,
    KINDS,
    MINIMUM,
    ORIGIN,
    PERMITS,
    PUBLISHED,
    QUANTITY,
    RADIUS,
    RECEIPT,
    SAID,
    STARTS,
    Read,
    free,
    number,
    of_home,
    of_place,
    placed,
    unless_hidden,
    whose,
)
from services.catalog.opendata.models import Dataset, Described
from shared.events.facts import plain
from shared.territory.place import Area, Radius

# A hundredth of a degree is a kilometre: a radius may have been drawn around somebody's door.
ROUNDED = 2


def _of_clause(name: str) -> Read:
    return lambda need: getattr(need.social_clause, name) if need.social_clause else None


def _of_tender(name: str) -> Read:
    # As on the page: elsewhere than at a tender it would lead to an author who hides.
    return lambda need: getattr(need, name) if need.public_tender else None


def _clause_publics(need: Need) -> list[str]:
    return list(need.clause_publics) if need.clause_ground else []


def _band(need: Need) -> str | None:
    return None if need.amount_shown is AmountShown.HIDDEN else need.amount_band


def _amount(need: Need) -> int | None:
    return need.amount_cents if need.amount_shown is AmountShown.EXACT else None


def _zones(offer: Offer) -> list[str]:
    return [_zone(each) for each in offer.zones]


def _zone(zone: Area | Radius) -> str:
    if isinstance(zone, Radius):
        return f"radius:{zone.km:g}@{round(zone.latitude, ROUNDED)},{round(zone.longitude, ROUNDED)}"
    return f"{zone.kind}:{zone.code}"


NEEDS = Dataset(
    "needs",
    "Besoins ouverts",
    "Ce que des structures cherchent : achats, actions RSE, mécénat, accompagnement, matières.",
    "/needs/{id}",
    (
        ID,
        Described("kind", "code", "Nature du besoin", attrgetter("kind")),
        *SAID,
        CPV,
        *whose(unless_hidden),
        *placed(of_place),
        RADIUS,
        *QUANTITY,
        Described("deadline_on", "date", "Dernier jour pour répondre", attrgetter("deadline_on")),
        STARTS,
        ENDS,
        Described("means", "code", "Sous quelle forme", attrgetter("means")),
        Described("amount_band", "code", "Tranche de budget, si l'auteur la montre", _band),
        Described("amount_cents", "integer", "Budget, si l'auteur le montre", _amount, unit="EUR/100"),
        Described("procurement_mode", "code", "Forme de la consultation", attrgetter("procurement_mode")),
        Described("service_type", "code", "Type de prestation", attrgetter("service_type")),
        KINDS,
        PERMITS,
        RECEIPT,
        Described("public_tender", "boolean", "Vrai pour un marché public formel", attrgetter("public_tender")),
        Described("tender_url", "url", "Annonce du marché", _of_tender("tender_url")),
        Described("tender_reference", "text", "Référence du marché", _of_tender("tender_reference")),
        Described("clause_ground", "code", "Clause sociale : son fondement", _of_clause("ground")),
        Described(
            "clause_hours", "integer", "Clause sociale : heures d'insertion visées", _of_clause("hours"), unit="h"
        ),
        Described("clause_publics", "codes", "Clause sociale : publics visés", _clause_publics),
        Described("environmental_condition", "text", "Condition environnementale", free("environmental_condition")),
        PUBLISHED,
        ORIGIN,
    ),
)
FLOWS = Dataset(
    "flows",
    "Gisements ouverts",
    "Des matières à prendre, une fois ou régulièrement.",
    "/flows/{id}",
    (
        ID,
        *SAID,
        Described(
            "hazardous", "boolean", "Vrai si un des codes déchet est dangereux", lambda flow: bool(flow.hazardous_codes)
        ),
        Described(
            "legal_status", "code", "Statut en droit : produit, sous-produit, déchet…", attrgetter("legal_status")
        ),
        Described("levels", "codes", "Ce que le détenteur accepte qu'on en fasse", attrgetter("levels")),
        *whose(),
        *placed(of_place),
        RADIUS,
        *QUANTITY,
        Described("quantity_most", "decimal", "Haut de la fourchette", number("quantity_most"), unit="quantity_unit"),
        MINIMUM,
        Described("measured", "code", "Comment la quantité est connue", attrgetter("measured")),
        Described(
            "recurrence", "text", "Rythme, règle RRULE de la RFC 5545 ; vide : une seule fois", attrgetter("recurrence")
        ),
        STARTS,
        ENDS,
        Described("pickup_from", "time", "Heure d'ouverture, Europe/Paris", attrgetter("pickup_from")),
        Described("pickup_until", "time", "Heure de fermeture, Europe/Paris", attrgetter("pickup_until")),
        Described(
            "price_cents",
            "integer",
            "Prix par unité ; négatif : le détenteur paie le preneur ; vide : à convenir",
            attrgetter("price_cents"),
            unit="EUR/100",
        ),
        Described("condition", "code", "État de la matière", attrgetter("condition")),
        Described("packaging", "code", "Conditionnement", attrgetter("packaging")),
        Described("consistence", "code", "Consistance", attrgetter("consistence")),
        Described("transport", "code", "Qui transporte", attrgetter("transport")),
        Described("epr_scheme", "code", "Filière de responsabilité élargie", attrgetter("epr_scheme")),
        Described("use_by_on", "date", "À consommer jusqu'au", attrgetter("use_by_on")),
        Described(
            "priority_percent",
            "integer",
            "Part de la vie d'un lot réservée à ceux qui passent d'abord",
            attrgetter("priority_percent"),
            unit="%",
        ),
        KINDS,
        PERMITS,
        RECEIPT,
        PUBLISHED,
        ORIGIN,
    ),
)
LOTS = Dataset(
    "lots",
    "Lots des gisements ouverts",
    "Chaque jour d'un gisement est un lot : ce qui s'annonce, est à prendre, fut pris ou ne le fut pas.",
    "/flows/{flow_id}",
    (
        Described("id", "uuid", "Identifiant, qui ne change pas", attrgetter("lot.id")),
        Described("flow_id", "uuid", "Gisement", attrgetter("lot.flow_id")),
        Described("day", "date", "Jour du lot", attrgetter("lot.day")),
        Described(
            "state",
            "code",
            "planned (annoncé), released (à prendre), taken (pris), collected (enlevé), expired (échu), missed (raté)",
            attrgetter("lot.state"),
        ),
        Described(
            "quantity_value",
            "decimal",
            "Quantité du lot",
            lambda row: plain(row.lot.quantity_value),
            unit="quantity_unit",
        ),
        Described("quantity_unit", "code", "Unité de la quantité", attrgetter("lot.quantity_unit")),
        Described("available_at", "moment", "À prendre dès, UTC", attrgetter("lot.available_at")),
        Described("expires_at", "moment", "À prendre jusqu'à, UTC", attrgetter("lot.expires_at")),
        Described("use_by_on", "date", "À consommer jusqu'au", attrgetter("lot.use_by_on")),
        ORIGIN,
    ),
    is_placed=False,
)
OFFERS = Dataset(
    "offers",
    "Activités ouvertes",
    "Ce que des structures de l'économie sociale et solidaire savent faire.",
    "/offers/{id}",
    (
        ID,
        *SAID,
        Described("need_kinds", "codes", "Natures de besoins servies", attrgetter("need_kinds")),
        Described("takes_material", "boolean", "Vrai si elle prend des matières", attrgetter("takes_material")),
        CPV,
        Described("naf", "codes", "Codes NAF", attrgetter("naf")),
        *whose(),
        *placed(of_home),
        Described(
            "zones",
            "codes",
            "Où elle travaille : commune, epci, department, region, country et code ; ou radius:km@latitude,longitude",
            _zones,
        ),
        *QUANTITY,
        MINIMUM,
        STARTS,
        ENDS,
        Described("service_types", "codes", "Types de prestation", attrgetter("service_types")),
        Described("permits", "codes", "Autorisations déclarées", lambda offer: [each.code for each in offer.permits]),
        Described("level", "code", "Ce qu'elle fait de la matière", attrgetter("level")),
        Described("conditions", "text", "Conditions", free("conditions")),
        Described("lead_days", "integer", "Délai", attrgetter("lead_days"), unit="j"),
        Described("visit_first", "boolean", "Vrai si une visite ou un échantillon précède", attrgetter("visit_first")),
        Described("fetches", "boolean", "Vrai si elle vient chercher", attrgetter("fetches")),
        PUBLISHED,
        ORIGIN,
    ),
)
ORGANISATIONS = Dataset(
    "organisations",
    "Structures de l'annuaire",
    "Les établissements inscrits ou vérifiés, sans les personnes.",
    "/organisations/{id}",
    (
        ID,
        Described("siret", "code", "SIRET, quatorze chiffres", attrgetter("siret")),
        Described("name", "text", "Nom de la structure", attrgetter("name")),
        Described("description", "text", "Description ; adresses e-mail et téléphones retirés", free("description")),
        Described("website", "url", "Site web", attrgetter("website")),
        Described("roles", "codes", "Ce qu'elle vient faire", attrgetter("roles")),
        Described("kinds", "codes", "Forme juridique et agréments déclarés", attrgetter("legal_entity.kinds")),
        Described(
            "may_issue_receipts",
            "boolean",
            "Vrai si elle dit pouvoir délivrer des reçus fiscaux",
            attrgetter("legal_entity.may_issue_receipts"),
        ),
        Described("state", "code", "registered (inscrite) ou verified (vérifiée)", attrgetter("state")),
        *placed(of_place),
        ORIGIN,
    ),
)
DATASETS: Mapping[str, Dataset] = {each.name: each for each in (NEEDS, FLOWS, LOTS, OFFERS, ORGANISATIONS)}

"""What the columns of a template are called and hold, in the words of the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.catalog.imports.columns import Column
from services.catalog.imports.taking import Kind

# By field, or by kind and field where one kind means something else.
SENTENCES: Mapping[str, str] = {
    "external_id": "Le nom de la ligne chez vous, unique dans le fichier : il évite les doublons.",
    "organisations.external_id": "Le nom de la ligne chez vous, sinon le SIRET.",
    "siret": "Quatorze chiffres.",
    "place": "La commune, ou son code postal et son nom.",
    "latitude": "Degrés décimaux.",
    "longitude": "Degrés décimaux.",
    "kinds": "Forme juridique et agréments, séparés par « | ».",
    "roles": "Séparés par « | ».",
    "permits": "Avec leur date de fin s'il y en a une, séparées par « | ».",
    "needs.permits": "Celles qu'il faut avoir pour répondre, séparées par « | ».",
    "flows.permits": "Celles qu'il faut avoir pour répondre, séparées par « | ».",
    "may_issue_receipts": "Oui ou non.",
    "verified": "Oui ou non.",
    "organisation": "Son identifiant, ou son SIRET.",
    "state": "Publié, brouillon, en pause. Vide : publié.",
    "title": "Une ligne.",
    "categories": "Séparées par « | ». Vide : proposées d'après le titre.",
    "ewc": "Six chiffres, séparés par « | ».",
    "quantity_unit": "kg, t, m3, unité, heure, jour, repas…",
    "quantity_period": "Une fois, par jour, par semaine, par mois, par an.",
    "starts_on": "Une date.",
    "ends_on": "Une date.",
    "kind": "Achat, action RSE, mécénat, accompagnement, matière recherchée.",
    "means": "Pour un mécénat, un accompagnement, une action.",
    "cpv": "Huit chiffres, séparés par « | ».",
    "radius_km": "Seulement dans ce rayon.",
    "deadline_on": "Une date.",
    "amount_euros": "En euros.",
    "supplier_kinds": "Elles seules peuvent répondre. Séparés par « | ».",
    "receipt_wanted": "Oui ou non.",
    "public_tender": "Oui ou non.",
    "clause_ground": "À vérifier.",
    "clause_publics": "Séparés par « | ».",
    "author_hidden": "Oui ou non.",
    "need_kinds": "Auxquels répondre, séparés par « | ».",
    "takes_material": "Oui ou non.",
    "zones": "Séparées par « | ». Vide : 30 km autour de la structure.",
    "level": "Ce que devient une matière.",
    "visit_first": "Oui ou non.",
    "fetches": "Oui ou non.",
    "legal_status": "Product, by_product, site_material, waste, end_of_waste, ou leur nom.",
    "recurrence": "Règle RFC 5545. Vide : une fois.",
    "levels": "Acceptés, séparés par « | ».",
    "price": "En euros ; négatif quand vous payez, 0 pour un don, vide à convenir.",
    "lot_days": "En jours.",
    "use_by_on": "Une date.",
    "use_by_days": "Jours après celui de chaque lot.",
}


def title_of(column: Column, language: str) -> str:
    """The heading of a column: files are read in both languages."""
    return column.title if language == "fr" else column.name.replace("_", " ").capitalize()


def help_of(kind: Kind, column: Column, translate: Callable[[str], str]) -> str:
    """What a column holds, or an empty text where its heading says it."""
    sentence = SENTENCES.get(f"{kind.name}.{column.name}") or SENTENCES.get(column.name)
    return translate(sentence) if sentence else ""

"""Which columns each kind of row has, in the order of a template: their headings, what they hold, an example."""

from __future__ import annotations

from typing import Any

from services.catalog.imports.cells import (
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
from services.catalog.imports.columns import Column, Columns
from shared.phrases import names
from shared.phrases.names import Names


def _one(name: str, headings: tuple[str, ...], codes: Names, **said: Any) -> Column:
    """One code of a list."""
    return Column(name, headings, coded(codes), codes=codes, **said)


def _several(name: str, headings: tuple[str, ...], codes: Names, **said: Any) -> Column:
    """Several codes of a list."""
    return Column(name, headings, listed(coded(codes)), codes=codes, joint="|", **said)


_EXTERNAL_IDS = ("Identifiant", "id", "identifiant externe", "référence", "reference", "ref")
_ID_HELP = "Le nom de la ligne chez vous, unique dans le fichier : il évite les doublons."
_PLACE = Column(
    "place",
    ("Lieu", "commune", "ville", "city", "town"),
    required=True,
    joint=" ",
    help="La commune, ou son code postal et son nom.",
    example="31000 Toulouse",
)
_DESCRIPTION = Column("description", ("Description", "texte", "détail", "text", "details"), joint="\n")
_PERMIT_HELP = "Avec leur date de fin s'il y en a une, séparées par « | »."

ORGANISATION_COLUMNS: Columns = (
    Column("external_id", _EXTERNAL_IDS, help="Le nom de la ligne chez vous, sinon le SIRET.", example="atelier-1"),
    Column(
        "siret",
        ("SIRET", "n° siret", "numéro siret", "siret number"),
        as_siret,
        help="Quatorze chiffres.",
        example="732 829 320 00074",
    ),
    Column(
        "organisation_name",
        ("Nom", "name", "raison sociale", "dénomination", "structure", "organisation", "enseigne"),
        required=True,
        example="L'Atelier du Canal",
    ),
    _PLACE,
    Column("latitude", ("Latitude", "lat"), as_number, help="Degrés décimaux.", example="43,6045"),
    Column("longitude", ("Longitude", "lon", "lng", "long"), as_number, help="Degrés décimaux.", example="1,444"),
    Column("address", ("Adresse", "rue", "street"), example="12 rue du Canal"),
    _several(
        "kinds",
        ("Statuts", "kind", "type", "statut", "forme juridique", "legal form"),
        names.SUPPLIER_KINDS,
        help="Forme juridique et agréments, séparés par « | ».",
        example="Association|ACI",
    ),
    _several("roles", ("Rôles", "rôle", "role"), names.ORGANISATION_ROLES, help="Séparés par « | ».", example="ess"),
    _DESCRIPTION,
    Column("website", ("Site internet", "site", "site web", "url"), example="https://www.exemple.fr"),
    Column("naf", ("Code NAF", "ape", "code ape"), example="8130Z"),
    Column(
        "permits", ("Autorisations", "permis"), listed(as_permit), codes=names.PERMITS, joint="|", help=_PERMIT_HELP
    ),
    Column("may_issue_receipts", ("Reçus fiscaux", "tax receipts"), as_flag, help="Oui ou non.", example="non"),
    Column("verified", ("Vérifiée", "vérifié"), as_flag, help="Oui ou non.", example="non"),
)

_POSTED: Columns = (
    Column("external_id", _EXTERNAL_IDS, required=True, help=_ID_HELP, example="2026-001"),
    Column(
        "organisation",
        ("Structure", "siret", "propriétaire", "owner"),
        required=True,
        help="Son identifiant, ou son SIRET.",
        example="732 829 320 00074",
    ),
    Column("state", ("État",), help="Publié, brouillon, en pause. Vide : publié.", example="brouillon"),
    Column("title", ("Titre", "intitulé", "objet", "subject"), required=True, help="Une ligne."),
    _DESCRIPTION,
    Column(
        "categories",
        ("Catégories", "catégorie", "category"),
        listed(as_category),
        joint="|",
        help="Séparées par « | ». Vide : proposées d'après le titre.",
    ),
    Column(
        "ewc",
        ("Codes déchets", "code déchet", "waste code", "waste codes"),
        listed(),
        joint="|",
        help="Six chiffres, séparés par « | ».",
    ),
    Column("quantity_value", ("Quantité", "quantity", "capacité", "capacity"), example="80"),
    Column("quantity_unit", ("Unité", "unit"), help="kg, t, m3, unité, heure, jour, repas…", example="unit"),
    _one(
        "quantity_period",
        ("Période", "period", "rythme"),
        names.PERIODS,
        help="Une fois, par jour, par semaine, par mois, par an.",
        example="par mois",
    ),
    Column("minimum_value", ("Quantité minimale", "minimum", "minimum quantity")),
    Column("starts_on", ("Début", "start", "start date"), as_day, help="Une date.", example="+30"),
    Column("ends_on", ("Fin", "end", "end date"), as_day, help="Une date.", example="+365"),
)
_SUPPLIER_KINDS = _several(
    "supplier_kinds",
    ("Types de structures", "supplier kinds"),
    names.SUPPLIER_KINDS,
    help="Elles seules peuvent répondre. Séparés par « | ».",
)
_PERMITS_WANTED = _several(
    "permits",
    ("Autorisations", "permis"),
    names.PERMITS,
    help="Celles qu'il faut avoir pour répondre, séparées par « | ».",
)
_RADIUS = Column("radius_km", ("Rayon (km)", "rayon", "rayon km", "radius"), help="Seulement dans ce rayon.")
_RECEIPT = Column("receipt_wanted", ("Reçu fiscal", "tax receipt"), as_flag, help="Oui ou non.")
_CPV = Column("cpv", ("Codes CPV", "code cpv"), listed(), joint="|", help="Huit chiffres, séparés par « | ».")

NEED_COLUMNS: Columns = (
    *_POSTED,
    _one(
        "kind",
        ("Type de besoin", "type", "nature"),
        names.NEED_KINDS,
        required=True,
        help="Achat, action RSE, mécénat, accompagnement, matière recherchée.",
        example="Achat",
    ),
    _one("means", ("Sous quelle forme", "moyens"), names.MEANS, help="Pour un mécénat, un accompagnement, une action."),
    _PLACE,
    _CPV,
    _RADIUS,
    Column("deadline_on", ("Date limite", "échéance", "deadline"), as_day, help="Une date.", example="+21"),
    _one("service_type", ("Type de prestation", "service type"), names.SERVICE_TYPES),
    _one("procurement_mode", ("Mode d'achat", "procurement mode"), names.PROCUREMENT_MODES),
    _one("amount_shown", ("Budget affiché",), names.AMOUNT_SHOWN),
    _one("amount_band", ("Montant", "tranche de montant", "budget", "amount"), names.AMOUNT_BANDS),
    Column("amount_euros", ("Montant exact", "montant en euros"), as_number, help="En euros."),
    _SUPPLIER_KINDS,
    _PERMITS_WANTED,
    _RECEIPT,
    Column("public_tender", ("Marché public", "public tender"), as_flag, help="Oui ou non."),
    Column("tender_url", ("Adresse de l'annonce", "annonce", "notice")),
    Column("tender_reference", ("Référence de l'annonce", "notice reference")),
    _one("clause_ground", ("Clause sociale", "social clause"), names.CLAUSE_GROUNDS, help="À vérifier."),
    Column("clause_hours", ("Heures d'insertion", "insertion hours")),
    _several("clause_publics", ("Publics de la clause",), names.CLAUSE_PUBLICS, help="Séparés par « | »."),
    Column("clause_facilitator", ("Facilitateur",)),
    Column("environmental_condition", ("Condition environnementale",)),
    Column("author_hidden", ("Anonyme", "auteur masqué", "hidden"), as_flag, help="Oui ou non."),
)

OFFER_COLUMNS: Columns = (
    *_POSTED,
    _several(
        "need_kinds",
        ("Types de besoins", "kinds", "kind"),
        names.NEED_KINDS,
        help="Auxquels répondre, séparés par « | ».",
        example="Achat|Action RSE",
    ),
    Column("takes_material", ("Prend des matières", "takes"), as_flag, help="Oui ou non."),
    _CPV,
    Column("naf", ("Codes NAF", "code naf", "ape"), listed(), joint="|"),
    Column(
        "zones",
        ("Zones", "zone", "secteur", "périmètre", "areas", "area"),
        listed(),
        joint="|",
        help="Séparées par « | ». Vide : 30 km autour de la structure.",
        example="30 km autour de Launaguet|Haute-Garonne",
    ),
    _several("service_types", ("Types de prestation", "service type"), names.SERVICE_TYPES),
    Column(
        "permits", ("Autorisations", "permis"), listed(as_permit), codes=names.PERMITS, joint="|", help=_PERMIT_HELP
    ),
    _one("level", ("Niveau", "usage"), names.LEVELS, help="Ce que devient une matière."),
    Column("conditions", ("Conditions",)),
    Column("references", ("Références clients",)),
    Column("lead_days", ("Délai en jours", "délai")),
    Column("visit_first", ("Visite d'abord",), as_flag, help="Oui ou non."),
    Column("fetches", ("Vient chercher",), as_flag, help="Oui ou non."),
)

FLOW_COLUMNS: Columns = (
    *_POSTED,
    _one(
        "legal_status",
        ("Statut juridique", "statut"),
        names.LEGAL_STATUSES,
        required=True,
        help="Product, by_product, site_material, waste, end_of_waste, ou leur nom.",
        example="product",
    ),
    _PLACE,
    Column(
        "recurrence",
        ("Récurrence", "rrule", "recurrence rule"),
        help="Règle RFC 5545. Vide : une fois.",
        example="FREQ=WEEKLY;BYDAY=TU",
    ),
    _RADIUS,
    _several("levels", ("Usages", "niveaux"), names.LEVELS, help="Acceptés, séparés par « | »."),
    _SUPPLIER_KINDS,
    _PERMITS_WANTED,
    _RECEIPT,
    Column(
        "price",
        ("Prix par unité", "prix", "unit price"),
        as_cents,
        field="price_cents",
        help="En euros ; négatif quand vous payez, 0 pour un don, vide à convenir.",
    ),
    Column("pickup_from", ("Heure de début", "enlèvement de"), as_time, example="8h"),
    Column("pickup_until", ("Heure de fin", "enlèvement à"), as_time, example="17h30"),
    Column("lot_days", ("Durée du lot", "jours"), as_text, help="En jours."),
    Column("quantity_most", ("Quantité au plus",)),
    _one("measured", ("Mesure",), names.MEASURES),
    _one("condition", ("État de la matière",), names.CONDITIONS),
    _one("packaging", ("Conditionnement",), names.PACKAGINGS),
    _one("consistence", ("Consistance",), names.CONSISTENCES),
    _one("transport", ("Transport",), names.TRANSPORTS),
    Column("access", ("Accès",)),
    Column("safety", ("Sécurité",)),
    Column("owner_name", ("Détenteur",)),
    Column("operator_name", ("Exploitant",)),
    _one("epr_scheme", ("Filière REP",), names.EPR_SCHEMES),
    Column("epr_convention", ("Convention REP",)),
    Column("provenance", ("Provenance",)),
    Column("use_by_on", ("À prendre avant",), as_day, help="Une date."),
    Column("priority_percent", ("Part de priorité (%)", "part de priorité")),
)

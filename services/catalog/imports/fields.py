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
_PLACE = Column(
    "place",
    ("Lieu", "commune", "ville", "city", "town"),
    required=True,
    joint=" ",
    example="31000 Toulouse",
)
_DESCRIPTION = Column("description", ("Description", "texte", "détail", "text", "details"), joint="\n")

ORGANISATION_COLUMNS: Columns = (
    Column("external_id", _EXTERNAL_IDS, example="atelier-1"),
    Column(
        "siret",
        ("SIRET", "n° siret", "numéro siret", "siret number"),
        as_siret,
        example="330 703 844 00036",
    ),
    Column(
        "organisation_name",
        ("Nom", "name", "raison sociale", "dénomination", "structure", "organisation", "enseigne"),
        required=True,
        example="L'Atelier du Canal",
    ),
    _PLACE,
    Column("latitude", ("Latitude", "lat"), as_number, example="43,6045"),
    Column("longitude", ("Longitude", "lon", "lng", "long"), as_number, example="1,444"),
    Column("address", ("Adresse", "rue", "street"), example="12 rue du Canal"),
    _several(
        "kinds",
        ("Statuts", "kind", "type", "statut", "forme juridique", "legal form"),
        names.SUPPLIER_KINDS,
        example="Association|ACI",
    ),
    _several("roles", ("Rôles", "rôle", "role"), names.ORGANISATION_ROLES, example="ess"),
    _DESCRIPTION,
    Column("website", ("Site internet", "site", "site web", "url"), example="https://www.exemple.fr"),
    Column("naf", ("Code NAF", "ape", "code ape"), example="8130Z"),
    Column("permits", ("Autorisations", "permis"), listed(as_permit), joint="|"),
    Column("may_issue_receipts", ("Reçus fiscaux", "tax receipts"), as_flag, example="non"),
    Column("verified", ("Vérifiée", "vérifié"), as_flag, example="non"),
)


def _posted(example: str) -> Columns:
    """What needs, offers and flows have in common; `example` is a title."""
    return (
        Column("external_id", _EXTERNAL_IDS, required=True, example="2026-001"),
        Column(
            "organisation",
            ("Structure", "siret", "propriétaire", "owner"),
            required=True,
            example="330 703 844 00036",
        ),
        Column("state", ("État",), example="brouillon"),
        Column("title", ("Titre", "intitulé", "objet", "subject"), required=True, example=example),
        _DESCRIPTION,
        Column(
            "categories",
            ("Catégories", "catégorie", "category"),
            listed(as_category),
            joint="|",
        ),
        Column(
            "ewc",
            ("Codes déchets", "code déchet", "waste code", "waste codes"),
            listed(),
            joint="|",
        ),
        Column("quantity_value", ("Quantité", "quantity", "capacité", "capacity"), example="80"),
        Column("quantity_unit", ("Unité", "unit"), example="unit"),
        _one(
            "quantity_period",
            ("Période", "period", "rythme"),
            names.PERIODS,
            example="par mois",
        ),
        Column("minimum_value", ("Quantité minimale", "minimum", "minimum quantity")),
        Column("starts_on", ("Début", "start", "start date"), as_day, example="+30"),
        Column("ends_on", ("Fin", "end", "end date"), as_day, example="+365"),
    )


_SUPPLIER_KINDS = _several(
    "supplier_kinds",
    ("Types de structures", "supplier kinds"),
    names.SUPPLIER_KINDS,
)
_PERMITS_WANTED = _several(
    "permits",
    ("Autorisations", "permis"),
    names.PERMITS,
)
_RADIUS = Column("radius_km", ("Rayon (km)", "rayon", "rayon km", "radius"))
_RECEIPT = Column("receipt_wanted", ("Reçu fiscal", "tax receipt"), as_flag)
_CPV = Column("cpv", ("Codes CPV", "code cpv"), listed(), joint="|")

NEED_COLUMNS: Columns = (
    *_posted("80 repas par mois"),
    _one(
        "kind",
        ("Type de besoin", "type", "nature"),
        names.NEED_KINDS,
        required=True,
        example="Achat",
    ),
    _one("means", ("Sous quelle forme", "moyens"), names.MEANS),
    _PLACE,
    _CPV,
    _RADIUS,
    Column("deadline_on", ("Date limite", "échéance", "deadline"), as_day, example="+21"),
    _one("service_type", ("Type de prestation", "service type"), names.SERVICE_TYPES),
    _one("procurement_mode", ("Mode d'achat", "procurement mode"), names.PROCUREMENT_MODES),
    _one("amount_shown", ("Budget affiché",), names.AMOUNT_SHOWN),
    _one("amount_band", ("Montant", "tranche de montant", "budget", "amount"), names.AMOUNT_BANDS),
    Column("amount_euros", ("Montant exact", "montant en euros"), as_number),
    _SUPPLIER_KINDS,
    _PERMITS_WANTED,
    _RECEIPT,
    Column("public_tender", ("Marché public", "public tender"), as_flag),
    Column("tender_url", ("Adresse de l'annonce", "annonce", "notice")),
    Column("tender_reference", ("Référence de l'annonce", "notice reference")),
    _one("clause_ground", ("Clause sociale", "social clause"), names.CLAUSE_GROUNDS),
    Column("clause_hours", ("Heures d'insertion", "insertion hours")),
    _several("clause_publics", ("Publics de la clause",), names.CLAUSE_PUBLICS),
    Column("clause_facilitator", ("Facilitateur",)),
    Column("environmental_condition", ("Condition environnementale",)),
    Column("author_hidden", ("Anonyme", "auteur masqué", "hidden"), as_flag),
)

OFFER_COLUMNS: Columns = (
    *_posted("Entretien d'espaces verts"),
    _several(
        "need_kinds",
        ("Types de besoins", "kinds", "kind"),
        names.NEED_KINDS,
        example="Achat|Action RSE",
    ),
    Column("takes_material", ("Prend des matières", "takes"), as_flag),
    _CPV,
    Column("naf", ("Codes NAF", "code naf", "ape"), listed(), joint="|"),
    Column(
        "zones",
        ("Zones", "zone", "secteur", "périmètre", "areas", "area"),
        listed(),
        joint="|",
        example="30 km autour de Launaguet|Haute-Garonne",
    ),
    _several("service_types", ("Types de prestation", "service type"), names.SERVICE_TYPES),
    Column("permits", ("Autorisations", "permis"), listed(as_permit), joint="|"),
    _one("level", ("Niveau", "usage"), names.LEVELS),
    Column("conditions", ("Conditions",)),
    Column("references", ("Références clients",)),
    Column("lead_days", ("Délai en jours", "délai")),
    Column("visit_first", ("Visite d'abord",), as_flag),
    Column("fetches", ("Vient chercher",), as_flag),
)

FLOW_COLUMNS: Columns = (
    *_posted("Palettes bois en bon état"),
    _one(
        "legal_status",
        ("Statut juridique", "statut"),
        names.LEGAL_STATUSES,
        required=True,
        example="product",
    ),
    _PLACE,
    Column(
        "recurrence",
        ("Récurrence", "rrule", "recurrence rule"),
        example="FREQ=WEEKLY;BYDAY=TU",
    ),
    _RADIUS,
    _several("levels", ("Usages", "niveaux"), names.LEVELS),
    _SUPPLIER_KINDS,
    _PERMITS_WANTED,
    _RECEIPT,
    Column(
        "price",
        ("Prix par unité", "prix", "unit price"),
        as_cents,
        field="price_cents",
    ),
    Column("pickup_from", ("Heure de début", "enlèvement de"), as_time, example="8h"),
    Column("pickup_until", ("Heure de fin", "enlèvement à"), as_time, example="17h30"),
    Column("lot_days", ("Durée du lot", "jours"), as_text),
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
    Column("use_by_on", ("À prendre avant",), as_day),
    Column("use_by_days", ("À consommer sous (jours)", "dlc jours"), as_text),
    Column("priority_percent", ("Part de priorité (%)", "part de priorité")),
)

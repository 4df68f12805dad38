"""What codes are called by people, in French and English: kinds, roles, bands, statuses, levels, permits.

Every table maps a code to its (French, English) name, in the order a form shows them; units and periods are named in
`shared.vocabulary`, and `PERIODS` is repeated here so that a form finds all its lists in one place.
"""

from collections.abc import Mapping
from typing import Final

from shared.vocabulary import PERIODS as VOCABULARY_PERIODS

Names = Mapping[str, tuple[str, str]]

NEED_KINDS: Final[Names] = {
    "procurement": ("Achat", "Purchase"),
    "material": ("Matière recherchée", "Material wanted"),
    "patronage": ("Mécénat", "Patronage"),
    "csr": ("Action RSE", "CSR action"),
    "support": ("Accompagnement", "Support"),
}

# Figures that users of the reference platform know, see domain.md.
PROCUREMENT_MODES: Final[Names] = {
    "quote": ("Demande de devis", "Request for a quote"),
    "tender": ("Appel d'offres", "Call for tenders"),
    "sourcing": ("Sourcing", "Sourcing"),
}

SERVICE_TYPES: Final[Names] = {
    "staffing": ("Mise à disposition de personnel", "Staffing"),
    "service": ("Prestation", "Service"),
    "making": ("Fabrication", "Making"),
}

MEANS: Final[Names] = {
    "money": ("De l'argent", "Money"),
    "goods": ("Des biens", "Goods"),
    "skills": ("Des compétences", "Skills"),
    "coaching": ("Un accompagnement", "Coaching"),
    "finance": ("Un financement", "Finance"),
    "premises": ("Des locaux", "Premises"),
    "volunteering": ("Un engagement des équipes", "Volunteering"),
    "event": ("Un évènement ou un atelier", "An event or a workshop"),
    "training": ("Une sensibilisation ou une formation", "Awareness or training"),
    "project": ("Un projet à construire ensemble", "A project to build together"),
}

# Articles of the code de la commande publique, read on 2026-11-26; shown as "to be checked".
CLAUSE_GROUNDS: Final[Names] = {
    "condition": ("Clause sociale d'exécution (L. 2112-2)", "Social performance clause (L. 2112-2)"),
    "reserved_adapted": (
        "Réservé aux structures du travail adapté (L. 2113-12)",
        "Reserved for adapted work (L. 2113-12)",
    ),
    "reserved_inclusion": (
        "Réservé aux structures d'insertion (L. 2113-13)",
        "Reserved for work integration (L. 2113-13)",
    ),
    "reserved_social": (
        "Réservé à l'ESS, services sociaux (L. 2113-15)",
        "Reserved for the social economy, social services (L. 2113-15)",
    ),
}
RESERVING: Final = frozenset({"reserved_adapted", "reserved_inclusion", "reserved_social"})

CLAUSE_PUBLICS: Final[Names] = {
    "long_unemployed": ("Demandeurs d'emploi de longue durée", "Long-term unemployed"),
    "minimum_income": ("Bénéficiaires du RSA ou d'un minimum social", "On minimum income benefits"),
    "disabled": ("Travailleurs handicapés", "Disabled workers"),
    "young": ("Jeunes peu qualifiés ou sans expérience", "Young people with few qualifications"),
    "seniors": ("Demandeurs d'emploi de 50 ans et plus", "Job seekers aged 50 and over"),
    "priority_district": ("Habitants d'un quartier prioritaire", "Residents of a priority district"),
    "inclusion": ("Salariés en parcours d'insertion", "People in a work integration scheme"),
    "justice": ("Personnes sous main de justice", "People under judicial supervision"),
}

AMOUNT_SHOWN: Final[Names] = {
    "band": ("Une fourchette", "A band"),
    "exact": ("Le montant exact", "The exact amount"),
    "hidden": ("Rien", "Nothing"),
}

# Thousands of euros, both ends; the last band is open.
AMOUNT_BANDS: Final[Names] = {
    "0-1": ("Moins de 1 k€", "Under €1k"),
    "1-5": ("1 à 5 k€", "€1k to €5k"),
    "5-10": ("5 à 10 k€", "€5k to €10k"),
    "10-15": ("10 à 15 k€", "€10k to €15k"),
    "15-20": ("15 à 20 k€", "€15k to €20k"),
    "20-30": ("20 à 30 k€", "€20k to €30k"),
    "30-50": ("30 à 50 k€", "€30k to €50k"),
    "50-100": ("50 à 100 k€", "€50k to €100k"),
    "100-150": ("100 à 150 k€", "€100k to €150k"),
    "150-250": ("150 à 250 k€", "€150k to €250k"),
    "250-500": ("250 à 500 k€", "€250k to €500k"),
    "500-750": ("500 à 750 k€", "€500k to €750k"),
    "750-1000": ("750 k€ à 1 M€", "€750k to €1M"),
    "1000+": ("Plus de 1 M€", "Over €1M"),
}

INCLUSION_KINDS: Final[Names] = {
    "EI": ("Entreprise d'insertion (EI)", "Work integration enterprise (EI)"),
    "ACI": ("Atelier et chantier d'insertion (ACI)", "Work integration workshop (ACI)"),
    "AI": ("Association intermédiaire (AI)", "Intermediary association (AI)"),
    "ETTI": ("Entreprise de travail temporaire d'insertion (ETTI)", "Work integration temping agency (ETTI)"),
    "EITI": (
        "Entreprise d'insertion par le travail indépendant (EITI)",
        "Work integration through self-employment (EITI)",
    ),
    "GEIQ": (
        "Groupement d'employeurs pour l'insertion et la qualification (GEIQ)",
        "Employers' group for integration and training (GEIQ)",
    ),
    "EA": ("Entreprise adaptée (EA)", "Adapted enterprise (EA)"),
    "EATT": ("Entreprise adaptée de travail temporaire (EATT)", "Adapted temping agency (EATT)"),
    "ESAT": ("Établissement ou service d'aide par le travail (ESAT)", "Supported employment centre (ESAT)"),
    "SEP": ("Structure d'emploi en prison (SEP)", "Prison employment workshop (SEP)"),
}

LEGAL_FORMS: Final[Names] = {
    "association": ("Association", "Association"),
    "scop": ("SCOP", "Workers' cooperative (SCOP)"),
    "scic": ("SCIC", "Community-interest cooperative (SCIC)"),
    "cooperative": ("Autre coopérative", "Other cooperative"),
    "mutual": ("Mutuelle", "Mutual society"),
    "foundation": ("Fondation", "Foundation"),
    "ess_company": ("Société commerciale de l'ESS", "Social economy company"),
}

LABELS: Final[Names] = {
    "esus": ("Agrément ESUS", "ESUS accreditation"),
}

SUPPLIER_KINDS: Final[Names] = {**INCLUSION_KINDS, **LEGAL_FORMS, **LABELS}

TAX_RECEIPTS: Final = "tax_receipts"
SHORT_DATED: Final = "short_dated_food"
FOOD_AID_BODY: Final = "food_aid_body"
# Separate facts (domain.md, rules 4 and 7), declared and checked, never computed. Articles read on 2026-11-26 and 28.
ELIGIBILITIES: Final[Names] = {
    TAX_RECEIPTS: ("Peut émettre des reçus fiscaux (CGI, art. 238 bis)", "May issue tax receipts (CGI, art. 238 bis)"),
    "unsold_vat": (
        "Peut recevoir des invendus, TVA conservée (CGI, art. 273 septies D)",
        "May receive unsold goods, VAT kept (CGI, art. 273 septies D)",
    ),
    FOOD_AID_BODY: ("Habilitée à l'aide alimentaire", "Accredited for food aid"),
    SHORT_DATED: (
        "Peut justifier qu'elle distribue des denrées à date courte avant leur date (C. env., art. D. 541-310)",
        "Can show that it hands out short-dated food before its date (C. env., art. D. 541-310)",
    ),
}

STATUS_SOURCES: Final[Names] = {
    "declared": ("Déclaré", "Declared"),
    "register": ("Registre public", "Public register"),
    "decision": ("Décision ou agrément", "Decision or accreditation"),
    "convention": ("Convention", "Agreement with the State"),
    "ruling": ("Rescrit", "Tax ruling"),
}

ORGANISATION_ROLES: Final[Names] = {
    "buyer": ("Acheteur", "Buyer"),
    "ess": ("Entreprise de l'ESS", "Social economy enterprise"),
    "publisher": ("Détenteur de gisements", "Holder of material flows"),
    "territory": ("Territoire", "Territory"),
    "partner": ("Partenaire", "Partner"),
}

MEMBER_ROLES: Final[Names] = {
    "owner": ("Responsable", "Owner"),
    "editor": ("Contributeur", "Editor"),
    "viewer": ("Lecteur", "Viewer"),
}

KEY_SCOPES: Final[Names] = {
    "read": ("Lire", "Read"),
    "write": ("Lire et écrire tout", "Read and write everything"),
    "needs": ("Lire tout, écrire les besoins", "Read everything, write needs"),
    "offers": ("Lire tout, écrire les activités", "Read everything, write offers"),
    "flows": ("Lire tout, écrire les gisements", "Read everything, write flows"),
}

KEY_LIVES: Final[Names] = {
    "30": ("Un mois", "A month"),
    "90": ("Trois mois", "Three months"),
    "365": ("Un an", "A year"),
    "730": ("Deux ans", "Two years"),
}

LEGAL_STATUSES: Final[Names] = {
    "product": ("Objet réemployable, jamais déchet", "Reusable product, never waste"),
    "by_product": ("Sous-produit (L. 541-4-2)", "By-product (L. 541-4-2)"),
    "site_material": ("Matériau trié sur chantier (L. 541-4-4)", "Material sorted on site (L. 541-4-4)"),
    "waste": ("Déchet", "Waste"),
    "end_of_waste": ("Sorti du statut de déchet", "End of waste"),
}

LEVELS: Final[Names] = {
    "reuse": ("Réemploi", "Reuse"),
    "preparation": ("Préparation à la réutilisation", "Preparing for reuse"),
    "animals": ("Alimentation animale", "Animal feed"),
    "recycling": ("Recyclage", "Recycling"),
    "recovery": ("Autre valorisation", "Other recovery"),
}

# The same codes, as one says them of food.
FOOD_LEVELS: Final[Names] = {
    **LEVELS,
    "reuse": ("Nourrir des personnes", "Feeding people"),
    "animals": ("Nourrir des animaux", "Feeding animals"),
    "recycling": ("Compost ou méthanisation", "Compost or biogas"),
}

CONDITIONS: Final[Names] = {
    "new": ("Neuf", "New"),
    "good": ("Bon état", "Good condition"),
    "worn": ("État d'usage", "Worn"),
    "repairable": ("À réparer", "To be repaired"),
    "parts": ("Pour pièces ou matière", "For parts or material"),
}

PACKAGINGS: Final[Names] = {
    "bulk": ("En vrac", "Loose"),
    "pallet": ("Sur palettes", "On pallets"),
    "bag": ("En sacs ou big-bags", "In bags"),
    "skip": ("En benne", "In a skip"),
    "container": ("En bacs ou caisses", "In bins or crates"),
    "drum": ("En fûts ou bidons", "In drums"),
    "other": ("Autrement", "Otherwise"),
}

CONSISTENCES: Final[Names] = {
    "solid": ("Solide", "Solid"),
    "powder": ("Poudre", "Powder"),
    "paste": ("Pâteux", "Paste"),
    "liquid": ("Liquide", "Liquid"),
}

MEASURES: Final[Names] = {
    "estimated": ("Estimée", "Estimated"),
    "weighed": ("Pesée", "Weighed"),
}

TRANSPORTS: Final[Names] = {
    "taker": ("Le preneur vient chercher", "The taker collects"),
    "holder": ("Le détenteur livre", "The holder delivers"),
    "either": ("À convenir", "To be agreed"),
}

# How a taker's part leaves; the codes are `shared.events.takings.Transport`.
TAKING_TRANSPORTS: Final[Names] = {
    "own": ("Nous venons avec notre véhicule", "We come with our own vehicle"),
    "carrier": ("Un transporteur vient pour nous", "A carrier comes for us"),
    "holder": ("Le détenteur livre", "The holder delivers"),
}

# Schemes of extended producer responsibility, code de l'environnement L. 541-10-1, read on 2026-11-26: to be checked.
EPR_SCHEMES: Final[Names] = {
    "packaging": ("Emballages", "Packaging"),
    "furniture": ("Ameublement", "Furniture"),
    "electronics": ("Équipements électriques et électroniques", "Electrical and electronic equipment"),
    "textiles": ("Textiles, linge et chaussures", "Textiles and shoes"),
    "building": ("Produits et matériaux du bâtiment", "Building products"),
    "toys": ("Jouets", "Toys"),
    "sports": ("Articles de sport et de loisirs", "Sports and leisure goods"),
    "garden": ("Bricolage et jardin", "DIY and garden"),
    "tyres": ("Pneumatiques", "Tyres"),
    "vehicles": ("Véhicules", "Vehicles"),
    "batteries": ("Piles et accumulateurs", "Batteries"),
    "papers": ("Papiers imprimés", "Printed paper"),
    "other": ("Autre filière", "Another scheme"),
}

PERIODS: Final[Names] = {str(code): names for code, names in VOCABULARY_PERIODS.items()}

PERMITS: Final[Names] = {
    "waste_transport": ("Récépissé de transport de déchets", "Waste carrier's receipt"),
    "waste_treatment": ("Installation de tri ou de traitement autorisée", "Licensed sorting or treatment site"),
    "waste_brokerage": ("Récépissé de négoce ou courtage de déchets", "Waste broker's receipt"),
    "hazardous": ("Prise en charge de déchets dangereux", "Handling of hazardous waste"),
    "food_hygiene": ("Déclaration d'hygiène alimentaire", "Food hygiene registration"),
    "sanitary_approval": ("Agrément sanitaire (denrées animales)", "Sanitary approval (animal products)"),
    "food_aid": ("Habilitation à l'aide alimentaire", "Food aid accreditation"),
    "insurance": ("Assurance responsabilité civile", "Liability insurance"),
    "ten_year_insurance": ("Assurance décennale", "Ten-year construction insurance"),
}

OUTCOMES: Final[Names] = {
    "agreed_here": ("Accord trouvé ici", "Agreed here"),
    "agreed_elsewhere": ("Accord trouvé ailleurs", "Agreed elsewhere"),
    "no_supplier": ("Aucune structure trouvée", "No supplier found"),
    "price": ("Pas d'accord sur le prix", "No agreement on the price"),
    "delay": ("Pas d'accord sur les délais", "No agreement on the dates"),
    "capacity": ("Capacités insuffisantes", "Not enough capacity"),
    "quality": ("Qualité insuffisante", "Not the quality needed"),
    "withdrawn": ("Besoin retiré", "Need withdrawn"),
}

ORIGINS: Final[Names] = {
    "member": ("Saisi par un membre", "Entered by a member"),
    "import": ("Importé", "Imported"),
    "demonstration": ("Démonstration", "Demonstration"),
    "synthetic": ("Donnée synthétique", "Synthetic data"),
}


def named(names: Names, code: str | None, language: str = "fr") -> str:
    """The name of a code in a language, empty for none; an unknown code (a newer service told it) stands for itself."""
    if code is None:
        return ""
    french, english = names.get(code, (code, code))
    return english if language.startswith("en") else french


def options(names: Names, language: str = "fr") -> list[tuple[str, str]]:
    """(code, name) pairs in the order of the table, as form components take them."""
    return [(code, named(names, code, language)) for code in names]


def short_supplier_kind(code: str, language: str = "fr") -> str:
    """One word for a dense line: « ESAT », « Association », « SCIC »."""
    return code if code in INCLUSION_KINDS else named(SUPPLIER_KINDS, code, language).partition(" (")[0]

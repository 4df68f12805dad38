"""The register of inclusion enterprises as rows to import, and the rule that derives an offer from each.

The register says who and where, not what they do, so one offer an establishment is derived, and marked synthetic:

1. **Service type.** The column `presta_type` says `DISP` (staff put at disposal) on all 3,853 rows, so it tells
   nothing of a row. It is believed of those whose trade the law makes it: AI (L. 5132-7 of the labour code), ETTI
   (L. 5132-6) and GEIQ (L. 1253-1) offer `staffing`. EI, ACI and EA offer a `service`, or `making` in NAF divisions
   10 to 33.
2. **Categories.** Staffing kinds get the categories of their kind, and those of telling words in their name
   (`GEIQ BTP`). For the others: what `shared.vocabulary.by_naf` gives for the NAF code, longest prefix first, four
   services or products at most; a code that says only "social action", "association", "town hall", "temporary work"
   or "training" (most rows) is not telling, and is left out of the offer. Then telling words of the name
   (`ressourcerie`, `jardin`, `couture`), and without any of these three broad categories for the kind, so that whoever
   says more ranks before.
3. **Kinds of need.** `procurement`. Collectors and recyclers (NAF 38) take material for recycling, second-hand shops
   and repairers (4779Z, 95) for reuse.
4. **Areas.** EI, ETTI and GEIQ: their department. ACI, AI and EA: 30 km around their address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from services.catalog.imports.files import Line, Sheet
from shared.territory import gazetteer
from shared.vocabulary import by_naf, fold, name

STAFFING_KINDS = frozenset({"AI", "ETTI", "GEIQ"})
WHOLE_DEPARTMENT = frozenset({"EI", "ETTI", "GEIQ"})
SAYS_LITTLE = ("70", "78", "84", "85", "87", "88", "94", "8299", "9499", "9609")
MAKING = range(10, 34)
MOST_CATEGORIES = 4

DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "AI": ("temporary-work", "insertion-hours", "cleaning", "green-spaces"),
    "ETTI": ("temporary-work", "insertion-hours", "handling-service"),
    "GEIQ": ("employers-group", "insertion-hours"),
    "ACI": ("green-spaces", "reuse-repair", "second-fix-handyman"),
    "EI": ("cleaning", "green-spaces", "second-fix-handyman"),
    "EA": ("green-spaces", "cleaning", "packing-kitting"),
}
FOOD_AID = "unsold-goods-redistribution"
# Whole words or beginnings (with a star) of folded names: deliberately few, and only those that leave no doubt.
TELLING_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("ressourcerie*", "recyclerie*", "emmaus", "friperie*"), "reuse-shop"),
    **dict.fromkeys(("jardin", "jardins", "cocagne", "maraicher*", "potager*"), "market-gardening"),
    **dict.fromkeys(("paysage*", "espaces verts"), "green-spaces"),
    **dict.fromkeys(("environnement", "riviere*", "nature"), "natural-areas"),
    **dict.fromkeys(("bati", "batiment*", "btp", "renov*"), "construction"),
    **dict.fromkeys(("menage", "nettoyage", "proprete", "net"), "cleaning"),
    **dict.fromkeys(("couture", "textile*", "aiguille"), "sewing"),
    **dict.fromkeys(("traiteur", "cuisine*", "saveurs"), "catering"),
    **dict.fromkeys(("recyclage", "dechet*", "tri"), "waste-services"),
    **dict.fromkeys(("repassage", "blanchisserie", "laverie", "linge"), "laundry"),
    **dict.fromkeys(("transport*", "logistique*"), "logistics"),
    **dict.fromkeys(("alimentaire*", "epicerie*", "du coeur"), FOOD_AID),
    "agri*": "market-gardening",
    "velo*": "bike-repair",
    "palette*": "pallet-repair",
    "bois": "wood-workshop",
    "meuble*": "furniture-repair",
    "informatique": "it-refurbishing",
    "garage*": "vehicle-repair",
    "metal*": "machining-welding",
    "demenagement*": "moving",
    "peinture*": "painting",
    "industrie*": "industrial-subcontracting",
}
ORGANISATION_HEADINGS = (
    *("siret", "organisation_name", "place", "latitude", "longitude", "address", "kinds", "roles"),
    *("naf", "website", "description"),
)
OFFER_HEADINGS = (
    *("external_id", "organisation", "title", "description", "categories", "need_kinds", "takes_material"),
    *("level", "naf", "zones", "service_types"),
)

Source = Sequence[Mapping[str, str]]


def organisations_sheet(source: Source) -> Sheet:
    """Every row of the register, in the importer's columns; line 2 is the register's first row."""
    return Sheet(
        ORGANISATION_HEADINGS, tuple(Line(number, _organisation(row)) for number, row in enumerate(source, start=2))
    )


def _organisation(row: Mapping[str, str]) -> tuple[str, ...]:
    website = row["website"] if re.fullmatch(r"https?://\S+", row["website"]) else ""
    place = f"{row['post_code']} {row['city']}"
    return (
        *(row["siret"], row["brand"] or row["name"], place, row["lat"], row["lon"], row["address"], row["kind"], "ess"),
        *(row["naf"], website, row["description"]),
    )


def offers_sheet(source: Source, refused: Collection[int]) -> Sheet:
    """One derived offer for each line of the register that was not refused."""
    lines = (Line(number, _offer(row)) for number, row in enumerate(source, start=2) if number not in refused)
    return Sheet(OFFER_HEADINGS, tuple(lines))


def _offer(row: Mapping[str, str]) -> tuple[str, ...]:
    naf = row["naf"].strip().upper()
    chosen = categories_of(row["kind"], naf, f"{row['name']} {row['brand']}")
    takes, level = _takes(naf)
    return (
        f"siae-{row['siret']}",
        row["siret"],
        ", ".join(name(each) for each in chosen[:3]),
        " ".join(filter(None, (row["brand"] or row["name"], row["description"]))),
        "|".join(chosen),
        "procurement",
        takes,
        level,
        naf if is_telling(naf) else "",
        zone_of(row["kind"], row["department"]),
        service_type_of(row["kind"], naf),
    )


def categories_of(kind: str, naf: str, names: str) -> list[str]:
    """Rule 2: from the kind, the NAF code and the name, the best known first."""
    worded = telling_categories(names)
    if kind in STAFFING_KINDS:
        return list(dict.fromkeys((*DEFAULTS[kind], *worded)))[: MOST_CATEGORIES + 2]
    coded = (
        [] if naf.startswith(SAYS_LITTLE) else [each.id for each in by_naf(naf) if each.kind in ("service", "product")]
    )
    found = dict.fromkeys((*coded[:MOST_CATEGORIES], *worded))
    return list(found) or list(DEFAULTS[kind])


def is_telling(naf: str) -> bool:
    """Whether a NAF code says what an establishment does."""
    return bool(naf) and not naf.startswith(SAYS_LITTLE)


def telling_categories(names: str) -> list[str]:
    """The categories that words of a name leave no doubt about."""
    text = f" {fold(names)} "
    found = (
        category_id
        for word, category_id in TELLING_WORDS.items()
        if re.search(rf"\b{re.escape(word.rstrip('*'))}" + (r"\w*" if word.endswith("*") else r"\b"), text)
    )
    return list(dict.fromkeys(found))


def service_type_of(kind: str, naf: str) -> str:
    """Rule 1."""
    if kind in STAFFING_KINDS:
        return "staffing"
    return "making" if naf[:2].isdigit() and int(naf[:2]) in MAKING else "service"


def zone_of(kind: str, department_code: str) -> str:
    """Rule 4; nothing means 30 km around the establishment."""
    found = gazetteer.department(department_code) if kind in WHOLE_DEPARTMENT else None
    return f"{found.name} ({found.code})" if found else ""


def _takes(naf: str) -> tuple[str, str]:
    if naf.startswith("38"):
        return "yes", "recycling"
    return ("yes", "reuse") if naf.startswith(("4779", "95")) else ("", "")

"""A receipt or an attestation on paper, in French, made from nothing but what its row keeps."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services.catalog.gifts.dossier import LANGUAGE, Dossier
from services.catalog.gifts.mentions import PARTS
from services.catalog.posting.view import measured_words
from shared.events.gifts import PaperKind
from shared.papers.printing import print_paper
from shared.phrases.gifts import BASES
from shared.phrases.gifts import PARTS as PART_NAMES
from shared.web import i18n

TEMPLATE: Final = Path(__file__).parent / "papers" / "gift.typ"
HEADED: Final = {
    PaperKind.RECEIPT: (
        "Reçu des dons et versements effectués par les entreprises",
        "Au titre de l'article 238 bis du code général des impôts",
    ),
    PaperKind.UNSOLD: (
        "Attestation de don d'invendus neufs",
        "Au titre de l'article 273 septies D du code général des impôts",
    ),
    PaperKind.RECEPTION: ("Attestation de réception d'un don", "Sans mention fiscale"),
}
# Said as a table on paper, and as a sentence where mentions are listed.
TABLES: Final = ("lines", "inventory", "received")


def kept_of(dossier: Dossier, said: Mapping[str, str]) -> dict[str, Any]:
    """What a row keeps of a paper: its mentions by code, and its table."""
    return {"mentions": dict(said), "table": _table(dossier)}


async def on_paper(
    paper: PaperKind, names: Mapping[str, tuple[str, str]], kept: Mapping[str, Any], *, at: datetime
) -> bytes:
    """The PDF of what is kept; `names` are part and name of each mention by its code."""
    title, about = HEADED[paper]
    mentions: Mapping[str, str] = kept["mentions"]
    number = mentions["number"]
    parts = [
        {
            "title": PART_NAMES[part][0],
            "pairs": [
                [names[code][1], value]
                for code, value in mentions.items()
                if names[code][0] == part and value and code not in ("number", *TABLES)
            ],
        }
        for part in PARTS
    ]
    said = {
        "language": LANGUAGE,
        "title": f"{title}, n° {number}",
        "heading": title,
        "about": about,
        "number": f"{names['number'][1]} : {number}",
        "parts": [each for each in parts if each["pairs"]],
        "table_title": _table_title(mentions, names),
        "table": kept["table"],
        "foot": f"n° {number}  ·  Établi sur Boucle par le bénéficiaire  ·  Page {{page}} sur {{pages}}",
    }
    return await print_paper(TEMPLATE, said, at=at)


def _table_title(mentions: Mapping[str, str], names: Mapping[str, tuple[str, str]]) -> str:
    return next((names[code][1] for code in TABLES if mentions.get(code)), "")


def _table(dossier: Dossier) -> dict[str, list[Any]]:
    """Heads and rows of what is given; nothing of money."""
    if dossier.paper is PaperKind.UNSOLD:
        rows = [[what, i18n.full_day(day, LANGUAGE), quantity] for day, what, quantity in dossier.inventory()]
        return {"heads": ["Nature", "Date du don", "Quantité"], "rows": rows}
    lines = [each for each in dossier.worth() if each.quantity]
    if dossier.paper is PaperKind.RECEPTION or not lines:
        found = [[each.what, measured_words(each.quantity, each.unit, LANGUAGE)] for each in lines]
        return {"heads": ["Quoi", "Quantité"] if found else [], "rows": found}
    rows = [
        [
            each.what,
            measured_words(each.quantity, each.unit, LANGUAGE),
            BASES[each.basis][0] if each.basis else "",
            f"{i18n.money(each.cents or 0, 'EUR', LANGUAGE)}{' (plafonné)' if each.is_capped else ''}",
        ]
        for each in lines
    ]
    return {"heads": ["Quoi", "Quantité", "Base", "Valeur"], "rows": rows}

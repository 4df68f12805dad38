"""The judged corpus: offers and demands from the wordings in `judged/`, the same each time.

Half of the authors chose the category themselves; for the others the posting form's own suggestion is taken, as it is
for whoever leaves the field empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid5

from services.catalog.posting.schemas import suggested_categories
from services.matching.ranking.reading import demand_of_flow, demand_of_need, supply_of_offer
from services.matching.ranking.sides import Demand, Supply
from shared.events.catalog import FlowState, NeedState, OfferState
from shared.events.facts import Author, LegalStatus, Level, NeedKind, Permit, Quantity, Supplier
from shared.territory.lookups import communes_named, place_in
from shared.territory.place import Area, Place, Zone, radius_around

FOLDER = Path(__file__).parent / "judged"
SEED = "boucle judged 1"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NAMESPACE = UUID("6f7c4d5e-2b1a-4f3e-9c8d-0a1b2c3d4e5f")
ANSWERS = {
    "p": NeedKind.PROCUREMENT,
    "m": NeedKind.MATERIAL,
    "c": NeedKind.CSR,
    "g": NeedKind.PATRONAGE,
    "s": NeedKind.SUPPORT,
}
TAKES = "f"
HOMES = ("Toulouse", "Toulouse", "Toulouse", "Blagnac", "Colomiers", "Balma", "Fenouillet", "Muret", "Labège", "Albi")
KINDS = (("association", "ACI"), ("EI",), ("ESAT",), ("scop",), ("association",), (), ())
RADII_KM = (5, 10, 30, 60)
NAMED_CODES = {
    "lamps": ("20 01 21*",),
    "batteries": ("16 06 01*", "20 01 33*"),
    "cooling-appliances": ("20 01 23*", "16 02 11*"),
    "solvents-chemicals": ("14 06 03*", "20 01 13*"),
    "used-oils": ("13 02 05*", "12 01 07*"),
}
CLOSINGS = (
    "Devis sous deux jours.",
    "Structure d'insertion, équipe encadrée.",
    "Depuis 2009 sur la métropole.",
    "Petites et grandes quantités.",
    "Nous contacter pour les conditions.",
    "",
    "",
    "Intervention en semaine.",
)
METROPOLE = Area(kind="epci", code="243100518", name="Toulouse Métropole")
DEPARTMENT = Area(kind="department", code="31", name="Haute-Garonne")
COUNTRY = Area(kind="country", code="FR", name="France")


@dataclass(frozen=True)
class Offer:
    """An offer with its number (o001), its text for people, and the side that ranking compares."""

    number: str
    text: str
    side: Supply


@dataclass(frozen=True)
class Asked:
    """A need or a flow with its number (n001), its text for people, and the side that ranking compares."""

    number: str
    text: str
    side: Demand


def offers() -> list[Offer]:
    """Every wording is an offer of a supplier of its own."""
    found: list[Offer] = []
    for line in _lines("offers.txt"):
        head, wordings = line.split(":", 1)
        category, answers = (part.strip() for part in head.split(";"))
        for wording in wordings.split("|"):
            number = f"o{len(found) + 1:03}"
            found.append(_offer(number, wording.strip(), category, answers))
    return found


def demands() -> list[Asked]:
    """Every line is a demand of an organisation of its own."""
    return [_demand(f"n{place:03}", line) for place, line in enumerate(_lines("needs.txt"), start=1)]


def _lines(name: str) -> list[str]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _offer(number: str, title: str, category: str, answers: str) -> Offer:
    random = Random(f"{SEED} {number}")  # noqa: S311 - the same corpus each time, no secret
    home, description = _place(random.choice(HOMES)), random.choice(CLOSINGS)
    chosen = (category,) if random.random() < 0.5 else tuple(suggested_categories(title, description))
    state = OfferState(
        version=1,
        offer_id=_id(number),
        supplier=Supplier(
            organisation_id=_id(number, "organisation"),
            legal_entity_id=_id(number, "entity"),
            name=f"Structure {number}",
            kinds=random.choice(KINDS),
            place=home,
        ),
        title=title,
        description=description,
        need_kinds=tuple(kind for letter, kind in ANSWERS.items() if letter in answers),
        takes_material=TAKES in answers,
        categories=chosen,
        # A permit for hazardous waste is given code by code, so whoever takes such waste names its codes.
        ewc=NAMED_CODES.get(category, ()),
        zones=(_zone(home, random),),
        permits=(Permit(code="waste_treatment"), Permit(code="hazardous")) if TAKES in answers else (),
        level=random.choice((Level.REUSE, Level.RECYCLING, None)) if TAKES in answers else None,
        published_at=NOW - timedelta(days=random.randrange(1, 300)),
    )
    return Offer(number, f"{title}. {description}".strip(), supply_of_offer(state))


def _zone(home: Place, random: Random) -> Zone:
    drawn = random.random()
    wide = ((0.15, METROPOLE), (0.25, DEPARTMENT), (0.3, COUNTRY))
    return next((area for share, area in wide if drawn < share), None) or radius_around(home, random.choice(RADII_KM))


def _demand(number: str, line: str) -> Asked:
    asks, category, commune, title, description = (part.strip() for part in line.split(";"))
    kind, _, waste = asks.partition(" ")
    facts: dict[str, Any] = {
        "version": 1,
        "author": Author(
            organisation_id=_id(number, "organisation"), legal_entity_id=_id(number, "entity"), name=f"Auteur {number}"
        ),
        "title": title,
        "description": description,
        "categories": (category,) if category != "-" else tuple(suggested_categories(title, description)),
        "ewc": (waste,) if waste else (),
        "place": _place(commune),
        "published_at": NOW,
    }
    if kind != "flow":
        need = NeedState(need_id=_id(number), kind=NeedKind(kind), **facts)
        return Asked(number, f"{title}. {description}", demand_of_need(need))
    status = LegalStatus.WASTE if waste else LegalStatus.PRODUCT
    quantity = Quantity(value=Decimal(400), unit="kg")
    flow = FlowState(flow_id=_id(number), legal_status=status, quantity=quantity, **facts)
    return Asked(number, f"{title}. {description}", demand_of_flow(flow))


def _id(number: str, what: str = "") -> UUID:
    return uuid5(NAMESPACE, f"{number} {what}")


def _place(name: str) -> Place:
    return place_in(communes_named(name)[0])

"""Needs, flows and offers around Toulouse, as events: each test changes only what it is about."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.matching.ranking.reading import demand_of_flow, demand_of_need, supply_of_offer
from services.matching.ranking.sides import Demand, Supply
from shared.events.catalog import FlowPublished, NeedPublished, OfferPublished, OrganisationRegistered
from shared.events.facts import Author, LegalStatus, NeedKind, Permit, Quantity, Supplier
from shared.territory.place import Place, radius_around
from shared.vocabulary import categories, category

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, 10 h in Paris
TODAY = NOW.date()


def place(name: str, code: str, latitude: float, longitude: float, epci: str = "243100518") -> Place:
    return Place(
        commune_code=code,
        commune_name=name,
        epci_code=epci,
        epci_name="Toulouse Métropole" if epci == "243100518" else "Autre",
        department_code=code[:2],
        region_code="76",
        latitude=latitude,
        longitude=longitude,
        exactness="commune",
    )


TOULOUSE = place("Toulouse", "31555", 43.6043, 1.4437)
LAUNAGUET = place("Launaguet", "31282", 43.674, 1.458)
MURET = place("Muret", "31395", 43.46, 1.326, "200068641")
BESSIERES = place("Bessières", "31066", 43.799, 1.606, "200066777")
FOIX = place("Foix", "09122", 42.965, 1.605, "200067791")
PLACES = (TOULOUSE, LAUNAGUET, MURET, BESSIERES, FOIX)


def quantity(value: float, unit: str = "kg", period: str = "once") -> Quantity:
    return Quantity(value=Decimal(str(value)), unit=unit, period=period)  # type: ignore[arg-type]


def author(*, hidden: bool = False, organisation_id: UUID | None = None) -> Author:
    return Author(
        organisation_id=organisation_id or uuid4(), legal_entity_id=uuid4(), name="Hexaplane Systèmes", hidden=hidden
    )


def need(**changed: Any) -> NeedPublished:
    """Wooden pallets repaired, in Toulouse."""
    facts: dict[str, Any] = {
        "need_id": uuid4(),
        "version": 1,
        "author": author(),
        "kind": NeedKind.PROCUREMENT,
        "title": "Réparation de palettes en bois",
        "categories": ("wooden-pallets",),
        "place": TOULOUSE,
        "published_at": NOW,
    }
    return NeedPublished(**facts | changed)


def flow(**changed: Any) -> FlowPublished:
    """Six tonnes of pallets a week, as a product."""
    facts: dict[str, Any] = {
        "flow_id": uuid4(),
        "version": 1,
        "author": author(),
        "title": "Palettes en bois",
        "categories": ("wooden-pallets",),
        "ewc": ("15 01 03",),
        "legal_status": LegalStatus.PRODUCT,
        "quantity": quantity(6, "t", "week"),
        "place": TOULOUSE,
        "published_at": NOW,
    }
    return FlowPublished(**facts | changed)


def supplier(**changed: Any) -> Supplier:
    facts: dict[str, Any] = {
        "organisation_id": uuid4(),
        "legal_entity_id": uuid4(),
        "name": "Les Palettes du Nord",
        "kinds": ("association", "EI"),
        "place": LAUNAGUET,
    }
    return Supplier(**facts | changed)


def offer(**changed: Any) -> OfferPublished:
    """Pallets repaired and taken, 30 km around Launaguet."""
    facts: dict[str, Any] = {
        "offer_id": uuid4(),
        "version": 1,
        "supplier": supplier(),
        "title": "Collecte et réparation de palettes",
        "need_kinds": (NeedKind.PROCUREMENT,),
        "takes_material": True,
        "categories": ("wooden-pallets",),
        "zones": (radius_around(LAUNAGUET, 30),),
        "published_at": NOW,
    }
    return OfferPublished(**facts | changed)


def organisation(**changed: Any) -> OrganisationRegistered:
    """Somebody in Launaguet."""
    facts: dict[str, Any] = {
        "organisation_id": uuid4(),
        "legal_entity_id": uuid4(),
        "version": 1,
        "siret": None,
        "name": "Les Palettes du Nord",
        "roles": ("ess",),
        "place": LAUNAGUET,
    }
    return OrganisationRegistered(**facts | changed)


def demand(**changed: Any) -> Demand:
    return demand_of_need(need(**changed))


def flow_demand(**changed: Any) -> Demand:
    return demand_of_flow(flow(**changed))


def waste_demand(**changed: Any) -> Demand:
    return flow_demand(legal_status=LegalStatus.WASTE, quantity=quantity(400, "kg", "week"), **changed)


def supply(**changed: Any) -> Supply:
    return supply_of_offer(offer(**changed))


def permits(*codes: str, expires_on: Any = None) -> tuple[Permit, ...]:
    return tuple(Permit(code=code, expires_on=expires_on) for code in codes)


def _random_facts(chance: random.Random) -> dict[str, Any]:
    known = chance.sample(sorted(categories()), k=chance.choice((0, 1, 1, 2)))
    words = chance.sample(sorted(categories()), k=2)
    said = " ".join(chance.choice(category(each).phrases()) for each in words)
    coded = category(chance.choice(sorted(categories())))
    return {
        "title": " ".join(category(each).name_fr for each in known[:1]) or said,
        "description": said,
        "categories": tuple(known),
        "ewc": coded.ewc[:1] if chance.random() < 0.3 else (),
        "cpv": coded.cpv[:1] if chance.random() < 0.3 else (),
    }


def random_place(chance: random.Random, spread: float = 0.6) -> Place:
    base = chance.choice(PLACES)
    moved = {
        "latitude": base.latitude + chance.gauss(0, spread / 3),
        "longitude": base.longitude + chance.gauss(0, spread / 3),
    }
    return base.model_copy(update=moved)


def random_need(chance: random.Random) -> NeedPublished:
    return need(
        **_random_facts(chance),
        kind=chance.choice(list(NeedKind)),
        place=random_place(chance),
        radius_km=chance.choice((None, None, 20, 50)),
        receipt_wanted=chance.random() < 0.1,
        supplier_kinds=chance.choice(((), (), ("ESAT", "EA"))),
    )


def random_offer(chance: random.Random) -> OfferPublished:
    at = random_place(chance)
    facts = _random_facts(chance)
    return offer(
        **facts,
        naf=category(chance.choice(sorted(categories()))).naf[:1] if chance.random() < 0.3 else (),
        supplier=supplier(
            place=at, kinds=chance.choice((("association",), ("scop",), ("EI",), ("ESAT",))), name=f"S{chance.random()}"
        ),
        need_kinds=tuple(chance.sample(list(NeedKind), k=2)),
        takes_material=chance.random() < 0.5,
        zones=(radius_around(at, chance.choice((10, 20, 40, 80))),),
    )

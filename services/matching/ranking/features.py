"""What decides how well a demand and a supply meet: features, each a measure from 0 to 1 with what explains it.

Whether a feature applies is decided by the demand alone, so that a supplier never loses by telling more about itself.
What a supplier left unsaid counts as half.
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp
from typing import NamedTuple

from services.matching.ranking.sides import Demand, Supply
from shared.events.facts import Level
from shared.events.reasons import Feature
from shared.phrases.names import INCLUSION_KINDS
from shared.territory.place import Radius, covers, distance_km
from shared.vocabulary import CodeScheme, category, code_overlap, proximity

UNSAID = 0.5
# A category that only a code points to is a hint; so is a code that only the category points to.
INFERRED = 0.8
FROM_CATEGORY = 0.6
# So many shared words of full weight make half of the text feature.
HALF_TEXT = 1.5
WORD_PARTS = 200
# Sixteen kilometres keep two thirds of the points, forty keep 37 %: tours of a day.
DISTANCE_SCALE_KM = 40.0
FRESH_DAYS = 180.0
LEVEL_WORTH = {
    Level.REUSE: 1.0,
    Level.PREPARATION: 0.8,
    Level.ANIMALS: 0.7,
    Level.RECYCLING: 0.5,
    Level.RECOVERY: 0.2,
}
INCLUSION, SOCIAL_ECONOMY = 1.0, 0.7
SHOWN_WORDS = 3

Raw = str | int | float | bool | None


class Measure(NamedTuple):
    """A feature's value, 0 to 1, and what its sentence needs."""

    value: float
    values: dict[str, Raw]


Measuring = Callable[[Demand, Supply], Measure | None]


def by_category(demand: Demand, supply: Supply) -> Measure | None:
    """The nearest pair of categories in the tree and the cross-walk."""
    if not demand.categories and not demand.inferred:
        return None
    near = _around(demand.categories, demand.inferred)
    best, pair = 0.0, ("", "")
    for offered in supply.categories:
        worth, sought = near[offered]
        if worth > best:
            best, pair = worth, (sought, offered)
    for offered in supply.inferred:
        worth, sought = near[offered]
        if worth * INFERRED > best:
            best, pair = worth * INFERRED, (sought, offered)
    return Measure(best, {"demand": pair[0], "supply": pair[1], "same": pair[0] == pair[1]})


class _Around(dict[str, tuple[float, str]]):
    """How near a category is to the nearest of a demand's, and to which; computed when first asked for."""

    def __init__(self, known: tuple[str, ...], inferred: tuple[str, ...]) -> None:
        self._worths = [(each, 1.0) for each in known] + [(each, INFERRED) for each in inferred]

    def __missing__(self, offered: str) -> tuple[float, str]:
        self[offered] = max((proximity(sought, offered) * worth, sought) for sought, worth in self._worths)
        return self[offered]


_around = lru_cache(maxsize=1024)(_Around)


def by_code(demand: Demand, supply: Supply) -> Measure | None:
    """The longest prefix that a code of the demand shares with one of the supply, or of the supply's categories."""
    best, found = 0.0, ("", "")
    for scheme, codes in (("ewc", demand.ewc), ("cpv", demand.cpv)):
        for code in codes:
            near = _overlap(scheme, code, supply)  # type: ignore[arg-type]
            if near > best:
                best, found = near, (scheme, code)
    if not demand.ewc and not demand.cpv:
        return None
    return Measure(best, {"scheme": found[0], "code": found[1], "same": best == 1.0})


def _overlap(scheme: CodeScheme, code: str, supply: Supply) -> float:
    declared = supply.ewc if scheme == "ewc" else supply.cpv
    best = max((_code_overlap(code, each, scheme) for each in declared), default=0.0)
    for offered in supply.categories:
        best = max(best, FROM_CATEGORY * _category_overlap(code, offered, scheme))
    return best


_code_overlap = lru_cache(maxsize=65_536)(code_overlap)


@lru_cache(maxsize=65_536)
def _category_overlap(code: str, category_id: str, scheme: CodeScheme) -> float:
    implied = category(category_id).ewc if scheme == "ewc" else category(category_id).cpv
    return max((code_overlap(code, each, scheme) for each in implied), default=0.0)


def by_text(demand: Demand, supply: Supply) -> Measure:
    """The weight of the telling words both use, saturating: the first shared word counts more than the tenth."""
    found = demand.words.keys() & supply.words.keys()
    if not found:
        return NO_WORD
    shared = sorted(((min(demand.words[stem], supply.words[stem]), stem) for stem in found), reverse=True)
    # In whole parts: a sum of fractions would depend on its order.
    total = sum(round(weight * WORD_PARTS) for weight, _ in shared) / WORD_PARTS
    # A compound counts with each of its parts, and is written once.
    spelled = dict.fromkeys(demand.spelled.get(stem, stem) for _, stem in shared)
    words = ", ".join(list(spelled)[:SHOWN_WORDS])
    return Measure(total / (total + HALF_TEXT), {"words": words})


def by_distance(demand: Demand, supply: Supply) -> Measure | None:
    """As the crow flies, falling exponentially; never scored for a public tender (equal treatment)."""
    if demand.public_tender:
        return None
    km = distance_km(demand.place, supply.place)
    rough = demand.place.is_approximate or supply.place.is_approximate
    return Measure(exp(-km / DISTANCE_SCALE_KM), {"km": km, "rough": rough, **_zone(demand, supply)})


def _zone(demand: Demand, supply: Supply) -> dict[str, Raw]:
    for zone in supply.zones:
        if covers(zone, demand.place):
            if isinstance(zone, Radius):
                return {"radius_km": zone.km, "around": zone.label}
            return {"zone": zone.name, "zone_kind": zone.kind}
    return {}


def by_quantity(demand: Demand, supply: Supply) -> Measure | None:
    """How much of what is asked the supply can do."""
    if demand.amount is None:
        return None
    both = demand.amount.beside(supply.capacity) if supply.capacity else None
    if both is None or supply.capacity is None:
        return Measure(UNSAID, {})
    asked, possible = demand.amount.said, supply.capacity.said
    return Measure(
        min(1.0, both[1] / both[0]),
        {
            "asked": float(asked.value),
            "asked_unit": asked.unit,
            "asked_period": asked.period,
            "possible": float(possible.value),
            "possible_unit": possible.unit,
            "possible_period": possible.period,
        },
    )


def by_service_type(demand: Demand, supply: Supply) -> Measure | None:
    """Staffing, service or making, as the need asks."""
    if demand.service_type is None:
        return None
    if not supply.service_types:
        return Measure(UNSAID, {})
    return Measure(float(demand.service_type in supply.service_types), {"type": demand.service_type})


def by_level(demand: Demand, supply: Supply) -> Measure | None:
    """The waste hierarchy, for flows: what the taker does, best first; 0 when the holder asked for other levels."""
    if demand.kind != "flow":
        return None
    if supply.level is None:
        return Measure(UNSAID * UNSAID, {})
    return Measure(LEVEL_WORTH[supply.level] if demand.takes_level(supply.level) else 0.0, {"level": supply.level})


def social_rank(supply: Supply) -> int:
    """2 for inclusion and adapted work, 1 for the rest of the social economy, 0 for others."""
    return 2 if any(each in INCLUSION_KINDS for each in supply.supplier_kinds) else int(bool(supply.supplier_kinds))


def by_social_value(_demand: Demand, supply: Supply) -> Measure:
    """Inclusion and adapted work first, then the rest of the social economy."""
    inclusive = next((each for each in supply.supplier_kinds if each in INCLUSION_KINDS), None)
    if inclusive:
        return Measure(INCLUSION, {"kind": inclusive})
    if supply.supplier_kinds:
        return Measure(SOCIAL_ECONOMY, {"kind": supply.supplier_kinds[0]})
    return Measure(0.0, {})


def by_freshness(demand: Demand, supply: Supply) -> Measure:
    """How long before the demand the offer was published: told from the two dates, so that it never drifts.

    In whole seconds, as the index keeps them.
    """
    seconds = int(demand.published_at.timestamp()) - int(supply.published_at.timestamp())
    days = max(0, seconds) / 86_400
    return Measure(exp(-days / FRESH_DAYS), {"days": int(days)})


NO_WORD = Measure(0.0, {"words": ""})

EVIDENCE: dict[Feature, Measuring] = {
    Feature.CATEGORY: by_category,
    Feature.CODE: by_code,
    Feature.TEXT: by_text,
}
"""What shows that both mean the same thing; the others only say how well it suits."""

SUITING: dict[Feature, Measuring] = {
    Feature.DISTANCE: by_distance,
    Feature.QUANTITY: by_quantity,
    Feature.SERVICE_TYPE: by_service_type,
    Feature.LEVEL: by_level,
    Feature.SOCIAL: by_social_value,
    Feature.FRESHNESS: by_freshness,
}

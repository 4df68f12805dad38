"""What decides whether a demand and a supply can meet at all: each constraint is None, or the gap with its measure.

A constraint that cannot be measured (units of different dimensions, an open window) holds.
"""

from collections.abc import Callable, Iterator
from datetime import date

from services.matching.ranking.sides import Demand, Supply
from services.matching.ranking.weights import weights
from shared.events.reasons import Constraint, Gap, Value
from shared.territory.place import Radius, covers, distance_km, gap_km

# An area that does not hold the demand is almost right for a supplier so near.
OWN_PLACE_KM = 30.0

Check = Callable[[Demand, Supply, date], Gap | None]


def _gap(constraint: Constraint, **values: Value) -> Gap:
    return Gap(constraint=constraint, values=values)


def kind(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """The offer serves this kind of need, in the form it comes in, or takes material."""
    fits_means = not supply.means or demand.means is None or demand.means in supply.means
    if demand.asks in supply.serves and fits_means:
        return None
    return _gap(Constraint.KIND, asked=demand.asks, served=", ".join(supply.serves))


def same_entity(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """Nobody is matched with themselves: "same organisation" means same legal entity."""
    return _gap(Constraint.SAME_ENTITY) if demand.legal_entity_id == supply.legal_entity_id else None


def blocked(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """The supplier blocked neither the organisation nor its legal entity."""
    is_blocked = demand.organisation_id in supply.blocked or demand.legal_entity_id in supply.blocked
    return _gap(Constraint.BLOCKED) if is_blocked else None


def paused(_demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """The offer runs."""
    return _gap(Constraint.PAUSED) if supply.paused else None


def margin_of(km: float) -> float:
    """How far beyond its edge a radius is still worth telling that it almost reached: a quarter, 10 to 25 km."""
    return min(max(km / 4, 10.0), 25.0)


def out_of_reach(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """No zone covers the place, and none almost does: a supplier of another country is no near miss.

    A radius almost covers what lies within its margin; an area, which has no edge here, what is near its supplier.
    """
    if any(covers(zone, demand.place) for zone in supply.zones):
        return None
    circles = [zone for zone in supply.zones if isinstance(zone, Radius)]
    if any((gap_km(zone, demand.place) or 0.0) <= margin_of(zone.km) for zone in circles):
        return None
    if len(circles) < len(supply.zones) and distance_km(demand.place, supply.place) <= OWN_PLACE_KM:
        return None
    return _gap(Constraint.AREA, place=demand.place.commune_name, zones=len(supply.zones))


def area(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """The demand's place lies inside one of the supply's zones; the nearest zone measures the gap."""
    if any(covers(zone, demand.place) for zone in supply.zones):
        return None
    values: dict[str, Value] = {"place": demand.place.commune_name, "zones": len(supply.zones)}
    circles = [zone for zone in supply.zones if isinstance(zone, Radius)]
    if circles:
        nearest = min(circles, key=lambda zone: gap_km(zone, demand.place) or 0.0)
        short = gap_km(nearest, demand.place) or 0.0
        values |= {"km": _km(short), "radius_km": _km(nearest.km), "around": nearest.label}
    elif supply.zones:
        values |= {"zone": supply.zones[0].name, "zone_kind": supply.zones[0].kind}  # type: ignore[union-attr]
    return Gap(constraint=Constraint.AREA, values=values)


def radius(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """The supplier is inside the radius that the demand asks for; a public tender may not ask (equal treatment)."""
    if demand.radius_km is None or demand.public_tender:
        return None
    distance = distance_km(demand.place, supply.place)
    if distance <= demand.radius_km:
        return None
    return _gap(
        Constraint.RADIUS,
        km=_km(distance - demand.radius_km),
        distance_km=_km(distance),
        radius_km=demand.radius_km,
        place=demand.place.commune_name,
    )


def window(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """The two spans of days have a day in common; an open end never ends."""
    opens, closes = supply.window.starts_on, supply.window.ends_on
    starts, ends = demand.window.starts_on, demand.window.ends_on
    if opens and ends and opens > ends:
        return _gap(
            Constraint.WINDOW, days=(opens - ends).days, opens_on=opens.isoformat(), wanted_until=ends.isoformat()
        )
    if closes and starts and closes < starts:
        return _gap(
            Constraint.WINDOW, days=(starts - closes).days, closed_on=closes.isoformat(), wanted_from=starts.isoformat()
        )
    return None


def permit(demand: Demand, supply: Supply, today: date) -> Gap | None:
    """Every permit the demand wants is held and still valid on its first day (or today, when that is later)."""
    return _lacking(Constraint.PERMIT, demand.permits, demand, supply, today)


def legal_status(demand: Demand, supply: Supply, today: date) -> Gap | None:
    """Waste has a code, and goes only to a taker with the permits that its hazard and mass ask for (domain rule 3).

    A hazardous code must also be one that the offer names: such permits are given code by code.
    """
    if not demand.is_waste:
        return None
    if not demand.ewc:
        return _gap(Constraint.LEGAL_STATUS, missing="ewc")
    unnamed = next((code for code in demand.hazardous if code not in supply.ewc), None)
    if unnamed is not None:
        return _gap(Constraint.LEGAL_STATUS, missing="code", code=unnamed)
    return _lacking(Constraint.LEGAL_STATUS, permit_profile(demand), demand, supply, today)


def permit_profile(demand: Demand) -> Iterator[str]:
    """The permits that waste asks for by its hazard and its mass."""
    yield "waste_treatment"
    if demand.hazardous:
        yield "hazardous"
    limit = weights().receipt_hazardous_kg if demand.hazardous else weights().receipt_kg
    if demand.lot_kg is not None and demand.lot_kg > limit:
        yield "waste_transport"


def _lacking(
    constraint: Constraint, codes: tuple[str, ...] | Iterator[str], demand: Demand, supply: Supply, today: date
) -> Gap | None:
    on = max(today, demand.window.starts_on or today)
    for code in codes:
        held = [each for each in supply.permits if each.code == code]
        if not held:
            return _gap(constraint, missing="permit", permit=code)
        if not any(each.expires_on is None or each.expires_on >= on for each in held):
            expired = max(each.expires_on for each in held if each.expires_on)
            return _gap(constraint, missing="permit", permit=code, expired_on=expired.isoformat())
    return None


def eligibility(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """A tax receipt that is wanted can be issued."""
    return _gap(Constraint.ELIGIBILITY) if demand.receipt_wanted and not supply.may_issue_receipts else None


def supplier_kind(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """The supplier is of one of the kinds the demand is reserved for."""
    if not demand.supplier_kinds or set(demand.supplier_kinds) & set(supply.supplier_kinds):
        return None
    return _gap(
        Constraint.SUPPLIER_KIND, wanted=", ".join(demand.supplier_kinds), found=", ".join(supply.supplier_kinds)
    )


def minimum(demand: Demand, supply: Supply, _today: date) -> Gap | None:
    """What is asked reaches the supplier's minimum, and what the supplier can take reaches the demand's."""
    for least, given, whose in (
        (supply.minimum, demand.amount, "supply"),
        (demand.minimum, supply.capacity, "demand"),
    ):
        both = least.beside(given) if least and given else None
        if least and given and both and both[1] < both[0]:
            return _gap(
                Constraint.MINIMUM,
                whose=whose,
                minimum=least.said.value,
                minimum_unit=least.said.unit,
                minimum_period=least.said.period,
                given=given.said.value,
                given_unit=given.said.unit,
                given_period=given.said.period,
            )
    return None


def _km(distance: float) -> Value:
    """Whole kilometres for people, but never a gap of 0."""
    return max(1, round(distance))


# Nobody is told that they would fit if they were someone else, or if someone had not blocked them; a supplier that
# does not serve the kind at all is no near miss either.
FINAL: tuple[Check, ...] = (kind, same_entity, blocked)
LIFTABLE: tuple[Check, ...] = (
    area,
    supplier_kind,
    paused,
    radius,
    window,
    permit,
    legal_status,
    eligibility,
    minimum,
)
CHECKS: tuple[Check, ...] = (*FINAL, *LIFTABLE)


def possible(demand: Demand, supply: Supply, today: date) -> bool:
    """False when a constraint fails that nobody can lift, or falls too short to speak of."""
    return all(check(demand, supply, today) is None for check in (*FINAL, out_of_reach))


def gaps(demand: Demand, supply: Supply, today: date, *, most: int) -> list[Gap]:
    """The liftable constraints that fail, at most so many."""
    found: list[Gap] = []
    for check in LIFTABLE:
        gap = check(demand, supply, today)
        if gap is not None:
            found.append(gap)
            if len(found) == most:
                break
    return found

"""Splits in words, as a page shows them: amounts in the unit one would say, differences with their sign."""

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import NamedTuple
from uuid import UUID

from services.matching.allocation.figures import Figures
from services.matching.allocation.market import Because, Market, capacity_told
from services.matching.allocation.measuring import KILOGRAM
from services.matching.allocation.proposing import Proposal, Share
from services.matching.allocation.reading import Accepted
from services.matching.allocation.trying import FIELD, Asking
from services.matching.allocation.values import UNSAID
from services.matching.allocation.view import period_of, shares_of
from services.matching.allocation.worth import More
from services.matching.ranking.score import REASONS
from services.matching.ranking.sides import Demand
from shared.events.reasons import Feature
from shared.phrases import say_reason
from shared.phrases.names import LEVELS, named
from shared.phrases.voice import Voice

TONNE_KG = 1000.0
# What of a match's reasons speaks for a share.
TELLING = (Feature.SOCIAL,)
WHOLE = 0.999


class ShareLine(NamedTuple):
    """One taker of a flow: the reasons as (icon, text), `is_whole` when all its capacity is used."""

    offer_id: UUID
    name: str
    amount: str
    percent: str
    level: str | None
    km: str
    why: list[tuple[str, str]]
    is_whole: bool
    is_capacity_said: bool


class FlowLine(NamedTuple):
    """One flow: its amount and what stays in words, its shares as lines and as a bar."""

    demand: Demand
    amount: str
    left: str | None
    is_rough: bool
    shares: list[ShareLine]
    bar: list[tuple[float, str, str]]
    bar_words: str
    accepted: Accepted | None
    is_accepted: bool


class GainLine(NamedTuple):
    """One figure today and as proposed; `code` names it, `level` where it is that of one level."""

    code: str
    level: str | None
    today: str
    proposed: str
    change: str | None


class MoreLine(NamedTuple):
    """What more capacity of a taker would be worth."""

    name: str
    step: str
    points: str
    placed: str | None
    is_exact: bool


class OutsideLine(NamedTuple):
    """Who matches and gets nothing, and why."""

    name: str
    offer_id: UUID
    title: str
    because: Because


class TakerField(NamedTuple):
    """One taker in the what-if form."""

    offer_id: UUID
    name: str
    field: str
    capacity: str | None
    typed: str
    is_out: bool


class MarketPage(NamedTuple):
    """One market as the page shows it; `shares` are what the form sends back when somebody says yes."""

    flows: list[FlowLine]
    gains: list[GainLine]
    more: list[MoreLine]
    outside: list[OutsideLine]
    fields: list[TakerField]
    unit: str
    gap: str | None
    shares: list[str]


def market_page(proposal: Proposal, accepted: Mapping[UUID, Accepted], asking: Asking, *, language: str) -> MarketPage:
    """A proposal for its publisher."""
    words, market = Words(proposal.market, language), proposal.market
    return MarketPage(
        flows=[_flow(proposal, demand, accepted.get(demand.id), words) for demand in market.flows],
        gains=_gains(proposal.today, proposal.figures, words),
        more=[_more(each, market, words) for each in proposal.more],
        outside=_outside(market),
        fields=_fields(market, asking, words),
        unit=words.unit_words,
        gap=words.number(proposal.gap * 100) if proposal.gap >= 0.0005 else None,
        shares=[f"{s.arc.demand.id}:{s.arc.candidate.supply.id}:{s.amount:.3f}" for s in proposal.shares],
    )


class Words:
    """How one market's figures are said: tonnes from a tonne on, and `a month` where a flow comes back."""

    def __init__(self, market: Market, language: str) -> None:
        self.voice = Voice(language, "author")
        self.language = language
        self.unit = market.unit
        periods = {period_of(demand) for demand in market.flows}
        self.period = "month" if "month" in periods else "once"
        self.in_tonnes = market.unit == KILOGRAM and sum(market.amounts.values()) >= TONNE_KG
        # What a figure of the market is divided by where it is typed.
        self.factor, self.shown_unit = (TONNE_KG, "t") if self.in_tonnes else (1.0, market.unit)

    @property
    def unit_words(self) -> str:
        """« t par mois »."""
        return self.amount(0.0).partition("\u00a00 ")[2] or self._said(0.0, self.shown_unit, self.period)[2:]

    def amount(self, value: float, *, period: str | None = None) -> str:
        """« 2,4 t par mois »."""
        return self._said(value / self.factor, self.shown_unit, period or self.period)

    def bare(self, value: float) -> str:
        """« 2,4 t »."""
        return self.amount(value, period="once")

    def change(self, difference: float, said: str) -> str | None:
        """« +1,2 t », or None for no difference that one could read."""
        if said.partition("\N{NO-BREAK SPACE}")[0] == "0" or said.startswith("0 ") or said == "0":
            return None
        return f"{'+' if difference > 0 else '−'}{said}"

    def number(self, value: float) -> str:
        """« 1 234,5 »."""
        return self.voice.number(Decimal(str(round(value, 3))))

    def kilograms(self, value: float) -> str:
        """A mass of carbon."""
        return self._said(value / TONNE_KG, "t", "once") if value >= TONNE_KG else self._said(value, "kg", "once")

    def _said(self, value: float, unit: str, period: str) -> str:
        return self.voice.quantity({"q": Decimal(str(round(value, 3))), "q_unit": unit, "q_period": period}, "q")


def _flow(proposal: Proposal, demand: Demand, accepted: Accepted | None, words: Words) -> FlowLine:
    market, period = proposal.market, period_of(demand)
    total, left = market.amounts[demand.id], proposal.left_of(demand.id)
    shares = shares_of(proposal, demand)
    bar = [(share.amount, "take", share.arc.candidate.supply.supplier_name) for share in shares]
    lines = [_share(market, share, total, words) for share in shares]
    now = {share.arc.candidate.supply.id: share.amount for share in shares}
    return FlowLine(
        demand,
        words.amount(total, period=period),
        words.amount(left, period=period) if left else None,
        demand.id in market.rough,
        lines,
        [*bar, (left, "free", "")] if left else bar,
        ", ".join(f"{line.name} {line.amount}" for line in lines),
        accepted,
        accepted is not None and accepted.amounts == now,
    )


def _share(market: Market, share: Share, total: float, words: Words) -> ShareLine:
    supply, capacity = share.arc.candidate.supply, market.capacities[share.arc.candidate.supply.id]
    reasons = REASONS.validate_json(share.arc.candidate.reasons)
    km = share.arc.km
    return ShareLine(
        supply.id,
        supply.supplier_name,
        words.amount(share.amount, period=period_of(share.arc.demand)),
        words.number(round(100 * share.amount / total)),
        named(LEVELS, supply.level, words.language) if supply.level else None,
        words.number(round(km) if km >= 1 else round(km, 1)),
        [say_reason(each, words.language) for each in reasons if each.feature in TELLING],
        share.amount >= WHOLE * capacity,
        isfinite(capacity),
    )


def _gains(today: Figures, proposed: Figures, words: Words) -> list[GainLine]:
    lines = [_gain("placed", None, today.placed, proposed.placed, words)]
    for code in {**proposed.by_level, **today.by_level}:
        name = code if code == UNSAID else named(LEVELS, code, words.language)
        pair = (today.by_level.get(code, 0.0), proposed.by_level.get(code, 0.0))
        lines.append(_gain("level", name, *pair, words))
    points = (words.number(round(today.points)), words.number(round(proposed.points)))
    difference = round(proposed.points) - round(today.points)
    lines.append(GainLine("points", None, *points, words.change(difference, f"{words.number(abs(difference))}")))
    if proposed.tonne_km is not None and today.tonne_km is not None:
        said = [words.number(round(each, 1)) for each in (today.tonne_km, proposed.tonne_km)]
        moved = proposed.tonne_km - today.tonne_km
        lines.append(
            GainLine("tonne_km", None, said[0], said[1], words.change(moved, f"{words.number(round(abs(moved), 1))}"))
        )
        more = (proposed.co2e_usual or 0.0) - (today.co2e_usual or 0.0)
        change = words.change(more, words.kilograms(abs(more)))
        lines.append(GainLine("co2e", None, _carbon(today, words), _carbon(proposed, words), change))
    return lines


def _gain(code: str, level: str | None, today: float, proposed: float, words: Words) -> GainLine:
    change = words.change(proposed - today, words.bare(abs(proposed - today)))
    return GainLine(code, level, words.bare(today), words.bare(proposed), change)


def _carbon(figures: Figures, words: Words) -> str:
    low, high = words.kilograms(figures.co2e_low or 0.0), words.kilograms(figures.co2e_high or 0.0)
    return low if low == high else f"{low} – {high}"


def _more(each: More, market: Market, words: Words) -> MoreLine:
    names = {arc.candidate.supply.id: arc.candidate.supply.supplier_name for arc in market.arcs}
    placed = each.placed if each.placed is not None and each.placed >= 0.001 * each.step else None
    return MoreLine(
        names[each.offer_id],
        words.amount(each.step),
        words.number(round(each.points)),
        None if placed is None else words.bare(placed),
        each.is_exact,
    )


def _outside(market: Market) -> list[OutsideLine]:
    titles = {demand.id: demand.title for demand in market.flows}
    return [
        OutsideLine(each.supply.supplier_name, each.supply.id, titles[each.demand_id], because)
        for each, because in market.outside
        if because is not Because.LEFT_OUT
    ]


def _fields(market: Market, asking: Asking, words: Words) -> list[TakerField]:
    """Each offer once, those left out among them: they can be taken in again."""
    found: dict[UUID, TakerField] = {}
    tried, flows = asking.tried.what_if(), {demand.id: demand for demand in market.flows}
    everyone = [arc.candidate for arc in market.arcs] + [each for each, _ in market.outside]
    for candidate in sorted(everyone, key=lambda each: (-each.score, each.supply.id)):
        supply = candidate.supply
        field = f"{FIELD}{supply.id}:{words.shown_unit}"
        capacity = capacity_told(market.unit, supply, flows[candidate.demand_id])
        as_tried = tried.capacities.get((supply.id, market.unit))
        typed = asking.typed.get(field) or (words.number(as_tried / words.factor) if as_tried is not None else "")
        said = words.amount(capacity) if capacity is not None and isfinite(capacity) else None
        found.setdefault(
            supply.id, TakerField(supply.id, supply.supplier_name, field, said, typed, supply.id in tried.without)
        )
    return list(found.values())

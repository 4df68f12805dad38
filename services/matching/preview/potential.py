"""The inclusive potential of those who fit: how many are there, and would enough be left if only these could answer?"""

from collections.abc import Iterable, Sequence
from typing import Literal

from services.matching.ranking.sides import Demand, Supply
from shared.phrases.reasons import DISABILITY
from shared.questions.preview import InclusivePotential

Lever = Literal["none", "social_clause", "reserved_lot", "reserved"]

# Those that L. 2113-13 lets a contract be reserved for; an employers' group and a prison workshop are inclusive beside.
INTEGRATION = frozenset({"EI", "ACI", "AI", "ETTI", "EITI"})
INCLUSIVE = INTEGRATION | DISABILITY | {"GEIQ", "SEP"}
ENOUGH = 3
# What users of the reference platform know (domain.md): more than so many suppliers for each lever. Whether the budget
# is small beside their turnover, as the strongest one also asks, is not known here: the texts say so.
LEVERS: Sequence[tuple[int, Lever]] = ((30, "reserved"), (10, "reserved_lot"), (0, "social_clause"))


def potential_of(demand: Demand, fitting: Sequence[Supply]) -> InclusivePotential:
    """Counted over the organisations that fit, each once."""
    inclusive, inclusion, adapted = (_count(fitting, kinds) for kinds in (INCLUSIVE, INTEGRATION, DISABILITY))
    return InclusivePotential(
        lever=next((lever for more_than, lever in LEVERS if inclusive > more_than), "none"),
        inclusive=inclusive,
        inclusion=inclusion,
        adapted=adapted,
        inclusion_enough=inclusion >= ENOUGH,
        adapted_enough=adapted >= ENOUGH,
        local=_local(demand, fitting),
    )


def _count(fitting: Iterable[Supply], kinds: frozenset[str]) -> int:
    return sum(1 for supply in fitting if kinds.intersection(supply.supplier_kinds))


def _local(demand: Demand, fitting: Iterable[Supply]) -> int | None:
    """Never for a public tender: its buyer may not prefer those near by (equal treatment)."""
    epci = demand.place.epci_code
    if demand.public_tender or epci is None:
        return None
    return sum(1 for supply in fitting if supply.place.epci_code == epci)

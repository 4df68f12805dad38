"""The inclusive potential of those who fit: how many are there, and would enough be left if only these could answer?"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from services.matching.index.compiled.census import Census
from services.matching.index.compiled.numbering import Numbering
from services.matching.ranking.sides import Demand
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


def potential_of(demand: Demand, fitting: Census, numbering: Numbering) -> InclusivePotential:
    """Counted over the organisations that fit, each once."""
    inclusive, inclusion, adapted = (
        int(np.count_nonzero(fitting.records["kinds"] & np.uint32(numbering.kind_bits(kinds))))
        for kinds in (INCLUSIVE, INTEGRATION, DISABILITY)
    )
    return InclusivePotential(
        lever=next((lever for more_than, lever in LEVERS if inclusive > more_than), "none"),
        inclusive=inclusive,
        inclusion=inclusion,
        adapted=adapted,
        inclusion_enough=inclusion >= ENOUGH,
        adapted_enough=adapted >= ENOUGH,
        local=_local(demand, fitting, numbering),
    )


def _local(demand: Demand, fitting: Census, numbering: Numbering) -> int | None:
    """Never for a public tender: its buyer may not prefer those near by (equal treatment)."""
    epci = numbering.epci(demand.place)
    if demand.public_tender or not epci:
        return None
    return int(np.count_nonzero(fitting.records["epci"] == epci))

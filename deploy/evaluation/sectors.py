"""Real industrial exchanges: is the receiving division (NACE, two digits) among the first that the graph names?"""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from deploy.evaluation.sets import EXCHANGES, Figures, SetMissing, rows

GRAPH = "shared.vocabulary.substitution"
DIVISION, FIRST = 2, 5


def measure(folder: Path) -> Figures:
    """`constant@5` is what guessing this file's five commonest receivers each time would give."""
    exchanges = [(row, _division(row["NACE code - Receiving industry"])) for row in rows(folder, EXCHANGES)]
    exchanges = [(row, division) for row, division in exchanges if division]
    if find_spec(GRAPH) is None:
        raise SetMissing(f"{GRAPH} is not part of this installation")
    receiving = import_module(GRAPH).receiving_divisions
    found = [
        (division, [named for named, _ in receiving(row["Waste description"], row["EWC code"], "en")][:FIRST])
        for row, division in exchanges
    ]
    commonest = {division for division, _ in Counter(each for _, each in exchanges).most_common(FIRST)}
    return Figures(
        n=len(exchanges),
        cases={
            "@1": [float(division in named[:1]) for division, named in found],
            f"@{FIRST}": [float(division in named) for division, named in found],
            f"constant@{FIRST}": [float(division in commonest) for _, division in exchanges],
        },
    )


def _division(code: str) -> str:
    """The first two digits; codes of the file may have lost their leading zero, and some are no code."""
    digits = "".join(sign for sign in code.split(",", maxsplit=1)[0].split("/", maxsplit=1)[0] if sign.isdigit())
    return digits[:DIVISION] if len(digits) >= DIVISION else digits.zfill(DIVISION) if digits else ""

"""Titles of public notices: is the group of the CPV code that the buyer chose among the first suggested?"""

from __future__ import annotations

from pathlib import Path

from deploy.evaluation.sets import NOTICES, Figures, rows
from shared.vocabulary.purchases import GROUP, groups

FIRST, MORE = 5, 10


def measure(folder: Path, language: str) -> Figures:
    """`language` is fr or en; the group is that of the notice's main code."""
    notices = [row for row in rows(folder, NOTICES) if row["lang"] == language.upper()]
    found = [
        (row["cpv_main"][:GROUP], [each.code for each in groups(row["title"], language, limit=MORE)]) for row in notices
    ]
    return Figures(
        n=len(notices),
        cases={f"group@{at}": [float(group in suggested[:at]) for group, suggested in found] for at in (FIRST, MORE)},
    )

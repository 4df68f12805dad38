"""A learnt table of weights as a file: the same bytes for the same answers, with where it comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from deploy.evaluation.calibration import fitted
from deploy.evaluation.judged import rankings, read_grades, told_of
from deploy.learning.fitting import learnt
from deploy.learning.lines import Case, split
from services.matching.ranking.queries import FROM
from services.matching.ranking.weights import FILE, Curve, TableUnusable, Weights, released, shown_by, table_of
from shared.events.reasons import Feature

# Fewer say more about chance than about us.
ANSWERS_WANTED, HELD_OUT_WANTED, WEEKS_WANTED = 200, 30, 4


class TooFewAnswers(Exception):
    """There is not enough to learn from; the message says what is there and what is wanted."""


def wanted(cases: Sequence[Case]) -> None:
    """Refuses what is too little to learn from and to hold against."""
    answers = sum(line.answer is not None for case in cases for line in case.asked)
    weeks = len({case.week for case in cases})
    held = sum(case.tells for case in split(cases)[1])
    if answers < ANSWERS_WANTED or weeks < WEEKS_WANTED or held < HELD_OUT_WANTED:
        raise TooFewAnswers(
            f"{answers} answers in {weeks} weeks, {held} demands of the held-out weeks with an answer that prefers "
            f"somebody: wanted are {ANSWERS_WANTED} answers, {WEEKS_WANTED} weeks and {HELD_OUT_WANTED} such demands"
        )


def candidate(cases: Sequence[Case], before: Weights) -> str:
    """The file of the table that the answers of all but the held-out weeks speak for; refuses what is too little."""
    wanted(cases)
    taught, _ = split(cases)
    points = learnt(taught, before.points)
    provenance = {
        "began_with": before.version,
        "weeks": [taught[0].week, taught[-1].week],
        "demands": len(taught),
        "asked": sum(len(case.asked) for case in taught),
        "answers": sum(line.answer is not None for case in taught for line in case.asked),
    }
    return written(before, points, curve=calibrated(before, points), provenance=provenance)


def calibrated(before: Weights, points: Mapping[Feature, float]) -> Curve:
    """The score shown for these points, fitted on the judged set as the released one is."""
    shown = list(rankings(replace(before, points=dict(points))))
    return fitted(told_of(shown, read_grades()), match_from=before.match_from)


def written(before: Weights, points: Mapping[Feature, float], *, curve: Curve, provenance: Mapping[str, object]) -> str:
    """As `weights.toml` is, the law's figures with their source; the version is the released one's and a digest."""
    body = "\n".join([*_points(before, points), *_curve(curve), *_law(), *_told(provenance)])
    digest = blake2b(body.encode(), digest_size=4).hexdigest()
    head = "# Learnt by `boucle learn` from what suppliers answered; see its report."
    return f'{head}\nversion = "{released().version}{FROM}{digest}"\n\n{body}\n'


def _points(before: Weights, points: Mapping[Feature, float]) -> list[str]:
    return [
        "[points]",
        *(f"{feature.value} = {points[feature]:.1f}" for feature in before.points),
        "",
        "[floors]",
        *(f"{feature.value} = {floor}" for feature, floor in before.relevance.items()),
        f"match = {before.match_from}",
        f"near_miss = {before.near_miss_from}",
        "",
    ]


def _curve(curve: Curve) -> list[str]:
    return ["[shown]", f"curve = [{', '.join(f'[{at}, {score}]' for at, score in curve)}]", ""]


def _law() -> list[str]:
    law = tomllib.loads(FILE.read_text(encoding="utf-8"))["transport_receipt"]
    return ["[transport_receipt]", *(f"{name} = {_toml(value)}" for name, value in law.items()), ""]


def _told(provenance: Mapping[str, object]) -> list[str]:
    return ["[provenance]", *(f"{name} = {_toml(value)}" for name, value in provenance.items())]


def _toml(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value)


def read_candidate(written: str) -> tuple[Weights, str, str]:
    """A candidate's table, the version that it began with, and the last week that it learnt from."""
    table = table_of(written)
    told = tomllib.loads(written).get("provenance", {})
    try:
        weeks, began_with = told["weeks"], told["began_with"]
    except KeyError as missing:
        raise TableUnusable(f"it does not say where it comes from ({missing})") from missing
    if table.shown != shown_by(table.curve) or not table.version.startswith(f"{released().version}{FROM}"):
        raise TableUnusable(f"it was not learnt from the table of this release, {released().version}")
    return table, began_with, weeks[-1]

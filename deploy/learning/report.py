"""What was learnt, for a person: the figures side by side, and whether to promote, and why."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.learning.comparing import TOLERANCE, Compared, Difference, changed, is_less_fair
from deploy.learning.lines import Case
from services.matching.ranking.weights import Weights


def refusals(found: Compared) -> list[str]:
    """Why a table is not to be promoted; nothing where it is."""
    said = []
    if not found.is_better:
        gain = found.ndcg.after - found.ndcg.before
        said.append(
            f"nDCG@10 on the held-out weeks changes by {gain:+.4f}, between {found.ndcg.low:+.4f} and "
            f"{found.ndcg.high:+.4f}: that may be chance, or worse"
        )
    for name, uneven in (("Gini", found.gini), ("the share never shown", found.never_shown)):
        if is_less_fair(uneven):
            said.append(f"it is less fair: {name} rises from {uneven.before:.3f} to {uneven.after:.3f}")
    return said


def report(cases: Sequence[Case], before: Weights, after: Weights, *, found: Compared, held: Sequence[Case]) -> str:
    """The report in Markdown."""
    refused = refusals(found)
    verdict = "**Do not promote.**" if refused else "**Promote.**"
    gain = found.ndcg.after - found.ndcg.before
    why = "; ".join(refused) or (
        f"nDCG@10 on the held-out weeks rises by {gain:.4f} (95 %: {found.ndcg.low:+.4f} to {found.ndcg.high:+.4f}), "
        "and places go round as evenly as before"
    )
    taught = [case for case in cases if case not in held]
    return "\n".join(
        [
            f"# Weights {after.version}",
            "",
            f"{verdict} {why[0].upper()}{why[1:]}.",
            "",
            *_data(taught, held),
            *_weights(before, after),
            *_figures(found),
            *_reading(),
        ]
    )


def _data(taught: Sequence[Case], held: Sequence[Case]) -> list[str]:
    return [
        "## From what",
        "",
        "| | weeks | demands | suppliers asked | answers |",
        "|---|---|---|---|---|",
        _row("learnt from", taught),
        _row("held out", held),
        "",
    ]


def _row(name: str, cases: Sequence[Case]) -> str:
    lines = [line for case in cases for line in case.asked]
    answers = sum(line.answer is not None for line in lines)
    weeks = f"{cases[0].week} to {cases[-1].week}" if cases else "none"
    return f"| {name} | {weeks} | {len(cases)} | {len(lines)} | {answers} |"


def _weights(before: Weights, after: Weights) -> list[str]:
    return [
        "## Points",
        "",
        f"| | {before.version} (in force) | {after.version} | change |",
        "|---|---|---|---|",
        *(
            f"| {feature.value.replace('_', ' ')} | {was:g} | {now:g} | {now - was:+.1f} |"
            for feature, (was, now) in changed(before, after).items()
        ),
        "",
    ]


def _figures(found: Compared) -> list[str]:
    return [
        "## On the held-out weeks",
        "",
        f"{found.demands} demands that prefer somebody; {found.asked} suppliers asked, {found.answered} answers.",
        "",
        "| | in force | candidate | difference | 95 % |",
        "|---|---|---|---|---|",
        _with_interval("nDCG@10", found.ndcg),
        _with_interval("MRR", found.mrr),
        _plain("calibration error (of those who answered)", found.calibration),
        _with_interval("Gini of the first ten places", found.gini),
        _with_interval("never among them", found.never_shown),
        f"| asked, and no match any more | {found.left_out[0]} | {found.left_out[1]} "
        f"| {found.left_out[1] - found.left_out[0]:+d} | |",
        "",
    ]


def _with_interval(name: str, found: Difference) -> str:
    gain = found.after - found.before
    return f"| {name} | {found.before:.4f} | {found.after:.4f} | {gain:+.4f} | {found.low:+.4f} to {found.high:+.4f} |"


def _plain(name: str, pair: tuple[float, float]) -> str:
    return f"| {name} | {pair[0]:.4f} | {pair[1]:.4f} | {pair[1] - pair[0]:+.4f} | |"


def _reading() -> list[str]:
    return [
        "## How to read it",
        "",
        "- Interested counts 1, a proposal 2, accepted 3, no and silence 0; in nDCG 1, 3, 7. A reason teaches only",
        '  the features that it speaks of: "too far" the distance. A full diary and a price teach nothing.',
        "- Whoever was asked improbably counts for more, one over its logged propensity, twenty at most.",
        "- Promoted is what rises by more than chance (the lower end of the interval is above 0) and is not less fair:",
        f"  neither Gini nor never shown rises by more than chance, nor by more than {TOLERANCE}.",
        "- Answers tell who answers, not who fits: the score shown stays calibrated on the judged set.",
        "",
    ]

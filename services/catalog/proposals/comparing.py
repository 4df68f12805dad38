"""Proposals to one need beside each other: what is known of each, its scores, and their order under given weights."""

from collections.abc import Sequence
from typing import NamedTuple

from services.catalog.needs.models import Need
from services.catalog.proposals.models import ParticipationState, Proposal, ProposalState
from services.catalog.proposals.scores import Measures, Scores, Weights, mean_of, scores_of
from shared.clock import day_of
from shared.territory.place import distance_km

COMPARED = (ProposalState.MADE, ProposalState.ACCEPTED)


class Compared(NamedTuple):
    """One proposal in the comparison; `score` is the weighted mean of its scores."""

    proposal: Proposal
    measures: Measures
    scores: Scores
    score: int


def compared(need: Need, proposals: Sequence[Proposal], weights: Weights) -> list[Compared]:
    """Those that may be chosen or were, the best first; of equals the cheaper one, then the one that came first."""
    there = [each for each in proposals if each.state in COMPARED]
    measured = [measures_of(need, each) for each in there]
    lines = [
        Compared(proposal, measures, scores, mean_of(scores, weights))
        for proposal, measures, scores in zip(there, measured, scores_of(measured), strict=True)
    ]
    return sorted(lines, key=lambda line: (-line.score, line.proposal.total_cents, line.proposal.id))


def measures_of(need: Need, proposal: Proposal) -> Measures:
    """What is known of one proposal."""
    supplier = proposal.organisation
    published_on = day_of(need.published_at or proposal.made_at)
    return Measures(
        total_cents=proposal.total_cents,
        # A day at least, so that the same day twice is not infinitely better than the next.
        days=max((proposal.ends_on - published_on).days, 1) if proposal.ends_on else None,
        km=distance_km(need.place, supplier.place) if need.place and supplier.place else None,
        kinds=supplier.legal_entity.kinds,
        commitments=len(proposal.commitments),
        parts=(
            proposal.starts_on is not None,
            proposal.ends_on is not None,
            bool(proposal.message),
            bool(proposal.commitments),
            all(each.state is ParticipationState.CONFIRMED for each in proposal.participations),
        ),
    )

"""Claims as pages show them: how far each is, and where one goes after asking."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from litestar import Response

from services.catalog.claims.models import CODE_TRIES, Claim, ClaimState, Way
from services.catalog.claims.queries import Asked
from services.catalog.organisations.places import place_words
from shared.web.pages import Req, gettext, redirect

BADGES = {
    ClaimState.PENDING: ("En attente", "info", "hourglass"),
    ClaimState.GRANTED: ("Accordée", "ok", "circle-check"),
    ClaimState.REFUSED: ("Non accordée", "err", "circle-x"),
    ClaimState.WITHDRAWN: ("Retirée", "neutral", "undo-2"),
    ClaimState.LAPSED: ("Restée sans réponse", "neutral", "clock"),
}


class ClaimLine(NamedTuple):
    """One claim in a list: the organisation, how far it is, and who answers."""

    id: UUID
    organisation_id: UUID
    name: str
    place: str
    badge: tuple[str, str, str]
    answers: str
    created_at: datetime
    is_pending: bool


def claim_badge(request: Req, claim: Claim) -> tuple[str, str, str]:
    """The words, kind and icon of how far a claim is."""
    words, kind, icon = BADGES[ClaimState(claim.state)]
    return gettext(request, words), kind, icon


def claim_lines(request: Req, asked: Sequence[Asked]) -> list[ClaimLine]:
    """Claims as lines of a list."""
    return [
        ClaimLine(
            id=claim.id,
            organisation_id=organisation.id,
            name=organisation.name,
            place=place_words(organisation.place),
            badge=claim_badge(request, claim),
            answers=_answers(request, claim) if claim.is_pending else claim.reply,
            created_at=claim.created_at,
            is_pending=claim.is_pending,
        )
        for claim, organisation in asked
    ]


def _answers(request: Req, claim: Claim) -> str:
    if claim.way is Way.PROOF:
        return gettext(request, "Une preuve suffit, ou le territoire répond.")
    if claim.turned_at is not None:
        return gettext(request, "L'équipe ou le territoire répond.")
    return gettext(request, "L'équipe en place répond.")


def code_is_open(claim: Claim, now: datetime) -> bool:
    """True while the code of a letter on paper may still be typed."""
    return claim.code_until is not None and claim.code_until > now and claim.code_tries < CODE_TRIES


def claimed(request: Req, claim: Claim) -> Response[None]:
    """Go to a claim that was just made, in place of the organisation that one thought to found."""
    return redirect(
        request,
        f"/claims/{claim.id}",
        say="Quelqu'un agit déjà pour cette structure : votre demande lui est adressée."
        if claim.way is Way.TEAM
        else "Cette structure est déjà sur Boucle : montrez qu'elle est la vôtre.",
        kind="info",
    )

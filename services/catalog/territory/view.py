"""What waits for a coordinator, as pages show it: how long, in which basket, and the next step."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from services.catalog.flows.models import Flow
from services.catalog.needs.models import Need
from services.catalog.organisations.models import OrganisationState
from services.catalog.organisations.places import place_words
from services.catalog.organisations.proof import PROOFS, Proof
from services.catalog.territory.models import Finding, OrganisationCheck
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

# Days after which something open without an answer moves to the next basket (domain.md, figures).
BASKETS = (45, 21, 9)
# Working days within which a coordinator looks; after the second, it is late.
SERVICE_LEVELS = (3, 5)

FINDINGS: dict[Finding, tuple[str, str, str]] = {
    Finding.VERIFIED: ("Vérifiée", "ok", "badge-check"),
    Finding.REFUSED: ("Non acceptée", "err", "circle-x"),
    Finding.SUSPENDED: ("Suspendue", "err", "circle-pause"),
    Finding.REINSTATED: ("Rétablie", "ok", "circle-check"),
}
# state of an organisation -> what a coordinator may find
POSSIBLE: dict[OrganisationState, tuple[Finding, ...]] = {
    OrganisationState.REGISTERED: (Finding.VERIFIED, Finding.REFUSED, Finding.SUSPENDED),
    OrganisationState.VERIFIED: (Finding.SUSPENDED,),
    OrganisationState.REFUSED: (Finding.VERIFIED,),
    OrganisationState.SUSPENDED: (Finding.REINSTATED,),
    OrganisationState.WAITING: (),
}


class Stuck(NamedTuple):
    """Something that moves no more: where it is, since when, in which basket (days), and what to do next."""

    title: str
    path: str
    owner: str
    place: str
    since: str
    exact: str
    basket: int
    next_step: str


def stuck_lines(request: Req, things: Sequence[Need | Flow], now: datetime) -> list[Stuck]:
    """Open needs and flows that nobody fits, the oldest first."""
    language, say = visit_of(request).language, partial(gettext, request)
    lines = []
    for thing in sorted(things, key=lambda each: each.published_at or now):
        since = thing.published_at or now
        days = (now - since).days
        is_need = isinstance(thing, Need)
        lines.append(
            Stuck(
                title=thing.title,
                path=f"/needs/{thing.id}" if is_need else f"/flows/{thing.id}",
                owner=thing.organisation.name,
                place=place_words(thing.place),
                since=i18n.moment(since, language, now=now),
                exact=i18n.exact(since),
                basket=next((basket for basket in BASKETS if days >= basket), 0),
                next_step=_next_step(say, days, is_need=is_need),
            )
        )
    return lines


def _next_step(say: Callable[[str], str], days: int, *, is_need: bool) -> str:
    if days >= BASKETS[0]:
        return say("Proposer de clore, et noter pourquoi" if is_need else "Proposer une autre valorisation")
    if days >= BASKETS[1]:
        return say("Appeler : élargir la zone ou les critères")
    if days >= BASKETS[2]:
        return say("Chercher une structure à inviter")
    return say("Laisser venir les réponses")


class CheckLine(NamedTuple):
    """One line of an organisation's history of checks."""

    words: tuple[str, str]
    icon: str
    proof: str
    said: str
    at: str
    exact: str


def check_lines(request: Req, checks: Sequence[OrganisationCheck]) -> list[CheckLine]:
    """What was found, the latest first."""
    language, say = visit_of(request).language, partial(gettext, request)
    lines = []
    for check in checks:
        words, kind, icon = FINDINGS[Finding(check.finding)]
        proof = say(PROOFS[Proof(check.proof)]) if check.proof else ""
        at = check.checked_at
        lines.append(CheckLine((say(words), kind), icon, proof, check.words, i18n.moment(at, language), i18n.exact(at)))
    return lines

"""What a coordinator found of an organisation, as pages show it."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from services.catalog.organisations.models import Organisation, OrganisationState
from services.catalog.organisations.proof import PROOFS, Proof
from services.catalog.organisations.view import grouped_siret
from services.catalog.territory.models import Finding, OrganisationCheck
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

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


class CheckLine(NamedTuple):
    """One line of an organisation's history of checks."""

    words: tuple[str, str]
    icon: str
    proof: str
    said: str
    at: str
    exact: str


class OrganisationLine(NamedTuple):
    """An organisation in a list of the territory's, with what tells it from others of its name."""

    organisation: Organisation
    siret: str | None
    place: str


def organisation_lines(organisations: Sequence[Organisation]) -> list[OrganisationLine]:
    """One line each."""
    return [
        OrganisationLine(each, grouped_siret(each.siret), each.place.commune_name if each.place else "")
        for each in organisations
    ]


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

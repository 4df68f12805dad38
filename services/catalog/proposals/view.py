"""Proposals as pages show them."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from services.catalog.organisations.places import place_words
from services.catalog.organisations.view import short_kinds, state_badge
from services.catalog.posting.view import measured_words, period_words
from services.catalog.proposals.comparing import Compared
from services.catalog.proposals.models import ParticipationState, Proposal, ProposalState
from services.catalog.proposals.scores import Criterion
from shared.events.facts import Window, plain
from shared.phrases.dealings import CHOSEN, COMMITMENTS, CRITERIA, NOT_CHOSEN
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

# No state of its own: it is still there, and may be renewed.
LAPSED = "lapsed"
BADGES = {
    ProposalState.MADE: ("Proposition faite", "info", "file-text"),
    ProposalState.ACCEPTED: ("Choisie", "ok", "circle-check"),
    ProposalState.REJECTED: ("Non retenue", "neutral", "minus"),
    ProposalState.WITHDRAWN: ("Retirée", "neutral", "undo-2"),
    LAPSED: ("Plus valable", "warn", "hourglass"),
}
PARTNER_BADGES = {
    ParticipationState.ASKED: ("À confirmer", "warn", "hourglass"),
    ParticipationState.CONFIRMED: ("Participe", "ok", "circle-check"),
    ParticipationState.DECLINED: ("Ne participe pas", "neutral", "minus"),
}


# What a form's fields are called where an error names them.
TITLES = {
    "lines": "Lignes",
    "what": "Quoi",
    "quantity": "Quantité",
    "unit": "Unité",
    "price_euros": "Prix unitaire HT",
    "valid_until": "Proposition valable jusqu'au",
    "starts_on": "Du",
    "ends_on": "Jusqu'au",
    "co_contractors": "Cotraitants",
}


class LineShown(NamedTuple):
    """One line in words; `price` is for one unit."""

    what: str
    quantity: str
    price: str
    total: str


class PartnerShown(NamedTuple):
    """A co-contractor and what it says."""

    organisation_id: Any
    name: str
    badge: Badge


class Shown(NamedTuple):
    """A proposal in words; `author` is empty where its need hides it from the reader."""

    proposal: Proposal
    badge: Badge
    author: str
    lines: list[LineShown]
    total: str
    period: str
    commitments: list[str]
    partners: list[PartnerShown]
    reason: str
    has_lapsed: bool


class ComparedLine(NamedTuple):
    """A proposal in the comparison: for each criterion what is known of it, and its score."""

    compared: Compared
    badge: Badge
    standing: Badge
    place: str
    unconfirmed: int
    known: Mapping[Criterion, str]


def shown(request: Req, proposal: Proposal, today: date, *, reader_id: Any) -> Shown:
    """A proposal as one of those who may read it does."""
    language = visit_of(request).language
    return Shown(
        proposal=proposal,
        badge=badge_of(request, proposal, today),
        author=author_for(proposal, reader_id),
        lines=[
            LineShown(
                each.what,
                measured_words(each.quantity, each.unit, language),
                price_words(request, each.price_cents),
                price_words(request, each.total_cents),
            )
            for each in proposal.lines
        ],
        total=price_words(request, proposal.total_cents),
        period=period_words(Window(starts_on=proposal.starts_on, ends_on=proposal.ends_on), language),
        commitments=[named(COMMITMENTS, each, language) for each in proposal.commitments],
        partners=partners_of(request, proposal),
        reason=reason_words(request, proposal),
        has_lapsed=proposal.has_lapsed(today),
    )


def author_for(proposal: Proposal, reader_id: Any) -> str:
    """Whose need it is, for a reader: who hides it stays hidden until they have chosen this proposal."""
    need = proposal.need
    is_hidden = need.author_hidden and not need.public_tender and proposal.state is not ProposalState.ACCEPTED
    # A co-contractor is not who was chosen: it learns of the author from who named it.
    knows = not need.author_hidden or reader_id in (need.organisation_id, proposal.organisation_id)
    return need.organisation.name if reader_id == need.organisation_id or (knows and not is_hidden) else ""


def badge_of(request: Req, proposal: Proposal, today: date) -> Badge:
    """Where it stands, in words."""
    words, kind, icon = BADGES[LAPSED if proposal.has_lapsed(today) else proposal.state]
    return gettext(request, words), kind, icon


def partners_of(request: Req, proposal: Proposal) -> list[PartnerShown]:
    """Its co-contractors."""
    found = []
    for each in proposal.participations:
        words, kind, icon = PARTNER_BADGES[ParticipationState(each.state)]
        found.append(PartnerShown(each.organisation_id, each.organisation.name, (gettext(request, words), kind, icon)))
    return found


def price_words(request: Req, cents: int) -> str:
    """« 1 250,00 € », « gratuit », or that the supplier pays."""
    return price_in(visit_of(request).language, partial(gettext, request), cents)


def price_in(language: str, say: Callable[[str], str], cents: int) -> str:
    """The same where nobody visits."""
    if cents == 0:
        return say("gratuit")
    money = i18n.money(abs(cents), "EUR", language)
    return say("reversé : {money}").format(money=money) if cents < 0 else money


def reason_words(request: Req, proposal: Proposal) -> str:
    """Why it was chosen, or was not; empty before."""
    names = CHOSEN if proposal.state is ProposalState.ACCEPTED else NOT_CHOSEN
    return named(names, proposal.reason, visit_of(request).language)


def compared_line(request: Req, line: Compared, today: date) -> ComparedLine:
    """One row of the comparison."""
    supplier = line.proposal.organisation
    participations = line.proposal.participations
    return ComparedLine(
        compared=line,
        badge=badge_of(request, line.proposal, today),
        standing=state_badge(request, supplier),
        place=place_words(supplier.place),
        unconfirmed=sum(each.state is not ParticipationState.CONFIRMED for each in participations),
        known=known_of(request, line),
    )


def known_of(request: Req, line: Compared) -> dict[Criterion, str]:
    """What each criterion rests on, in words; empty where it is not known."""
    language, proposal, measures = visit_of(request).language, line.proposal, line.measures
    km = None if measures.km is None else f"{i18n.number(round(measures.km), language)} km"
    return {
        Criterion.PRICE: price_words(request, measures.total_cents),
        Criterion.DELAY: i18n.full_day(proposal.ends_on, language) if proposal.ends_on else "",
        Criterion.NEARNESS: km or "",
        Criterion.SOCIAL: ", ".join(short_kinds(request, proposal.organisation)),
        Criterion.ENVIRONMENT: ", ".join(named(COMMITMENTS, each, language) for each in proposal.commitments),
        Criterion.COMPLETENESS: gettext(request, "{said} points sur {all}").format(
            said=sum(measures.parts), all=len(measures.parts)
        ),
    }


def named_errors(request: Req, errors: Mapping[str, str], titles: Mapping[str, str] = TITLES) -> list[tuple[str, str]]:
    """The errors of a form with the field that each is about, and its line: a summary is read away from them."""
    found, colon = [], " : " if visit_of(request).language == "fr" else ": "
    for field, text in errors.items():
        name, _, row = field.rpartition("_")
        label = label_of(request, name if row.isdigit() else field, titles)
        line = gettext(request, "ligne {number}").format(number=row) if row.isdigit() else ""
        about = ", ".join(filter(None, (label, line)))
        found.append((field, f"{about}{colon}{text}" if about else text))
    return found


def label_of(request: Req, field: str, titles: Mapping[str, str]) -> str:
    """What a form calls a field; empty for the form as a whole."""
    if field in CRITERIA:
        return named(CRITERIA, field, visit_of(request).language)
    return gettext(request, titles[field]) if field in titles else ""


def typed_proposal(proposal: Proposal | None) -> dict[str, Any]:
    """What the form holds of a proposal: its lines as rows, and SIRETs of its co-contractors."""
    if proposal is None:
        return {}
    rows = [
        {
            "what": each.what,
            "quantity": str(plain(each.quantity)),
            "unit": each.unit,
            "price_euros": f"{each.price_cents / 100:.2f}".removesuffix(".00").replace(".", ","),
        }
        for each in proposal.lines
    ]
    return {
        "lines": rows,
        "starts_on": proposal.starts_on or "",
        "ends_on": proposal.ends_on or "",
        "valid_until": proposal.valid_until,
        "commitments": proposal.commitments,
        "message": proposal.message,
        "co_contractors": [each.organisation.siret or "" for each in proposal.participations],
    }

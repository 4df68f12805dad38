"""The comparison as rows of text, for CSV and XLSX files."""

from decimal import Decimal
from functools import partial

from services.catalog.proposals.comparing import Compared
from services.catalog.proposals.models import ParticipationState
from services.catalog.proposals.scores import Criterion
from services.catalog.proposals.view import known_of
from shared.events.facts import plain
from shared.phrases.dealings import CRITERIA
from shared.phrases.names import named
from shared.web.pages import Req, gettext

# Each has two columns: what is known of it, and its score; the price is a number of its own above.
KNOWN = tuple(each for each in Criterion if each is not Criterion.PRICE)


def headings_of(request: Req, language: str) -> list[str]:
    """The headings, in the visitor's language."""
    say = partial(gettext, request)
    score = say("{criterion} : note sur 100")
    compared = [score.format(criterion=named(CRITERIA, Criterion.PRICE, language))]
    for each in KNOWN:
        name = named(CRITERIA, each, language)
        compared += [name, score.format(criterion=name)]
    before = [say("Structure"), say("SIRET"), say("Révision"), say("Valable jusqu'au"), say("Total hors taxes (€)")]
    return [*before, *compared, say("Note pondérée"), say("Cotraitants"), say("Lignes"), say("Message")]


def row_of(request: Req, line: Compared) -> list[str]:
    """One proposal."""
    proposal, known = line.proposal, known_of(request, line)
    row = [
        proposal.organisation.name,
        proposal.organisation.siret or "",
        str(proposal.revision),
        proposal.valid_until.isoformat(),
        _euros(proposal.total_cents),
        str(line.scores[Criterion.PRICE]),
    ]
    for each in KNOWN:
        row += [known[each], str(line.scores[each])]
    partners = [
        f"{each.organisation.name} ({gettext(request, 'à confirmer')})"
        if each.state is not ParticipationState.CONFIRMED
        else each.organisation.name
        for each in proposal.participations
    ]
    lines = [
        f"{each.what} : {plain(each.quantity):f} {each.unit} × {_euros(each.price_cents)} €" for each in proposal.lines
    ]
    return [*row, str(line.score), "; ".join(partners), "\n".join(lines), proposal.message]


def _euros(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}".replace(".", ",")

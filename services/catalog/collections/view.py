"""Collections as pages show them."""

from datetime import datetime
from typing import Any

from services.catalog.posting.view import quantity_words
from services.catalog.takings.models import State, Taking
from services.catalog.takings.view import figure_words, line_of
from shared.events.facts import plain
from shared.events.takings import Basis, Side
from shared.phrases.dealings import BASES
from shared.phrases.names import options
from shared.web.pages import Req
from shared.web.visit import visit_of


def begun_with(taking: Taking, side: Side) -> dict[str, Any]:
    """What the form begins with: what this side said, or what was promised, as it would be typed."""
    own = taking.figure_of(side)
    value = own.value if own else taking.quantity_value
    return {
        "value": f"{plain(value):f}".replace(".", ","),
        "basis": own.basis if own else Basis.MEASURED,
        "ticket": own.ticket if own else "",
        "words": own.words if own else "",
    }


def asked_of(request: Req, taking: Taking, side: Side, now: datetime) -> dict[str, Any]:
    """What one side is asked, beside what the other says."""
    language = visit_of(request).language
    theirs, own = taking.figure_of(side.other), taking.figure_of(side)
    return {
        "taking": taking,
        "line": line_of(request, taking, taking.taker_id if side is Side.TAKER else taking.organisation_id, now),
        "promised": quantity_words(taking.quantity, language),
        "may_say": taking.may_be_done(now),
        "is_disputed": taking.state is State.DISPUTED,
        "has_said": own is not None,
        "theirs": figure_words(request, taking, theirs) if theirs else "",
        "their_words": theirs.words if theirs else "",
        "their_value": f"{plain(theirs.value):f}" if theirs else "",
        "bases": options(BASES, language),
    }

"""A day's route on paper: the stops in order, with what a driver must know and where each holder signs."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from services.catalog.collections.agenda import hours_of
from services.catalog.collections.codes import code_of
from services.catalog.organisations.places import place_words
from services.catalog.posting.view import quantity_words
from services.catalog.takings.models import Taking
from shared.papers.printing import print_paper
from shared.phrases.names import TAKING_TRANSPORTS, named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

TEMPLATE: Final = Path(__file__).parent / "papers" / "route.typ"


async def route_on_paper(request: Req, takings: Sequence[Taking], name: str, *, title: str, now: datetime) -> bytes:
    """The PDF, in the visitor's language."""
    language, say = visit_of(request).language, partial(gettext, request)
    read_on = say("Lu sur Boucle le %(day)s") % {"day": i18n.full_day(now, language)}
    said = {
        "language": language,
        "title": title,
        "organisation": name,
        "stops": [_stop(request, each) for each in takings],
        "sign": [say("Quantité enlevée"), say("Ticket de pesée"), say("Nom et signature du détenteur")],
        "foot": f"{read_on}  ·  {say('Page {page} sur {pages}')}",
    }
    return await print_paper(TEMPLATE, said, at=now)


def _stop(request: Req, taking: Taking) -> dict[str, Any]:
    language, say = visit_of(request).language, partial(gettext, request)
    flow, place = taking.flow, taking.flow.place
    postcode = f" ({place.postcode})" if place and place.postcode else ""
    facts = [
        (say("Adresse"), f"{place_words(place)}{postcode}" if place else ""),
        (say("Accès"), flow.access),
        (say("Sécurité"), flow.safety),
        (say("Contact"), taking.organisation.contact),
        (say("Transport"), named(TAKING_TRANSPORTS, taking.transport, language) if taking.transport else ""),
        (say("Récépissé de transport"), taking.carrier_receipt),
        (say("Bordereau de suivi"), taking.tracking_slip),
        (say("Code"), code_of(taking.id)),
    ]
    return {
        "hours": hours_of(taking, language),
        "holder": taking.organisation.name,
        "what": f"{quantity_words(taking.quantity, language)}, {flow.title}",
        "facts": [list(fact) for fact in facts if fact[1]],
    }

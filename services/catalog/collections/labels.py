"""Labels for a lot and its parts: what it is, how much, when, and a code that a phone reads."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from services.catalog.collections.agenda import hours_of
from services.catalog.collections.codes import code_of, drawing_of
from services.catalog.flows.lot import Lot
from services.catalog.flows.models import Flow
from services.catalog.posting.view import quantity_words
from services.catalog.takings.models import Taking
from shared.papers.printing import print_paper
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.urls import in_language
from shared.web.visit import visit_of

TEMPLATE: Final = Path(__file__).parent / "papers" / "labels.typ"


async def labels_on_paper(
    request: Req, flow: Flow, lot: Lot, takings: Sequence[Taking], *, title: str, now: datetime
) -> bytes:
    """The PDF: one label for each part with a slot, then one for the whole lot."""
    language = visit_of(request).language
    parts = [_part(request, each) for each in takings if each.slot_from is not None]
    whole = _label(
        request,
        lot.id,
        title=flow.title,
        quantity=quantity_words(lot.quantity, language),
        who=flow.organisation.name,
        when=i18n.full_day(lot.day, language),
    )
    said = {"language": language, "title": title, "labels": [*parts, whole]}
    return await print_paper(TEMPLATE, said, at=now)


def address_of(request: Req, code: UUID) -> str:
    """What a label's drawing says: where a phone is sent."""
    path = in_language(f"/scan/{code}", visit_of(request).language)
    return f"{request.app.state.settings.public_url}{path}"


def _part(request: Req, taking: Taking) -> dict[str, Any]:
    language = visit_of(request).language
    day = i18n.full_day(taking.slot_from, language) if taking.slot_from else ""
    return _label(
        request,
        taking.id,
        title=taking.flow.title,
        quantity=quantity_words(taking.quantity, language),
        who=f"{taking.organisation.name} → {taking.taker.name}",
        when=f"{day}, {hours_of(taking, language)}",
    )


def _label(request: Req, code: UUID, *, title: str, quantity: str, who: str, when: str) -> dict[str, Any]:
    say = partial(gettext, request)
    return {
        "title": title,
        "quantity": quantity,
        "who": who,
        "when": when,
        "code": code_of(code),
        "drawing": drawing_of(address_of(request, code)),
        "read": say("Code à lire avec un téléphone : {code}").format(code=code_of(code)),
    }

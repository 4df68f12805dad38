"""From what is typed so far to the question that matching is asked; nothing is asked of an empty page."""

from typing import Any, Literal, NamedTuple

from services.catalog.organisations.models import Organisation
from services.catalog.posting.schemas import Posting, suggested_categories
from shared.events.facts import Period, Quantity, Window
from shared.events.levels import MOST_TOLD
from shared.questions.preview import PreviewAsked
from shared.territory import gazetteer
from shared.territory.place import Place

Of = Literal["need", "flow"]

AS_TYPED = (
    *("title", "description", "kind", "radius_km", "deadline_on", "service_type", "receipt_wanted", "public_tender"),
    "legal_status",
)
LISTS = ("ewc", "cpv", "supplier_kinds", "permits", "levels")
# What the question allows of each list; whoever types more is answered on the first of them.
LONGEST = {"levels": MOST_TOLD}
LONG = 50


class Asking(NamedTuple):
    """The question, and the place that stands in for one not given (or not understood) yet."""

    question: PreviewAsked
    stands_in: Place | None


def asking_of(draft: Posting, of: Of, organisation: Organisation) -> Asking | None:
    """The question of a draft; None while nothing says what is sought or offered."""
    typed: Any = draft
    categories = typed.categories or suggested_categories(typed.title, typed.description)
    if not (typed.title or typed.description or categories or typed.ewc or getattr(typed, "cpv", ())):
        return None
    place = _named(typed.place)
    somewhere = place or organisation.place
    if somewhere is None:
        return None
    lists = {name: tuple(getattr(typed, name, ()))[: LONGEST.get(name, LONG)] for name in LISTS}
    as_typed: dict[str, Any] = {name: getattr(typed, name) for name in AS_TYPED if hasattr(typed, name)} | lists
    question = PreviewAsked(
        of=of,
        **as_typed,
        categories=tuple(categories),
        place=somewhere,
        quantity=_quantity(typed, typed.quantity_value),
        minimum=_quantity(typed, typed.minimum_value),
        window=Window(starts_on=typed.starts_on, ends_on=typed.ends_on),
        organisation_id=organisation.id,
        legal_entity_id=organisation.legal_entity_id,
        # Whoever writes is a signed-in member: what they would see after publishing, they see before.
        names=True,
    )
    return Asking(question, None if place else somewhere)


def _named(text: str) -> Place | None:
    found = gazetteer.resolve(text) if text else None
    return found if isinstance(found, Place) else None


def _quantity(typed: Any, value: Any) -> Quantity | None:
    if value is None or typed.quantity_unit is None:
        return None
    return Quantity(value=value, unit=typed.quantity_unit, period=typed.quantity_period or Period.ONCE)

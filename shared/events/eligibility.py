"""What catalog publishes about what a legal entity may issue or receive: declared, checked, refused."""

from datetime import datetime
from uuid import UUID

from shared.events.event import Event


class EligibilityEvent(Event):
    """Which fact of which legal entity, by its code and the article it rests on; `organisation_id` hears of it."""

    legal_entity_id: UUID
    organisation_id: UUID
    code: str
    article: str
    at: datetime


class EligibilityDeclared(EligibilityEvent, type="catalog.eligibility.declared.v1", aggregate="legal_entity_id"):
    """One of its establishments declares it: nothing is issued on it before a coordinator has checked it."""


class EligibilityChecked(EligibilityEvent, type="catalog.eligibility.checked.v1", aggregate="legal_entity_id"):
    """A coordinator saw the proof."""


class EligibilityRefused(EligibilityEvent, type="catalog.eligibility.refused.v1", aggregate="legal_entity_id"):
    """A coordinator saw none, and says why on its page: it does not hold any more."""

"""What catalog publishes about what others did to an organisation's postings: published for it, or let go."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.events.event import Event


class ConsentNoted(Event, type="catalog.consent.noted.v1", aggregate="consent_id", lasts=False):
    """Somebody posted in an organisation's place, with its consent; `organisation_id` is whose posting it is.

    `noted_by` is the organisation of who posted it. What was agreed, in words, is on the posting's page alone: it may
    name people. `waits` is true where the posting is looked at before it is shown.
    """

    consent_id: UUID
    organisation_id: UUID
    about_id: UUID
    about_kind: Literal["need", "flow", "offer"]
    title: str
    noted_by: str
    means: str
    given_on: date
    waits: bool = False
    at: datetime


class NeedAbandoned(Event, type="catalog.need.abandoned.v1", aggregate="need_id", whole=False, lasts=False):
    """A need was sent back to its author and never came again: it has ended, unseen by others."""

    need_id: UUID
    organisation_id: UUID
    title: str


class FlowAbandoned(Event, type="catalog.flow.abandoned.v1", aggregate="flow_id", whole=False, lasts=False):
    """A flow was sent back to its holder and never came again: it has ended, unseen by others."""

    flow_id: UUID
    organisation_id: UUID
    title: str

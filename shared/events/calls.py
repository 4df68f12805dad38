"""What catalog publishes about calls for projects and what is answered to them."""

from datetime import date
from uuid import UUID

from shared.events.event import Event


class CallOpened(Event, type="catalog.call.opened.v1", aggregate="call_id", lasts=False):
    """The territory or a partner takes applications."""

    call_id: UUID
    organisation_id: UUID
    organisation_name: str
    title: str
    open_to: tuple[str, ...] = ()
    closes_on: date


class _Applied(Event):
    application_id: UUID
    call_id: UUID
    organisation_id: UUID
    title: str


class ApplicationSubmitted(_Applied, type="catalog.application.submitted.v1", aggregate="application_id", lasts=False):
    """An organisation applied to a call; `organisation_id` is whose call it is, and who hears of it."""

    applicant_id: UUID
    applicant_name: str
    # True when it had been sent and taken back before.
    again: bool = False


class ApplicationDecided(_Applied, type="catalog.application.decided.v1", aggregate="application_id", lasts=False):
    """An applicant, `organisation_id`, learns what was decided, in the caller's words; `title` is the call's."""

    retained: bool
    words: str

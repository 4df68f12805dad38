"""What catalog publishes about statuses and permits that come to their end."""

from datetime import date
from uuid import UUID

from shared.events.event import Event


class EndingNoticed(Event, type="catalog.ending.noticed.v1", aggregate="ending_id", lasts=False):
    """A status or a permit of an organisation ends soon, or has ended.

    `what` is `status` or `permit`, `code` one of `shared.phrases.names`, `site_id` where the permit holds;
    `days_before` is the threshold that was passed (60, 14), or -1 from the day after its last.
    """

    ending_id: UUID
    organisation_id: UUID
    what: str
    code: str
    site_id: UUID | None = None
    site_name: str | None = None
    expires_on: date
    days_before: int

"""What one searches the audit log for, and its lines as programs read them."""

import re
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Struct
from pydantic import BeforeValidator, StringConstraints

from services.catalog.trail.errors import ReferenceUnreadable
from shared.phrases.actions import ACTIONS, ACTIONS_OF
from shared.web.asked import Asked

AN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Day = Annotated[date | None, BeforeValidator(lambda value: value or None)]


class Searched(Asked):
    """A search: `action` is a code or the name of a group of them, `organisation` a name, a SIRET or an id."""

    action: Text = ""
    organisation: Text = ""
    about: Text = ""
    colleague: Text = ""
    for_others: bool = False
    since: Day = None
    until: Day = None

    def actions(self) -> list[str] | None:
        """The codes that are searched for; None for all, and for what is no action of ours."""
        if self.action in ACTIONS_OF:
            return list(ACTIONS_OF[self.action])
        return [self.action] if self.action in ACTIONS else None


def id_in(text: str) -> UUID | None:
    """The last id in a text or an address, None in an empty one; raises `ReferenceUnreadable`."""
    if not text:
        return None
    found = AN_ID.findall(text)
    if not found:
        raise ReferenceUnreadable
    return UUID(found[-1])


class TrailLine(Struct, frozen=True):
    """A line: what was done, to which record (`about`), of whose, by somebody of which organisation, when.

    `member_id` is told of one's own colleagues; without `acting_id` it was the machine.
    """

    id: UUID
    at: datetime
    action: str
    about: UUID | None
    organisation_id: UUID | None
    organisation_name: str
    member_id: UUID | None
    acting_id: UUID | None
    acting_name: str
    consent_means: str | None
    consent_on: date | None

    @property
    def is_for_another(self) -> bool:
        """True when somebody of another organisation did it."""
        return self.acting_id is not None and self.acting_id != self.organisation_id


class TrailLines(Struct, frozen=True):
    """One page of lines, newest first; `next` is the cursor of the following one."""

    items: list[TrailLine]
    next: str | None

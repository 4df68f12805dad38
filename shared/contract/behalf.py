"""Examples of what is told when somebody posts in an organisation's place, or what it posted is let go."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from shared.events import Event
from shared.events.behalf import ConsentNoted, FlowAbandoned, NeedAbandoned


def what_others_did(need_id: UUID, flow_id: UUID, organisation_id: UUID, at: datetime) -> Iterator[Event]:
    """A need posted by the territory for an organisation, and two postings that were sent back and never came again."""
    yield ConsentNoted(
        version=1,
        consent_id=UUID(int=need_id.int + 100),
        organisation_id=organisation_id,
        about_id=need_id,
        about_kind="need",
        title="80 plateaux-repas par mois",
        noted_by="Toulouse Métropole",
        means="phone",
        given_on=at.date(),
        at=at,
    )
    title = "80 plateaux-repas par mois"
    yield NeedAbandoned(version=3, need_id=need_id, organisation_id=organisation_id, title=title)
    yield FlowAbandoned(version=3, flow_id=flow_id, organisation_id=organisation_id, title="Palettes en bois")

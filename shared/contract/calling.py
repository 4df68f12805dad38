"""An example of each thing that is told of a call for projects."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from shared.events import Event, calls


def a_call(call_id: UUID, application_id: UUID, sides: tuple[UUID, UUID]) -> Iterator[Event]:
    """A call of the first organisation, an application of the second one, and that it is retained."""
    caller, applicant = sides
    about: dict[str, Any] = {"call_id": call_id, "title": "Réemploi dans les quartiers"}
    applied = {"application_id": application_id, **about}
    yield calls.CallOpened(
        version=2,
        organisation_id=caller,
        organisation_name="Cidrerie des Coteaux",
        open_to=("ess",),
        closes_on=date(2027, 1, 31),
        **about,
    )
    yield calls.ApplicationSubmitted(
        version=2, organisation_id=caller, applicant_id=applicant, applicant_name="Table du Canal", **applied
    )
    yield calls.ApplicationDecided(
        version=3, organisation_id=applicant, retained=True, words="Bravo pour la clarté du budget.", **applied
    )

"""Organisations as JSON."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from services.catalog.directory.queries import Search, found_after, found_count, place_in_directory, shown_organisation
from services.catalog.organisations.models import Organisation
from shared.web.cursors import Cursor, Limit, cursor_at, cut, place_of
from shared.web.provided import Session, Visitor


class OrganisationOut(Struct, frozen=True):
    """An organisation as anybody may read it: register facts and declared statuses, no person."""

    id: UUID
    siret: str | None
    name: str
    description: str
    website: str | None
    roles: list[str]
    kinds: list[str]
    may_issue_receipts: bool
    place: dict[str, Any] | None
    state: str
    origin: str
    siren: str | None
    held_by: UUID | None
    verified_on: date | None
    statuses: list[dict[str, Any]]
    permits: list[dict[str, Any]]

    @classmethod
    def of(cls, organisation: Organisation) -> "OrganisationOut":
        """The JSON of an organisation whose legal entity is loaded."""
        return cls(
            id=organisation.id,
            siret=organisation.siret,
            name=organisation.name,
            description=organisation.description,
            website=organisation.website,
            roles=organisation.roles,
            kinds=organisation.legal_entity.kinds,
            may_issue_receipts=organisation.legal_entity.may_issue_receipts,
            place=organisation.place_data,
            state=organisation.state,
            origin=organisation.origin,
            siren=organisation.legal_entity.siren,
            held_by=organisation.held_by,
            verified_on=organisation.verified_on,
            statuses=[each.model_dump(mode="json") for each in organisation.legal_entity.facts],
            permits=organisation.permits,
        )


class Organisations(Struct, frozen=True):
    """One page of the directory; `next` is the cursor of the following one."""

    items: list[OrganisationOut]
    total: int
    next: str | None


@get("/")
async def list_organisations(
    session: Session,
    q: FromQuery[str] = "",
    role: FromQuery[str | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Organisations:
    """The directory, by name."""
    search = Search(q.strip()[:200], role)
    rows = await found_after(session, search, place_of(cursor, tuple[str, UUID]), limit=limit + 1)
    organisations, last = cut(rows, limit)
    return Organisations(
        [OrganisationOut.of(each) for each in organisations],
        await found_count(session, search),
        cursor_at(place_in_directory(last)) if last else None,
    )


@get("/{organisation_id:uuid}")
async def read_organisation(session: Session, visitor: Visitor, organisation_id: FromPath[UUID]) -> OrganisationOut:
    """One organisation."""
    own_id = visitor.organisation_id if visitor else None
    return OrganisationOut.of(await shown_organisation(session, organisation_id, own_id))


ROUTES = [
    Router("/api/v1/organisations", route_handlers=[list_organisations, read_organisation], tags=["organisations"])
]

"""Keep organisations and the kinds of their legal entities, in whatever order their events come: the newest decides."""

import json
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.ranking.finding import WHOLE, described
from shared.database.statement import Statement
from shared.events.catalog import (
    EntityChanged,
    OrganisationRegistered,
    OrganisationSuspended,
    OrganisationUpdated,
    OrganisationVerified,
)
from shared.territory.place import Place
from shared.vocabulary import stems, words

OrganisationState = OrganisationRegistered | OrganisationUpdated | OrganisationVerified | OrganisationSuspended

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMED = 7  # the version of ids that begin with the millisecond in which they were made

KEEP = Statement("""
    INSERT INTO organisations (id, version, status, legal_entity_id, search, state, published_at)
    VALUES (:id, :version, :status, :legal_entity_id, CAST(:search AS text[]), CAST(:state AS jsonb), :published_at)
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, status = excluded.status, legal_entity_id = excluded.legal_entity_id,
        search = excluded.search, state = excluded.state, published_at = excluded.published_at
    WHERE organisations.version < excluded.version
""")
KEEP_ENTITY = Statement("""
    INSERT INTO legal_entities (id, version, kinds) VALUES (:id, :version, CAST(:kinds AS text[]))
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, kinds = excluded.kinds
    WHERE legal_entities.version < excluded.version
""")
CLOSED = Statement("SELECT status = 'closed' FROM organisations WHERE id = :id")
# Writing the same again gives the rows a new number, by which the search reads them again.
TOUCH = Statement("UPDATE organisations SET status = status WHERE legal_entity_id = ANY(CAST(:ids AS uuid[]))")


async def keep_organisation(session: AsyncSession, event: OrganisationState) -> None:
    """An organisation, as it is; one that was suspended or refused is found no more."""
    weights = described(event.name)
    state = {
        "title": event.name,
        "place": event.place.model_dump(mode="json"),
        "roles": event.roles,
        "verified": event.verified,
        # By its words alone: what a name seems to mean is no promise of what somebody does.
        "found": {key: weight for key, weight in weights.items() if key == WHOLE or key.startswith("w:")},
    }
    await KEEP.execute(
        session,
        id=event.organisation_id,
        version=event.version,
        status="closed" if isinstance(event, OrganisationSuspended) else "open",
        legal_entity_id=event.legal_entity_id,
        search=_searchable(event.name, event.place),
        state=json.dumps(state),
        published_at=since(event.organisation_id),
    )


async def is_closed(session: AsyncSession, organisation_id: UUID) -> bool:
    """True for one that was suspended or refused."""
    return bool(await CLOSED.scalar(session, id=organisation_id))


async def keep_entity(session: AsyncSession, event: EntityChanged) -> None:
    """What a legal entity is."""
    await KEEP_ENTITY.execute(session, id=event.legal_entity_id, version=event.version, kinds=[*event.kinds])


async def look_at_entities(session: AsyncSession, ids: list[UUID]) -> None:
    """Let the search read again who stands behind these entities."""
    await TOUCH.execute(session, ids=ids)


def since(organisation_id: UUID) -> datetime:
    """When it came to Boucle: its events do not say, its id does; one of another kind came before all others."""
    if organisation_id.version != TIMED:
        return EPOCH
    return datetime.fromtimestamp((organisation_id.int >> 80) / 1000, UTC)


def _searchable(name: str, place: Place) -> list[str]:
    named = " ".join(each for each in (name, place.commune_name, place.label) if each)
    return sorted({*stems(named), *words(named)})

"""What an assistant looks for among what is public: words, categories, communes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, cast, literal, or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.directory.queries import folded, plain
from services.catalog.flows.models import Flow, FlowState
from services.catalog.mcp.errors import CategoryNotKnown
from services.catalog.mcp.schemas import FlowsAsked, NeedsAsked, OffersAsked, PostingsAsked
from services.catalog.needs.models import Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import resolved_place
from services.catalog.posting.queries import newest, with_author
from shared.territory.nearby import communes_within
from shared.vocabulary import SURE, categories, descendants, suggest
from shared.web.cursors import place_of

MOST_WORDS = 8
SHORT = 2
KINDS: dict[str, Any] = {"need": Need, "flow": Flow, "offer": Offer}


async def needs_found(session: AsyncSession, asked: NeedsAsked) -> Sequence[Need]:
    """Open needs, newest first, and one more than was asked for."""
    conditions = [Need.state == NeedState.PUBLISHED, *_narrowed(Need, asked, where=Need)]
    if asked.kind:
        conditions.append(Need.kind == asked.kind)
    return await _found(session, Need, asked, conditions)


async def flows_found(session: AsyncSession, asked: FlowsAsked) -> Sequence[Flow]:
    """Open flows, newest first, and one more than was asked for."""
    conditions = [Flow.state == FlowState.PUBLISHED, *_narrowed(Flow, asked, where=Flow)]
    if asked.legal_status:
        conditions.append(Flow.legal_status == asked.legal_status)
    return await _found(session, Flow, asked, conditions)


async def offers_found(session: AsyncSession, asked: OffersAsked) -> Sequence[Offer]:
    """Open offers, newest first, and one more than was asked for."""
    conditions = [Offer.state == OfferState.PUBLISHED, *_narrowed(Offer, asked, where=Organisation)]
    if asked.kind:
        conditions.append(literal(asked.kind) == any_(Offer.need_kinds))
    if asked.takes_material is not None:
        conditions.append(Offer.takes_material.is_(asked.takes_material))
    return await _found(session, Offer, asked, conditions)


async def own_found(
    session: AsyncSession, kind: str, organisation_id: UUID, *, cursor: str | None, limit: int
) -> Sequence[Any]:
    """An organisation's own rows of a kind, newest first, and one more than `limit`."""
    model = KINDS[kind]
    query = with_author(model).where(model.organisation_id == organisation_id)
    return await newest(session, model, query, limit=limit + 1, before=place_of(cursor, UUID))


async def _found(
    session: AsyncSession, model: Any, asked: PostingsAsked, conditions: Sequence[ColumnElement[bool]]
) -> Sequence[Any]:
    query = with_author(model).where(*conditions)
    return await newest(session, model, query, limit=asked.limit + 1, before=place_of(asked.cursor, UUID))


def _narrowed(model: Any, asked: PostingsAsked, *, where: Any) -> list[ColumnElement[bool]]:
    conditions = []
    words = asked.text.split()
    # « de », « en », « à » are in every text, or in none that is meant.
    if telling := [word for word in words if len(word) > SHORT] or words:
        conditions.append(_speaks_of(model, telling[:MOST_WORDS]))
    if asked.category:
        if asked.category not in categories():
            raise CategoryNotKnown(category=asked.category)
        conditions.append(_overlaps(model.categories, [asked.category, *descendants(asked.category)]))
    if asked.place:
        # By communes, so that asking with one distance after another finds no address.
        communes = communes_within(resolved_place(asked.place), asked.km)
        near = where.place_data["commune_code"].astext == any_(cast(list(communes), ARRAY(Text)))
        conditions.append(near if where is model else model.organisation.has(near))
    return conditions


def _speaks_of(model: Any, words: Sequence[str]) -> ColumnElement[bool]:
    """Each word in its title or description, or surely naming one of its categories."""
    return and_(*(_says(model, word) for word in words))


def _says(model: Any, word: str) -> ColumnElement[bool]:
    texts = (folded(model.title), folded(model.description))
    said = or_(*(each.contains(plain(word), autoescape=True) for each in texts))
    named = [each.category.id for each in suggest(word, limit=3) if each.score >= SURE]
    return or_(said, _overlaps(model.categories, named)) if named else said


def _overlaps(column: Any, ids: Sequence[str]) -> ColumnElement[bool]:
    overlaps: ColumnElement[bool] = column.op("&&", is_comparison=True)(cast(list(ids), ARRAY(Text)))
    return overlaps

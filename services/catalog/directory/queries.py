"""The public directory: organisations by name, and what each has open for all to see."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from services.catalog.directory.errors import OrganisationUnknown
from services.catalog.organisations.models import Organisation, OrganisationState
from services.catalog.organisations.queries import organisation_by_id
from services.catalog.organisations.site import Site

LISTED = (OrganisationState.REGISTERED, OrganisationState.VERIFIED)
SIREN_DIGITS = 9
# The database compares bytes, so that it sorts the same everywhere: « Aérolys » would come after « Azur ».
ACCENTED = "ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸàâäçéèêëîïôöùûüÿ’"
PLAIN = "AAACEEEEIIOOUUUYaaaceeeeiioouuuy'"

Asked = TypeVar("Asked", bound=Select[*tuple[Any, ...]])


class Search(NamedTuple):
    """What the directory is asked for: words of a name or of a commune, or digits of a SIRET."""

    text: str = ""
    role: str | None = None


async def found(session: AsyncSession, search: Search, *, limit: int, offset: int = 0) -> Sequence[Organisation]:
    """One page of the directory, by name."""
    query = _matching(select(Organisation), search).options(joinedload(Organisation.legal_entity))
    ordered = query.order_by(folded(Organisation.name), Organisation.id)
    return (await session.scalars(ordered.limit(limit).offset(offset))).all()


async def found_after(
    session: AsyncSession, search: Search, place: tuple[str, UUID] | None, *, limit: int
) -> Sequence[Organisation]:
    """The directory from a `place_in_directory` on, by name."""
    query = _matching(select(Organisation), search).options(joinedload(Organisation.legal_entity))
    key = tuple_(folded(Organisation.name), Organisation.id)
    if place is not None:
        query = query.where(key > tuple_(folded(literal(place[0])), literal(place[1])))
    return (await session.scalars(query.order_by(*key).limit(limit))).all()


def place_in_directory(organisation: Organisation) -> tuple[str, UUID]:
    """Where an organisation stands in the directory."""
    return organisation.name, organisation.id


async def found_count(session: AsyncSession, search: Search) -> int:
    """How many organisations the search finds."""
    return await session.scalar(_matching(select(func.count(Organisation.id)), search)) or 0


async def count_by_role(session: AsyncSession, search: Search) -> dict[str, int]:
    """How many organisations the words find in each role, for the tabs."""
    role = func.unnest(Organisation.roles).label("role")
    rows = _matching(select(role, Organisation.id), search._replace(role=None)).subquery()
    counted = await session.execute(select(rows.c.role, func.count()).group_by(rows.c.role))
    return {row.role: row[1] for row in counted}


async def shown_organisation(session: AsyncSession, organisation_id: UUID, viewer_id: UUID | None) -> Organisation:
    """An organisation as a visitor may see it; one that was refused or suspended is there for its own members only."""
    organisation = await organisation_by_id(session, organisation_id)
    if organisation is None or (organisation.state not in LISTED and organisation.id != viewer_id):
        raise OrganisationUnknown
    return organisation


async def holders_of(session: AsyncSession, rows: Sequence[Organisation]) -> dict[UUID, str]:
    """Who holds those of some organisations that are projects: names by the project's id."""
    held = {row.id: row.held_by for row in rows if row.is_project}
    if not held:
        return {}
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(held.values()))
    names = {row.id: row.name for row in await session.execute(query)}
    return {project: names[holder] for project, holder in held.items() if holder in names}


async def public_sites(session: AsyncSession, organisation_id: UUID) -> Sequence[Site]:
    """The sites that an organisation shows to all, by name."""
    query = select(Site).where(Site.organisation_id == organisation_id, Site.is_public.is_(True))
    return (await session.scalars(query.order_by(func.lower(Site.name), Site.id))).all()


def _matching(query: Asked, search: Search) -> Asked:
    query = query.where(Organisation.state.in_(LISTED))
    if search.role:
        query = query.where(literal(search.role) == any_(Organisation.roles))
    return query.where(*named_like(search.text))


def named_like(text: str) -> list[ColumnElement[bool]]:
    """What organisations answer to that are called so, stand there or have that number: one condition a word."""
    return [_has(word) for word in _words(text)]


def _words(text: str) -> list[str]:
    # A SIRET is often written in groups: « 732 829 320 00074 ».
    together = "".join(text.split())
    return [together] if together.isdigit() else text.split()[:8]


def plain(text: str) -> str:
    """A text as it is compared: no case, no accents."""
    return text.translate(str.maketrans(ACCENTED, PLAIN)).lower()


def folded(column: ColumnElement[Any] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    """A column as `plain` has a text."""
    return func.lower(func.translate(column, ACCENTED, PLAIN))


def _has(word: str) -> ColumnElement[bool]:
    digits = "".join(filter(str.isdigit, word))
    conditions = [
        folded(Organisation.name).contains(plain(word), autoescape=True),
        folded(Organisation.place_data["commune_name"].astext).contains(plain(word), autoescape=True),
    ]
    if len(digits) >= SIREN_DIGITS:
        conditions.append(Organisation.siret.startswith(digits, autoescape=True))
    return or_(*conditions)

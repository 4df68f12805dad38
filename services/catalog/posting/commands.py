"""What is done alike with a new need, offer or flow."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.organisations.models import Organisation, OrganisationState
from services.catalog.organisations.queries import organisation_acting
from services.catalog.posting.errors import EmailUnconfirmed
from services.catalog.posting.models import Written
from shared.database import new_id
from shared.events.facts import Origin
from shared.messaging.outbox import is_gathering

CONFIRMATION_REQUIRED = "confirmation_required"
"""Known to every session of pages: whether an address is confirmed before anything is published, as letters leave."""
CHECK_FIRST = "check_first"
"""Known to every session: whether what unverified organisations publish waits for a coordinator's look."""

Row = TypeVar("Row", bound=Written)


def may_publish(session: AsyncSession, author: Actor) -> None:
    """Raise `EmailUnconfirmed` where letters leave and the author has not answered theirs: drafts are open to all."""
    if session.info.get(CONFIRMATION_REQUIRED, False) and not author.is_confirmed:
        raise EmailUnconfirmed


async def begun(
    session: AsyncSession,
    model: type[Row],
    author: Actor,
    *,
    now: datetime,
    origin: Origin,
    organisation: Organisation | None = None,
) -> Row:
    """A new row of its author's organisation, not yet filled or stored; refused when that one may not act.

    Who has the organisation at hand gives it.
    """
    if organisation is None:
        organisation = await organisation_acting(session, author.organisation_id)
    organisation.may_act()
    said = {
        "id": new_id(),
        "organisation": organisation,
        "organisation_id": organisation.id,
        "author_id": author.member_id,
        "origin": origin,
        "version": 0,
        "created_at": now,
        "updated_at": now,
    }
    return model(**{name: default(None) for name, default in _defaults_of(model).items()} | said)


@cache
def _defaults_of(model: type[Written]) -> Mapping[str, Callable[[Any], Any]]:
    """What makes a column's default: SQLAlchemy fills it in when a row is stored, and its rules are asked before."""
    columns = {each.key: each.columns[0] for each in inspect(model).column_attrs}
    defaults = {name: getattr(column, "default", None) for name, column in columns.items()}
    return {name: _maker(default) for name, default in defaults.items() if default is not None}


def _maker(default: Any) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = default.arg if default.is_callable else lambda _: default.arg
    return made


async def kept(session: AsyncSession, row: Row, author: Actor, action: str, **details: str) -> Row:
    """Store a new row, and note who began it; of many that are written together, none is sent alone."""
    session.add(row)
    if not is_gathering(session):
        await session.flush()
    await note(session, author.member_id, author.organisation_id, action, about=row.id, **details)
    return row


async def copied(session: AsyncSession, author: Actor, source: Row, names: Iterable[str], *, now: datetime) -> Row:
    """A new row with these of the source's values, not stored yet."""
    row = await begun(session, type(source), author, now=now, origin=Origin.MEMBER)
    for name in names:
        setattr(row, name, getattr(source, name))
    return row


def waits_for_a_look(session: AsyncSession, author: Actor, organisation: Organisation) -> bool:
    """Whether what is published waits for a coordinator: unverified organisations' needs and flows, where that is so.

    Raises when the organisation may not act or the author may not publish.
    """
    organisation.may_act()
    may_publish(session, author)
    return bool(session.info.get(CHECK_FIRST)) and organisation.state is not OrganisationState.VERIFIED

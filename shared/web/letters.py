"""The dead letters of one service as a coordinator sees them: what was not understood, never what it says.

Each service shows its own; the territory's page puts the three together. To act is the operator's, by command.
"""

from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from litestar import get
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.messaging.letters import RELAY, count_open_letters
from shared.messaging.tables import SEEN_OF_LETTERS, dead_letter
from shared.phrases.letters import LETTER_REASONS, MESSAGE_NOUNS
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Html, Req, gettext, is_fragment, page
from shared.web.provided import Coordinator, Session
from shared.web.visit import visit_of

SHOWN = 20


class SeenLetter(NamedTuple):
    """An open letter in words: which message, why it lies there, since when, and how often it was tried."""

    id: UUID
    subject: str
    message: str
    why: str
    error: str
    since: str
    exact: str
    attempts: int


def letter_routes(service: str, path: str) -> list[HTTPRouteHandler]:
    """The page of a service's letters, and the part of it that the territory's page loads."""

    @get(path, name=f"letters of {service}")
    async def dead_letters(request: Req, session: Session, coordinator: Coordinator) -> Html:
        """What this service could not apply or send, oldest first."""
        template = "letters/fragment.html" if is_fragment(request) else "letters/page.html"
        return page(request, template, **await letters_shown(request, session, service))

    return [dead_letters]


async def letters_shown(request: Req, session: AsyncSession, service: str) -> dict[str, Any]:
    """What the part of a service says."""
    columns = [dead_letter.c[name] for name in SEEN_OF_LETTERS]
    query = select(*columns).where(dead_letter.c.resolved_at.is_(None)).order_by(dead_letter.c.first_at)
    rows = (await session.execute(query.limit(SHOWN))).all()
    language = visit_of(request).language
    return {
        "service": service,
        "letters": [_seen(request, row._asdict(), language) for row in rows],
        "total": await count_open_letters(session),
    }


def _seen(request: Req, row: dict[str, Any], language: str) -> SeenLetter:
    first_at, subject = row["first_at"], str(row["subject"] or "")
    if not isinstance(first_at, datetime):
        raise TypeError("first_at is a moment")
    is_ours = row["consumer"] == RELAY
    error = str(row["fingerprint"])
    say = partial(gettext, request)
    why = (
        say("Il n'a pas pu partir : les suivants du même objet attendent derrière lui.")
        if is_ours
        else named(LETTER_REASONS, error if error in LETTER_REASONS else "error", language)
    )
    return SeenLetter(
        id=UUID(str(row["id"])),
        subject=subject,
        message=message_words(subject, language),
        why=why,
        error="" if is_ours or error in LETTER_REASONS else error,
        since=i18n.moment(first_at, language),
        exact=i18n.exact(first_at),
        attempts=int(str(row["attempts"])),
    )


def message_words(subject: str, language: str) -> str:
    """« Besoin », for catalog.need.published.v1.…; the subject itself for what nobody named."""
    noun = ".".join(subject.split(".")[:2])
    return named(MESSAGE_NOUNS, noun, language) if noun in MESSAGE_NOUNS else subject

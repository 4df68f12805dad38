"""Asking in public, and answering, as people do it on pages."""

from typing import Any

import httpx
from sqlalchemy import text

from tests.services.catalog.pages import shown
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

WORDS = "Y a-t-il une cuisine pour réchauffer les plats ?"
REPLY = "Oui, au deuxième étage, avec deux fours."


async def ask(asker: httpx.AsyncClient, posting: str, words: str = WORDS) -> httpx.Response:
    """Send the form below a need or a flow."""
    return await post(asker, f"{posting}/questions", words=words)


async def asked(asker: httpx.AsyncClient, posting: str, words: str = WORDS) -> str:
    """The address of a question that was taken."""
    answer = await ask(asker, posting, words)
    assert answer.status_code == 303, answer.text
    return "/questions/" + answer.headers["location"].partition("#question-")[2]


async def reply(author: httpx.AsyncClient, question: str, words: str = REPLY, *, seen: int = 1) -> httpx.Response:
    """Answer it, or correct the answer."""
    return await post(author, f"{question}/reply", reply=words, _version=seen)


async def hide(author: httpx.AsyncClient, question: str, *, seen: int = 1, **said: str) -> httpx.Response:
    """Hide it, with a reason."""
    return await post(author, f"{question}/hide", **{"_version": seen, "reason": "abusive", **said})


async def withdraw(asker: httpx.AsyncClient, question: str, *, seen: int = 1) -> httpx.Response:
    """Take it back."""
    return await post(asker, f"{question}/withdraw", _version=seen)


async def reads(reader: httpx.AsyncClient, posting: str, *words: str) -> list[bool]:
    """Which of these words a reader finds among the questions of a need or a flow."""
    page = await shown(reader, f"{posting}/questions")
    return [each in page for each in words or (WORDS, REPLY)]


async def kept_questions(database: Isolated) -> list[Any]:
    """Every question, in the order they were asked."""
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM questions ORDER BY id")))


async def told(database: Isolated) -> list[tuple[str, dict[str, Any]]]:
    """What readers hear of questions: which event, with what."""
    found = text("SELECT type, payload FROM outbox WHERE type LIKE 'catalog.question.%' ORDER BY id")
    async with database.sessions() as session:
        return [(row.type.split(".")[2], row.payload["data"]) for row in await session.execute(found)]


async def audited(database: Isolated) -> list[str]:
    """What the audit trail says of questions."""
    found = text("SELECT action FROM audit WHERE action LIKE 'question.%' ORDER BY id")
    async with database.sessions() as session:
        return list(await session.scalars(found))

"""Two organisations that write to each other in an exchange."""

import re
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from tests.services.catalog.conftest import csrf_of
from tests.support import Isolated


def of(address: str) -> str:
    """The address of the exchange about a proposal's or a taking's."""
    return f"/exchanges/{address.rsplit('/', 1)[-1]}"


async def write(client: httpx.AsyncClient, exchange: str, words: str, **said: Any) -> httpx.Response:
    """Send the form; `files` are (name, bytes) pairs, `once` names the form."""
    files = [("file", each) for each in said.pop("files", [])]
    sent = {"_csrf": await csrf_of(client, "/needs/new"), "once": str(uuid4()), "words": words, **said}
    return await client.post(f"{exchange}/messages", data=sent, files=files or None)


async def wrote(client: httpx.AsyncClient, exchange: str, words: str, **said: Any) -> None:
    """The same, and it was taken."""
    answer = await write(client, exchange, words, **said)
    assert answer.status_code == 303, answer.text


async def marked_read(client: httpx.AsyncClient, exchange: str) -> None:
    """What the page says by itself where scripts run."""
    answer = await client.post(f"{exchange}/read", data={"_csrf": await csrf_of(client, "/needs/new")})
    assert answer.status_code == 303, answer.text


async def kept(database: Isolated) -> list[Any]:
    """Every message, in the order they were written."""
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM exchange_messages ORDER BY id")))


async def told(database: Isolated) -> list[Any]:
    """What was told of messages, in order."""
    found = text("SELECT payload FROM outbox WHERE type = 'catalog.message.posted.v1' ORDER BY id")
    async with database.sessions() as session:
        return [payload["data"] for payload in await session.scalars(found)]


def unread(shown: str) -> int:
    """How many messages a page marks as not read."""
    return len(re.findall(r"Non lu</span>|>\s*Non lu", shown))

"""Reads the letters that catalog asks for as their reader would: the address of each link, made with its key."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Litestar
from sqlalchemy import text

from shared.database import Database
from shared.identity import LinkKeys


@dataclass(frozen=True)
class Mailbox:
    """What would lie in the mailboxes of everybody of one catalog."""

    app: Litestar
    database: Database

    async def requested(self, purpose: str | None = None) -> list[dict[str, Any]]:
        """The data of each link that was requested, oldest first."""
        return [each for each in await self.told("catalog.link.requested.v1") if purpose in (None, each["purpose"])]

    async def link(self, purpose: str) -> str:
        """The address of the newest link for a purpose."""
        keys: LinkKeys = self.app.state.link_keys
        return keys.path(UUID((await self.requested(purpose))[-1]["link_id"]))

    async def changes(self) -> list[str]:
        """What people were told of their accounts."""
        return [each["change"] for each in await self.told("catalog.account.changed.v1")]

    async def told(self, kind: str) -> list[dict[str, Any]]:
        """The data of every event of a type."""
        async with self.database.sessions() as session:
            found = await session.scalars(
                text("SELECT payload::text FROM outbox WHERE type = :kind ORDER BY id"), {"kind": kind}
            )
            return [json.loads(each)["data"] for each in found]


def key_of(link: str) -> str:
    """The secret in a link's address."""
    return link.partition("?key=")[2]


def path_of(link: str) -> str:
    """The address without it."""
    return link.partition("?")[0]

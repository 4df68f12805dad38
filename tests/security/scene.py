"""One service with the things of one organisation in it, and everybody who might want to see or change them."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text

from shared.web.application import Application
from shared.web.forms import VERSION_FIELD
from shared.web.visit import VISITOR_COOKIE
from tests.security.routes import Route, routes_of
from tests.support import Isolated, client_for, csrf_headers

# A word of the secret texts that may be looked for, and so comes back in the answer.
BAIT = "Capucine"
SECRET = "canari4711"
FRAGMENT = {"hx-request": "true"}
ROWS = text("""
    SELECT string_agg(format('SELECT %L AS name, t::text AS line FROM %I t', tablename, tablename), ' UNION ALL ')
    FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spent_requests'
""")
WRITTEN = text("""
    SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
        + pg_stat_get_xact_tuples_deleted(oid))
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'spent_requests'
""")
ANSWERED = re.compile(r"/needs/([0-9a-f-]{36})/(?:interested|declined|answer/withdraw)$")
PROPOSED = re.compile(r"/needs/([0-9a-f-]{36})/proposal(?:/withdraw)?$")
VERSIONED = re.compile(
    r"/(needs|offers|flows|lots|calls|proposals|questions|takings|subscriptions|agreements|settlements|campaigns|pledges|gifts)"
    r"/([0-9a-f]{8}-[0-9a-f-]{27})"
)


@dataclass
class Scene:
    """`ids` are the owner's by the name of the path's part; `marks` are all ids of the owner; `secrets` its texts.

    `for_coordinators` are those of the texts that were sent to the territory's coordinators.
    """

    app: Application
    database: Isolated
    people: dict[str, httpx.AsyncClient]
    ids: Mapping[str, list[object]]
    secrets: frozenset[str]
    marks: frozenset[str] = field(default=frozenset())
    for_coordinators: frozenset[str] = field(default=frozenset())

    @property
    def routes(self) -> list[Route]:
        """All of the service's routes."""
        return routes_of(self.app)

    async def ask(
        self, who: str, route: Route, address: str, *, headers: Mapping[str, str] | None = None, **sent: Any
    ) -> httpx.Response:
        """The answer to one request, based on whatever is there now; what it changes is undone by `aside`."""
        sent = sent or route.sent()
        if "data" in sent and route.takes:
            sent["data"] = {VERSION_FIELD: await self._version(address), **sent["data"]}
        return await self.people[who].request(
            route.method, address, headers={"if-match": "*", **(headers or {})}, **sent
        )

    async def _version(self, address: str) -> int:
        """The version of what a page's form would change."""
        for table, said in (("answers", ANSWERED), ("proposals", PROPOSED)):
            if about := said.search(address):
                async with self.database.connection() as connection:
                    version = f"SELECT max(version) FROM {table} WHERE need_id = :id"
                    return int(await connection.scalar(text(version), {"id": about[1]}) or 0)
        found = VERSIONED.findall(address.replace("/payments/", "/settlements/"))
        # Other services' pages name a flow of catalog's without changing it.
        if not found or self.app.service != "catalog":
            return 0
        table, named = found[-1]
        async with self.database.connection() as connection:
            version = await connection.scalar(text(f"SELECT version FROM {table} WHERE id = :id"), {"id": named})
            return int(version or 0)

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Undo in the end whatever the block does, the clients' cookies included."""
        kept = {who: httpx.Cookies(client.cookies) for who, client in self.people.items()}
        async with self.database.connection() as connection:
            savepoint = await connection.begin_nested()
            try:
                yield
            finally:
                await savepoint.rollback()
        for who, client in self.people.items():
            client.cookies = kept[who]

    async def rows(self) -> set[tuple[str, str]]:
        """Every row of every table."""
        async with self.database.connection() as connection:
            everything = await connection.scalar(ROWS)
            return {(name, line) for name, line in await connection.execute(text(str(everything)))}

    async def owners_rows(self) -> set[tuple[str, str]]:
        """Every row that names anything of the owner's."""
        return {row for row in await self.rows() if any(mark in row[1] for mark in self.marks)}

    async def written(self) -> int:
        """How many rows were written so far, those included that were undone: as long as it stays, nothing changed."""
        async with self.database.connection() as connection:
            return int(await connection.scalar(WRITTEN) or 0)

    async def changed(self, before: set[tuple[str, str]], written: int) -> bool:
        """The owner's rows are others than `before`, when so many rows had been `written`."""
        return await self.written() != written and await self.owners_rows() != before

    def told(self, answer: httpx.Response) -> set[str]:
        """The owner's secrets that an answer holds."""
        whole = f"{answer.text}{answer.headers}"
        return {secret for secret in self.secrets if secret in whole}


def visitor_of(app: Application) -> httpx.AsyncClient:
    """Nobody, but with a visitor's token."""
    client = client_for(app)
    client.cookies.set(VISITOR_COOKIE, "v" * 32, domain="boucle.test")
    client.headers.update(csrf_headers(client, app))
    return client


async def closed(clients: Iterable[httpx.AsyncClient]) -> None:
    """Give the browsers back."""
    for client in clients:
        await client.aclose()

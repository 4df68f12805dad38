"""A catalog that is paid through a Stripe of ours: the twin beside it, its notices, and the worker's timers by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import stripe
from litestar import Litestar
from sqlalchemy import text

from deploy.embedded.ports import listen_on
from deploy.embedded.server import Server
from services.catalog.app import create_app
from services.catalog.payments.online.calling import ask_next
from services.catalog.payments.online.following import FOLLOWS
from services.catalog.payments.online.gateway import Gateway
from services.catalog.payments.online.hearing import work_through
from services.catalog.settings import Settings
from shared.database import Database
from shared.database.both import Databases
from shared.settings import PaymentMode
from tests.stripe_twin import SECRET, RunningTwin, running_twin
from tests.support import Isolated

HEARS = "/webhooks/stripe"


def asking(settings: Settings, twin: RunningTwin, **changes: Any) -> Settings:
    """Settings of a catalog that asks the twin; it keeps two percent."""
    known = {
        "api_key": twin.api_key,
        "webhook_secrets": [SECRET],
        "fee_permille": 20,
        "base_addresses": {"api": twin.address},
        **changes.pop("stripe", {}),
    }
    return Settings(**{**settings.model_dump(), "payment_mode": PaymentMode.STRIPE, "stripe": known, **changes})


@asynccontextmanager
async def paid_online(
    settings: Settings, databases: Databases, files: Path, **changes: Any
) -> AsyncIterator[tuple[Litestar, RunningTwin]]:
    """A catalog, and the twin that tells it what happens."""
    async with running_twin(webhook_urls=(), **changes.pop("twin", {})) as twin:
        app = create_app(asking(settings, twin, files_dir=files, **changes), databases=databases)
        async with heard(app) as address:
            await twin.order("destinations", [{"url": f"{address}{HEARS}", "secrets": [SECRET]}])
            # For the same reason nothing is told while somebody asks: `Till.settle` lets it go.
            await twin.order("webhooks", {"hold": True})
            yield app, twin
        await app.state.gateway.close()


@asynccontextmanager
async def heard(app: Litestar) -> AsyncIterator[str]:
    """Where an application answers over a network; its life is the test's."""
    one_by_one = asyncio.Lock()

    async def without_life(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        # A test's database is one connection.
        async with one_by_one:
            await app(scope, receive, send)

    listener = listen_on("127.0.0.1", 0)
    server = Server(without_life, lambda: None, farewell_s=0.0)
    server.config.timeout_graceful_shutdown = 1
    serving = asyncio.create_task(server._serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.leave()
        await serving


class Till:
    """One installation's payments: what the twin does, and what the worker makes of it."""

    def __init__(self, app: Litestar, twin: RunningTwin, database: Database) -> None:
        self.app, self.twin, self.database = app, twin, database

    @property
    def gateway(self) -> Gateway:
        found: Gateway = self.app.state.gateway
        return found

    async def settle(self) -> None:
        """Until nobody has anything to ask, to tell or to read."""
        while True:
            await self.tell()
            asked = await ask_next(self.gateway, self.database, FOLLOWS)
            read = await work_through(self.gateway, self.database)
            if not asked and not read:
                return

    async def tell(self) -> None:
        """Let the twin tell what happened."""
        await self.twin.order("webhooks", {"hold": False})
        await self.twin.settle()
        await self.twin.order("webhooks", {"hold": True})

    async def rows(self, query: str) -> list[Any]:
        async with self.database.sessions() as session:
            return list(await session.execute(text(query)))

    async def enable(self, supplier: httpx.AsyncClient) -> str:
        """Let a supplier be paid; the account's id at the twin."""
        answer = await supplier.post("/payments/account", data={"_csrf": await _token(supplier, "/payments/account")})
        assert answer.status_code == 200, answer.text
        address = answer.headers["refresh"].partition("url=")[2]
        assert (await self.twin.press(address, "finished")).status_code == 303
        await self.settle()
        (row,) = await self.rows("SELECT account_id FROM payment_accounts ORDER BY made_at DESC LIMIT 1")
        return str(row.account_id)

    async def checkout(self, buyer: httpx.AsyncClient, settlement: str, *, verb: str = "pay") -> str:
        """The id of the checkout that a buyer is led to."""
        answer = await self.ask(buyer, settlement, verb=verb)
        assert answer.status_code == 200, answer.text
        return answer.headers["refresh"].rpartition("/")[2]

    async def ask(self, buyer: httpx.AsyncClient, settlement: str, *, verb: str = "pay") -> httpx.Response:
        """What pressing "pay online", or "hold on a card", answers."""
        return await buyer.post(f"{settlement}/{verb}", data={"_csrf": await _token(buyer, settlement)})

    async def pay(self, buyer: httpx.AsyncClient, settlement: str, *, verb: str = "pay", **how: Any) -> str:
        """Pay at the checkout, as `how` says; the intent's id."""
        session = await self.twin.do("pay", await self.checkout(buyer, settlement, verb=verb), **how)
        await self.settle()
        return str(session["payment_intent"])

    @asynccontextmanager
    async def client(self) -> AsyncIterator[stripe.StripeClient]:
        """Stripe's own client, to look at what the twin has."""
        yield self.twin.client()

    async def effects(self) -> list[tuple[str, int]]:
        """What moved at the twin: the kind and the cents, in order."""
        return [(each["kind"], each["cents"]) for each in await self.twin.told("effects")]


async def _token(client: httpx.AsyncClient, path: str) -> str:
    from tests.services.catalog.conftest import csrf_of

    return await csrf_of(client, path)


async def sum_of_ledger(database: Isolated | Database) -> int:
    """Zero, always."""
    found = text("""SELECT coalesce(sum(cents), 0) FROM (SELECT cents FROM ledger_moves WHERE target_kind IS NOT NULL
        UNION ALL SELECT -cents FROM ledger_moves WHERE source_kind IS NOT NULL) AS legs""")
    async with database.sessions() as session:
        return int(await session.scalar(found) or 0)

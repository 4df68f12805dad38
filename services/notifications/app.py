"""The notifications service: inbox, live stream, and beside them its worker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from litestar import Litestar

from services.notifications.inbox import api, pages
from services.notifications.live.hub import Hub
from services.notifications.live.stream import live_stream
from services.notifications.settings import Settings
from services.notifications.worker import at_work, signals_of
from shared.clock import Calendar, Clock, now
from shared.database import Database
from shared.identity import Verifier
from shared.identity.revocations import Revocations
from shared.web.application import Application, application
from shared.web.bounce import TokenIdentity
from shared.web.health import health_routes


def create_app(settings: Settings, *, database: Database | None = None, clock: Clock = now) -> Application:
    """The whole service; a database given from outside is not closed."""
    own = database is None
    kept = database or Database(
        settings.database_url.get_secret_value(), clock=clock, calendar=Calendar(settings.always_open)
    )
    revocations = Revocations()
    signals = signals_of(settings, kept)
    hub = Hub(kept, revocations, clock, signals)

    @contextlib.asynccontextmanager
    async def living(app: Litestar) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if own:
                stack.push_async_callback(kept.close)
            telling = asyncio.create_task(hub.run(app.state.stopping), name="hub")
            stack.push_async_callback(_end, telling)
            if settings.worker:
                await stack.enter_async_context(at_work(settings, kept, clock, signals))
            yield

    app = application(
        settings,
        kept,
        routes=[*pages.ROUTES, *api.ROUTES, *health_routes("/notifications", kept), live_stream],
        package=Path(__file__).resolve().parent,
        identify=TokenIdentity(Verifier(settings.identity_keys_file), revocations),
        lifespan=[living],
    )
    app.state.hub = hub
    app.state.signals = signals
    return app


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

"""The notifications service: inbox, live stream, and beside them its worker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from services.notifications.inbox import api, pages
from services.notifications.live.hub import Hub
from services.notifications.live.stream import live_stream
from services.notifications.persons import pages as persons
from services.notifications.preferences import api as preferences_api
from services.notifications.preferences import pages as preferences
from services.notifications.preferences import stopping_pages
from services.notifications.settings import Settings
from services.notifications.suspension import goes_on
from services.notifications.webhooks import api as webhooks_api
from services.notifications.webhooks import pages as webhooks
from services.notifications.worker import at_work, signals_of
from shared.clock import Calendar, Clock, now
from shared.database.both import Databases, databases_of
from shared.identity import LinkKeys, Verifier
from shared.identity.revocations import Revocations
from shared.web.application import Application, application
from shared.web.bounce import TokenIdentity
from shared.web.health import health_routes
from shared.web.letters import letter_routes
from shared.web.suspension import SuspensionGuard

ROUTES: Sequence[ControllerRouterHandler] = [
    *pages.ROUTES,
    *api.ROUTES,
    *persons.ROUTES,
    *preferences.ROUTES,
    *preferences_api.ROUTES,
    *stopping_pages.ROUTES,
    *webhooks.ROUTES,
    *webhooks_api.ROUTES,
    *letter_routes("notifications", "/notifications/dead-letters"),
    *health_routes("/notifications"),
    live_stream,
]


def create_app(settings: Settings, *, databases: Databases | None = None, clock: Clock = now) -> Application:
    """The whole service; databases given from outside are not closed."""
    # The hub tells every organisation's open pages, and so reads as the worker does, also where there is none.
    kept = databases or databases_of(settings, works=True, clock=clock, calendar=Calendar(settings.always_open))
    pages_database, work = kept.pages, kept.at_work()
    revocations = Revocations()
    signals = signals_of(settings, work, pages_database)
    hub = Hub(kept, revocations, clock, signals)

    @contextlib.asynccontextmanager
    async def living(app: Litestar) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if databases is None:
                stack.push_async_callback(kept.close)
            telling = asyncio.create_task(hub.run(app.state.stopping), name="hub")
            stack.push_async_callback(_end, telling)
            if settings.worker:
                link = await stack.enter_async_context(at_work(settings, work, clock, signals))
                pages_database.surround(outbox_fresh=link.fresh)
            yield

    app = application(
        settings,
        pages_database,
        routes=ROUTES,
        package=Path(__file__).resolve().parent,
        identify=TokenIdentity(Verifier(settings.identity_keys_file), revocations),
        lifespan=[living],
        guards=[SuspensionGuard(goes_on, hears_of_it=True)],
    )
    app.state.hub = hub
    app.state.link_keys = LinkKeys(settings.link_keys_file)
    app.state.signals = signals
    return app


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

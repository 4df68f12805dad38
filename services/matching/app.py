"""Matching put together: the only file that knows every part."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from services.matching.matches import api, pages
from services.matching.ranking.words import warm_up
from services.matching.search import pages as search
from services.matching.settings import Settings
from services.matching.waves.timer import WaveTimer
from services.matching.worker import signals_of, working_matching
from shared.clock import Calendar, Clock, now
from shared.database import Database
from shared.identity import Verifier
from shared.identity.revocations import Revocations
from shared.web.application import application
from shared.web.bounce import TokenIdentity
from shared.web.health import health_routes

ROUTES: Sequence[ControllerRouterHandler] = [*pages.ROUTES, *api.ROUTES, *search.ROUTES]


def create_app(settings: Settings, *, database: Database | None = None, clock: Clock = now) -> Litestar:
    """The matching application; a database given from outside is not closed."""
    own, planned, revocations = database is None, asyncio.Event(), Revocations()
    kept = database or Database(
        settings.database_url.get_secret_value(),
        clock=clock,
        calendar=Calendar(settings.always_open),
        wave_planned=planned,
    )

    signals = signals_of(settings, kept)

    @asynccontextmanager
    async def living(_app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if own:
                stack.push_async_callback(kept.close)
            if settings.worker:
                warm_up()
                timer = WaveTimer(kept, clock=clock, planned=planned)
                working = working_matching(settings, kept, timer=timer, revocations=revocations, signals=signals)
                await stack.enter_async_context(working)
            yield

    app = application(
        settings,
        kept,
        routes=[*ROUTES, *health_routes("/matching", kept)],
        package=Path(__file__).parent,
        identify=TokenIdentity(Verifier(settings.identity_keys_file), revocations),
        lifespan=[living],
    )
    app.state.signals = signals
    return app

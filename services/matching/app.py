"""Matching put together: the only file that knows every part."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from services.matching.allocation import api as allocation_api
from services.matching.allocation import pages as allocation
from services.matching.exposure import api as exposure_api
from services.matching.exposure import pages as exposure
from services.matching.history import api as history_api
from services.matching.history import pages as history
from services.matching.maps import pages as maps
from services.matching.matches import api, pages
from services.matching.ranking.queries import read_weights
from services.matching.search import api as search_api
from services.matching.search import pages as search
from services.matching.search import spelling
from services.matching.search.finding import PATIENCE_S
from services.matching.search.warming import warm_up
from services.matching.settings import Settings
from services.matching.suspension import goes_on
from services.matching.waves.timer import WaveTimer
from services.matching.worker import signals_of, working_matching
from shared.clock import Calendar, Clock, now
from shared.database.both import Databases, databases_of
from shared.identity import Verifier
from shared.identity.revocations import Revocations
from shared.messaging.asking import Asker
from shared.web.application import application
from shared.web.bounce import TokenIdentity
from shared.web.health import health_routes
from shared.web.letters import letter_routes
from shared.web.suspension import SuspensionGuard

ROUTES: Sequence[ControllerRouterHandler] = [
    *pages.ROUTES,
    *api.ROUTES,
    *search.ROUTES,
    *search_api.ROUTES,
    *maps.ROUTES,
    *exposure.ROUTES,
    *exposure_api.ROUTES,
    *history.ROUTES,
    *history_api.ROUTES,
    *allocation.ROUTES,
    *allocation_api.ROUTES,
    *letter_routes("matching", "/matching/dead-letters"),
    *health_routes("/matching"),
]


def create_app(settings: Settings, *, databases: Databases | None = None, clock: Clock = now) -> Litestar:
    """The matching application; databases given from outside are not closed."""
    planned, revocations = asyncio.Event(), Revocations()
    kept = databases or databases_of(
        settings, works=settings.worker, clock=clock, calendar=Calendar(settings.always_open), wave_planned=planned
    )
    pages = kept.pages
    signals = signals_of(settings, kept.work, pages)
    asker = Asker(settings.service, signals.metrics, patience_s=PATIENCE_S)

    @asynccontextmanager
    async def living(_app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if databases is None:
                stack.push_async_callback(kept.close)
            await read_weights(kept.work or pages)
            if settings.worker:
                warm_up()
                work = kept.at_work()
                timer = WaveTimer(work, clock=clock, planned=planned)
                working = working_matching(settings, work, timer=timer, revocations=revocations, signals=signals)
                link = await stack.enter_async_context(working)
                pages.surround(outbox_fresh=link.fresh)
            # No page waits for the words of the vocabulary.
            warming = asyncio.create_task(asyncio.to_thread(spelling.warm_up))
            stack.callback(warming.cancel)
            await stack.enter_async_context(asker.linked(settings, signals))
            yield

    app = application(
        settings,
        pages,
        routes=ROUTES,
        package=Path(__file__).parent,
        identify=TokenIdentity(Verifier(settings.identity_keys_file), revocations),
        lifespan=[living],
        guards=[SuspensionGuard(goes_on, hears_of_it=True)],
    )
    app.state.signals = signals
    app.state.asker = asker
    return app

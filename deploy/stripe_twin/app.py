"""The twin as an application: interface, pages, the door for tests, and the sender of events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response

from deploy.stripe_twin.api import Desk, stripe_api
from deploy.stripe_twin.call import Settings
from deploy.stripe_twin.control import door
from deploy.stripe_twin.errors import Refusal
from deploy.stripe_twin.pages import PAGES
from deploy.stripe_twin.store import Store
from deploy.stripe_twin.webhooks import keep_sending


class LiveKey(ValueError):
    """The twin is told a key that opens real money."""


@asynccontextmanager
async def _sending(app: Litestar) -> AsyncIterator[None]:
    desk: Desk = app.state.desk
    task = asyncio.create_task(keep_sending(desk))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        desk.store.close()


def _refused(_: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    return Response(refusal.body, status_code=refusal.status)


def create_app(settings: Settings, store: Path | str) -> Litestar:
    """One twin on one store."""
    if "_test_" not in settings.api_key:
        raise LiveKey("The twin takes keys of the kind sk_test_… only.")
    app = Litestar(
        route_handlers=[stripe_api, door, *PAGES],
        lifespan=[_sending],
        exception_handlers={Refusal: _refused},
        openapi_config=None,
    )
    app.state.desk = Desk(Store(store), settings)
    return app

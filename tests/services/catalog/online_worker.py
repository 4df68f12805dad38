"""A worker of online payments in a process of its own, until nothing is left: tests kill it at its failpoints."""

import asyncio

import services.catalog.worker  # noqa: F401 - every model is known, as to the worker itself
from services.catalog.payments.online.calling import ask_next
from services.catalog.payments.online.following import FOLLOWS
from services.catalog.payments.online.gateway import gateway_from
from services.catalog.payments.online.hearing import work_through
from services.catalog.settings import Settings
from shared.clock import Calendar, now
from shared.database.both import work_database_of


async def work() -> None:
    """Ask and read whatever is due."""
    settings = Settings()  # type: ignore[call-arg]
    database = work_database_of(settings, clock=now, calendar=Calendar(always_open=True))
    gateway = gateway_from(settings.payment_mode, settings.stripe)
    assert gateway is not None
    while await ask_next(gateway, database, FOLLOWS) or await work_through(gateway, database):
        pass
    await gateway.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(work())

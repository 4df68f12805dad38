"""What catalog does beside answering: publish its facts, hear matching's, fire its timers."""

from contextlib import AbstractAsyncContextManager

from nats.aio.client import Client

from services.catalog.needs import handlers as needs
from services.catalog.settings import Settings
from shared.database import Database
from shared.messaging.consumer import Handlers
from shared.messaging.worker import working

HANDLERS: Handlers = {**needs.HANDLERS}


def working_catalog(settings: Settings, database: Database) -> AbstractAsyncContextManager[Client]:
    """Relay, consumer and timers, until the block ends."""
    return working(settings, database, HANDLERS)

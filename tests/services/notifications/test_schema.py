"""The migrations make the tables that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.notifications.audience import models as audience
from services.notifications.calls import models as calls
from services.notifications.db import Base
from services.notifications.deliveries import models as deliveries
from services.notifications.inbox import models as inbox
from services.notifications.live import models as live
from services.notifications.preferences import models as preferences
from services.notifications.webhooks import models as webhooks
from shared.database import Database
from shared.messaging.tables import metadata as messaging

MODELS = (audience, calls, deliveries, inbox, live, preferences, webhooks)


async def test_migrations_and_models_agree(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        return [each for each in found if not _is_of_the_event_core(each)]

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def _is_of_the_event_core(difference: object) -> bool:
    names = {"alembic_version", "spent_requests", *messaging.tables}
    subject = difference[1] if isinstance(difference, tuple) else None
    table = getattr(subject, "table", subject)
    return getattr(table, "name", None) in names

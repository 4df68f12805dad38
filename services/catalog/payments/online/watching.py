"""What somebody has to look at, for whoever watches this installation: asked at a scrape."""

from typing import Final

from sqlalchemy import func, select

from services.catalog.payments.online.models import CallState, StripeCall
from shared.database import Database
from shared.observability.asked import Answers, Asked
from shared.observability.signals import Signals

KEEP_S: Final = 10.0
DOUBTFUL: Final = {"stripe_calls_doubtful": "Calls to Stripe of which nobody knows whether they were done."}


def watch_calls(database: Database, signals: Signals) -> None:
    """Let scrapes ask how many calls wait for a person."""
    doubtful = select(func.count()).where(StripeCall.state == CallState.DOUBTFUL)

    async def ask() -> Answers:
        async with database.connection() as connection:
            return {name: [({}, float(await connection.scalar(doubtful) or 0))] for name in DOUBTFUL}

    signals.ask(Asked(DOUBTFUL, ask, keep_s=KEEP_S))

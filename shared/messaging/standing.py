"""How the event core of a service stands, asked of its own database at a scrape."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from shared.database import Database
from shared.observability.asked import Answers, Asked
from shared.observability.health import Health
from shared.observability.signals import Signals

# One answer serves all who scrape at that moment.
KEEP_S = 1.0
# Fingerprints are the names of errors; whatever is beyond these is counted together.
MOST_FINGERPRINTS = 20

OWED = {
    "outbox_unpublished": "Events that are committed and not published.",
    "outbox_oldest_seconds": "How long the oldest of them has waited; 0 without any.",
    "outbox_parked": "Events that the broker will never take; each stops its aggregate.",
    "dead_letter_oldest_seconds": "How long the oldest open letter has waited; 0 without any.",
}
HELD = {
    "database_oldest_snapshot_seconds": "The oldest transaction of this service that keeps the vacuum waiting.",
    "database_pool_in_use": "Connections of the pools that somebody holds.",
}
LETTERS = {"dead_letter_open": "Letters that wait for somebody, by the kind of error."}

# The outbox's index holds only what is not published: this costs what it counts.
STANDING = text("""
SELECT count(*) FILTER (WHERE parked_at IS NULL),
       coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE parked_at IS NULL)), 0)::float8,
       count(*) FILTER (WHERE parked_at IS NOT NULL),
       (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(first_at)), 0)::float8
          FROM dead_letter WHERE resolved_at IS NULL)
FROM outbox WHERE published_at IS NULL
""")
# Each role is shown its own transactions only, so each is asked.
SNAPSHOT = text("""
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0)::float8 FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
  AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
""")
OPEN = text("""
SELECT consumer, fingerprint, count(*) FROM dead_letter WHERE resolved_at IS NULL
GROUP BY consumer, fingerprint ORDER BY count(*) DESC
""")


def standing_of(service: str, work: Database | None, pages: Database | None = None) -> Signals:
    """A service's signals: of the pools this process has, and of outbox and letters when it is the one who works."""
    pools = [each for each in (pages, work) if each is not None]
    signals = Signals(service, Health(service, pools[0]))

    async def held() -> Answers:
        oldest, in_use = 0.0, 0.0
        for pool in pools:
            async with pool.connection() as connection:
                oldest = max(oldest, float(await connection.scalar(SNAPSHOT) or 0))
        for pool in pools:
            in_use += float(getattr(pool.engine.pool, "checkedout", int)())
        return {name: [({}, value)] for name, value in zip(HELD, (oldest, in_use), strict=True)}

    signals.ask(Asked(HELD, held, keep_s=KEEP_S))
    if work is not None:
        _ask_what_is_owed(signals, work)
    return signals


def _ask_what_is_owed(signals: Signals, work: Database) -> None:
    async def stand() -> Answers:
        async with work.connection() as connection:
            values = tuple((await connection.execute(STANDING)).one())
        return {name: [({}, float(value))] for name, value in zip(OWED, values, strict=True)}

    async def letters() -> Answers:
        async with work.connection() as connection:
            return {"dead_letter_open": _bounded((await connection.execute(OPEN)).all())}

    signals.ask(Asked(OWED, stand, keep_s=KEEP_S), Asked(LETTERS, letters, keep_s=KEEP_S))


def _bounded(rows: Sequence[Any]) -> list[tuple[dict[str, str], float]]:
    shown = [({"consumer": row[0], "fingerprint": row[1]}, float(row[2])) for row in rows[:MOST_FINGERPRINTS]]
    beyond = sum(row[2] for row in rows[MOST_FINGERPRINTS:])
    return [*shown, ({"consumer": "all", "fingerprint": "other"}, float(beyond))] if beyond else shown

"""The long faults, each a story on a house of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from deploy.chaos import long_outages, long_power_cuts, long_restores, long_stores
from deploy.chaos.long_tale import NotPossible, Say, Story, Tale

STORIES = (
    Story("NATS is away", (16,), long_outages.nats_away),
    Story("PostgreSQL is away", (13, 14, 24), long_outages.postgres_away),
    Story("NATS stands still", (16, 25), long_outages.nats_frozen),
    Story("NATS in a black hole", (16, 26), long_outages.nats_swallowed),
    Story("NATS loses power", (20,), long_power_cuts.nats_loses_power),
    Story("PostgreSQL loses power", (24,), long_power_cuts.postgres_loses_power),
    Story("the NATS store is deleted", (22,), long_stores.nats_store_deleted),
    Story("the NATS store is flipped", (23,), long_stores.nats_store_flipped),
    Story("the NATS store is truncated", (23,), long_stores.nats_store_truncated),
    Story("notifications is restored", (34,), long_restores.notifications_restored),
    Story("matching is restored", (34,), long_restores.matching_restored),
    Story("catalog is restored", (34,), long_restores.catalog_restored),
)


LOAD_S = 8.0


def named(names: Sequence[str]) -> Iterator[Story]:
    """The stories of these names, or all of them."""
    return (story for story in STORIES if not names or story.name in names)


async def told(story: Story, *, seed: int, outage_s: float, cuts: int, load_s: float = LOAD_S, say: Say) -> Tale:
    """Tell one story to its end, whatever happens in it."""
    tale = Tale(story.name, story.promises, seed, outage_s, cuts, load_s, say)
    began = time.monotonic()
    try:
        await story.tell(tale)
    except NotPossible as reason:
        tale.not_run = str(reason)
    except Exception as error:  # one story that breaks must not hide what the others find
        tale.expect(False, f"the story broke off: {error!r}")
    tale.seconds = round(time.monotonic() - began, 1)
    return tale

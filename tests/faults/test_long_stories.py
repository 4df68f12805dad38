"""The long faults in their short form: what `boucle chaos-long` tells in full, with little load.

Those whose length is the point (outages of minutes, twenty power cuts) are told by the command alone.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deploy.chaos.long import told as told_to_its_end
from deploy.chaos.long_restores import catalog_restored, matching_restored
from deploy.chaos.long_stores import nats_store_deleted, nats_store_flipped
from deploy.chaos.long_tale import Story, Tale

SEED, LOAD_S = 3, 2.0
Tell = Callable[[Tale], Awaitable[None]]


def silent(_: str) -> None:
    """Say nothing."""


async def told(tell: Tell, *, cuts: int = 0) -> Tale:
    story = Story(tell.__name__, (), tell)
    return await told_to_its_end(story, seed=SEED, outage_s=0.0, cuts=cuts, load_s=LOAD_S, say=silent)


async def clean(tell: Tell) -> dict[str, Any]:
    tale = await told(tell)
    assert (tale.wrong, tale.not_run) == ([], "")
    return tale.figures


@pytest.mark.promise(22)
async def test_a_deleted_store_is_filled_again_and_nobody_is_told_twice() -> None:
    figures = await clean(nats_store_deleted)
    assert figures["sent_again"] > 20
    assert figures["tables_compared"] > 20


@pytest.mark.promise(23)
async def test_a_damaged_store_is_named_and_filled_again() -> None:
    """INVARIANT: a broker that keeps what is damaged, and a reader that stands still before it, need one command."""
    figures = await clean(nats_store_flipped)
    assert figures["lost"] > 0


@pytest.mark.promise(34)
async def test_matching_that_is_restored_asks_and_tells_nobody_twice() -> None:
    """INVARIANT: the ids of solicitations follow from whom they join, or a restored matching asks again."""
    assert (await clean(matching_restored))["notices"] > 0


@pytest.mark.promise(34)
async def test_a_writer_that_is_restored_says_what_is_gone_and_is_heard_again() -> None:
    """INVARIANT: versions go on above those that were told, or readers take what comes next for old."""
    figures = await clean(catalog_restored)
    assert figures["named"] > 0
    assert figures["raised"] > 0

"""Several senders at once: each message is sent by one of them, and a crash repeats that one under its id alone."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import shared.fault
from services.notifications.webhooks.loop import send_next
from services.notifications.webhooks.sending import Courier
from services.notifications.webhooks.settling import AT_ONCE, CLAIM, claim_next
from shared.database import Database
from shared.events.envelope import Envelope
from shared.fault import Failed
from tests.services.notifications.actors import Actor, Clock, Stage, a_demand, matched
from tests.services.notifications.hooks import MATCHED, Hook, deliveries
from tests.services.notifications.receiving import OK, Receiver, receiving, said
from tests.support import an_identity

# Longer than a sender waits: the test lets the answer go.
HANGS_S = 30.0


@pytest.mark.promise(45)
async def test_two_senders_never_send_the_same(
    stage: Stage, author: Actor, hook: Hook, receiver: Receiver, send: Any
) -> None:
    await stage.tell(*(matched(a_demand(author), []) for _ in range(20)))
    receiver.hang_s = 0.02

    async def work() -> None:
        while await send() is not None or len(receiver.came) < 20:
            await asyncio.sleep(0.005)

    async with asyncio.TaskGroup() as workers:
        for _ in range(5):
            workers.create_task(work())
    assert len({each.headers["webhook-id"] for each in receiver.came}) == len(receiver.came) == 20
    # Two claims at the same moment may both see room: never more than one over.
    assert receiver.most_at_once <= AT_ONCE + 3


async def test_who_hangs_holds_up_nobody_else(
    told: Envelope, stage: Stage, author: Actor, receiver: Receiver, database: Database, clock: Clock, send: Any
) -> None:
    await stage.tell(*(matched(a_demand(author), []) for _ in range(5)))
    stranger = an_identity()
    async with receiving() as quick:
        await Hook(database, stranger, clock).add(quick.url, MATCHED)
        receiver.hang_s = HANGS_S
        hanging = []
        for number in range(AT_ONCE):
            hanging.append(asyncio.create_task(send()))
            await receiver.until_asked(number + 1)
        await stage.tell(matched(a_demand(Actor(stranger.organisation_id, stranger.member_id, "x")), []))
        assert await send() == "sent"
        assert len(quick.came) == 1
        assert await send() is None
        receiver.go_on.set()
        await asyncio.gather(*hanging)


@pytest.mark.promise(45)
async def test_a_crash_after_sending_repeats_that_one_under_its_id(
    told: Envelope, receiver: Receiver, send: Any, stage: Stage, clock: Clock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "webhook.sent").write_text("raise")
    monkeypatch.setattr(shared.fault, "FOLDER", tmp_path)
    with pytest.raises(Failed):
        await send()
    assert (tmp_path / "webhook.sent.hit").exists()
    assert await send() is None, "the claim lasts"
    clock.wait(seconds=CLAIM.total_seconds())
    assert await send() == "sent"
    assert await send() is None
    assert [each.headers["webhook-id"] for each in receiver.came] == [str(told.id)] * 2


async def test_who_stood_still_neither_sends_nor_settles(
    told: Envelope, receiver: Receiver, database: Database, courier: Courier, send: Any, stage: Stage, clock: Clock
) -> None:
    """A process that was suspended after its claim finds that another has taken over."""

    class Suspended:
        """A clock that jumps once the claim is made."""

        def __init__(self) -> None:
            self.asked = 0

        def __call__(self) -> datetime:
            self.asked += 1
            return clock() + (CLAIM if self.asked > 1 else timedelta(0))

    assert await send_next(database, courier, Suspended()) == "lost"
    assert receiver.came == []
    clock.wait(seconds=CLAIM.total_seconds())
    assert await send() == "sent"


async def test_a_late_answer_changes_nothing_of_what_another_settled(
    told: Envelope, receiver: Receiver, database: Database, courier: Courier, send: Any, stage: Stage, clock: Clock
) -> None:
    receiver.hang_s, receiver.answers = HANGS_S, [said(500), OK]
    slow = asyncio.create_task(send())
    await receiver.until_asked(1)
    clock.wait(seconds=CLAIM.total_seconds())
    async with database.sessions.begin() as session:
        taken = await claim_next(session, now=clock())
    assert taken is not None
    receiver.go_on.set()
    assert await slow == "lost"
    (row,) = await deliveries(stage)
    assert (row["state"], row["next_at"]) == ("claimed", taken.until)

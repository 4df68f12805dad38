"""What did not arrive is sent again while that can help, and its owners are told before it stops."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from services.notifications.messages import message_of
from services.notifications.webhooks.commands import resume_webhook, send_failed_again
from services.notifications.webhooks.schedule import DELAYS, JITTER, LONGEST_WAIT
from shared.database import Database
from shared.events.envelope import Envelope
from shared.identity import Identity
from tests.services.notifications.actors import (
    Actor,
    Clock,
    Stage,
    a_demand,
    actor,
    contact,
    joined,
    matched,
    registered,
)
from tests.services.notifications.hooks import MATCHED, Hook, deliveries
from tests.services.notifications.receiving import Receiver, receiving


@pytest.mark.promise(45)
async def test_it_is_tried_again_by_the_schedule_and_then_no_more(
    told: Envelope, hook: Hook, receiver: Receiver, send: Any, clock: Clock, stage: Stage
) -> None:
    receiver.answer(500, "en panne")
    for attempt, delay in enumerate(DELAYS[1:], start=1):
        assert await send() == "retry"
        (row,) = await deliveries(stage)
        wait = row["next_at"] - clock()
        assert delay * (1 - JITTER) <= wait <= delay * (1 + JITTER)
        assert (row["attempts"], row["status"], row["answer"]) == (attempt, 500, "en panne")
        clock.at = row["next_at"] - timedelta(seconds=1)
        assert await send() is None
        clock.wait(seconds=1)
    assert await send() == "gave_up"
    assert len(receiver.came) == len(DELAYS) == 10
    assert {each.headers["webhook-id"] for each in receiver.came} == {str(told.id)}
    assert len({each.body for each in receiver.came}) == 1
    (row,) = await deliveries(stage)
    assert row["state"] == "failed"


async def fail_to_the_end(send: Any, stage: Stage, clock: Clock) -> None:
    due = """
        SELECT greatest(min(d.next_at), max(w.resting_until)) AS at
        FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.state = 'pending'"""
    while (at := (await stage.rows(due))[0]["at"]) is not None:
        clock.at = max(clock.at, at)
        await send()


@pytest.mark.promise(45)
async def test_owners_are_told_before_it_is_stopped_and_when_it_was(
    told: Envelope, stage: Stage, author: Actor, receiver: Receiver, send: Any, clock: Clock
) -> None:
    await stage.tell(registered(author), joined(author), contact(author))
    editor = Actor(author.organisation_id, actor("x").member_id, author.name)
    await stage.tell(joined(editor, role="editor"))
    receiver.answer(503)
    began = clock()
    await fail_to_the_end(send, stage, clock)
    notices = await stage.rows("SELECT topic, params, about_id, about_kind, created_at FROM notices ORDER BY id")
    warned, stopped = [each for each in notices if each["about_kind"] == "webhook"]
    assert (warned["topic"], stopped["topic"]) == ("webhook-failing", "webhook-stopped")
    assert warned["created_at"] - began >= timedelta(hours=24)
    assert stopped["created_at"] - warned["created_at"] >= timedelta(hours=12)
    letters = await stage.rows("""
        SELECT l.topic, l.params, d.member_id FROM security_letters l JOIN deliveries d ON d.letter_id = l.id
        ORDER BY l.id""")
    assert [(each["topic"], each["member_id"]) for each in letters] == [
        ("webhook-failing", author.member_id), ("webhook-stopped", author.member_id),
    ]  # fmt: skip
    for language in ("fr", "en"):
        for letter in letters:
            message = message_of(letter["topic"], letter["params"], language)
            assert message.path == f"/notifications/webhooks/{warned['about_id']}"
            assert "127.0.0.1" in message.title
    (row,) = await stage.rows("SELECT state, because FROM webhooks")
    assert (row["state"], row["because"]) == ("stopped", "unreachable")


async def test_a_single_message_that_cannot_be_digested_stops_nobody(
    told: Envelope, stage: Stage, author: Actor, receiver: Receiver, send: Any, clock: Clock
) -> None:
    receiver.answer(500)
    for _ in DELAYS[1:]:
        assert await send() == "retry"
        receiver.answer(204)
        await stage.tell(matched(a_demand(author), []))
        assert await send() == "sent"
        receiver.answer(500)
        clock.wait(days=2)
    assert await send() == "gave_up"
    (row,) = await stage.rows("SELECT state FROM webhooks")
    assert row["state"] == "active"
    assert await stage.rows("SELECT id FROM notices WHERE about_kind = 'webhook'") == []


@pytest.mark.promise(45)
async def test_410_stops_it_at_once_and_nothing_more_is_kept(
    told: Envelope, stage: Stage, author: Actor, hook: Hook, receiver: Receiver, send: Any, clock: Clock
) -> None:
    await stage.tell(matched(a_demand(author), []))
    receiver.answer(410)
    assert await send() == "gave_up"
    assert await send() is None
    await stage.tell(matched(a_demand(author), []))
    rows = await deliveries(stage)
    assert [(each["state"], each["status"], each["error"]) for each in rows] == [
        ("failed", 410, None), ("failed", None, "stopped"),
    ]  # fmt: skip
    assert [each["because"] for each in await stage.rows("SELECT because FROM webhooks")] == ["gone"]
    receiver.answer(200)
    await hook.do(resume_webhook)
    assert await hook.do(send_failed_again, clock() - timedelta(days=1), now=clock()) == 2
    assert [await send(), await send(), await send()] == ["sent", "sent", None]


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("3600", timedelta(hours=1)),
        ("99999999", LONGEST_WAIT),
        ("1", DELAYS[1] * (1 - JITTER)),
        ("-5", DELAYS[1] * (1 - JITTER)),
        ("soon", DELAYS[1] * (1 - JITTER)),
        ("9" * 400, DELAYS[1] * (1 - JITTER)),
        ("date", timedelta(hours=2)),
    ],
)
@pytest.mark.promise(45)
async def test_retry_after_is_honoured_within_reason(
    told: Envelope, receiver: Receiver, send: Any, clock: Clock, stage: Stage, header: str, wait: timedelta
) -> None:
    at = format_datetime(clock() + timedelta(hours=2), usegmt=True)
    receiver.answer(503, retry_after=at if header == "date" else header)
    assert await send() == "retry"
    (row,) = await deliveries(stage)
    assert wait <= row["next_at"] - clock() <= wait + timedelta(seconds=2)


async def test_who_says_not_so_fast_is_left_alone_by_all_messages(
    told: Envelope, stage: Stage, author: Actor, receiver: Receiver, send: Any, clock: Clock
) -> None:
    receiver.answer(429, retry_after="600")
    await send()
    await stage.tell(matched(a_demand(author), []))
    assert await send() is None
    receiver.answer(200)
    clock.wait(minutes=10)
    assert [await send(), await send()] == ["sent", "sent"]


@pytest.mark.parametrize("is_dripping", [False, True])
async def test_who_hangs_or_drips_is_not_waited_for(
    told: Envelope, receiver: Receiver, send: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch, is_dripping: bool
) -> None:
    monkeypatch.setattr("services.notifications.webhooks.sending.TIMEOUT_S", 0.3)
    receiver.hang_s, receiver.drip = (0.0, True) if is_dripping else (5.0, False)
    assert await send() == "retry"
    (row,) = await deliveries(stage)
    assert (row["status"], row["error"]) == (None, "timeout")


async def test_nobody_there_is_a_failure_like_another(
    stage: Stage, author: Actor, database: Database, owner: Identity, clock: Clock, send: Any
) -> None:
    async with receiving() as gone:
        url = gone.url
    await Hook(database, owner, clock).add(url, MATCHED)
    await stage.tell(matched(a_demand(author), []))
    assert await send() == "retry"
    assert [each["error"] for each in await deliveries(stage)] == ["connection"]

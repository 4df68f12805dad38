"""Webhooks leave: once, signed, to the address that was judged, again while that can help, and never more than said."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook as Verifier

import shared.fault
from services.notifications.messages import message_of
from services.notifications.webhooks.commands import (
    OVERLAP,
    add_webhook,
    pause_webhook,
    resume_webhook,
    rotate_secret,
    send_again,
    send_failed_again,
)
from services.notifications.webhooks.intending import KEPT
from services.notifications.webhooks.loop import send_next
from services.notifications.webhooks.schedule import DELAYS, JITTER, LONGEST_WAIT
from services.notifications.webhooks.schemas import WebhookWanted
from services.notifications.webhooks.secret import new_secret
from services.notifications.webhooks.sending import READ_AT_MOST, SHOWN, Courier
from services.notifications.webhooks.settling import AT_ONCE, CLAIM, claim_next, prune
from shared.database import Database
from shared.events.catalog import OrganisationSuspended
from shared.events.envelope import Envelope, envelop
from shared.fault import Failed
from shared.identity import Identity
from tests.services.notifications.actors import (
    Actor,
    Clock,
    Stage,
    a_demand,
    a_match,
    actor,
    contact,
    joined,
    matched,
    registered,
    solicited,
)
from tests.services.notifications.receiving import OK, Receiver, receiving, said
from tests.support import an_identity

ROOT = Path(__file__).resolve().parents[3]
MATCHED, SOLICITED = "matching.demand.matched.v1", "matching.supplier.solicited.v1"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def courier(clock: Clock) -> Courier:
    return Courier(clock, to_loopback=True)


@pytest.fixture
def owner() -> Identity:
    return an_identity(organisation_name="Ville de Blagnac")


@pytest.fixture
def author(owner: Identity) -> Actor:
    return Actor(owner.organisation_id, owner.member_id, owner.organisation_name)


class Hook:
    """The owner's one webhook."""

    def __init__(self, database: Database, owner: Identity, clock: Clock) -> None:
        self._database, self._owner, self._clock = database, owner, clock
        self.id, self.secret = UUID(int=0), ""

    async def add(self, url: str, *events: str) -> None:
        wanted = WebhookWanted(url=url, events=list(events))
        async with self._database.sessions.begin() as session:
            made = await add_webhook(session, self._owner, wanted, to_loopback=True, now=self._clock())
            self.id, self.secret = made.webhook.id, made.secret

    async def do(self, command: Callable[..., Any], *values: Any, **more: Any) -> Any:
        """One of the owner's commands."""
        async with self._database.sessions.begin() as session:
            return await command(session, self._owner, self.id, *values, **more)


@pytest.fixture
async def hook(database: Database, owner: Identity, clock: Clock, receiver: Receiver) -> Hook:
    hook = Hook(database, owner, clock)
    await hook.add(receiver.url, MATCHED, SOLICITED)
    return hook


@pytest.fixture
async def told(stage: Stage, author: Actor, hook: Hook) -> Envelope:
    """Something happened to the owner's need."""
    (envelope,) = await stage.tell(matched(a_demand(author), [a_match(actor("Traiteur"))]))
    return envelope


@pytest.fixture
def send(database: Database, courier: Courier, clock: Clock) -> Callable[[], Any]:
    return lambda: send_next(database, courier, clock)


async def deliveries(stage: Stage) -> list[Any]:
    return await stage.rows("SELECT * FROM webhook_deliveries ORDER BY id")


@pytest.mark.promise(45)
async def test_an_event_leaves_once_signed_and_whole(
    told: Envelope, hook: Hook, receiver: Receiver, send: Any, stage: Stage
) -> None:
    assert await send() == "sent"
    assert await send() is None
    (came,) = receiver.came
    assert came.line == "POST /boucle HTTP/1.1"
    assert came.headers["webhook-id"] == str(told.id)
    assert came.headers["content-type"].startswith("application/cloudevents+json")
    assert came.is_signed_with(hook.secret)
    body = json.loads(came.body)
    assert (body["type"], body["id"], body["sequence"]) == (MATCHED, str(told.id), 1)
    assert body["data"]["matches"][0]["organisation_name"] == "Traiteur"
    (row,) = await deliveries(stage)
    assert (row["state"], row["attempts"], row["status"], row["error"]) == ("sent", 1, 204, None)
    assert row["duration_ms"] >= 0


@pytest.mark.promise(45)
async def test_the_reference_library_verifies_what_leaves_now(
    database: Database, receiver: Receiver, hook: Hook, told: Envelope, clock: Clock
) -> None:
    clock.at = datetime.now(UTC)
    await send_next(database, Courier(clock, to_loopback=True), clock)
    (came,) = receiver.came
    assert Verifier(hook.secret).verify(came.body, came.headers)["id"] == str(told.id)


@pytest.mark.promise(45)
async def test_read_again_it_does_not_leave_again(told: Envelope, stage: Stage, receiver: Receiver, send: Any) -> None:
    """INVARIANT: a stream that is replayed, a database that was restored: the event finds its row."""
    await send()
    async with stage.database.sessions.begin() as session:
        await session.execute(text("DELETE FROM inbox"))
    await stage.deliver(told)
    assert await send() is None
    assert len(receiver.came) == 1


async def test_nothing_from_before_the_webhook_leaves(
    stage: Stage, author: Actor, hook: Hook, clock: Clock, send: Any
) -> None:
    event = matched(a_demand(author), [])
    await stage.deliver(envelop(event, at=clock() - timedelta(seconds=1)))
    clock.wait(days=31)
    await stage.deliver(envelop(event, at=clock() - KEPT))
    assert await deliveries(stage) == []


async def test_only_what_was_chosen_of_ones_own_leaves(
    stage: Stage, author: Actor, database: Database, owner: Identity, clock: Clock, receiver: Receiver, send: Any
) -> None:
    hook = Hook(database, owner, clock)
    await hook.add(receiver.url, SOLICITED)
    await stage.tell(matched(a_demand(author), []), solicited(actor("Autre"), a_demand(author)))
    assert await send() is None
    await stage.tell(solicited(author, a_demand(actor("Autre"))))
    assert await send() == "sent"


async def test_an_organisation_that_was_suspended_is_told_that_and_nothing_after(
    stage: Stage, author: Actor, database: Database, owner: Identity, clock: Clock, receiver: Receiver
) -> None:
    await Hook(database, owner, clock).add(receiver.url, MATCHED, OrganisationSuspended.type)
    suspended = OrganisationSuspended(**{**registered(author).model_dump(), "version": 2})
    await stage.tell(registered(author), suspended, matched(a_demand(author), []))
    assert [row["type"] for row in await deliveries(stage)] == [OrganisationSuspended.type]


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


@pytest.mark.promise(45)
async def test_a_redirect_is_not_followed(told: Envelope, receiver: Receiver, send: Any, stage: Stage) -> None:
    async with receiving() as elsewhere:
        receiver.answer(307, location=elsewhere.url)
        assert await send() == "retry"
        assert elsewhere.came == []
    (row,) = await deliveries(stage)
    assert (row["status"], row["error"]) == (307, "redirect")


async def test_an_answer_is_read_no_further_than_it_is_shown(
    told: Envelope, receiver: Receiver, send: Any, stage: Stage
) -> None:
    receiver.answers = [b"HTTP/1.1 200 OK\r\n\r\n\0" + b"x" * (READ_AT_MOST * 1000)]
    assert await send() == "sent"
    (row,) = await deliveries(stage)
    assert row["answer"] == " " + "x" * (SHOWN - 1)


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


async def test_both_secrets_sign_until_the_old_one_ends(
    told: Envelope, stage: Stage, author: Actor, hook: Hook, receiver: Receiver, send: Any, clock: Clock
) -> None:
    made = await hook.do(rotate_secret, now=clock())
    assert made.secret != hook.secret
    await send()
    assert receiver.came[0].is_signed_with(hook.secret)
    assert receiver.came[0].is_signed_with(made.secret)
    clock.wait(seconds=OVERLAP.total_seconds() + 1)
    await stage.tell(matched(a_demand(author), []))
    await send()
    assert not receiver.came[1].is_signed_with(hook.secret)
    assert receiver.came[1].is_signed_with(made.secret)


async def test_a_paused_webhook_keeps_what_comes_and_sends_it_when_it_resumes(
    told: Envelope, stage: Stage, author: Actor, hook: Hook, receiver: Receiver, send: Any
) -> None:
    await hook.do(pause_webhook)
    await stage.tell(matched(a_demand(author), []))
    assert await send() is None
    await hook.do(resume_webhook)
    assert [await send(), await send(), await send()] == ["sent", "sent", None]


@pytest.mark.promise(45)
async def test_a_replay_keeps_its_id_and_begins_the_schedule_anew(
    told: Envelope, hook: Hook, receiver: Receiver, send: Any, stage: Stage, clock: Clock
) -> None:
    await send()
    clock.wait(days=3)
    (row,) = await deliveries(stage)
    await hook.do(send_again, row["id"], now=clock())
    assert await send() == "sent"
    first, second = receiver.came
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert second.is_signed_with(hook.secret)


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
        receiver.hang_s = 1.0
        hanging = []
        for _ in range(AT_ONCE):
            hanging.append(asyncio.create_task(send()))
            await asyncio.sleep(0.1)
        await stage.tell(matched(a_demand(Actor(stranger.organisation_id, stranger.member_id, "x")), []))
        assert await send() == "sent"
        assert len(quick.came) == 1
        assert await send() is None
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
    receiver.hang_s, receiver.answers = 0.3, [said(500), OK]
    slow = asyncio.create_task(send())
    await asyncio.sleep(0.1)
    clock.wait(seconds=CLAIM.total_seconds())
    receiver.hang_s = 0.0
    async with database.sessions.begin() as session:
        taken = await claim_next(session, now=clock())
    assert taken is not None
    assert await slow == "lost"
    (row,) = await deliveries(stage)
    assert (row["state"], row["next_at"]) == ("claimed", taken.until)


async def test_what_is_old_is_forgotten_and_so_are_ended_secrets(
    told: Envelope, hook: Hook, send: Any, stage: Stage, database: Database, clock: Clock
) -> None:
    await hook.do(rotate_secret, now=clock())
    await send()
    clock.wait(days=29)
    for left in (1, 0):
        async with database.sessions.begin() as session:
            await prune(session, now=clock())
        assert len(await deliveries(stage)) == left
        clock.wait(days=2)
    assert len(await stage.rows("SELECT id FROM webhook_secrets")) == 1


def the_page() -> str:
    """What the developers page says of webhooks."""
    return (ROOT / "services" / "catalog" / "about" / "templates" / "webhooks.html").read_text(encoding="utf-8")


async def test_the_example_of_the_developers_page_verifies_what_leaves(
    told: Envelope, hook: Hook, receiver: Receiver, database: Database, clock: Clock
) -> None:
    (example,) = re.findall(r"<code>(.*?)</code>", the_page(), re.DOTALL)
    known: dict[str, Any] = {}
    exec(example, known)  # noqa: S102 - it is ours
    clock.at = datetime.now(UTC)
    await hook.do(rotate_secret, now=clock())
    await send_next(database, Courier(clock, to_loopback=True), clock)
    (came,) = receiver.came
    assert known["is_ours"](hook.secret, came.headers, came.body.encode())
    assert not known["is_ours"](new_secret(), came.headers, came.body.encode())
    assert not known["is_ours"](hook.secret, came.headers, came.body.encode() + b" ")
    late = {**came.headers, "webhook-timestamp": str(int(came.headers["webhook-timestamp"]) - 301)}
    assert not known["is_ours"](hook.secret, late, came.body.encode())


def test_the_developers_page_tells_the_schedule() -> None:
    (told,) = re.findall(r"data-schedule>([^<]*)<", the_page())
    units = {"s": "seconds", "min": "minutes", "h": "hours"}
    words = [each.split() for each in told.split(", ")]
    assert [timedelta(**{units[unit]: int(number)}) for number, unit in words] == list(DELAYS[1:])

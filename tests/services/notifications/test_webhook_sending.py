"""Webhooks leave: once, signed, to the address that was judged, and never more than said."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook as Verifier

from services.notifications.webhooks.commands import OVERLAP, pause_webhook, resume_webhook, rotate_secret, send_again
from services.notifications.webhooks.intending import KEPT
from services.notifications.webhooks.loop import send_next
from services.notifications.webhooks.schedule import DELAYS
from services.notifications.webhooks.secret import new_secret
from services.notifications.webhooks.sending import READ_AT_MOST, SHOWN, Courier
from services.notifications.webhooks.settling import prune
from shared.database import Database
from shared.events.catalog import OrganisationSuspended
from shared.events.envelope import Envelope, envelop
from shared.identity import Identity
from tests.services.notifications.actors import Actor, Clock, Stage, a_demand, actor, matched, registered, solicited
from tests.services.notifications.hooks import MATCHED, SOLICITED, Hook, deliveries
from tests.services.notifications.receiving import Receiver, receiving

ROOT = Path(__file__).resolve().parents[3]


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

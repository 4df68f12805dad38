"""Letters by each person's rhythm: gathered, within their hours, and never one twice."""

from collections.abc import Awaitable, Callable
from datetime import date
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import text

from services.notifications.deliveries.loop import deliver_next
from services.notifications.inbox.models import Topic
from services.notifications.messages.kinds import KINDS, SAYS
from services.notifications.preferences.commands import choose
from services.notifications.rhythm import Channel, Days, Hours, Rhythm
from services.notifications.worker import RECALLS
from shared.database import Database
from shared.events.matching import SupplierSolicited
from shared.events.notifications import LetterSent
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
    unmatched,
)
from tests.services.notifications.test_mail import Postbox, channels, postbox

__all__ = ["channels", "postbox"]

Deliver = Callable[[], Awaitable[list[EmailMessage]]]
AUTHOR = actor("Ville de Blagnac")


@pytest.fixture
def supplier() -> Actor:
    return actor("Traiteur solidaire")


@pytest.fixture
async def known(stage: Stage, supplier: Actor) -> None:
    await stage.tell(registered(supplier), joined(supplier), contact(supplier))


@pytest.fixture
def delivered(database: Database, channels: Any, clock: Clock, postbox: Postbox) -> Deliver:
    """The letters that leave now, those of before left out."""

    async def deliver() -> list[EmailMessage]:
        before = len(postbox.mails)
        while await deliver_next(database, channels, clock):
            pass
        return postbox.mails[before:]

    return deliver


async def wants(database: Database, who: Actor, rhythm: Rhythm, *topics: str, hours: Hours | None = None) -> None:
    chosen = {(topic, Channel.EMAIL): rhythm for topic in topics or ("solicited",)}
    async with database.sessions.begin() as session:
        await choose(session, who.member_id, chosen, hours, now=session.info["clock"]())


def asks(supplier: Actor, *titles: str, until: date | None = None) -> list[SupplierSolicited]:
    demands = [a_demand(AUTHOR, title=title).model_copy(update={"deadline_on": until}) for title in titles]
    return [solicited(supplier, demand) for demand in demands]


async def states(stage: Stage) -> list[str]:
    rows = await stage.rows("SELECT state FROM deliveries WHERE notice_id IS NOT NULL ORDER BY id")
    return [row["state"] for row in rows]


async def test_what_waits_leaves_together_at_eight_and_once(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.DAILY)
    await stage.tell(*asks(supplier, "Palettes", "Bureaux", "Chaises"))
    assert await delivered() == []
    clock.wait(hours=21, minutes=59)
    assert await delivered() == []
    clock.wait(minutes=1)  # eight in Paris
    (letter,) = await delivered()
    assert letter["subject"] == "Un besoin pour vous\u00a0: Chaises, Montaudran, et 2 autres nouvelles"
    body = letter.get_content()
    assert [each in body for each in ("Palettes", "Bureaux", "Chaises")] == [True] * 3
    assert body.count("/needs/") == 3
    assert "parce que vos préférences regroupent ces nouvelles" in body
    assert "Voir toutes vos notifications :" in body
    assert "/notifications/preferences" in body
    assert await states(stage) == ["gathered"] * 3
    clock.wait(days=3)
    assert await delivered() == []


async def test_it_is_written_in_the_readers_language(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.DAILY)
    await stage.tell(contact(supplier, version=2, language="en"), *asks(supplier, "Palettes", "Bureaux"))
    clock.wait(days=1)
    (letter,) = await delivered()
    assert letter["subject"] == "A need for you: Bureaux, Montaudran, and 1 more"
    assert "/en/notifications/preferences" in letter.get_content()
    assert "as a single letter because your preferences gather this news" in letter.get_content()


async def test_hours_days_and_weeks_that_end_together_are_one_letter(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    """Monday at eight the hour, the day and the week are over at once."""
    await wants(database, supplier, Rhythm.WEEKLY, "solicited")
    await wants(database, supplier, Rhythm.DAILY, "matched")
    await wants(database, supplier, Rhythm.HOURLY, "unmatched")
    clock.wait(days=5, hours=21, minutes=30)  # Monday, half past seven
    await stage.tell(*asks(supplier, "Palettes"), unmatched(a_demand(supplier, title="Bureaux")))
    await stage.tell(matched(a_demand(supplier, title="Chaises"), [a_match(AUTHOR)]))
    assert await delivered() == []
    clock.wait(minutes=30)
    (letter,) = await delivered()
    body = letter.get_content()
    assert body.index("Palettes") < body.index("Chaises") < body.index("Bureaux"), "what asks something comes first"


async def test_one_alone_is_the_letter_it_would_have_been(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.HOURLY)
    await stage.tell(*asks(supplier, "Palettes"))
    assert await delivered() == []
    clock.wait(hours=1)
    (letter,) = await delivered()
    assert letter["subject"] == "Un besoin pour vous\u00a0: Palettes, Montaudran"
    assert "Voir le besoin et répondre" in letter.get_content()
    assert await states(stage) == ["sent"]


async def test_never_writes_nothing_and_the_inbox_keeps_it(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.NEVER)
    await stage.tell(*asks(supplier, "Palettes"))
    clock.wait(days=14)
    assert await delivered() == []
    assert await states(stage) == ["unwanted"]
    assert len(await stage.rows("SELECT id FROM notices")) == 1


async def test_authors_read_what_became_of_their_postings_the_next_morning(
    stage: Stage, known: None, supplier: Actor, delivered: Deliver, clock: Clock
) -> None:
    """Without a choice, and by the table of topics."""
    await stage.tell(matched(demand := a_demand(supplier), [a_match(AUTHOR)]), unmatched(a_demand(supplier)))
    assert await delivered() == []
    await stage.tell(matched(demand, [a_match(AUTHOR), a_match(actor("x"), rank=2)], version=2))
    clock.wait(hours=22)
    (letter,) = await delivered()
    assert letter["subject"].endswith("et 1 autre nouvelle")


async def test_what_has_been_read_is_not_repeated(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.DAILY)
    await stage.tell(*asks(supplier, "Palettes", "Bureaux"))
    await delivered()
    async with database.sessions.begin() as session:
        read = "INSERT INTO readings SELECT id, :member, created_at FROM notices WHERE params ->> 'title' = 'Palettes'"
        await session.execute(text(read), {"member": supplier.member_id})
    clock.wait(days=1)
    (letter,) = await delivered()
    assert "Bureaux" in letter["subject"]
    assert "Palettes" not in letter.get_content()
    assert await states(stage) == ["read", "sent"]


async def test_a_deadline_leaves_its_digest(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    """INVARIANT: no digest hides an action until its deadline has passed."""
    await wants(database, supplier, Rhythm.WEEKLY)
    await stage.tell(*asks(supplier, "Palettes", until=date(2026, 11, 26)), *asks(supplier, "Bureaux"))
    (letter,) = await delivered()
    assert "Palettes" in letter["subject"]
    clock.wait(days=6)
    assert ["Bureaux" in each["subject"] for each in await delivered()] == [True]


async def test_quiet_hours_hold_a_letter_until_they_end(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.AT_ONCE, hours=Hours(14, 16, Days.WORKING))
    await stage.tell(*asks(supplier, "Palettes"))
    assert await delivered() == []
    clock.wait(hours=4)  # 14:00 in Paris
    assert len(await delivered()) == 1


async def test_a_change_of_mind_counts_for_what_waits(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.WEEKLY)
    await stage.tell(*asks(supplier, "Palettes", "Bureaux"))
    assert await delivered() == []
    await wants(database, supplier, Rhythm.AT_ONCE)
    assert len(await delivered()) == 2
    await wants(database, supplier, Rhythm.WEEKLY)
    await stage.tell(*asks(supplier, "Chaises"))
    assert await delivered() == []
    await wants(database, supplier, Rhythm.NEVER)
    clock.wait(days=14)
    assert await delivered() == []


async def test_each_reader_has_a_rhythm_of_their_own(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    colleague = Actor(supplier.organisation_id, actor("x").member_id, supplier.name)
    await stage.tell(joined(colleague), contact(colleague, email="paul@palettes.test"))
    await wants(database, supplier, Rhythm.DAILY)
    await stage.tell(*asks(supplier, "Palettes", "Bureaux"))
    assert [each["to"] for each in await delivered()] == ["Claire Vidal <paul@palettes.test>"] * 2
    clock.wait(days=1)
    assert [each["to"] for each in await delivered()] == ["Claire Vidal <claire@palettes.test>"]


async def test_a_digest_that_no_server_takes_is_tried_again_as_the_same_letter(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock, postbox: Postbox
) -> None:
    await wants(database, supplier, Rhythm.DAILY)
    await stage.tell(*asks(supplier, "Palettes", "Bureaux"))
    postbox.close()
    clock.wait(days=1)
    assert await delivered() == []
    await stage.tell(*asks(supplier, "Chaises"))
    postbox.open()
    clock.wait(minutes=1)
    (letter,) = await delivered()
    assert "Chaises" not in letter.get_content()
    (row,) = await stage.rows("SELECT id, attempts FROM deliveries WHERE digest_id IS NOT NULL")
    assert (letter["message-id"], row["attempts"]) == (f"<{row['id']}@boucle.test>", 2)


async def test_who_left_gets_no_digest(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.DAILY)
    await stage.tell(*asks(supplier, "Palettes", "Bureaux"))
    await delivered()
    async with database.sessions.begin() as session:
        await session.execute(text("UPDATE members SET has_left = true"))
    clock.wait(days=1)
    assert await delivered() == []


async def test_an_event_that_comes_again_writes_nothing_again(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.DAILY)
    envelopes = await stage.tell(*asks(supplier, "Palettes", "Bureaux"))
    clock.wait(days=1)
    assert len(await delivered()) == 1
    async with database.sessions.begin() as session:
        await session.execute(text("DELETE FROM inbox"))
    for envelope in envelopes:
        await stage.deliver(envelope)
    clock.wait(days=2)
    assert await delivered() == []


GO_BACK = (
    "UPDATE deliveries SET state = 'pending', gathered_in = NULL, settled_at = NULL WHERE notice_id IS NOT NULL",
    "DELETE FROM deliveries WHERE digest_id IS NOT NULL",
    "DELETE FROM digests",
)


@pytest.mark.parametrize("lost", [(), ("DELETE FROM notices", "DELETE FROM inbox")], ids=["waiting", "not told yet"])
async def test_a_restored_database_writes_nothing_that_was_written(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock, lost: Any
) -> None:
    """INVARIANT: what left since the backup is recalled from the stream, whether its notice was known then or not."""
    await wants(database, supplier, Rhythm.DAILY)
    envelopes = await stage.tell(*asks(supplier, "Palettes", "Bureaux"))
    clock.wait(days=1)
    assert len(await delivered()) == 1
    (sent,) = await stage.recorded(LetterSent.type)
    assert {each["topic"] for each in sent["told"]} == {"solicited"}
    async with database.sessions.begin() as session:
        for statement in (*GO_BACK, *lost):
            await session.execute(text(statement))
        for _ in range(2):
            await RECALLS[LetterSent](session, LetterSent.model_validate(sent))
    for envelope in envelopes:
        await stage.deliver(envelope)
    await stage.tell(*asks(supplier, "Chaises"))
    clock.wait(days=2)
    assert [each["subject"] for each in await delivered()] == ["Un besoin pour vous\u00a0: Chaises, Montaudran"]


async def test_without_the_recall_it_would_be_written_again(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    """Otherwise the test above would say nothing."""
    await wants(database, supplier, Rhythm.DAILY)
    await stage.tell(*asks(supplier, "Palettes", "Bureaux"))
    clock.wait(days=1)
    assert len(await delivered()) == 1
    async with database.sessions.begin() as session:
        for statement in GO_BACK:
            await session.execute(text(statement))
    assert len(await delivered()) == 1


async def test_a_long_digest_ends_with_what_the_inbox_has(
    known: None, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.DAILY)
    await stage.tell(*asks(supplier, *(f"Besoin n{number}" for number in range(23))))
    clock.wait(days=1)
    (letter,) = await delivered()
    assert letter.get_content().count("/needs/") == 20
    assert "Et 3 autres, dans votre boîte." in letter.get_content()


def test_every_topic_that_is_told_stands_in_the_one_table() -> None:
    """INVARIANT: a new topic is planned, and shown among the preferences, because it is in `KINDS`."""
    assert {topic.value for topic in Topic} <= set(KINDS)
    assert {kind.name for kind in KINDS.values() if kind.is_fixed} == {
        "account-links", "account-changes", "posted-for", "reply-refused", "webhook-failing", "webhook-stopped",
    }  # fmt: skip
    assert len(SAYS) == sum(len(kind.says) for kind in KINDS.values())

"""Who is written to hears of it once a burst, and neither the words nor who wrote."""

from uuid import UUID, uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from shared.events.messages import MessagePosted
from tests.services.notifications.actors import NOON, Actor, Stage, actor, contact, joined, registered


@pytest.fixture
async def reader(stage: Stage) -> Actor:
    one = actor("Traiteur solidaire")
    await stage.tell(registered(one), joined(one), contact(one, email="personne@exemple.test"))
    return one


def posted(reader: Actor, exchange_id: UUID, *, unread: int) -> MessagePosted:
    return MessagePosted(
        version=1,
        message_id=uuid4(),
        exchange_id=exchange_id,
        organisation_id=reader.organisation_id,
        about_kind="need",
        title="80 repas",
        unread=unread,
        at=NOON,
    )


async def test_of_a_burst_the_first_is_told(stage: Stage, reader: Actor) -> None:
    """INVARIANT: no second notice while the first message is unread; once it was read, the next is told again."""
    exchange_id = uuid4()
    first = posted(reader, exchange_id, unread=1)
    later = [posted(reader, exchange_id, unread=number) for number in (2, 3)]
    await stage.tell(first, first, *later)
    assert len(await stage.rows("SELECT id FROM notices")) == 1
    await stage.tell(posted(reader, exchange_id, unread=1))
    rows = await stage.rows("SELECT topic, about_kind, about_id, organisation_id FROM notices")
    assert [row["topic"] for row in rows] == [Topic.MESSAGED] * 2
    assert {(row["about_kind"], row["about_id"]) for row in rows} == {("exchange", exchange_id)}
    assert {row["organisation_id"] for row in rows} == {reader.organisation_id}


@pytest.mark.parametrize(
    ("is_flow", "language", "title"),
    [(False, "fr", "Un message pour vous : 80 repas"), (True, "en", "A message for you: 80 repas")],
)
def test_it_says_what_it_is_about_and_leads_there(*, is_flow: bool, language: str, title: str) -> None:
    exchange_id = uuid4()
    params = {"about_id": str(exchange_id), "about_kind": "exchange", "title": "80 repas", "is_flow": is_flow}
    message = message_of(Topic.MESSAGED, params, language)
    assert (message.title.replace("\xa0", " "), message.path) == (title, f"/exchanges/{exchange_id}")

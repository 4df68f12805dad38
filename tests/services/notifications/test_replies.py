"""A letter about a message may be answered where answers are taken in; who was refused hears why, once an hour."""

from typing import Any
from uuid import uuid4

import pytest

from services.notifications.channels import channels_for
from services.notifications.deliveries.loop import deliver_next
from services.notifications.settings import Settings
from shared.database import Database
from shared.events.messages import ReplyRefused
from shared.identity import LinkKeys
from shared.identity.links import REPLIES_TO, message_answered
from shared.phrases.replies import ABOVE, REFUSED
from tests.services.notifications.actors import NOON, Actor, Clock, Stage, actor, contact, joined, registered
from tests.services.notifications.test_mail import Postbox, postbox
from tests.services.notifications.test_messages_posted import posted

__all__ = ["postbox"]

DOMAIN = "reponses.exemple.test"


def carried(settings: Settings, postbox: Postbox, **changes: str) -> dict[str, Any]:
    server = {"smtp_url": f"smtp://127.0.0.1:{postbox.port}", "mail_from": "Boucle <b@boucle.test>"}
    return channels_for(settings.model_copy(update=server | changes))


@pytest.fixture
async def reader(stage: Stage) -> Actor:
    one = actor("Traiteur solidaire")
    await stage.tell(registered(one), joined(one), contact(one))
    return one


def refused(reader: Actor, reason: str = "too_long", title: str = "80 repas") -> ReplyRefused:
    return ReplyRefused(
        version=1, reply_id=uuid4(), exchange_id=uuid4(), organisation_id=reader.organisation_id,
        member_id=reader.member_id, title=title, reason=reason, at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "above", "says"), [("fr", ABOVE[0], "répondre à"), ("en", ABOVE[1], "answer")])
async def test_where_answers_are_taken_in_a_letter_says_so_and_has_its_readers_own_address(
    stage: Stage, reader: Actor, database: Database, clock: Clock, postbox: Postbox, notifications_settings: Settings,
    *, language: str, above: str, says: str,
) -> None:  # fmt: skip
    await stage.tell(contact(reader, version=2, language=language))
    event = posted(reader, uuid4(), unread=1)
    await stage.tell(event)
    assert await deliver_next(database, carried(notifications_settings, postbox, reply_domain=DOMAIN), clock)
    (mail,) = postbox.mails
    local, _, domain = mail["reply-to"].addresses[0].addr_spec.partition("@")
    code = local.removeprefix(REPLIES_TO)
    keys = LinkKeys(notifications_settings.link_keys_file)
    assert (domain, message_answered(code)) == (DOMAIN, event.message_id)
    assert keys.takes_reply(code, message_id=event.message_id, member_id=reader.member_id)
    assert not keys.takes_reply(code, message_id=event.message_id, member_id=uuid4())
    assert not keys.takes_reply(code, message_id=uuid4(), member_id=reader.member_id)
    assert len(local) <= 64
    lines = mail.get_content().splitlines()
    assert lines[0] == above
    assert says in mail.get_content()


async def test_by_default_no_letter_may_be_answered(
    stage: Stage, reader: Actor, database: Database, clock: Clock, postbox: Postbox, notifications_settings: Settings
) -> None:
    await stage.tell(posted(reader, uuid4(), unread=1))
    assert await deliver_next(database, carried(notifications_settings, postbox), clock)
    (mail,) = postbox.mails
    assert "reply-to" not in mail
    assert ABOVE[0] not in mail.get_content()


async def test_no_other_letter_may(
    stage: Stage, reader: Actor, database: Database, clock: Clock, postbox: Postbox, notifications_settings: Settings
) -> None:
    await stage.tell(refused(reader))
    assert await deliver_next(database, carried(notifications_settings, postbox, reply_domain=DOMAIN), clock)
    (mail,) = postbox.mails
    assert "reply-to" not in mail


async def test_who_was_refused_hears_why_and_where_to_write(
    stage: Stage, reader: Actor, database: Database, clock: Clock, postbox: Postbox, notifications_settings: Settings
) -> None:
    event = refused(reader)
    await stage.tell(event, event)
    assert await deliver_next(database, carried(notifications_settings, postbox), clock)
    (mail,) = postbox.mails
    assert mail["to"] == "Claire Vidal <claire@palettes.test>"
    assert mail["subject"].replace("\N{NO-BREAK SPACE}", " ") == "Votre réponse n’a pas été transmise : 80 repas"
    assert f"/exchanges/{event.exchange_id}" in mail.get_content()
    assert "Raccourcissez-la" in mail.get_content()
    assert mail["auto-submitted"] == "auto-generated"
    assert await stage.rows("SELECT id FROM notices") == []


async def test_at_most_once_an_hour(stage: Stage, reader: Actor, clock: Clock) -> None:
    """INVARIANT: however many answers are refused, one letter an hour says so."""
    other = actor("Autre structure")
    await stage.tell(registered(other), joined(other), contact(other))
    for _ in range(3):
        await stage.tell(refused(reader))
    # The same person, by the same address, for another organisation.
    await stage.tell(refused(other))
    assert len(await stage.rows("SELECT id FROM security_letters")) == 1
    clock.wait(seconds=3601)
    await stage.tell(refused(reader))
    assert len(await stage.rows("SELECT id FROM security_letters")) == 2


@pytest.mark.parametrize("reason", [*REFUSED, "of_tomorrow"])
async def test_every_reason_is_said(
    stage: Stage, reader: Actor, database: Database, clock: Clock, postbox: Postbox, notifications_settings: Settings,
    reason: str,
) -> None:  # fmt: skip
    await stage.tell(refused(reader, reason, title=""))
    assert await deliver_next(database, carried(notifications_settings, postbox), clock)
    assert "of_tomorrow" not in postbox.mails[0].get_content()

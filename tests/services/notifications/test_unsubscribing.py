"""One click in a letter, by a mail program or a person, without an account (RFC 8058)."""

import re
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.deliveries.loop import deliver_next
from services.notifications.preferences.commands import LINK_LIVES
from services.notifications.rhythm import Rhythm
from shared.database import Database
from shared.identity import LinkKeys
from tests.services.notifications.actors import Actor, Clock, Stage, a_demand, a_match, actor, matched, solicited
from tests.services.notifications.test_digests import delivered, known, supplier, wants
from tests.services.notifications.test_mail import Postbox, channels, postbox
from tests.services.notifications.test_security_letters import requested

__all__ = ["channels", "delivered", "known", "postbox", "supplier"]

Deliver = Callable[[], Awaitable[list[EmailMessage]]]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def address_in(letter: EmailMessage) -> str:
    """The path of its one click, as a mail program reads the header off the wire."""
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<https?://[^/]+(/\S+)>", letter["list-unsubscribe"])
    assert found is not None
    return found[1]


@pytest.fixture
async def letter(known: None, stage: Stage, supplier: Actor, delivered: Deliver) -> EmailMessage:
    await stage.tell(solicited(supplier, a_demand(actor("Ville"))))
    (letter,) = await delivered()
    return letter


async def chosen(stage: Stage) -> list[tuple[str, str, str]]:
    rows = await stage.rows("SELECT topic, channel, rhythm FROM preferences ORDER BY topic")
    return [(row["topic"], row["channel"], row["rhythm"]) for row in rows]


async def test_a_get_only_shows(client: Any, letter: EmailMessage, stage: Stage) -> None:
    """INVARIANT: scanners of mail servers follow links before their readers do."""
    page = await client.get(address_in(letter))
    assert page.status_code == 200
    assert "On vous sollicite" in page.text
    assert "Claire" not in page.text
    assert await chosen(stage) == []


async def test_a_mail_program_posts_without_cookie_or_token_and_is_not_sent_on(
    client: Any, letter: EmailMessage, stage: Stage, supplier: Actor, delivered: Deliver
) -> None:
    for _ in range(2):
        answer = await client.post(address_in(letter), data=ONE_CLICK)
        assert answer.status_code == 200
        assert "C’est fait" in answer.text
    assert await chosen(stage) == [("solicited", "email", "never")]
    await stage.tell(solicited(supplier, a_demand(actor("Ville"))))
    assert await delivered() == []
    assert len(await stage.rows("SELECT id FROM notices")) == 2, "the inbox keeps all"


async def test_a_digest_stops_what_it_was_about(
    known: None, client: Any, stage: Stage, supplier: Actor, database: Database, delivered: Deliver, clock: Clock
) -> None:
    await wants(database, supplier, Rhythm.DAILY, "solicited", "matched")
    await stage.tell(solicited(supplier, a_demand(actor("x"))), matched(a_demand(supplier), [a_match(actor("y"))]))
    clock.wait(days=1)
    (digest,) = await delivered()
    assert (await client.post(address_in(digest), data=ONE_CLICK)).status_code == 200
    assert {(topic, rhythm) for topic, _, rhythm in await chosen(stage)} == {
        ("matched", "never"),
        ("solicited", "never"),
    }


async def test_it_acts_for_its_reader_alone(client: Any, letter: EmailMessage, stage: Stage, supplier: Actor) -> None:
    await client.post(address_in(letter), data=ONE_CLICK)
    assert [row["member_id"] for row in await stage.rows("SELECT member_id FROM preferences")] == [supplier.member_id]


async def test_another_key_or_letter_stops_nothing(
    client: Any, letter: EmailMessage, stage: Stage, notifications_settings: Any
) -> None:
    path, _, key = address_in(letter).partition("?key=")
    keys = LinkKeys(notifications_settings.link_keys_file)
    foreign = keys.path_to_stop(uuid4())
    opening = keys.path((await stage.rows("SELECT id FROM deliveries"))[0]["id"]).partition("?key=")[2]
    for address in (path, f"{path}?key=", f"{path}?key={key[:-1]}", f"{path}?key=é", f"{path}?key={opening}", foreign):
        for answer in (await client.get(address), await client.post(address, data=ONE_CLICK)):
            assert answer.status_code == 404, address
            assert "Ce lien ne sert plus" in answer.text
    assert await chosen(stage) == []


async def test_it_ends_after_three_months(client: Any, letter: EmailMessage, stage: Stage, clock: Clock) -> None:
    clock.wait(seconds=LINK_LIVES.total_seconds() - 1)
    assert (await client.get(address_in(letter))).status_code == 200
    clock.wait(seconds=1)
    assert (await client.post(address_in(letter), data=ONE_CLICK)).status_code == 404
    assert await chosen(stage) == []


async def test_a_letter_about_an_account_has_no_such_link(
    known: None,
    stage: Stage,
    supplier: Actor,
    delivered: Deliver,
    clock: Clock,
    client: Any,
    notifications_settings: Any,
) -> None:
    await stage.tell(requested(supplier, clock))
    (letter,) = await delivered()
    assert letter["list-unsubscribe"] is None
    assert "/notifications/preferences" not in letter.get_content()
    (row,) = await stage.rows("SELECT id FROM deliveries")
    made_up = LinkKeys(notifications_settings.link_keys_file).path_to_stop(row["id"])
    assert (await client.post(made_up, data=ONE_CLICK)).status_code == 404


async def test_the_header_stays_on_its_line_however_long_the_address(
    known: None, stage: Stage, supplier: Actor, database: Database, clock: Clock, channels: Any, postbox: Postbox
) -> None:
    """The mail library encodes what is longer than a line, and no mail program reads that."""
    channels["email"]._public_url = f"https://{'boucle.' * 12}toulouse-metropole.example"
    await stage.tell(solicited(supplier, a_demand(actor("Ville"))))
    await deliver_next(database, channels, clock)
    assert b"\r\nList-Unsubscribe: <https://boucle.boucle." in postbox.raw
    (line,) = [each for each in postbox.raw.split(b"\r\n") if each.startswith(b"List-Unsubscribe:")]
    assert line.endswith(b">")

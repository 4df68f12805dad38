"""Mail: an intent before anything leaves, tried again while that can help, and never more than said."""

import asyncio
import email
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from services.notifications.channels import DeliveryFailed, Letter, channels_for
from services.notifications.channels.email import EmailChannel, Server
from services.notifications.deliveries.commands import CLAIM, RETRIES, claim_next
from services.notifications.deliveries.loop import deliver_next, prepare
from services.notifications.deliveries.queries import not_sent
from services.notifications.messages import Message
from services.notifications.settings import Settings
from shared.database import Database
from tests.services.notifications.actors import (
    Actor,
    Clock,
    Stage,
    a_demand,
    actor,
    contact,
    joined,
    registered,
    solicited,
)


class Postbox:
    """A mail server on loopback; `refusal` is what it answers to a message instead of taking it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw = b""
        self.refusal: str | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._controller: Controller | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.refusal:
            return self.refusal
        assert isinstance(envelope.content, bytes)
        self.raw = envelope.content
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def open(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    postbox = Postbox()
    postbox.open()
    yield postbox
    postbox.close()


@pytest.fixture
def channels(notifications_settings: Settings, postbox: Postbox) -> dict[str, Any]:
    server = {"smtp_url": f"smtp://127.0.0.1:{postbox.port}", "mail_from": "Boucle <b@boucle.test>"}
    return channels_for(notifications_settings.model_copy(update=server))


@pytest.fixture
def supplier() -> Actor:
    return actor("Traiteur solidaire")


@pytest.fixture
async def asked(stage: Stage, supplier: Actor) -> None:
    """A supplier who was asked and whose address is known."""
    await stage.tell(registered(supplier), joined(supplier), contact(supplier))
    await stage.tell(solicited(supplier, a_demand(actor("Ville de Blagnac"))))


async def states(stage: Stage) -> list[tuple[str, int, str | None]]:
    rows = await stage.rows("SELECT state, attempts, last_error FROM deliveries")
    return [(row["state"], row["attempts"], row["last_error"]) for row in rows]


async def test_a_solicitation_leaves_once(
    asked: None, stage: Stage, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    assert await deliver_next(database, channels, clock)
    assert not await deliver_next(database, channels, clock)
    (mail,) = postbox.mails
    (row,) = await stage.rows("SELECT id FROM deliveries")
    assert mail["subject"] == "Un besoin pour vous\u00a0: 80\u00a0repas par mois, Montaudran"
    assert mail["to"] == "Claire Vidal <claire@palettes.test>"
    assert mail["message-id"] == f"<{row['id']}@boucle.test>"
    text = mail.get_content()
    assert "Bonjour Claire Vidal," in text
    assert "/needs/" in text
    assert "- À 9\u00a0km" in text
    assert "parce que votre activité correspond" in text
    assert await states(stage) == [("sent", 1, None)]


async def test_it_speaks_the_readers_language(
    asked: None, stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(contact(supplier, version=2, language="en"))
    await deliver_next(database, channels, clock)
    assert postbox.mails[0]["subject"] == "A need for you: 80 repas par mois, Montaudran"
    assert "/en/needs/" in postbox.mails[0].get_content()


async def test_a_server_that_is_down_is_tried_again_until_it_is_up(
    asked: None, stage: Stage, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    postbox.close()
    await deliver_next(database, channels, clock)
    assert (await states(stage))[0][:2] == ("pending", 1)
    assert not await deliver_next(database, channels, clock)
    postbox.open()
    clock.wait(seconds=RETRIES[0].total_seconds())
    await deliver_next(database, channels, clock)
    assert len(postbox.mails) == 1
    assert (await states(stage))[0][:2] == ("sent", 2)


async def test_a_refusal_for_good_is_not_repeated_and_is_told(
    asked: None, stage: Stage, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    postbox.refusal = "550 no such mailbox claire@palettes.test"
    await deliver_next(database, channels, clock)
    assert await states(stage) == [("failed", 1, "SMTPDataError 550")]
    (failed,) = await stage.recorded("notifications.delivery.failed.v1")
    assert failed["reason"] == "refused"
    assert "claire" not in str(failed)


async def test_a_refusal_for_now_is_repeated_then_given_up(
    asked: None, stage: Stage, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    postbox.refusal = "451 try later"
    for wait in RETRIES:
        await deliver_next(database, channels, clock)
        assert (await states(stage))[0][0] == "pending"
        clock.wait(seconds=wait.total_seconds())
    await deliver_next(database, channels, clock)
    assert await states(stage) == [("failed", len(RETRIES) + 1, "SMTPDataError 451")]
    (failed,) = await stage.recorded("notifications.delivery.failed.v1")
    assert failed["reason"] == "gave up"


async def test_without_a_server_it_is_marked_not_sent(
    asked: None, stage: Stage, database: Database, notifications_settings: Settings, clock: Clock
) -> None:
    channels = channels_for(notifications_settings)
    assert channels == {}
    assert not await deliver_next(database, channels, clock)
    assert await states(stage) == [("not_sent", 0, None)]
    async with database.sessions() as session:
        (kept,) = await not_sent(session, limit=10)
    assert kept.address == "claire@palettes.test"
    assert await stage.recorded("notifications.delivery.failed.v1") == []


async def test_an_address_that_comes_late_is_waited_for(
    stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(joined(supplier), solicited(supplier, a_demand(actor("Ville de Blagnac"))))
    await deliver_next(database, channels, clock)
    assert await states(stage) == [("pending", 1, "no address")]
    await stage.tell(contact(supplier))
    clock.wait(minutes=1)
    await deliver_next(database, channels, clock)
    assert len(postbox.mails) == 1


async def test_who_left_is_not_written_to(
    asked: None, stage: Stage, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    async with database.sessions.begin() as session:
        await session.execute(text("UPDATE members SET has_left = true"))
    await deliver_next(database, channels, clock)
    assert postbox.mails == []
    assert (await states(stage))[0][0] == "failed"


async def test_two_senders_never_take_the_same(
    asked: None, stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(*[solicited(supplier, a_demand(actor("Ville de Blagnac"))) for _ in range(11)])

    async def sender() -> None:
        while await deliver_next(database, channels, clock):
            pass

    await asyncio.gather(*[sender() for _ in range(4)])
    assert len(postbox.mails) == 12
    assert len({mail["message-id"] for mail in postbox.mails}) == 12


async def test_a_dead_senders_claim_is_taken_over_with_the_same_message_id(
    asked: None, stage: Stage, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    """INVARIANT: a crash repeats at most the one in doubt, and it is known as a repetition."""
    await stage.tell(solicited(actor("autre"), a_demand(actor("Ville de Blagnac"))))
    await prepare(database, clock)
    async with database.sessions.begin() as session:
        claim = await claim_next(session, ["email"], now=clock())
    assert claim is not None
    assert not await deliver_next(database, channels, clock)
    clock.wait(seconds=CLAIM.total_seconds())
    assert await deliver_next(database, channels, clock)
    assert [mail["message-id"] for mail in postbox.mails] == [f"<{claim.id}@boucle.test>"]


def a_letter(**changes: Any) -> Letter:
    message = Message(title="Un besoin", text="Texte", why="Parce que", action="Voir", path="/needs/1")
    facts: dict[str, Any] = {
        "id": uuid4(), "member_id": uuid4(), "address": "claire@palettes.test", "name": "Claire", "language": "fr",
        "message": message,
    }  # fmt: skip
    return Letter(**facts | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Claire\r\nBcc: all@palettes.test"},
        {"address": "claire@palettes.test\r\nBcc: all@palettes.test"},
        {"address": "claire@palettes.test, all@palettes.test"},
        {"address": "claire"},
        {"message": Message(title="Un\r\nBcc: all@palettes.test", text="", why="", action="", path="/")},
        {"language": "fr\nBcc: all@palettes.test"},
    ],
)
def test_no_header_is_smuggled_in(changes: dict[str, Any]) -> None:
    channel = EmailChannel(None, sender="Boucle <b@boucle.test>", public_url="https://boucle.test")
    with pytest.raises(DeliveryFailed) as refused:
        channel.compose(a_letter(**changes))
    assert refused.value.permanent


@pytest.mark.parametrize("address", [":a@c.fr", "a@[b.fr"])
async def test_a_letter_that_cannot_be_written_fails_for_good_and_is_told(
    stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, address: str
) -> None:
    """INVARIANT: one letter never holds up the others. The mail library meets these addresses with odd errors."""
    await stage.tell(registered(supplier), joined(supplier), contact(supplier, email=address))
    await stage.tell(solicited(supplier, a_demand(actor("Ville"))))
    assert await deliver_next(database, channels, clock)
    ((state, attempts, error),) = await states(stage)
    assert (state, attempts) == ("failed", 1)
    assert error is not None
    assert address not in error
    assert len(await stage.recorded("notifications.delivery.failed.v1")) == 1


async def test_what_a_channel_did_not_foresee_is_tried_again(
    asked: None, stage: Stage, database: Database, channels: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def surprise(*_: object) -> None:
        raise LookupError("claire@palettes.test")

    monkeypatch.setattr(channels["email"], "send", surprise)
    assert await deliver_next(database, channels, clock)
    assert await states(stage) == [("pending", 1, "cannot be sent: LookupError")]


async def test_a_title_with_line_breaks_becomes_one_line(
    stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(joined(supplier), contact(supplier))
    await stage.tell(solicited(supplier, a_demand(actor("x"), title="Repas\r\nBcc: all@palettes.test")))
    await deliver_next(database, channels, clock)
    (mail,) = postbox.mails
    assert mail["bcc"] is None
    assert "Repas Bcc" in mail["subject"]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.test", Server("mail.test", 587, None, None, is_tls=False)),
        ("smtps://a%40b:p%2Fq@mail.test", Server("mail.test", 465, "a@b", "p/q", is_tls=True)),
        ("smtp://mail.test:2525", Server("mail.test", 2525, None, None, is_tls=False)),
    ],
)
def test_the_servers_address_is_read(url: str, server: Server) -> None:
    assert Server.of(url) == server


def test_another_address_is_refused() -> None:
    with pytest.raises(ValueError, match="smtp"):
        Server.of("http://mail.test")

"""Mail that answers a letter about a message, as the operator's mail server hands it over."""

from email.message import EmailMessage, Message
from typing import Any
from uuid import UUID

import httpx
import pytest
from aiosmtpd.smtp import Envelope
from litestar import Litestar
from sqlalchemy import text

from services.catalog.replies.inlet import Inlet
from services.catalog.replies.place import Replies
from shared.database.both import Databases
from shared.identity.links import REPLIES_TO
from shared.observability.metrics import Metrics
from tests.services.catalog.exchanging import of, wrote
from tests.services.catalog.proposing import made
from tests.services.catalog.suppliers import a_need
from tests.support import Isolated

REPLIES = Replies(domain="reponses.exemple.fr", authserv_id="mx.exemple.fr")
SUPPLIER, BUYER = "personne2@exemple.fr", "personne1@exemple.fr"
PROVEN = "mx.exemple.fr; dmarc=pass (p=none dis=none) header.from=exemple.fr"


class Server:
    """The operator's mail server; `counted` says what became of what it handed over."""

    def __init__(self, app: Litestar, databases: Databases, database: Isolated) -> None:
        self.metrics, self.database, self.keys = Metrics(), database, app.state.link_keys
        counted = self.metrics.reply_total
        self.inlet = Inlet(REPLIES, databases, keys=self.keys, keeper=app.state.files, counted=counted)

    async def hand_over(self, mail: Message, to: str, *, sender: str | None = "personne2@exemple.fr") -> str:
        """RCPT, then DATA where the address is taken; gives what was answered last."""
        envelope = Envelope()
        envelope.mail_from, envelope.content = sender, bytes(mail)
        try:
            answer = await self.inlet.handle_RCPT(None, None, envelope, to, [])  # type: ignore[arg-type]
            if not answer.startswith("250"):
                return answer
            return await self.inlet.handle_DATA(None, None, envelope)  # type: ignore[arg-type]
        except Exception as error:
            return await self.inlet.handle_exception(error)

    async def address_for(self, email: str, message_id: UUID | None = None) -> str:
        """The address that the letter of this person has, about the last message."""
        async with self.database.sessions() as session:
            member = await session.scalar(
                text("SELECT m.id FROM members m JOIN accounts a ON a.id = m.account_id WHERE a.email = :email"),
                {"email": email},
            )
            last = await session.scalar(text("SELECT id FROM exchange_messages ORDER BY id DESC LIMIT 1"))
        code = self.keys.reply_code(message_id or last, member_id=member)
        return f"{REPLIES_TO}{code}@{REPLIES.domain}"

    def counted(self, result: str) -> float:
        """How often something became of a mail."""
        return self.metrics.registry.get_sample_value("boucle_reply_total", {"result": result}) or 0.0


def a_mail(
    words: str = "Oui, dès mardi.", *, author: str = "personne2@exemple.fr", proof: str | None = PROVEN, **headers: str
) -> EmailMessage:
    """A person's answer, with what our own mail server found of it on top."""
    mail = EmailMessage()
    if proof is not None:
        mail["Authentication-Results"] = proof
    mail["From"] = f"Claire Vidal <{author}>"
    mail["Subject"] = "Re: Un message pour vous"
    mail["Message-ID"] = "<un@exemple.fr>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail


async def refused(database: Isolated) -> list[dict[str, Any]]:
    """What was told of answers that were not posted, in order."""
    found = text("SELECT payload FROM outbox WHERE type = 'catalog.reply.refused.v1' ORDER BY id")
    async with database.sessions() as session:
        return [payload["data"] for payload in await session.scalars(found)]


async def words_in(client: httpx.AsyncClient, exchange: str) -> list[str]:
    """What programs read in an exchange, the newest first."""
    answer = await client.get(f"/api/v1{exchange}/messages")
    return [each["words"] for each in answer.json()["items"]]


@pytest.fixture
async def server(catalog_app: Litestar, catalog_database: Isolated) -> Server:
    return Server(catalog_app, catalog_database.both, catalog_database)


@pytest.fixture
async def exchange(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> str:
    """The buyer has written to the supplier, who may answer by e-mail."""
    exchange = of(await made(supplier, await a_need(buyer)))
    await wrote(buyer, exchange, "Livrez-vous le mardi ?")
    return exchange


@pytest.fixture
async def address(server: Server, exchange: str) -> str:
    return await server.address_for(SUPPLIER)

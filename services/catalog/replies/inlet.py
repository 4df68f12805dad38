"""Where the operator's mail server hands answers over, by LMTP: each is posted, refused, or kept there for later."""

import asyncio
import email
import functools
import logging
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, NamedTuple

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from prometheus_client import Counter

from services.catalog.files.keeping import Keeper
from services.catalog.files.models import MEGABYTE, MOST_BYTES, MOST_FILES
from services.catalog.replies.commands import Answer, take_answer
from services.catalog.replies.place import Replies
from services.catalog.replies.proof import is_from
from services.catalog.replies.queries import Addressee, addressee_of
from services.catalog.replies.reading import files_of, is_automatic, words_of
from shared.database import now_of
from shared.database.acting import Acting
from shared.database.both import Databases
from shared.identity import LinkKeys
from shared.identity.links import REPLIES_TO
from shared.observability.pulse import every

log = structlog.get_logger(__name__)
# The library tells of each command, and so of addresses.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

# Three files as base64 has them, and the text.
MOST_SENT = MOST_FILES * MOST_BYTES * 4 // 3 + 3 * MEGABYTE
# Each holds a whole mail in memory, several times over while it is read; a mail server comes again.
MOST_AT_ONCE = 2
PATIENCE_S = 60.0
BEAT_S = 5.0

# Read by a person in what their own mail server sends back: French without accents, and English.
TAKEN = "250 2.0.0 OK"
UNKNOWN = "550 5.1.1 Adresse inconnue ou trop ancienne : allez sur Boucle. / Unknown or expired: go to Boucle."
UNPROVEN = (
    "550 5.7.1 Non transmis : utilisez l'adresse de votre compte, ou la page sur Boucle. "
    "/ Not posted: write from your account's own address, or on Boucle."
)
UNREADABLE = "554 5.6.0 Message illisible : allez sur Boucle. / Unreadable: go to Boucle."
REFUSED = "250 2.0.0 Refused, and its sender is told by letter"
ONE_EACH = "452 4.5.3 One recipient at a time"
LATER = "451 4.3.0 Try again later"


class _Read(NamedTuple):
    """A mail, whether a person wrote it, and what it says."""

    mail: EmailMessage
    is_automatic: bool
    answer: Answer


class Inlet:
    """Takes mail for the addresses of `replies`; what became of each is counted."""

    def __init__(
        self, replies: Replies, databases: Databases, *, keys: LinkKeys, keeper: Keeper, counted: Counter
    ) -> None:
        self._replies, self._keys, self._keeper, self._counted = replies, keys, keeper, counted
        self._pages, self._work = databases.pages, databases.at_work()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Only an address of somebody's is taken, so that a mail server that asks first refuses all others itself."""
        if envelope.rcpt_tos:
            return ONE_EACH
        if await self._addressee(address) is None:
            return self._became("unknown", UNKNOWN)
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Post it, refuse it for good, or have it sent again."""
        try:
            read = await asyncio.to_thread(_read, _bytes_of(envelope), envelope.mail_from or "")
        except Exception as error:
            log.warning("reply_unreadable", error=type(error).__name__)
            return self._became("unreadable", UNREADABLE)
        if read.is_automatic:
            return self._became("automatic", TAKEN)
        writer = await self._addressee(envelope.rcpt_tos[0])
        if writer is None:
            return self._became("unknown", UNKNOWN)
        if not is_from(read.mail, writer.email, authserv_id=self._replies.authserv_id):
            return self._became("unproven", UNPROVEN)
        async with self._pages.acting(Acting(writer.organisation_id, writer.member_id)) as session:
            reason = await take_answer(session, writer, read.answer, keeper=self._keeper, now=now_of(session))
        if reason is not None:
            log.info("reply_refused", exchange=str(writer.exchange_id), reason=reason)
            return self._became("refused", REFUSED)
        return self._became("posted", TAKEN)

    async def handle_exception(self, error: Exception) -> str:
        """Nothing is lost: the mail server keeps it, and comes again."""
        log.error("reply_later", exc_info=error)
        return self._became("later", LATER)

    async def _addressee(self, address: str) -> Addressee | None:
        local, _, domain = address.lower().rpartition("@")
        if domain != self._replies.domain or not local.startswith(REPLIES_TO):
            return None
        async with self._work.sessions() as session:
            return await addressee_of(session, self._keys, local.removeprefix(REPLIES_TO), now=now_of(session))

    def _became(self, result: str, answer: str) -> str:
        self._counted.labels(result).inc()
        return answer


def _bytes_of(envelope: Envelope) -> bytes:
    content = envelope.content or b""
    return content.encode() if isinstance(content, str) else content


def _read(content: bytes, sender: str) -> _Read:
    mail = email.message_from_bytes(content, policy=default)
    if is_automatic(mail, sender):
        return _Read(mail, True, Answer("", "", []))
    name = str(mail.get("Message-ID") or "").strip() or sha256(content).hexdigest()
    return _Read(mail, False, Answer(name, words_of(mail), files_of(mail)))


class _Door(LMTP):
    """One connection; whoever is not the mail server is not let in, nor more of it than fit in memory."""

    def __init__(self, inlet: Inlet, replies: Replies, inside: set["_Door"]) -> None:
        super().__init__(
            inlet,
            data_size_limit=MOST_SENT,
            enable_SMTPUTF8=True,
            hostname="boucle",
            ident="Boucle",
            timeout=PATIENCE_S,
            loop=asyncio.get_running_loop(),
        )
        self._peers, self._inside = replies.peers, inside

    def connection_made(self, transport: Any) -> None:
        """Let in, or hung up on."""
        peer = ip_address(transport.get_extra_info("peername")[0])
        if not any(peer in each for each in self._peers) or len(self._inside) >= MOST_AT_ONCE:
            transport.abort()
            return
        self._inside.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room."""
        if self in self._inside:
            self._inside.discard(self)
            super().connection_lost(error)


async def take_in_for_ever(inlet: Inlet, replies: Replies) -> None:
    """Listen until cancelled; equal processes share the port."""
    host, port = replies.host_and_port
    loop, inside = asyncio.get_running_loop(), set[_Door]()
    factory = functools.partial(_Door, inlet, replies, inside)
    server = await loop.create_server(factory, host, port, reuse_port=True)
    async with server:
        async for _ in every(BEAT_S):
            pass

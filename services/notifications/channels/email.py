"""E-mail over SMTP."""

import re
from dataclasses import dataclass
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from ssl import SSLError
from textwrap import indent
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from services.notifications.channels.channel import DeliveryFailed, Letter
from services.notifications.messages import Message
from services.notifications.messages.message import translations
from services.notifications.settings import Settings
from shared.clock import now
from shared.identity import LinkKeys
from shared.identity.links import REPLIES_TO
from shared.phrases.replies import ABOVE
from shared.web.urls import in_language

TIMEOUT_S = 20
IMPLICIT_TLS = "smtps"
# Whatever `str.splitlines` ends a line at, since the mail library folds headers with it (bpo-46462).
LINE_BREAK = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
BODY = "{hello}\n\n{title}\n{reasons}\n{text}\n\n{action} :\n{link}\n{answers}\n-- \n{why}\n"
LINE = "\n* {title}\n  {text}\n  {link}\n{answers}"
ANSWERS = "\n{by_letter}\n\n{interested} :\n{link}\n\n{declined} :\n{link}&answer=declined\n"
FEWER = "{fewer} : {link}\n"
REPLY = "{above}\n\n{body}"
PREFERENCES = "/notifications/preferences"
LIST_UNSUBSCRIBE = "List-Unsubscribe"
REPLY_TO = "Reply-To"


@dataclass(frozen=True)
class Server:
    """Where mail is handed over: `smtp://[user:password@]host[:port]`, or `smtps://` for TLS from the first byte."""

    host: str
    port: int
    username: str | None
    password: str | None
    is_tls: bool

    @classmethod
    def of(cls, url: str) -> "Server":
        """Read the address; user and password are percent-encoded there."""
        parts = urlsplit(url)
        is_tls = parts.scheme == IMPLICIT_TLS
        if parts.scheme not in ("smtp", IMPLICIT_TLS) or not parts.hostname:
            raise ValueError("smtp_url is not an smtp:// or smtps:// address")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if is_tls else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            is_tls=is_tls,
        )


class Unfolded(UnstructuredHeader, BaseHeader):
    """A header that stays on its line: the mail library would encode an address longer than one, word by word."""

    def fold(self, *, policy: Policy) -> str:
        """The line as it is; RFC 5322 lets it be 998 characters long."""
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type(LIST_UNSUBSCRIBE, Unfolded)
HEADERS.map_to_type(REPLY_TO, Unfolded)
POLICY = SMTP.clone(header_factory=HEADERS)


class EmailChannel:
    """Writes letters as plain text; upgrades to TLS whenever the server offers it."""

    def __init__(
        self,
        server: Server | None,
        *,
        sender: str,
        public_url: str,
        link_keys: LinkKeys | None = None,
        reply_domain: str = "",
    ) -> None:
        self._server = server
        self._link_keys = link_keys
        self._sender = sender
        self._domain = parseaddr(sender)[1].partition("@")[2] or "boucle.invalid"
        self._public_url = public_url.rstrip("/")
        self._reply_domain = reply_domain

    def compose(self, letter: Letter) -> EmailMessage:
        """The letter with the same Message-ID each time, so that a repetition is known as one."""
        mail = EmailMessage(policy=POLICY)
        headers = {
            "Subject": letter.message.title,
            "From": self._sender,
            "To": _recipient(letter),
            "Message-ID": f"<{letter.id}@{self._domain}>",
            "Date": format_datetime(now()),
            "Auto-Submitted": "auto-generated",
            "Content-Language": letter.language,
            **self._stopping(letter),
            **self._answering(letter),
        }
        for name, value in headers.items():
            if LINE_BREAK.search(str(value)):
                raise DeliveryFailed(f"a line break in {name}", permanent=True)
            mail[name] = value
        mail.set_content(self._body(letter))
        return mail

    def _body(self, letter: Letter) -> str:
        _, message = translations(letter.language).gettext, letter.message
        hello = _("Bonjour {name},").format(name=letter.name) if letter.name else _("Bonjour,")
        body = BODY.format(
            hello=hello,
            title=message.title,
            reasons="".join(f"- {sentence}\n" for _icon, sentence in message.reasons) + self._lines(letter),
            text=message.text + self._by_mail(letter),
            action=message.action,
            link=self._link(self._path(message), letter.language),
            answers=self._answers(letter, message.need_id),
            why=message.why,
        )
        if message.is_personal:
            return body
        preferences = self._link(PREFERENCES, letter.language)
        body += FEWER.format(fewer=_("En recevoir moins, ou moins souvent"), link=preferences)
        return REPLY.format(above=_above(letter.language), body=body) if self._answering(letter) else body

    def _lines(self, letter: Letter) -> str:
        return "".join(
            LINE.format(
                title=line.title,
                text=line.text,
                link=self._link(line.path, letter.language),
                answers=indent(self._answers(letter, line.need_id), "  "),
            )
            for line in letter.message.lines
        )

    def _answers(self, letter: Letter, need_id: UUID | None) -> str:
        """The links that answer a need without an account; each leads to a page with a button."""
        if need_id is None or self._link_keys is None:
            return ""
        _ = translations(letter.language).gettext
        path = self._link_keys.path_to_answer(letter.id, need_id=need_id, member_id=letter.member_id)
        return ANSWERS.format(
            by_letter=_("Répondre tout de suite, sans vous connecter :"),
            interested=_("Nous sommes intéressés"),
            declined=_("Pas pour nous"),
            link=self._link(path, letter.language),
        )

    def _answering(self, letter: Letter) -> dict[str, str]:
        """Where an answer goes to become a message of its exchange, as its reader's; nowhere where nothing takes it."""
        answered = letter.message.answers
        if answered is None or self._link_keys is None or not self._reply_domain:
            return {}
        code = self._link_keys.reply_code(answered, member_id=letter.member_id)
        return {REPLY_TO: f"{REPLIES_TO}{code}@{self._reply_domain}"}

    def _by_mail(self, letter: Letter) -> str:
        if not self._answering(letter):
            return ""
        _ = translations(letter.language).gettext
        return "\n\n" + _(
            "Vous pouvez répondre à cet e-mail dans les trente jours, depuis cette adresse : ce que vous écrivez "
            "au-dessus de la première ligne devient votre message. Votre signature en fait partie, si vous la laissez."
        )

    def _stopping(self, letter: Letter) -> dict[str, str]:
        """One click ends letters like this one (RFC 8058); what is about somebody's account has none."""
        if letter.message.is_personal or self._link_keys is None:
            return {}
        address = self._link(self._link_keys.path_to_stop(letter.id), letter.language)
        return {LIST_UNSUBSCRIBE: f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    def _path(self, message: Message) -> str:
        if message.link_id is None:
            return message.path
        if self._link_keys is None:
            raise DeliveryFailed("no key to make links with", permanent=True)
        return self._link_keys.path(message.link_id)

    def _link(self, path: str, language: str) -> str:
        return self._public_url + in_language(path, language)

    async def send(self, composed: EmailMessage) -> None:
        """Hand the mail to the server; what the server refuses for good (5xx) is permanent."""
        if self._server is None:
            raise DeliveryFailed("no SMTP server is configured", permanent=False)
        server = self._server
        try:
            await aiosmtplib.send(
                composed,
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.is_tls,
                timeout=TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError, SSLError) as error:
            raise DeliveryFailed(_reason(error), permanent=_is_permanent(error)) from error


def _above(language: str) -> str:
    french, english = ABOVE
    return english if language.startswith("en") else french


def _recipient(letter: Letter) -> Address:
    try:
        return Address(display_name=letter.name, addr_spec=letter.address)
    except (ValueError, IndexError) as error:
        raise DeliveryFailed("not an e-mail address", permanent=True) from error


def _is_permanent(error: Exception) -> bool:
    """Only a refusal of this mail or its recipient: a refused password is ours to mend, and the mail is still good."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(refused.code >= 500 for refused in error.recipients)
    return isinstance(error, aiosmtplib.SMTPDataError | aiosmtplib.SMTPRecipientRefused) and error.code >= 500


def _reason(error: Exception) -> str:
    # The server's words may repeat the recipient's address, which must not outlive the contact.
    code = getattr(error, "code", None)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        code = error.recipients[0].code
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def email_channel(settings: Settings) -> EmailChannel | None:
    """The channel that the settings configure, if they do."""
    if not settings.smtp_url:
        return None
    return EmailChannel(
        Server.of(settings.smtp_url),
        sender=settings.mail_from,
        public_url=settings.public_url,
        link_keys=LinkKeys(settings.link_keys_file),
        reply_domain=settings.reply_domain,
    )

"""A mail as an answer: whether a program sent it, its words, and the files that came with it."""

from email.message import EmailMessage
from html.parser import HTMLParser

from services.catalog.files.keeping import Sent
from services.catalog.files.models import MOST_BYTES
from services.catalog.replies.quoting import without_quotes

# Beyond it nobody typed: what is quoted below may be as long.
MOST_TEXT = 200_000
# Of who sends to many, or for somebody who is away.
PRECEDENCE = ("bulk", "junk", "list", "auto_reply")
AUTOMATIC = ("List-Id", "X-Autoreply", "X-Autorespond")
# What mail programs add by themselves: signatures made by a certificate, and cards.
ADDED = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "text/vcard")


def is_automatic(mail: EmailMessage, sender: str) -> bool:
    """True for what no person wrote (RFC 3834): a bounce, who is away, a list; it is answered by nothing."""
    said = str(mail.get("Auto-Submitted") or "no").partition(";")[0].strip().lower()
    precedence = str(mail.get("Precedence") or "").strip().lower()
    return not sender or said != "no" or precedence in PRECEDENCE or any(each in mail for each in AUTOMATIC)


def words_of(mail: EmailMessage) -> str:
    """What was written, without what is quoted; from the plain text, else from the HTML."""
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    text = str(body.get_content())[:MOST_TEXT]
    return without_quotes(text if body.get_content_type() == "text/plain" else _text_of(text))


def files_of(mail: EmailMessage) -> list[Sent]:
    """The files somebody attached, each cut above what a file may hold; pictures inside the text are not files."""
    return [Sent(name=part.get_filename() or "", data=_bytes_of(part)) for part in mail.walk() if _is_file(part)]


def _is_file(part: EmailMessage) -> bool:
    if part.is_multipart() or part.get_content_type() in ADDED:
        return False
    is_named = part.get_filename() is not None and "Content-ID" not in part
    return part.get_content_disposition() == "attachment" or is_named


def _bytes_of(part: EmailMessage) -> bytes:
    data = part.get_payload(decode=True)
    return data[: MOST_BYTES + 1] if isinstance(data, bytes) else b""


class _Plain(HTMLParser):
    """The text of an HTML mail, a line a block; of what is quoted, and what is not shown, nothing."""

    HIDDEN = ("script", "style", "head", "title", "blockquote")
    BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "hr", "ul", "ol", "table")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        if tag in self.HIDDEN:
            self._hidden.append(tag)
        elif tag in self.BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        elif tag in self.BLOCKS and tag != "br":
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(" ".join(data.split("\n")))


def _text_of(html: str) -> str:
    parser = _Plain()
    parser.feed(html)
    parser.close()
    return "".join(parser.found)

"""The secret of a link in a letter: made from its id and a key, so that no event, log, stream or database holds it."""

import hmac
from base64 import b32decode, b32encode, urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from uuid import UUID

# Base 32 has neither 0 nor 1: who reads one has read a letter.
MISREAD = str.maketrans("018", "OIB")
CODE_LENGTH = 8
LINK, STOP, ANSWER, CALENDAR, REPLY = "link", "stop", "answer", "calendar", "reply"
REPLIES_TO = "reply+"
# Of an address that takes a reply: the message's id, and 128 bits of its secret.
REPLY_ID_LENGTH = REPLY_SECRET_LENGTH = 26


class LinkKeys:
    """The keys that links are made with, one a line of their file: the first makes, all of them recognise.

    Only catalog, which opens links, and notifications, which writes letters, have the file.
    """

    def __init__(self, file: Path) -> None:
        self._keys = [line.strip().encode() for line in file.read_text().splitlines() if line.strip()]
        if not self._keys:
            raise ValueError(f"no key in {file}")

    def path(self, link_id: UUID) -> str:
        """The address of a link; its secret is in the query, because logs and traces tell paths."""
        return f"/links/{link_id}?key={_secret(self._keys[0], link_id)}"

    def opens(self, link_id: UUID, secret: str) -> bool:
        """True when the secret is this link's, by any of the keys."""
        return self._knows(LINK, link_id, secret)

    def path_to_stop(self, letter_id: UUID) -> str:
        """The address that wants no more letters like this one; its secret opens nothing else."""
        return f"/notifications/unsubscribe/{letter_id}?key={_secret(self._keys[0], letter_id, STOP)}"

    def stops(self, letter_id: UUID, secret: str) -> bool:
        """True when the secret is that of this letter's own link, by any of the keys."""
        return self._knows(STOP, letter_id, secret)

    def path_to_answer(self, letter_id: UUID, *, need_id: UUID, member_id: UUID) -> str:
        """The address that answers a need for the organisation of a letter's reader; its secret opens nothing else."""
        secret = _secret(self._keys[0], _answering(letter_id, need_id, member_id), ANSWER)
        return f"/answers/letters/{letter_id}?need={need_id}&reader={member_id}&key={secret}"

    def answers(self, letter_id: UUID, secret: str, *, need_id: UUID, member_id: UUID) -> bool:
        """True when the secret is that of this letter's link to answer this need, by any of the keys."""
        return self._knows(ANSWER, _answering(letter_id, need_id, member_id), secret)

    def path_to_calendar(self, calendar_id: UUID, *, organisation_id: UUID) -> str:
        """The address that calendars read an organisation's collections at; its secret opens nothing else."""
        secret = _secret(self._keys[0], f"{organisation_id}:{calendar_id}", CALENDAR)
        return f"/api/calendars/{organisation_id}/{calendar_id}/collections.ics?key={secret}"

    def reads_calendar(self, calendar_id: UUID, secret: str, *, organisation_id: UUID) -> bool:
        """True when the secret is that of this calendar of this organisation, by any of the keys."""
        return self._knows(CALENDAR, f"{organisation_id}:{calendar_id}", secret)

    def reply_code(self, message_id: UUID, *, member_id: UUID) -> str:
        """What a member answers a message by, in the local part of an e-mail address: 52 characters.

        Mail may lose the case of an address, and gives its local part 64 characters: the member is in the secret alone.
        """
        return _reply_code(self._keys[0], message_id, member_id)

    def takes_reply(self, code: str, *, message_id: UUID, member_id: UUID) -> bool:
        """True when the code is this member's for this message, by any of the keys."""
        known = [hmac.compare_digest(_reply_code(key, message_id, member_id), code) for key in self._keys]
        return any(known)

    def _knows(self, purpose: str, named: object, secret: str) -> bool:
        known = [hmac.compare_digest(_secret(key, named, purpose).encode(), secret.encode()) for key in self._keys]
        return any(known)

    def code(self, letter_id: UUID) -> str:
        """The code that a letter on paper carries: eight characters that nobody mistakes for others."""
        return _code(self._keys[0], letter_id)

    def is_code(self, letter_id: UUID, typed: str) -> bool:
        """True when a code is this letter's, by any of the keys, however it was typed."""
        plain = "".join(typed.upper().split()).replace("-", "").translate(MISREAD)
        known = [hmac.compare_digest(_code(key, letter_id).encode(), plain.encode()) for key in self._keys]
        return any(known)


def message_answered(code: str) -> UUID | None:
    """The message that a reply's code names, whoever made it; None for what is no such code."""
    if len(code) != REPLY_ID_LENGTH + REPLY_SECRET_LENGTH or not code.isascii():
        return None
    try:
        return UUID(bytes=b32decode(code[:REPLY_ID_LENGTH].upper() + "======"))
    except ValueError:
        return None


def _reply_code(key: bytes, message_id: UUID, member_id: UUID) -> str:
    digest = hmac.new(key, f"{REPLY}:{message_id}:{member_id}".encode(), sha256).digest()
    code = b32encode(message_id.bytes)[:REPLY_ID_LENGTH] + b32encode(digest)[:REPLY_SECRET_LENGTH]
    return code.decode().lower()


def _code(key: bytes, letter_id: UUID) -> str:
    digest = hmac.new(key, f"letter:{letter_id}".encode(), sha256).digest()
    return b32encode(digest).decode()[:CODE_LENGTH]


def _answering(letter_id: UUID, need_id: UUID, member_id: UUID) -> str:
    return f"{letter_id}:{need_id}:{member_id}"


def _secret(key: bytes, named: object, purpose: str = LINK) -> str:
    digest = hmac.new(key, f"{purpose}:{named}".encode(), sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")

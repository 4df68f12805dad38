"""One effect for each Idempotency-Key: the answer is kept in the transaction of its effect, and given again.

The key is its member's own. While it is in flight it is locked; a failure keeps nothing, so that it may be tried again.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.response.base import ASGIResponse
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.statement import Statement
from shared.identity import Identity
from shared.refusal import Refusal
from shared.web.answers import ANSWER
from shared.web.errors import HeaderMalformed
from shared.web.pages import Req

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
# A structured string as the draft of the IETF has it, or the same without quotes as most clients send it.
KEY = re.compile(r'"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255})')
KEPT_HEADERS = ("etag", "location")
RETRY_AFTER_S = 1

# Two statements on purpose: what the lock's last holder committed is seen by the next statement only.
LOCK = Statement("SELECT pg_try_advisory_xact_lock(hashtextextended(CAST(:member AS uuid)::text || ' ' || :key, 0))")
FIND = Statement("""
    SELECT fingerprint, status, headers::text AS headers, body FROM kept_answers
    WHERE member_id = :member AND key = :key
""")
KEEP = Statement("""
    INSERT INTO kept_answers (member_id, key, organisation_id, fingerprint, status, headers, body, kept_at)
    VALUES (:member, :key, :organisation, :fingerprint, :status, CAST(:headers AS jsonb), :body, clock_timestamp())
""")
FORGET = Statement("DELETE FROM kept_answers WHERE kept_at < clock_timestamp() - interval '24 hours'")


class KeyMissing(Refusal):
    """Something would be made by a request that could not be repeated safely."""

    status = 400
    sentence = "Donnez à cette création une clé de votre choix dans l'en-tête Idempotency-Key."
    field = HEADER


class KeyInFlight(Refusal):
    """The same key is being worked on at this moment."""

    status = 409
    sentence = "Cette même demande est en cours : réessayez dans un instant."
    field = HEADER

    @property
    def headers(self) -> Mapping[str, str]:
        """It takes a moment only."""
        return {"retry-after": str(RETRY_AFTER_S)}


class KeyUsedForAnother(Refusal):
    """The key was used for something else."""

    status = 422
    sentence = "Cette clé a déjà servi à une autre demande : prenez-en une nouvelle."
    field = HEADER


class AnsweredBefore(Exception):
    """The request was answered already, with this."""

    def __init__(self, answer: Response[bytes]) -> None:
        self.answer = answer
        super().__init__("answered before")


class Asked(NamedTuple):
    """Who asks what under which key."""

    member: UUID
    organisation: UUID
    key: str
    fingerprint: bytes


async def asked(request: Req, member: Identity, key: str | None) -> Asked:
    """The request as it is told from others; raises `KeyMissing` or `HeaderMalformed`."""
    if key is None:
        raise KeyMissing
    found = KEY.fullmatch(key.strip())
    if found is None:
        raise HeaderMalformed(HEADER)
    whole = b"\0".join((request.method.encode(), request.scope["path"].encode(), await _body(request)))
    return Asked(member.member_id, member.organisation_id, found[1] or found[2], sha256(whole).digest())


async def _body(request: Req) -> bytes:
    """What is sent; of a form its parts, for a client separates them by another boundary each time it tries."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    parts = []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            parts.append((name, value.filename, sha256(await value.read()).hexdigest()))
            await value.seek(0)
        else:
            parts.append((name, "", str(value)))
    return msgspec.json.encode(parts)


async def claim(session: AsyncSession, asked: Asked) -> None:
    """Hold the key until the transaction ends.

    Raises `KeyInFlight`, `KeyUsedForAnother`, or `AnsweredBefore` with the answer.
    """
    if not await LOCK.scalar(session, member=asked.member, key=asked.key):
        raise KeyInFlight
    for kept in await FIND.fetch(session, member=asked.member, key=asked.key):
        if kept.fingerprint != asked.fingerprint:
            raise KeyUsedForAnother
        headers: dict[str, str] = msgspec.json.decode(kept.headers)
        answer = Response(kept.body, status_code=kept.status, headers={**headers, REPLAYED: "true"})
        raise AnsweredBefore(answer)


async def keep(session: AsyncSession, asked: Asked, request: Req) -> None:
    """Keep the answer of this request, which is about to be committed."""
    answer: ASGIResponse = request.scope["state"][ANSWER]
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    await KEEP.execute(
        session,
        **asked._asdict(),
        status=answer.status_code,
        headers=msgspec.json.encode(headers).decode(),
        body=bytes(answer.body),
    )


def on_answered_before(_request: Any, error: AnsweredBefore) -> Response[bytes]:
    """The answer of the first time."""
    return error.answer

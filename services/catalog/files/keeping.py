"""What becomes of a file that was sent, before it has a row: looked at for viruses, then stored."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.audit.commands import note
from services.catalog.files.errors import FileInfected
from services.catalog.files.models import Safety
from services.catalog.files.scanning import Scanner, ScannerAway
from services.catalog.files.store import Store


@dataclass(frozen=True)
class Sent:
    """A file as it was sent: its name, its bytes, for a photo what it shows; `safety` once it was looked at."""

    name: str
    data: bytes
    words: str = ""
    safety: Safety | None = None


@dataclass(frozen=True)
class Threat:
    """What was found in a file, as the scanner calls it."""

    name: str


@dataclass(frozen=True)
class Keeper:
    """Where bytes lie, and who looks for viruses in them first; without a scanner, nobody."""

    store: Store
    scanner: Scanner | None = None


async def screened(
    session: AsyncSession, keeper: Keeper, author: Actor, sent: Sequence[Sent], *, about: UUID | None
) -> list[Sent]:
    """Files that were looked at, all at once, or wait for it; raises `FileInfected`, of which the audit trail tells.

    Its line is kept only where the transaction is: call it outside a savepoint that the refusal undoes.
    """
    looks = await asyncio.gather(*(_look(keeper.scanner, each) for each in sent))
    threats = [each for each in looks if isinstance(each, Threat)]
    for threat in threats:
        await note(session, author.member_id, author.organisation_id, "file.refused", about=about, threat=threat.name)
    if threats:
        raise FileInfected
    return [replace(each, safety=look) for each, look in zip(sent, looks, strict=True) if isinstance(look, Safety)]


async def _look(scanner: Scanner | None, sent: Sent) -> Safety | Threat:
    if sent.safety is not None:
        return sent.safety
    if scanner is None:
        return Safety.UNCHECKED
    try:
        threat = await scanner.scan(sent.data)
    except ScannerAway:
        return Safety.WAITING
    return Safety.CLEAN if threat is None else Threat(threat[:120])

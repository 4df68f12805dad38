"""Files that nobody could look at when they came: their turn comes once the scanner answers again."""

from uuid import UUID

import structlog

from services.catalog.audit.commands import note
from services.catalog.files.commands import drop_bytes
from services.catalog.files.errors import FileUnknown, StoreAway
from services.catalog.files.keeping import Keeper
from services.catalog.files.models import Safety, StoredFile
from services.catalog.files.queries import file_for_update, next_to_scan
from services.catalog.files.scanning import Scanner, ScannerAway
from shared.database import Database
from shared.observability.pulse import beat, every

log = structlog.get_logger(__name__)

EVERY_S = 30.0
# Nobody waits for this look: what took too long while somebody did is given more time.
PATIENCE_S = 60.0


async def rescan_for_ever(database: Database, keeper: Keeper) -> None:
    """Look at what waits, twice a minute; any number of timers may run. Without a scanner, nobody looks."""
    async for _ in every(EVERY_S):
        if keeper.scanner is not None:
            await rescan(database, keeper, keeper.scanner)


async def rescan(database: Database, keeper: Keeper, scanner: Scanner) -> int:
    """Look at all that waits, then at what was never looked at, until the scanner is away; returns how many it judged.

    What it cannot judge, or has no bytes, is passed over until the next time.
    """
    judged = 0
    for safety in (Safety.WAITING, Safety.UNCHECKED):
        last: UUID | None = None
        while True:
            beat()
            async with database.sessions.begin() as session:
                file = await next_to_scan(session, safety, after=last)
            if file is None:
                break
            last = file.id
            try:
                # No transaction is open meanwhile: a look may take a minute.
                threat = await scanner.scan(await keeper.store.read(file.kept_as), patience_s=PATIENCE_S)
            except FileUnknown:
                log.error("file_bytes_missing", file=str(file.id))
                continue
            except StoreAway:
                return judged
            except ScannerAway:
                if not await _answers(scanner):
                    return judged
                continue
            await _judge(database, keeper, file, threat)
            judged += 1
    return judged


async def _judge(database: Database, keeper: Keeper, seen: StoredFile, threat: str | None) -> None:
    async with database.sessions.begin() as session:
        file = await file_for_update(session, seen.id)
        if file is None or file.safety is not seen.safety:
            return
        file.safety = Safety.INFECTED if threat else Safety.CLEAN
        if threat:
            drop_bytes(session, keeper.store, file)
            details = {"file": str(file.id), "threat": threat[:120]}
            await note(session, None, file.organisation_id, "file.infected", about=file.about, **details)
            log.warning("file_infected", file=str(file.id), threat=threat[:120])


async def _answers(scanner: Scanner) -> bool:
    try:
        await scanner.version()
    except ScannerAway:
        return False
    return True

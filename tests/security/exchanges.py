"""What the owner wrote about its own proposal, and what it was written about one that it received and about a part."""

from uuid import UUID, uuid4

from sqlalchemy import text

from tests.security.scene import SECRET
from tests.support import Isolated

A_MESSAGE = """
    INSERT INTO exchange_messages (id, {about}_id, organisation_id, reader_id, version, words, once, at)
    VALUES (:id, :about, :writer, :reader, 1, :words, gen_random_uuid(), now())
"""
SIDES = {
    "proposal": "SELECT n.organisation_id, p.organisation_id FROM proposals p JOIN needs n ON n.id = need_id "
    "WHERE p.id = :about",
    "taking": "SELECT organisation_id, taker_id FROM takings WHERE id = :about",
}
A_MARK = "INSERT INTO exchange_reads (exchange_id, organisation_id, last_id, at) VALUES (:about, :own, :id, now())"
WRITTEN, READ = f"{SECRET} notre message", f"{SECRET} leur message"


async def _a_message(database: Isolated, kind: str, about: object, own: object, *, is_own: bool) -> UUID:
    message_id = uuid4()
    async with database.connection() as connection:
        sides = (await connection.execute(text(SIDES[kind]), {"about": about})).one()
        (other,) = {*sides} - {own}
        writer, reader = (own, other) if is_own else (other, own)
        said = {"id": message_id, "about": about, "writer": writer, "reader": reader}
        words = WRITTEN if is_own else READ
        await connection.execute(text(A_MESSAGE.format(about=kind)), {**said, "words": words})
        if not is_own:
            await connection.execute(text(A_MARK), {"about": about, "own": own, "id": message_id})
    return message_id


async def exchanges_of_scene(database: Isolated, ids: dict[str, list[object]], *, own: object) -> None:
    """Three exchanges of the owner's; where it is only named as a co-contractor there is none."""
    (proposed, received), part = ids["proposal_id"][:2], ids["taking_id"][0]
    await _a_message(database, "proposal", proposed, own, is_own=True)
    await _a_message(database, "proposal", received, own, is_own=False)
    await _a_message(database, "taking", part, own, is_own=False)
    ids["exchange_id"] = [proposed, received, part]


def exchange_forms() -> dict[str, dict[str, object]]:
    """What is sent to write."""
    said: dict[str, object] = {"words": "Bonjour."}
    return {f"{prefix}/exchanges/{{exchange_id}}/messages": said for prefix in ("", "/api/v1")}

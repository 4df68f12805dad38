"""An answer that the owner gave, and one that its own need received."""

from uuid import UUID, uuid4

from sqlalchemy import text

from tests.security.calls import AN_ORGANISATION
from tests.security.scene import SECRET
from tests.support import Isolated

A_NEED = """
    INSERT INTO needs SELECT (jsonb_populate_record(n, jsonb_build_object(
        'id', CAST(:id AS uuid), 'organisation_id', CAST(:organisation AS uuid), 'author_id', null,
        'contact_id', null, 'title', 'Le leur'))).* FROM needs n WHERE n.id = :like
"""
AN_ANSWER = """
    INSERT INTO answers (id, need_id, organisation_id, state, version, note, created_at, given_at)
    VALUES (:id, :need, :organisation, 'interested', 1, :note, now(), now())
"""
GIVEN, RECEIVED = f"{SECRET} notre mot", f"{SECRET} leur mot"


async def _an_answer(database: Isolated, organisation: object, need: object, note: str) -> UUID:
    answer_id = uuid4()
    async with database.connection() as connection:
        values = {"id": answer_id, "need": need, "organisation": organisation, "note": note}
        await connection.execute(text(AN_ANSWER), values)
    return answer_id


async def answers_of_scene(database: Isolated, ids: dict[str, list[object]], *, own: object, another: object) -> None:
    """The owner answered the need of one who is not among the strangers, and was answered by them."""
    foreign, supplier = uuid4(), uuid4()
    async with database.connection() as connection:
        await connection.execute(text(AN_ORGANISATION), {"id": supplier, "like": another})
        opened = {"id": foreign, "organisation": supplier, "like": ids["need_id"][1]}
        await connection.execute(text(A_NEED), opened)
    given = await _an_answer(database, own, foreign, GIVEN)
    ids["answer_id"] = [given, await _an_answer(database, supplier, ids["need_id"][1], RECEIVED)]
    ids["letter_id"] = [uuid4()]

"""A question that the owner asked, and one that it was asked; neither is answered."""

from uuid import UUID, uuid4

from sqlalchemy import text

from tests.security.scene import SECRET
from tests.support import Isolated

A_QUESTION = """
    INSERT INTO questions (id, need_id, organisation_id, asked_of, state, version, words, reply, asked_at)
    VALUES (:id, :need, :asker, :author, 'asked', 1, :words, '', now())
"""
A_FLOW = """
    INSERT INTO flows SELECT (jsonb_populate_record(f, jsonb_build_object(
        'id', CAST(:id AS uuid), 'organisation_id', CAST(:organisation AS uuid), 'author_id', null,
        'title', 'Le leur'))).* FROM flows f WHERE f.id = :like
"""
ASKED, TO_ANSWER = f"{SECRET} notre question", f"{SECRET} leur question"


async def _a_question(database: Isolated, **values: object) -> UUID:
    question_id = uuid4()
    async with database.connection() as connection:
        await connection.execute(text(A_QUESTION), {"id": question_id, **values})
    return question_id


async def questions_of_scene(database: Isolated, ids: dict[str, list[object]], *, own: object) -> None:
    """The owner asks about the need that it answered, and who answered the owner's asks about that one."""
    theirs = (
        "SELECT n.id, n.organisation_id FROM answers a JOIN needs n ON n.id = need_id "
        "WHERE a.organisation_id = :own AND a.state <> 'proposed'"
    )
    async with database.connection() as connection:
        foreign, other = (await connection.execute(text(theirs), {"own": own})).one()
    asked = await _a_question(database, need=foreign, asker=own, author=other, words=ASKED)
    need = ids["need_id"][1]
    ids["question_id"] = [asked, await _a_question(database, need=need, asker=other, author=own, words=TO_ANSWER)]

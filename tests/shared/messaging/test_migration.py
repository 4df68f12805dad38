"""Tables made before and after a change of the event core end in the same shape."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from deploy.embedded.engines import Engines
from shared.database import Database
from shared.messaging.migration import key_letters_by_content

OLD_SHAPE = (
    "ALTER TABLE attempt DROP COLUMN started",
    "DROP INDEX uq_dead_letter_consumer_subject_payload",
    "ALTER TABLE dead_letter ADD CONSTRAINT uq_dead_letter_consumer_stream_stream_seq"
    " UNIQUE (consumer, stream, stream_seq)",
)
LETTER = text("""
    INSERT INTO dead_letter (id, consumer, stream, stream_seq, subject, payload, reason, fingerprint, attempts)
    VALUES (:id, 'c', 'S', :seq, 'x', 'poison', 'r', 'r', 1)
""")


def _make_old_then_upgrade_twice(connection: Connection) -> int:
    for statement in OLD_SHAPE:
        connection.execute(text(statement))
    for seq in (1, 2):
        connection.execute(LETTER, {"id": uuid4(), "seq": seq})
    op = SimpleNamespace(execute=lambda statement: connection.execute(text(statement)))
    for _ in range(2):
        key_letters_by_content(op)
    assert "started" in {column["name"] for column in inspect(connection).get_columns("attempt")}
    return int(connection.execute(text("SELECT count(*) FROM dead_letter WHERE consumer = 'c'")).scalar_one())


async def test_older_tables_get_the_newest_shape_and_newest_ones_keep_it(engines: Engines) -> None:
    database = Database(engines.instance.database_url("matching", "owner"))
    async with database.engine.connect() as connection:
        await connection.begin()
        assert await connection.run_sync(_make_old_then_upgrade_twice) == 1
        with pytest.raises(IntegrityError):
            await connection.execute(LETTER, {"id": uuid4(), "seq": 3})
        await connection.rollback()
    await database.close()

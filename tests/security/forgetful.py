"""Queries that forget whose rows they may ask for: the mutation that row-level security must survive."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from services.catalog.posting import queries as posting
from services.matching.matches import reading
from shared.database.statement import Statement, _joined

# `n.organisation_id = $2`, with or without a cast; the parameter stays, so that nothing else of the query changes.
CONDITION = re.compile(r"(?:\w+\.)?(?:organisation_id|member_id|asked_of) = (\$\d+)(?:::\w+)?")
FORGOTTEN = r"(\1::uuid IS NOT NULL)"


@contextmanager
def forgetful_queries() -> Iterator[None]:
    """Every statement loses its conditions on organisation and member, and what Python checks itself is not checked."""

    def forget(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> tuple[str, Any]:
        return CONDITION.sub(FORGOTTEN, statement), parameters

    async def seen_by(session: Any, model: Any, row_id: Any, _organisation_id: Any, *, missing: Any) -> Any:
        row = await session.scalar(posting.with_author(model).where(model.id == row_id))
        if row is None:
            raise missing
        return row

    with pytest.MonkeyPatch.context() as patch:
        for feature in ("needs", "offers", "flows"):
            patch.setattr(f"services.catalog.{feature}.queries.seen_by", seen_by)
        patch.setattr(reading, "may_see", lambda _demand, _member: True)
        for statement in _statements():
            patch.setattr(statement, "sql", CONDITION.sub(FORGOTTEN, statement.sql))
        event.listen(Engine, "before_cursor_execute", forget, retval=True)
        _joined.cache_clear()
        try:
            yield
        finally:
            _joined.cache_clear()
            event.remove(Engine, "before_cursor_execute", forget)


def _statements() -> list[Statement]:
    return [each for each in gc.get_objects() if isinstance(each, Statement)]

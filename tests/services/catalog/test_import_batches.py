"""Many rows at once, each for itself: what a rule, or the database, refuses takes no neighbour with it."""

from typing import Any

import pytest
from sqlalchemy import event, func, select

from services.catalog.audit.models import AuditLine
from services.catalog.flows.models import Flow
from services.catalog.imports import postings
from services.catalog.imports.files import sheet_of
from services.catalog.imports.kinds import KINDS
from services.catalog.imports.report import Report
from services.catalog.imports.sheets import import_sheet
from services.catalog.needs.models import Need
from services.catalog.posting.commands import CHECK_FIRST
from shared.messaging.tables import outbox
from tests.services.catalog.test_imports import ORGANISATIONS, take
from tests.support import Isolated

HEADING = "Identifiant;Structure;Titre;Type de besoin;Lieu;Catégories;Date limite\n"
STATES = {"f1": "published", "f2": "paused", "f3": "draft"}
PUBLISHED = "catalog.need.published.v1"


def need(name: str, *, place: str = "Muret", deadline: str = "+21") -> str:
    return f"{name};atelier;Besoin {name};Achat;{place};catering;{deadline}\n"


async def take_needs(database: Isolated, *lines: str) -> Report:
    return await import_sheet(database, KINDS["needs"], sheet_of((HEADING + "".join(lines)).encode()))


async def titles(database: Isolated) -> list[str]:
    async with database.sessions() as session:
        return [str(name) for name in await session.scalars(select(Need.external_id).order_by(Need.external_id))]


async def told(database: Isolated) -> list[str]:
    """The external ids whose publication was told, each as often as it was."""
    async with database.sessions() as session:
        names = dict((await session.execute(select(Need.id, Need.external_id))).all())
        query = select(outbox.c.aggregate_id).where(outbox.c.type == PUBLISHED).order_by(outbox.c.id)
        return [str(names[each]) for each in await session.scalars(query)]


async def lines_of_the_log(database: Isolated) -> dict[str, int]:
    async with database.sessions() as session:
        query = select(AuditLine.action, func.count()).where(AuditLine.action.startswith("need."))
        return dict((await session.execute(query.group_by(AuditLine.action))).all())


@pytest.fixture
async def database(catalog_database: Isolated) -> Isolated:
    await take(catalog_database, "organisations", ORGANISATIONS)
    return catalog_database


async def test_what_a_rule_refuses_takes_no_neighbour_with_it(database: Isolated) -> None:
    """INVARIANT: before and after a refused row of the same batch, every row is stored, told and noted once."""
    report = await take_needs(
        database,
        need("a"),
        need("b", place="Nulle-Part-sur-Rien"),
        need("c"),
        need("d", deadline="01/02/2020"),
        need("e"),
        need("a"),
    )
    assert {row.line: list(row.reasons) for row in report.refused} == {
        3: ["place"],
        5: ["deadline_on"],
        7: ["external_id"],
    }
    assert await titles(database) == await told(database) == ["a", "c", "e"]
    assert await lines_of_the_log(database) == {"need.drafted": 3, "need.published": 3}


async def test_what_the_database_refuses_takes_no_neighbour_with_it(
    database: Isolated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: a row that somebody took meanwhile is refused alone, however many went with it."""
    await take_needs(database, need("b"))

    async def unaware(*_: Any) -> list[Any]:
        return []  # as if it had come between the question and the write

    monkeypatch.setattr(postings, "postings_known", unaware)
    report = await take_needs(database, need("a"), need("b"), need("c"), need("d", place="Nulle-Part-sur-Rien"))
    assert [row.line for row in report.refused] == [3, 5]
    assert (report.created, await titles(database)) == (2, ["a", "b", "c"])
    assert sorted(await told(database)) == ["a", "b", "c"]
    assert await lines_of_the_log(database) == {"need.drafted": 3, "need.published": 3}


async def test_what_is_refused_once_it_was_stored_is_undone_alone(database: Isolated) -> None:
    """A flow that waits for a look cannot be paused: by then the database has it."""
    database.surround(**{CHECK_FIRST: True})
    flow = "Palettes {name};product;Fenouillet;2,5;t;{state}"
    lines = [f"{name};hexaplane;" + flow.format(name=name, state=state) for name, state in STATES.items()]
    text = "\n".join(["id;structure;titre;legal_status;lieu;quantité;unité;state", *lines])
    report = await import_sheet(database, KINDS["flows"], sheet_of(text.encode()))
    assert [row.external_id for row in report.refused] == ["f2"]
    async with database.sessions() as session:
        found = await session.execute(select(Flow.external_id, Flow.state).order_by(Flow.external_id))
        assert [tuple(row) for row in found] == [("f1", "submitted"), ("f3", "draft")]


async def test_a_batch_of_new_rows_asks_the_database_a_few_times(database: Isolated) -> None:
    """Ten trips a row made the run of a file half as fast as asked; now they do not grow with the rows."""
    asked = 0

    def count(*_: Any) -> None:
        nonlocal asked
        asked += 1

    connection = database.sessions.kw["bind"]
    event.listen(connection.sync_connection, "before_cursor_execute", count)
    try:
        report = await take_needs(database, *(need(f"n{number:03}") for number in range(100)))
    finally:
        event.remove(connection.sync_connection, "before_cursor_execute", count)
    assert report.created == 100
    assert asked < 30

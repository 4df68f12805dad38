"""A part that the owner takes of another's lot, and one that another takes of the owner's."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from shared.clock import day_of, now
from tests.security.calls import AN_ORGANISATION
from tests.security.scene import SECRET
from tests.support import Isolated

A_FLOW = """
    INSERT INTO flows SELECT (jsonb_populate_record(f, jsonb_build_object(
        'id', CAST(:id AS uuid), 'organisation_id', CAST(:organisation AS uuid), 'author_id', null, 'title', 'Le leur',
        'legal_status', 'product', 'levels', '[]'::jsonb, 'permits', '[]'::jsonb, 'priority_percent', 0))).*
    FROM flows f WHERE f.id = :like
"""
A_LOT = """
    INSERT INTO lots SELECT (jsonb_populate_record(l, jsonb_build_object(
        'id', CAST(:id AS uuid), 'flow_id', CAST(:flow AS uuid), 'organisation_id', CAST(:organisation AS uuid),
        'state', 'released', 'day', current_date + 1, 'expires_at', now() + interval '20 days'))).*
    FROM lots l WHERE l.id = CAST(:like AS uuid)
"""
A_TAKING = """
    INSERT INTO takings (id, lot_id, flow_id, organisation_id, taker_id, state, version, quantity_value, quantity_unit,
                         level, transport, carrier_receipt, tracking_slip, slot_from, slot_until, held_until,
                         created_at, updated_at)
    SELECT :id, l.id, l.flow_id, l.organisation_id, :taker, CAST(:state AS text), 1, 1, l.quantity_unit, 'reuse', 'own',
           :receipt, '', now() + CAST(:ahead AS interval), now() + CAST(:ahead AS interval) + interval '1 hour',
           CASE WHEN CAST(:state AS text) = 'held' THEN now() + interval '1 day' END, now(), now()
    FROM lots l WHERE l.id = CAST(:lot AS uuid)
"""
COUNTED = """
    UPDATE lots SET taken_value = taken_value + CAST(:taken AS int), held_value = held_value + 1 - CAST(:taken AS int)
    WHERE id = CAST(:lot AS uuid)
"""
A_CALENDAR = "INSERT INTO calendars (organisation_id, id, created_at) VALUES (:own, :id, now())"
# What the other side says of it: the owner may agree, or say something else.
THEY_SAY = """
    UPDATE takings SET holder_said = jsonb_build_object('value', '1', 'basis', 'measured', 'said_at', now())
    WHERE id = :id
"""
GIVEN, RECEIVED = f"{SECRET} notre transporteur", f"{SECRET} leur transporteur"


async def a_taking(
    database: Isolated, lot: object, taker: object, *, state: str = "made", days: int = 1, receipt: str = ""
) -> UUID:
    """The id of a part, taken or kept, with its slot so many days ahead."""
    taking_id, ahead = uuid4(), timedelta(days=days)
    values = {"id": taking_id, "lot": lot, "taker": taker, "state": state, "ahead": ahead, "receipt": receipt}
    async with database.connection() as connection:
        await connection.execute(text(COUNTED), {"lot": lot, "taken": int(state == "made")})
        await connection.execute(text(A_TAKING), values)
    return taking_id


async def takings_of_scene(database: Isolated, ids: dict[str, list[object]], *, own: object, another: object) -> None:
    """One of each; whose lot and part it is, is not among the strangers."""
    other, flow, lot = uuid4(), uuid4(), uuid4()
    async with database.connection() as connection:
        await connection.execute(text(AN_ORGANISATION), {"id": other, "like": another})
        await connection.execute(text(A_FLOW), {"id": flow, "organisation": other, "like": ids["flow_id"][1]})
        given = {"id": lot, "flow": flow, "organisation": other, "like": ids["lot_id"][0]}
        await connection.execute(text(A_LOT), given)
    given_to_owner = await a_taking(database, lot, own, receipt=GIVEN)
    ids["taking_id"] = [given_to_owner, await a_taking(database, ids["lot_id"][0], other, receipt=RECEIVED)]
    ids["label_id"] = [*ids["taking_id"], ids["lot_id"][0]]
    async with database.connection() as connection:
        await connection.execute(text(A_CALENDAR), {"own": own, "id": uuid4()})


async def takings_in_every_state(database: Isolated, ids: dict[str, list[object]], own: object) -> None:
    """An option of the owner's, one on the owner's lot, a pick-up that is over; and another's lot to take of."""
    async with database.connection() as connection:
        foreign = text("SELECT lot_id FROM takings WHERE id = :id")
        lot, mine = [await connection.scalar(foreign, {"id": each}) for each in ids["taking_id"]]
        taker = await connection.scalar(text("SELECT organisation_id FROM lots WHERE id = :id"), {"id": lot})
    ids["taking_id"] += [
        await a_taking(database, lot, own, state="held"),
        await a_taking(database, mine, taker, state="held"),
        await a_taking(database, lot, own, days=-1),
        said := await a_taking(database, lot, own, days=-1),
    ]
    async with database.connection() as connection:
        await connection.execute(text(THEY_SAY), {"id": said})
        calendar = text("SELECT id FROM calendars WHERE organisation_id = :own")
        ids["calendar_id"] = [await connection.scalar(calendar, {"own": own})]
    ids["lot_id"] = [*ids["lot_id"], lot]


def taking_forms(ids: dict[str, list[object]]) -> dict[str, dict[str, object]]:
    """What each form needs to be taken, and each body."""
    pick_up: dict[str, object] = {"transport": "own", "slot_on": (day_of(now()) + timedelta(days=3)).isoformat()}
    part: dict[str, object] = {"quantity_value": "1", "level": "reuse"}
    figure: dict[str, object] = {"value": "1", "basis": "estimated"}
    theirs: dict[str, object] = {"value": "1"}
    of_lot: dict[str, object] = {**part, "lot_id": str(ids["lot_id"][-1])}
    return {
        "/flows/lots/{lot_id}/take": {**part, **pick_up, "once": str(uuid4())},
        "/flows/lots/{lot_id}/hold": {**part, "once": str(uuid4())},
        "/api/v1/flows/lots/{lot_id}": {"quantity_value": "5"},
        "/takings/{taking_id}/take": pick_up,
        "/takings/{taking_id}/cancel": {"reason": "other"},
        "/takings/{taking_id}/collect": figure,
        "/takings/{taking_id}/accept": theirs,
        "/api/v1/takings/{taking_id}/done": figure,
        "/api/v1/takings/{taking_id}/accept": theirs,
        "/collections/calendar": {"replaces": str(ids["calendar_id"][0])},
        "/api/v1/takings": {**of_lot, **pick_up},
        "/api/v1/takings/holds": of_lot,
        "/api/v1/takings/{taking_id}/take": pick_up,
        "/api/v1/takings/{taking_id}/cancel": {"reason": "other"},
    }

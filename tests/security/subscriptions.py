"""A subscription of the owner's to another's flow, and one of another's to the owner's."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from shared.clock import day_of, now
from tests.security.scene import SECRET
from tests.support import Isolated

A_SUBSCRIPTION = """
    INSERT INTO subscriptions (id, flow_id, organisation_id, taker_id, state, version, percent, level, transport,
                               slot_after_days, carrier_receipt, from_on, until_on, words, acted_by, asked_at,
                               updated_at)
    SELECT :id, f.id, f.organisation_id, CAST(:taker AS uuid), CAST(:state AS text), 1, 30, 'reuse', 'own', 0, '',
           current_date + 2, current_date + 300, CAST(:words AS text),
           CASE WHEN CAST(:state AS text) = 'paused' THEN CAST(:side AS text) END, now(), now()
    FROM flows f WHERE f.id = CAST(:flow AS uuid)
"""
A_CALL = """
    INSERT INTO subscription_terms (flow_id, organisation_id, version, open_to_all, call_opens_on, call_closes_on,
                                    criteria, updated_at)
    SELECT id, organisation_id, 1, false, current_date - 1, current_date + 1, 'La distance', now()
    FROM flows WHERE id = CAST(:id AS uuid)
"""
FLOWS = "SELECT flow_id, organisation_id, taker_id FROM takings WHERE id = CAST(:id AS uuid)"
REPEATED = "UPDATE flows SET recurrence = 'FREQ=WEEKLY;BYDAY=TH', serves_first = false WHERE id = CAST(:id AS uuid)"
SUBSCRIBED_TO, SUBSCRIBER = f"{SECRET} notre abonnement", f"{SECRET} leur abonnement"


async def a_subscription(
    database: Isolated, flow: object, taker: object, *, state: str = "asked", words: str = "", side: str = "taker"
) -> UUID:
    """The id of one, in a state."""
    subscription_id = uuid4()
    values = {"id": subscription_id, "flow": flow, "taker": taker, "state": state, "words": words, "side": side}
    async with database.connection() as connection:
        await connection.execute(text(A_SUBSCRIPTION), values)
    return subscription_id


async def subscriptions_of_scene(database: Isolated, ids: dict[str, list[object]]) -> None:
    """One of each, on the flows of the two takings."""
    found = []
    async with database.connection() as connection:
        for each in ids["taking_id"]:
            found.append((await connection.execute(text(FLOWS), {"id": each})).one())
    (foreign, own), words = found, (SUBSCRIBED_TO, SUBSCRIBER)
    ids["subscription_id"] = [
        await a_subscription(database, each.flow_id, each.taker_id, words=said)
        for each, said in zip((foreign, own), words, strict=True)
    ]


async def subscriptions_in_every_state(database: Isolated, ids: dict[str, list[object]]) -> None:
    """Of the owner's: one that runs and one that it paused; and a flow of another's that comes back."""
    async with database.connection() as connection:
        foreign = (await connection.execute(text(FLOWS), {"id": ids["taking_id"][0]})).one()
        await connection.execute(text(REPEATED), {"id": foreign.flow_id})
        await connection.execute(text(A_CALL), {"id": foreign.flow_id})
        asked = "UPDATE subscriptions SET state = 'refused' WHERE id = CAST(:id AS uuid)"
        await connection.execute(text(asked), {"id": ids["subscription_id"][0]})
        for each in ids["flow_id"]:
            await connection.execute(
                text("UPDATE flows SET recurrence = 'FREQ=WEEKLY;BYDAY=TH' WHERE id = CAST(:id AS uuid)"), {"id": each}
            )
    ids["subscription_id"] += [
        await a_subscription(database, foreign.flow_id, foreign.taker_id, state="accepted"),
        await a_subscription(database, foreign.flow_id, foreign.taker_id, state="paused"),
        await a_subscription(database, foreign.flow_id, foreign.taker_id, state="accepted"),
    ]
    ids["flow_id"].append(foreign.flow_id)


def subscription_forms(ids: dict[str, list[object]]) -> dict[str, dict[str, object]]:
    """What each form needs to be taken, and each body."""
    first = day_of(now()) + timedelta(days=3)
    part: dict[str, object] = {
        "percent": "30",
        "level": "reuse",
        "transport": "own",
        "from_on": first.isoformat(),
        "until_on": (first + timedelta(days=90)).isoformat(),
    }
    # A Sunday: their flow releases lots on Thursdays.
    sunday = first + timedelta(days=6 - first.weekday())
    extra: dict[str, object] = {"quantity_value": "1", "day_on": sunday.isoformat()}
    refused: dict[str, object] = {"reason": "promised"}
    return {
        "/flows/{flow_id}/subscribe": {**part, "quantity_value": "", "once": str(uuid4())},
        "/flows/{flow_id}/call-off": {**extra, "once": str(uuid4())},
        "/api/v1/flows/call-offs": {**extra, "flow_id": str(ids["flow_id"][1])},
        "/api/v1/subscriptions": {**part, "flow_id": str(ids["flow_id"][-1])},
        "/flows/{flow_id}/subscriptions": {"_version": "0"},
        "/subscriptions/{subscription_id}/refuse": refused,
        "/api/v1/subscriptions/{subscription_id}/refuse": refused,
        "/api/v1/subscriptions/terms/{flow_id}": {"open_to_all": True},
    }

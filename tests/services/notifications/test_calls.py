"""A call for projects that opens: whoever may answer it hears of it once, and nobody else."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.calls.telling import tell_one
from services.notifications.messages import message_of
from shared.database import Database
from shared.events.calls import ApplicationSubmitted, CallOpened
from shared.events.catalog import MemberLeft, OrganisationSuspended
from tests.services.notifications.actors import NOON, Actor, Stage, actor, joined, organisation, registered

LAST = NOON.date() + timedelta(days=20)


@pytest.fixture
def caller() -> Actor:
    return actor("Toulouse Métropole")


@pytest.fixture
async def people(stage: Stage, caller: Actor) -> dict[str, Actor]:
    """Who is there: two workshops, a buyer, and the caller, who is of the social economy as well."""
    found = {"atelier": actor("Atelier"), "ressourcerie": actor("Ressourcerie"), "usine": actor("Usine")}
    for name, roles in {"atelier": ("ess",), "ressourcerie": ("buyer", "ess"), "usine": ("buyer",)}.items():
        await stage.tell(registered(found[name], roles=roles), joined(found[name]))
    await stage.tell(registered(caller, roles=("territory", "ess")), joined(caller))
    return found


def opened(caller: Actor, open_to: tuple[str, ...] = ("ess",), closes_on: date = LAST) -> CallOpened:
    return CallOpened(
        version=2,
        call_id=uuid4(),
        organisation_id=caller.organisation_id,
        organisation_name=caller.name,
        title="Réemploi dans les quartiers",
        open_to=open_to,
        closes_on=closes_on,
    )


async def told(stage: Stage, database: Database) -> set[UUID]:
    """Whom the worker tells until no call waits."""
    goes_on = True
    while goes_on:
        async with database.sessions.begin() as session:
            goes_on = await tell_one(session)
    rows = await stage.rows("SELECT organisation_id FROM notices WHERE topic = 'called'")
    assert len(rows) == len({row["organisation_id"] for row in rows}), "once each"
    assert await stage.rows("SELECT 1 FROM call_tellings") == []
    return {row["organisation_id"] for row in rows}


def ids(*actors: Actor) -> set[UUID]:
    return {each.organisation_id for each in actors}


async def test_whoever_may_answer_is_told_and_the_caller_is_not(
    stage: Stage, database: Database, caller: Actor, people: dict[str, Actor]
) -> None:
    call = opened(caller)
    await stage.tell(call, call)
    assert await told(stage, database) == ids(people["atelier"], people["ressourcerie"])
    await stage.tell(call)
    assert await told(stage, database) == ids(people["atelier"], people["ressourcerie"])
    letters = await stage.rows("SELECT organisation_id FROM deliveries")
    assert {row["organisation_id"] for row in letters} == ids(people["atelier"], people["ressourcerie"])


@pytest.mark.parametrize(
    ("open_to", "names"), [(("buyer",), ["ressourcerie", "usine"]), ((), ["atelier", "ressourcerie"])]
)
async def test_a_call_says_whom_it_is_for_and_else_it_is_for_the_social_economy(
    stage: Stage, database: Database, caller: Actor, people: dict[str, Actor], open_to: Any, names: list[str]
) -> None:
    await stage.tell(opened(caller, open_to))
    assert await told(stage, database) == ids(*(people[name] for name in names))


async def test_nobody_is_told_who_may_not_act_or_where_nobody_reads(
    stage: Stage, database: Database, caller: Actor, people: dict[str, Actor]
) -> None:
    left = people["ressourcerie"]
    await stage.tell(
        OrganisationSuspended(version=2, **organisation(people["atelier"], roles=("ess",))),
        MemberLeft(version=2, member_id=left.member_id, organisation_id=left.organisation_id, role="owner"),
        opened(caller),
    )
    assert await told(stage, database) == set()


async def test_a_worker_that_stops_halfway_goes_on_where_it_was(
    stage: Stage, database: Database, caller: Actor, people: dict[str, Actor]
) -> None:
    """INVARIANT: whatever stops, each is told once."""
    await stage.tell(opened(caller))
    async with database.sessions.begin() as session:
        assert await tell_one(session)
    assert len(await stage.rows("SELECT 1 FROM notices WHERE topic = 'called'")) == 1
    assert await told(stage, database) == ids(people["atelier"], people["ressourcerie"])


async def test_a_call_that_closed_meanwhile_is_told_to_nobody(
    stage: Stage, database: Database, caller: Actor, people: dict[str, Actor]
) -> None:
    await stage.tell(opened(caller, closes_on=NOON.date() - timedelta(days=1)))
    assert await told(stage, database) == set()


async def test_it_says_who_calls_and_until_when(
    stage: Stage, database: Database, caller: Actor, people: dict[str, Actor]
) -> None:
    call = opened(caller)
    await stage.tell(call)
    await told(stage, database)
    row, *_ = await stage.rows(
        "SELECT params || jsonb_build_object('about_kind', about_kind, 'about_id', about_id) AS p "
        "FROM notices WHERE topic = 'called'"
    )
    said = message_of("called", row["p"], "en")
    assert said.title == "Call for projects: Réemploi dans les quartiers"
    assert said.text == f"Toulouse Métropole takes applications until {LAST.day} {LAST:%B %Y}, that day included."
    assert (said.path, row["p"]["deadline_on"]) == (f"/calls/{call.call_id}", LAST.isoformat())


async def test_a_caller_hears_of_an_application_that_comes_again(
    stage: Stage, caller: Actor, people: dict[str, Actor]
) -> None:
    facts: dict[str, Any] = {
        "application_id": uuid4(),
        "call_id": uuid4(),
        "title": "Réemploi",
        "organisation_id": caller.organisation_id,
        "applicant_id": people["atelier"].organisation_id,
        "applicant_name": "Atelier",
    }
    first, again = ApplicationSubmitted(version=2, **facts), ApplicationSubmitted(version=5, again=True, **facts)
    await stage.tell(first, first, again, again)
    rows = await stage.rows(
        "SELECT params || jsonb_build_object('about_kind', about_kind, 'about_id', about_id) AS p "
        "FROM notices WHERE topic = 'applied' ORDER BY id"
    )
    assert [message_of("applied", row["p"], "en").text for row in rows] == [
        "Atelier answers your call for projects.",
        "Atelier answers your call for projects again, after taking its application back.",
    ]

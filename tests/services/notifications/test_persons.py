"""What notifications keeps about one person: told to them alone, and gone with the tombstone of their contact."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from shared.events.contacts import MemberContact
from shared.identity import Identity
from shared.web.application import Application
from tests.services.notifications.actors import Actor, Stage, a_demand, actor, contact, joined, registered, solicited
from tests.support import an_identity, client_for, set_identity

OURS = ("readings", "deliveries", "digests", "preferences", "mail_hours", "written_before")
KEPT = (
    "INSERT INTO preferences VALUES (:member, 'solicited', 'email', 'daily', now())",
    "INSERT INTO mail_hours VALUES (:member, 9, 17, 'every', now())",
    "INSERT INTO written_before SELECT gen_random_uuid(), 'solicited', :member, 'email'",
    "INSERT INTO digests VALUES (uuidv7(), :member, :organisation, 'email', now())",
)


def erased(who: Actor, *, version: int, is_erased: bool = True) -> MemberContact:
    of = {"version": version, "member_id": who.member_id, "organisation_id": who.organisation_id}
    return MemberContact.model_validate({**of, "email": None, "name": None, "is_erased": is_erased})


@pytest.fixture
async def told(stage: Stage) -> Actor:
    """Somebody whose organisation was solicited, so that a letter is to leave, and who has read the notice."""
    claire, colleague = actor("Palettes"), actor("Palettes")
    colleague = replace(colleague, organisation_id=claire.organisation_id)
    await stage.tell(registered(claire), joined(claire), contact(claire), joined(colleague), contact(colleague))
    await stage.tell(solicited(claire, a_demand(actor("Ville"))))
    async with stage.database.sessions.begin() as session:
        for who in (claire, colleague):
            read = "INSERT INTO readings SELECT id, :member, created_at FROM notices"
            await session.execute(text(read), {"member": who.member_id})
            whose = {"member": who.member_id, "organisation": who.organisation_id}
            for statement in KEPT:
                named = {name: value for name, value in whose.items() if f":{name}" in statement}
                await session.execute(text(statement), named)
    return claire


async def test_a_person_gets_their_part_and_nobody_elses(
    app: Application, told: Actor, token: Callable[[Identity], str]
) -> None:
    for member_id, many in ((told.member_id, 1), (actor("x").member_id, 0)):
        async with client_for(app) as client:
            identity = an_identity(member_id=member_id, organisation_id=told.organisation_id)
            set_identity(client, token(identity))
            answer = await client.get("/notifications/person")
        assert answer.headers["content-disposition"] == 'attachment; filename="boucle-notifications.json"'
        kept: dict[str, Any] = answer.json()
        assert [each["topic"] for each in kept["notices_read"]] == ["solicited"] * many
        assert [each["topic"] for each in kept["letters"]] == ["solicited"] * many
        assert [each["rhythm"] for each in kept["preferences"]] == ["daily"] * many
        assert [each["opens"] for each in kept["mail_hours"]] == [9] * many


async def test_nobody_who_is_not_signed_in_gets_one(app: Application) -> None:
    async with client_for(app) as client:
        assert (await client.get("/notifications/person")).headers["location"].startswith("/sign-in")


async def test_a_tombstone_takes_everything_of_theirs_and_nothing_of_others(stage: Stage, told: Actor) -> None:
    kept = b'{"data":{"email":"claire@palettes.test"}}', b'{"data":{"email":null}}'
    async with stage.database.sessions.begin() as session:
        for payload in kept:
            letter = """
                INSERT INTO dead_letter (id, consumer, subject, payload, reason, fingerprint, attempts)
                VALUES (gen_random_uuid(), 'x', :subject, :payload, 'x', 'x', 1)
            """
            values = {"subject": f"contacts.member.{told.member_id}", "payload": payload}
            await session.execute(text(letter), values)
    await stage.tell(erased(told, version=2))
    for table in OURS:
        of = {each["member_id"] for each in await stage.rows(f"SELECT member_id FROM {table}")}
        assert (told.member_id in of, len(of)) == (False, 1), table
    (row,) = await stage.rows("SELECT email, name FROM contacts WHERE member_id = :id", id=told.member_id)
    assert (row["email"], row["name"]) == (None, None)
    assert [bytes(each["payload"]) for each in await stage.rows("SELECT payload FROM dead_letter")] == [kept[1]]
    assert len(await stage.rows("SELECT id FROM notices")) == 1, "a notice is the organisation's"


async def test_an_older_contact_that_comes_late_brings_nobody_back(stage: Stage, told: Actor) -> None:
    await stage.tell(erased(told, version=3), contact(told, version=2))
    (row,) = await stage.rows("SELECT email FROM contacts WHERE member_id = :id", id=told.member_id)
    assert row["email"] is None


async def test_who_only_left_an_organisation_is_written_to_no_more_and_keeps_what_was(
    stage: Stage, told: Actor
) -> None:
    await stage.tell(erased(told, version=2, is_erased=False))
    (row,) = await stage.rows("SELECT email FROM contacts WHERE member_id = :id", id=told.member_id)
    assert row["email"] is None
    assert len(await stage.rows("SELECT 1 FROM readings WHERE member_id = :id", id=told.member_id)) == 1

"""A person's data: all of it as a file, and erased for good when they ask."""

from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.persons.commands import ERASED_ADDRESS
from services.catalog.worker import RECALLS
from shared.events.contacts import MemberContact
from shared.web.visit import SESSION_COOKIE
from tests.services.catalog.asking import REPLY, WORDS, asked, reply
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.proposing import accepted, made
from tests.services.catalog.suppliers import a_need, declined
from tests.services.catalog.test_keys import make_key
from tests.services.catalog.test_links import OLD, sign_in
from tests.services.catalog.test_needs import MEALS
from tests.services.catalog.test_second_factor import added
from tests.support import Isolated, client_for

HOME = "/account/data"
NAME, EMAIL = "Capucine Delorme", "capucine.delorme@exemple.fr"


@pytest.fixture
async def person(sign_up: SignUp) -> httpx.AsyncClient:
    return await sign_up(person_name=NAME, email=EMAIL)


async def ask(person: httpx.AsyncClient, **fields: str) -> httpx.Response:
    form = {"password": OLD, "word": "effacer", "_csrf": await csrf_of(person, "/account"), **fields}
    return await person.post(f"{HOME}/erase", data=form)


async def rows(database: Isolated, question: str, **values: object) -> list[Any]:
    async with database.sessions() as session:
        return list(await session.execute(text(question), values))


async def colleague_of(database: Isolated, person: str, colleague: str, *, role: str) -> None:
    """Let one person act for the other's organisation too."""
    async with database.sessions.begin() as session:
        statement = """
            INSERT INTO members (id, account_id, organisation_id, role, version, joined_at)
            SELECT gen_random_uuid(), c.id, m.organisation_id, :role, 1, now()
            FROM accounts c, accounts p JOIN members m ON m.account_id = p.id
            WHERE c.email = :colleague AND p.email = :person
        """
        await session.execute(text(statement), {"person": person, "colleague": colleague, "role": role})


async def everything(database: Isolated) -> str:
    """Every row of every table, as text."""
    async with database.connection() as connection:
        tables = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        found = [await connection.scalars(text(f"SELECT t::text FROM {table} t")) for table in list(tables)]
    return "\n".join(line for lines in found for line in lines)


async def test_the_file_holds_everything_and_no_secret(
    person: httpx.AsyncClient, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    _, codes, _ = await added(person, catalog_database)
    key = await make_key(person, name="Stock")
    answer = await person.get(f"{HOME}/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="boucle-compte.json"'
    kept = answer.json()
    assert (kept["account"]["email"], kept["account"]["name"]) == (EMAIL, NAME)
    (membership,) = kept["memberships"]
    assert membership["role"] == "owner"
    assert membership["organisation"].startswith("Structure")
    assert [each["kind"] for each in kept["second_factors"]] == ["app"]
    assert (kept["recovery_codes_left"], len(kept["sessions"])) == (10, 1)
    assert kept["sessions"][0]["user_agent"].startswith("python-httpx")
    assert [each["name"] for each in membership["keys"]] == ["Stock"]
    assert {"member.joined", "session.opened", "factor.added", "key.made"} <= {
        each["action"] for each in membership["actions"]
    }
    secrets = [
        key,
        *codes,
        *[str(value) for row in await rows(catalog_database, "SELECT secret FROM factors") for value in row],
    ]
    assert [each for each in secrets if each in answer.text] == []


async def test_the_file_holds_the_answers_they_gave(sign_up: SignUp) -> None:
    """What somebody wrote in a note is theirs; what a colleague wrote is in the colleague's file."""
    buyer, supplier = await sign_up(), await sign_up(roles=["ess"])
    need = await a_need(buyer)
    await declined(supplier, need, note="Nous déménageons", reason="no_time")
    (membership,) = (await supplier.get(f"{HOME}/export")).json()["memberships"]
    (answer,) = membership["answers"]
    assert answer.pop("given_at")
    assert answer == {
        "need_id": need.rsplit("/", 1)[-1],
        "state": "declined",
        "reason": "no_time",
        "note": "Nous déménageons",
    }
    (membership,) = (await buyer.get(f"{HOME}/export")).json()["memberships"]
    assert membership["answers"] == []


async def test_the_file_holds_what_they_proposed_and_what_they_chose(sign_up: SignUp) -> None:
    buyer, supplier = await sign_up(), await sign_up(roles=["ess"])
    need = await a_need(buyer)
    await accepted(buyer, await made(supplier, need, message="Notre offre"), words="Bravo")
    (membership,) = (await supplier.get(f"{HOME}/export")).json()["memberships"]
    assert [each["message"] for each in membership["proposals"]] == ["Notre offre"]
    assert membership["choices"] == []
    (membership,) = (await buyer.get(f"{HOME}/export")).json()["memberships"]
    assert [(each["state"], each["words"]) for each in membership["choices"]] == [("accepted", "Bravo")]
    assert membership["proposals"] == []


async def test_the_file_holds_the_questions_they_asked_and_answered(sign_up: SignUp) -> None:
    """And of whoever answers, not who asked."""
    buyer, supplier = await sign_up(), await sign_up(roles=["ess"])
    question = await asked(supplier, await a_need(buyer))
    await reply(buyer, question)
    for person in (supplier, buyer):
        (membership,) = (await person.get(f"{HOME}/export")).json()["memberships"]
        (told,) = membership["questions"]
        assert (told["words"], told["reply"], told["state"]) == (WORDS, REPLY, "answered")
        assert {"organisation_id", "asked_by"} & {*told} == set()


async def test_a_strangers_file_is_their_own(person: httpx.AsyncClient, sign_up: SignUp) -> None:
    stranger = await sign_up()
    assert EMAIL not in (await stranger.get(f"{HOME}/export")).text


async def test_erased_means_that_no_table_knows_them_and_no_door_opens(
    person: httpx.AsyncClient, visitor: httpx.AsyncClient, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    await make_key(person, "write", name=NAME)
    async with client_for(catalog_app) as elsewhere:
        assert await sign_in(elsewhere, email=EMAIL) == 303
        answer = await ask(person)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        assert SESSION_COOKIE not in person.cookies
        assert (await elsewhere.get("/account")).headers["location"].startswith("/sign-in")
    assert await sign_in(visitor, email=EMAIL) == 422
    whole = await everything(catalog_database)
    assert [each for each in (EMAIL, NAME, "Capucine", "Delorme") if each.lower() in whole.lower()] == []
    (account,) = await rows(catalog_database, "SELECT id, email, name, erased_at FROM accounts")
    assert (account.email, account.name) == (ERASED_ADDRESS.format(account.id), "")
    assert account.erased_at is not None
    assert (await rows(catalog_database, "SELECT count(*) FROM members WHERE left_at IS NULL"))[0][0] == 0
    assert (await rows(catalog_database, "SELECT DISTINCT user_agent FROM sessions")) == [("",)]
    for table in ("factors", "recovery_codes", "links", "halfway"):
        assert (await rows(catalog_database, f"SELECT count(*) FROM {table}"))[0][0] == 0, table
    lines = await rows(catalog_database, "SELECT action FROM audit WHERE action = 'account.erased'")
    assert len(lines) == 1


async def test_the_last_contact_is_an_empty_one(
    person: httpx.AsyncClient, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    await ask(person)
    mailbox = Mailbox(catalog_app, catalog_database)
    (contact,) = await mailbox.told("contacts.member.reached.v1")
    assert (contact["email"], contact["name"]) == (None, None)
    assert [each["member_id"] for each in await mailbox.told("catalog.member.left.v1")] == [contact["member_id"]]
    assert len(await mailbox.told("catalog.session.revoked.v1")) == 1


async def test_it_asks_who_it_is_and_whether_they_mean_it(
    person: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    for wrong, named in (({"password": "faux"}, "password"), ({"word": "non"}, "word"), ({"word": ""}, "word")):
        refused = await ask(person, **wrong)
        assert (refused.status_code, f'href="#{named}"' in refused.text) == (422, True), wrong
    phone, _, _ = await added(person, catalog_database)
    refused = await ask(person)
    assert (refused.status_code, 'href="#code"' in refused.text) == (422, True)
    assert (await ask(person, word="ERASE", code=await phone.code())).status_code == 303


async def test_the_only_owner_among_others_names_another_one_first(
    person: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    await sign_up(email="autre@exemple.fr")
    await colleague_of(catalog_database, EMAIL, "autre@exemple.fr", role="editor")
    assert "donnez ce rôle" in (await person.get(HOME)).text
    refused = await ask(person)
    assert (refused.status_code, "donnez ce rôle" in refused.text) == (422, True)
    async with catalog_database.connection() as connection:
        await connection.execute(text("UPDATE members SET role = 'owner'"))
    assert (await ask(person)).status_code == 303


async def test_what_is_open_is_ended_first_where_nobody_else_is_left(
    person: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
) -> None:
    person.headers["x-csrf-token"] = await csrf_of(person, "/needs/new")
    need = (await person.post("/api/v1/needs", json=MEALS)).json()["id"]
    assert (await person.post(f"/api/v1/needs/{need}/publish")).status_code == 200
    assert "retirez-les" in (await person.get(HOME)).text
    refused = await ask(person)
    assert (refused.status_code, "retirez-les" in refused.text) == (422, True)
    assert EMAIL in await everything(catalog_database)
    assert (await person.post(f"/api/v1/needs/{need}/withdraw")).status_code == 200
    assert (await ask(person)).status_code == 303


async def test_all_organisations_of_a_person_are_left_at_once(
    person: httpx.AsyncClient, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    other = await sign_up(email="autre@exemple.fr")
    await colleague_of(catalog_database, "autre@exemple.fr", EMAIL, role="editor")
    assert len((await person.get(f"{HOME}/export")).json()["memberships"]) == 2
    assert (await ask(person)).status_code == 303
    contacts = await Mailbox(catalog_app, catalog_database).told("contacts.member.reached.v1")
    assert [each["email"] for each in contacts] == ["autre@exemple.fr", None, None]
    assert NAME not in (await other.get("/account")).text
    assert (await other.get("/account")).status_code == 200


async def test_who_was_erased_is_erased_again_when_a_backup_brings_them_back(
    person: httpx.AsyncClient, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    """As `boucle restore` does it: the database is that of before, and the stream of contacts tells what came after."""
    person.headers["x-csrf-token"] = await csrf_of(person, "/needs/new")
    need = (await person.post("/api/v1/needs", json=MEALS)).json()["id"]
    assert (await person.post(f"/api/v1/needs/{need}/publish")).status_code == 200
    ((member_id, organisation_id),) = await rows(catalog_database, "SELECT id, organisation_id FROM members")
    of = {"version": 9, "member_id": member_id, "organisation_id": organisation_id, "email": None, "name": None}
    left, erased = (MemberContact.model_validate({**of, "is_erased": each}) for each in (False, True))
    for event, is_there in ((left, True), (erased, False), (erased, False)):
        async with catalog_database.sessions.begin() as session:
            await RECALLS[MemberContact](session, event)
        assert (EMAIL in await everything(catalog_database)) is is_there
    (contact,) = await Mailbox(catalog_app, catalog_database).told("contacts.member.reached.v1")
    assert (contact["email"], contact["is_erased"]) == (None, True)
    lines = await rows(catalog_database, "SELECT count(*) FROM audit WHERE action = 'account.erased'")
    assert lines == [(1,)]

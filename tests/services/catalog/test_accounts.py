"""Sign-up and sign-in: side by side, under attack, and with what cannot be stored."""

import asyncio
from email.headerregistry import Address

import pytest
from litestar import Litestar
from sqlalchemy import text
from stdnum import luhn

from services.catalog.accounts.schemas import checked_email
from services.catalog.organisations.commands import register_establishment
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.schemas import EstablishmentFacts
from shared.clock import now
from shared.database import Database
from shared.events.facts import Origin
from shared.identity import Verifier
from shared.web.visit import IDENTITY_COOKIE
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of, send_sign_up
from tests.support import Isolated, client_for


def with_a_siret_of(siren: str, number: int) -> str:
    """The establishment's SIRET of a legal entity, with its check digit."""
    start = f"{siren}{number:04}"
    return f"{start}{luhn.calc_check_digit(start)}"


async def test_wrong_passwords_side_by_side_are_counted_and_leave_the_site_up(lasting_catalog: Litestar) -> None:
    """More wrong sign-ins than the pool has connections: each counts on the connection it already holds."""
    database: Database = lasting_catalog.state.database
    async with client_for(lasting_catalog) as member, client_for(lasting_catalog) as attacker:
        assert (await send_sign_up(member)).status_code == 303
        token = await csrf_of(attacker, "/sign-in")

        async def sign_in(password: str) -> int:
            form = {"email": "personne1@exemple.fr", "password": password, "_csrf": token}
            return (await attacker.post("/sign-in", data=form)).status_code

        storm = asyncio.gather(*(sign_in(f"wrong {number}") for number in range(30)))
        await asyncio.sleep(0.2)
        page = (await member.get("/needs/new")).status_code
        answers = await storm
        # Even the right one: the limit is on the address.
        afterwards = await sign_in("cheval agrafe pile")
    async with database.sessions() as session:
        counted = await session.scalar(text("SELECT count(*) FROM wrong_passwords"))
    assert set(answers) <= {422, 429}
    assert counted == answers.count(422)
    assert counted >= 10
    assert (page, afterwards) == (200, 429)


async def test_a_form_sent_twice_at_once_makes_one_account(lasting_catalog: Litestar) -> None:
    async with client_for(lasting_catalog) as client:
        answers = await asyncio.gather(send_sign_up(client), send_sign_up(client))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    (refused,) = (answer for answer in answers if answer.status_code == 422)
    assert "Un compte existe déjà avec cette adresse" in refused.text


async def test_two_people_at_once_get_their_establishments_of_one_entity(lasting_catalog: Litestar) -> None:
    """Different SIRET, same SIREN: the second waits for the legal entity instead of making it again."""
    database: Database = lasting_catalog.state.database
    sirets = [with_a_siret_of(SIRETS[0][:9], number) for number in (8, 9)]
    async with client_for(lasting_catalog) as one, client_for(lasting_catalog) as other:
        answers = await asyncio.gather(send_sign_up(one, 1, siret=sirets[0]), send_sign_up(other, 2, siret=sirets[1]))
    async with database.sessions() as session:
        entities = await session.scalar(text("SELECT count(*) FROM legal_entities"))
    assert ([answer.status_code for answer in answers], entities) == ([303, 303], 1)


async def test_two_people_at_once_do_not_get_one_establishment(lasting_catalog: Litestar) -> None:
    async with client_for(lasting_catalog) as one, client_for(lasting_catalog) as other:
        answers = await asyncio.gather(send_sign_up(one, 1), send_sign_up(other, 2, siret=SIRETS[0]))
    assert [answer.status_code for answer in answers] == [303, 303]
    # The second asks the first.
    places = sorted(answer.headers["location"].partition("/claims")[1] for answer in answers)
    assert places == ["", "/claims"]
    database: Database = lasting_catalog.state.work
    async with database.sessions() as session:
        owners = "SELECT count(*) FROM members WHERE role = 'owner'"
        assert await session.scalar(text(owners)) == 1


async def test_nobody_becomes_a_coordinator_by_signing_up(
    catalog_app: Litestar, catalog_database: Isolated, sign_up: SignUp
) -> None:
    """Whoever signs up for an imported establishment waits, without any of its roles."""
    facts = EstablishmentFacts(
        siret=SIRETS[0], organisation_name="Métropole", place="31000 Toulouse", roles=["territory", "publisher"]
    )
    async with catalog_database.sessions.begin() as session:
        place = resolved_place(facts.place)
        await register_establishment(session, facts, siret=SIRETS[0], place=place, now=now(), origin=Origin.IMPORT)
    stranger = await sign_up()
    await stranger.get("/dashboard")
    identity = Verifier(catalog_app.state.settings.identity_keys_file).read(stranger.cookies[IDENTITY_COOKIE])
    assert identity is not None
    assert identity.roles == frozenset()


async def test_what_the_database_cannot_store_is_refused_by_name(catalog_app: Litestar, sign_up: SignUp) -> None:
    async with client_for(catalog_app) as visitor:
        answer = await send_sign_up(visitor, 2, person_name="Cam\x00ille")
    assert answer.status_code == 422
    assert "Un caractère de ce texte ne peut pas être enregistré" in answer.text
    member = await sign_up()
    token = {"x-csrf-token": await csrf_of(member, "/needs/new")}
    for body in ({"title": "a\x00b"}, {"ewc": ["15\x0001"]}):
        refused = await member.post("/api/v1/needs/", json=body, headers=token)
        assert refused.status_code == 422
        assert [each["field"] for each in refused.json()["errors"]] == list(body)


@pytest.mark.parametrize(
    "address", [":a@c.fr", "a@[b.fr", "a..b@c.fr", ".a@c.fr", "a@-c.fr", "é@c.fr", "=?utf-8?q?x?=@c.fr", "a@c.fr\n"]
)
def test_an_address_no_letter_can_be_written_to_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="n'est pas complète"):
        checked_email(address)


@pytest.mark.parametrize("address", ["a@c.fr", "jean.d'eau+b_c@sous-domaine.c.fr", "a@été.fr", "a@xn--9ca.fr"])
def test_an_address_letters_can_be_written_to_is_taken(address: str) -> None:
    assert Address(addr_spec=checked_email(address)).addr_spec == address

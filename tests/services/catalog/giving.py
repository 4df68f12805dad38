"""A company that gives desks, money or people's time to an association, from the signed agreement on."""

import re
from datetime import date
from typing import Any

import httpx
from sqlalchemy import text

from shared.clock import day_of, now
from tests.services.catalog.agreeing import both_signed, chosen, concluded
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

DESKS = {"what": ["Bureaux", "Fauteuils", ""], "quantity": ["120", "40", ""], "unit": ["unité", "unité", ""]}
FREE = ["0", "0", ""]
VALUED: dict[str, Any] = {
    "euros": ["1200", "400,50"],
    "basis": ["book", "cost"],
    "words": "Registre des immobilisations",
    "alone": "true",
}
OWN_PROFILE = {
    "legal_form": "SAS",
    "address": "12 rue des Ormes, 31770 Colomiers",
}
THEIR_PROFILE = {
    "legal_form": "Association loi 1901",
    "address": "3 place du Marché, 31000 Toulouse",
    "purpose": "Réemployer le mobilier et l'offrir à des familles en difficulté",
}
SIGNED = {"signatory": "Nadia Benali", "capacity": "présidente", "form": "private"}


async def promised(donor: httpx.AsyncClient, recipient: httpx.AsyncClient, **changes: Any) -> str:
    """The address of a gift of desks that both signed."""
    proposal = await chosen(donor, recipient, **{"price_euros": FREE, **DESKS, **changes})
    agreement = await concluded(donor, proposal, nature="gift", given_by="buyer")
    await both_signed(donor, recipient, agreement)
    return await gift_of(donor, agreement)


async def promised_money(donor: httpx.AsyncClient, recipient: httpx.AsyncClient) -> str:
    """The address of a gift of 5 000 € that both signed: whose need it is receives, who proposes pays."""
    lines = {"what": ["Soutien", "", ""], "quantity": ["1", "", ""], "unit": ["forfait", "", ""]}
    need = {"kind": "patronage"}
    proposal = await chosen(recipient, donor, need=need, price_euros=["-5000", "", ""], **lines)
    agreement = await concluded(recipient, proposal, nature="gift", given_by="supplier")
    await both_signed(recipient, donor, agreement)
    return await gift_of(donor, agreement)


async def promised_skills(donor: httpx.AsyncClient, recipient: httpx.AsyncClient) -> str:
    """The address of a gift of skills, which its donor declared on a free partnership."""
    proposal = await chosen(donor, recipient, price_euros=FREE)
    agreement = await concluded(donor, proposal, nature="partnership", focus="skills")
    await both_signed(donor, recipient, agreement)
    answer = await post(donor, f"{agreement}/gift")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def gift_of(client: httpx.AsyncClient, agreement: str) -> str:
    """The gift that an agreement's page leads to."""
    found = re.search(r'href="(/gifts/[0-9a-f-]{36})"', (await client.get(agreement)).text)
    assert found is not None
    return found[1]


async def seen(client: httpx.AsyncClient, address: str) -> int:
    """The version that a page was filled in from."""
    found = re.search(r'name="_version" value="(\d+)"', (await client.get(address)).text)
    assert found is not None
    return int(found[1])


async def valued(donor: httpx.AsyncClient, gift: str, **said: Any) -> httpx.Response:
    """Say what it is worth."""
    return await post(donor, f"{gift}/value", _version=await seen(donor, gift), **{**VALUED, **said})


async def delivered(recipient: httpx.AsyncClient, gift: str, **said: Any) -> httpx.Response:
    """Say what arrived: everything, today."""
    arrived = {"on": day_of(now()).isoformat(), "received": ["120", "40"], **said}
    return await post(recipient, f"{gift}/deliver", _version=await seen(recipient, gift), **arrived)


async def described(donor: httpx.AsyncClient, recipient: httpx.AsyncClient) -> None:
    """Say what papers say of both."""
    for client, said in ((donor, OWN_PROFILE), (recipient, THEIR_PROFILE)):
        form = {"_csrf": await csrf_of(client, "/gifts/profile"), **said}
        assert (await client.post("/gifts/profile", data=form)).status_code == 303


async def declared(recipient: httpx.AsyncClient, code: str = "tax_receipts", **said: Any) -> httpx.Response:
    """Declare an eligibility."""
    fact = {"article": "public_utility", "decision": "Décret du 3 mars 2015, JO n° 54", "decided_on": "2015-03-03"}
    return await post(recipient, "/organisation/eligibility", **{"code": code, **fact, **said})


async def judged(
    coordinator: httpx.AsyncClient, organisation: object, code: str = "tax_receipts", **said: Any
) -> httpx.Response:
    """Check it, or refuse it."""
    found = {"code": code, "finding": "checked", "stated_on": day_of(now()).isoformat(), **said}
    return await post(coordinator, f"/territory/organisations/{organisation}/eligibility", **found)


async def eligible(database: Isolated, recipient: httpx.AsyncClient, *codes: str) -> None:
    """Declare and check, the second by hand."""
    for code in codes or ("tax_receipts",):
        assert (await declared(recipient, code)).status_code == 303
    async with database.sessions.begin() as session:
        await session.execute(
            text(
                "UPDATE legal_entities SET facts = (SELECT jsonb_agg(f || jsonb_build_object('checked_on', "
                "to_char(current_date, 'YYYY-MM-DD'))) FROM jsonb_array_elements(facts) f) WHERE facts <> '[]'"
            )
        )


async def issued(recipient: httpx.AsyncClient, gift: str, kind: str = "receipt", **said: Any) -> httpx.Response:
    """Issue a paper."""
    return await post(recipient, f"{gift}/papers/{kind}", **{**SIGNED, **said})


async def ready(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, database: Isolated, *codes: str, **said: Any
) -> str:
    """A gift of desks of which only the receipt is left."""
    gift = await promised(donor, recipient)
    await described(donor, recipient)
    await eligible(database, recipient, *codes)
    assert (await valued(donor, gift, **said)).status_code == 303
    assert (await delivered(recipient, gift)).status_code == 303
    return gift


async def papers(database: Isolated) -> list[Any]:
    """Every paper, in the order they were issued."""
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM gift_papers ORDER BY issued_at, number")))


async def stored(database: Isolated) -> list[Any]:
    """Every gift, in order."""
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM gifts ORDER BY id")))


async def told(database: Isolated, like: str = "catalog.gift.%") -> list[tuple[str, Any]]:
    """What was told: the verb, and the data, in order."""
    found = text("SELECT type, payload FROM outbox WHERE type LIKE :like ORDER BY id")
    async with database.sessions() as session:
        return [(row.type.split(".")[2], row.payload["data"]) for row in await session.execute(found, {"like": like})]


async def a_checker(sign_up: SignUp, database: Isolated, number: int) -> httpx.AsyncClient:
    """A coordinator who signs up as the person of a number."""
    return await a_coordinator(sign_up, database, number)


def today() -> date:
    """The day it is."""
    return day_of(now())

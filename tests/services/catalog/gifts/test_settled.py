"""Money of a gift by agreement is confirmed once: its settlement says what arrived, and what went back."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.catalog.gifts.arriving import settle_gifts
from tests.services.catalog.agreeing import both_signed, cancelled, chosen, concluded
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.giving import described, eligible, gift_of, issued, papers, promised_money, seen, stored
from tests.services.catalog.giving import told as gifts_told
from tests.services.catalog.pages import said, shown
from tests.services.catalog.paying import LATEST, PAID, TODAY, say, settlements
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_need_paper import read, words
from tests.support import Isolated

WHOLE = {"back_euros": "5000", "returned_on": TODAY, "reference": "R 1"}


@pytest.fixture
async def recipient(buyer: httpx.AsyncClient) -> httpx.AsyncClient:
    """Whose need of money it is."""
    return buyer


@pytest.fixture
async def donor(recipient: httpx.AsyncClient, sign_up: SignUp) -> httpx.AsyncClient:
    """A cooperative that answers it with money."""
    return await sign_up(organisation_name="Mobilier solidaire", roles=["ess"], place="31100 Toulouse")


@pytest.fixture
async def gift(donor: httpx.AsyncClient, recipient: httpx.AsyncClient) -> str:
    return await promised_money(donor, recipient)


async def paid(donor: httpx.AsyncClient, recipient: httpx.AsyncClient, database: Isolated) -> str:
    """The address of the settlement that both have said is paid."""
    async with database.sessions() as session:
        settlement = f"/payments/{await session.scalar(text(LATEST))}"
    assert (await say(donor, settlement, "declare", **PAID)).status_code == 303
    assert (await say(recipient, settlement, "confirm")).status_code == 303
    return settlement


async def given_back(donor: httpx.AsyncClient, recipient: httpx.AsyncClient, settlement: str, euros: str) -> None:
    """Some of it goes back, and its payer says that it is there."""
    returned = await say(recipient, settlement, "give-back", **{**WHOLE, "back_euros": euros})
    assert returned.status_code == 303, said(returned)
    assert (await say(donor, settlement, "take-back", arrived="true")).status_code == 303


async def receipted(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, database: Isolated, gift: str
) -> tuple[str, Any]:
    """The settlement and the receipt of 5 000 € that arrived."""
    settlement = await paid(donor, recipient, database)
    await settle_gifts(database)
    await described(donor, recipient)
    await eligible(database, recipient)
    answer = await issued(recipient, gift)
    assert answer.status_code == 303, said(answer)
    (paper,) = await papers(database)
    return settlement, paper


async def verbs(database: Isolated) -> list[str]:
    return [verb for verb, _ in await gifts_told(database)]


async def audited(database: Isolated) -> list[str]:
    found = text("SELECT action FROM audit WHERE action LIKE 'gift.%' ORDER BY id")
    async with database.sessions() as session:
        return list(await session.scalars(found))


async def test_who_confirms_the_settlement_has_confirmed_the_gift(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
) -> None:
    """INVARIANT: money is confirmed once; the gift has its amount, its day and its bank line."""
    page = await shown(recipient, gift)
    assert ('action="/gifts' in page and "/deliver" in page, "se confirme une seule fois" in page) == (False, True)
    settlement = await paid(donor, recipient, catalog_database)
    for _ in range(2):
        await settle_gifts(catalog_database)
    (row,) = await stored(catalog_database)
    assert (row.delivery["cents"], row.delivery["means"], row.delivery["reference"]) == (
        500_000,
        "transfer",
        "VIR 4711",
    )
    assert (str(row.delivered_on), row.withdrawn_at) == (TODAY, None)
    assert (await verbs(catalog_database)).count("delivered") == 1
    assert (await audited(catalog_database)).count("gift.delivered") == 1
    assert settlement in await shown(donor, gift)
    assert "établissez le reçu" in await shown(recipient, gift)


async def test_it_is_not_confirmed_a_second_time(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
) -> None:
    bank_line = {"on": TODAY, "euros": "5000", "means": "transfer"}
    answer = await post(recipient, f"{gift}/deliver", _version=1, **bank_line)
    assert (answer.status_code, "une seule fois" in said(answer)) == (422, True)
    assert (await stored(catalog_database))[0].delivery is None


async def test_what_nobody_confirmed_has_not_arrived(
    donor: httpx.AsyncClient, gift: str, catalog_database: Isolated
) -> None:
    async with catalog_database.sessions() as session:
        settlement = f"/payments/{await session.scalar(text(LATEST))}"
    await say(donor, settlement, "declare", **PAID)
    assert await settle_gifts(catalog_database) == 0
    assert (await stored(catalog_database))[0].delivery is None


async def test_of_what_went_back_before_a_receipt_nothing_arrived(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
) -> None:
    settlement = await paid(donor, recipient, catalog_database)
    await settle_gifts(catalog_database)
    # On its way back it may yet stay: only what its payer confirms is gone.
    await say(recipient, settlement, "give-back", **WHOLE)
    assert await settle_gifts(catalog_database) == 0
    await say(donor, settlement, "take-back", arrived="true")
    await settle_gifts(catalog_database)
    (row,) = await stored(catalog_database)
    assert (row.delivery, row.delivered_on, row.withdrawn_at is not None) == (None, None, True)
    assert (await verbs(catalog_database))[-2:] == ["withdrawn"] * 2
    assert await settle_gifts(catalog_database) == 0


async def test_given_back_in_one_go_with_its_confirmation_it_never_was_a_gift(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
) -> None:
    await given_back(donor, recipient, await paid(donor, recipient, catalog_database), "5000")
    await settle_gifts(catalog_database)
    assert (await stored(catalog_database))[0].withdrawn_at is not None


async def test_a_receipt_of_what_was_given_back_in_part_is_to_be_replaced(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
) -> None:
    settlement, paper = await receipted(donor, recipient, catalog_database, gift)
    await given_back(donor, recipient, settlement, "1000")
    await settle_gifts(catalog_database)
    returned = [data for verb, data in await gifts_told(catalog_database) if verb == "returned"]
    assert [(each["cents"], each["to_replace"]) for each in returned] == [(400_000, True)] * 2
    assert "annulez-le et remplacez-le" in await shown(recipient, gift)
    assert "le bénéficiaire l'annule et le remplace" in await shown(donor, gift)
    form = {"signatory": "Nadia Benali", "capacity": "présidente", "reason": "1 000 € rendus"}
    replaced = await post(recipient, f"/gifts/papers/{paper.id}/replace", **form)
    assert replaced.status_code == 303, said(replaced)
    old, new = await papers(catalog_database)
    assert (old.cancelled_at is not None, new.value_cents, new.replaces_id) == (True, 400_000, old.id)
    assert "4 000,00 €" in words(read(await donor.get(f"/gifts/papers/{new.id}/file")))
    assert "annulez-le et remplacez-le" not in await shown(recipient, gift)


async def test_a_receipt_of_what_went_back_whole_is_void_and_none_takes_its_place(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
) -> None:
    """INVARIANT: a number is void or true; it is never gone, and no money that went back is receipted."""
    settlement, paper = await receipted(donor, recipient, catalog_database, gift)
    await given_back(donor, recipient, settlement, "5000")
    await settle_gifts(catalog_database)
    (row,) = await stored(catalog_database)
    assert (row.delivery, row.withdrawn_at) == (None, None)
    page = await shown(recipient, f"/gifts/papers/{paper.id}/replace")
    assert "Rien n'est resté de ce don" in page
    form = {"signatory": paper.signatory, "capacity": paper.capacity}
    silent = await post(recipient, f"/gifts/papers/{paper.id}/replace", **form)
    assert (silent.status_code, "Dites pourquoi" in said(silent)) == (422, True)
    void = await post(recipient, f"/gifts/papers/{paper.id}/replace", **form, reason="Don rendu en entier")
    assert void.status_code == 303, said(void)
    (kept,) = await papers(catalog_database)
    assert (kept.cancelled_at is not None, kept.reason) == (True, "Don rendu en entier")
    assert (await verbs(catalog_database))[-1] == "receipt_voided"
    assert "sans autre à sa place" in await shown(donor, gift)
    await settle_gifts(catalog_database)
    assert (await stored(catalog_database))[0].withdrawn_at is not None


async def test_by_steps_it_has_arrived_as_far_as_each_is_confirmed_and_stays_so_when_the_rest_is_called_off(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    lines = {"what": ["Soutien", "", ""], "quantity": ["1", "", ""], "unit": ["forfait", "", ""]}
    need = {"kind": "patronage"}
    proposal = await chosen(recipient, donor, need=need, price_euros=["-5000", "", ""], **lines)
    steps = {"label": ["Avant", "Après"], "due_on": ["2030-01-07", ""], "euros": ["2000", "3000"]}
    agreement = await concluded(recipient, proposal, nature="gift", given_by="supplier", **steps)
    await both_signed(recipient, donor, agreement)
    gift, (first, _) = await gift_of(donor, agreement), await settlements(catalog_database)
    await say(donor, f"/payments/{first.id}", "declare", **PAID)
    # Said to be paid, it is no promise to take back: what becomes of it is said at its settlement.
    assert (await cancelled(donor, agreement, seen=await seen(donor, agreement))).status_code == 303
    assert (await stored(catalog_database))[0].withdrawn_at is None
    await say(recipient, f"/payments/{first.id}", "confirm")
    await settle_gifts(catalog_database)
    (row,) = await stored(catalog_database)
    assert (row.delivery["cents"], row.withdrawn_at) == (200_000, None)
    assert await seen(donor, gift) == row.version


@pytest.mark.parametrize("is_confirmed", [False, True])
async def test_what_is_owed_no_more_is_not_given_either_unless_it_arrived_before(
    gift: str, catalog_database: Isolated, is_confirmed: bool
) -> None:
    """A payment that fails once its agreement is cancelled; and one that its recipient had confirmed by itself."""
    arrived = ", delivery = '{\"cents\": 480000}', delivered_at = now(), delivered_on = current_date"
    async with catalog_database.sessions.begin() as session:
        await session.execute(text("UPDATE settlements SET state = 'voided'"))
        await session.execute(text(f"UPDATE gifts SET version = version{arrived if is_confirmed else ''}"))
    await settle_gifts(catalog_database)
    assert ((await stored(catalog_database))[0].withdrawn_at is None) is is_confirmed


async def test_what_a_recipient_confirmed_before_its_settlement_stays(gift: str, catalog_database: Isolated) -> None:
    """INVARIANT: a settlement that nobody paid says nothing of a gift."""
    delivery = '{"cents": 480000, "means": "cheque", "reference": "", "received": [], "sheet": [], "words": ""}'
    async with catalog_database.sessions.begin() as session:
        await session.execute(
            text("UPDATE gifts SET delivery = CAST(:said AS jsonb), delivered_at = now(), delivered_on = current_date"),
            {"said": delivery},
        )
    assert await settle_gifts(catalog_database) == 0
    assert (await stored(catalog_database))[0].delivery["cents"] == 480_000

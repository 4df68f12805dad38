"""A settlement paid through Stripe, asked over the network at our twin of it: paid, failed, refunded, disputed."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.payments.online.calling import ask_next
from services.catalog.payments.online.following import FOLLOWS
from services.catalog.payments.online.queries import doubtful_calls
from services.catalog.payments.online.watching import watch_calls
from services.catalog.settings import Settings
from shared.observability.door import Door
from shared.observability.signals import Signals
from tests.services.catalog.agreeing import cancelled
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.online import Till, paid_online, sum_of_ledger
from tests.services.catalog.pages import said, shown
from tests.services.catalog.paying import BILLED, TODAY, accounts, due, say, settlements, told
from tests.support import Isolated

BUYER, SUPPLIER = "Hexaplane Systèmes", "Traiteur solidaire"
STEP_BY_STEP = {"label": ["Premier repas", "Bilan"], "due_on": ["2030-01-07", ""], "euros": ["400", "600"]}
PAID = {("paid", BUYER): -100_000, ("received", SUPPLIER): 98_000, ("fees", ""): 2_000}
OWED = {("owed", BUYER): -100_000, ("claimed", SUPPLIER): 100_000}


@pytest.fixture
async def till(catalog_settings: Settings, catalog_database: Isolated, tmp_path: Path) -> AsyncIterator[Till]:
    async with paid_online(catalog_settings, catalog_database.both, tmp_path / "files") as (app, twin):
        yield Till(app, twin, catalog_database)


@pytest.fixture
def catalog_app(till: Till) -> Litestar:
    return till.app


@pytest.fixture
async def settlement(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, till: Till
) -> str:
    """Due to a supplier that can be paid online."""
    found = await due(buyer, supplier, catalog_database)
    await till.enable(supplier)
    return found


class TestDoubt:
    async def test_a_call_that_nobody_answered_in_time_is_asked_no_more_and_somebody_is_told(
        self, buyer: httpx.AsyncClient, settlement: str, till: Till
    ) -> None:
        await till.pay(buyer, settlement)
        assert (await scraped(till)).endswith(" 0.0")
        async with till.database.sessions.begin() as session:
            forgotten = "state = 'begun', due_at = now(), made_at = made_at - interval '2 days'"
            await session.execute(text(f"UPDATE stripe_calls SET {forgotten} WHERE what = 'checkout'"))
        before = await till.effects()
        await till.settle()
        ((state, due_at),) = await till.rows("SELECT state, due_at FROM stripe_calls WHERE what = 'checkout'")
        assert (state, due_at, await till.effects()) == ("doubtful", None, before)
        async with till.database.sessions() as session:
            assert [each.what for each in await doubtful_calls(session)] == ["checkout"]
        assert (await scraped(till)).endswith(" 1.0")


async def scraped(till: Till) -> str:
    """What a scrape is told of calls in doubt."""
    signals = Signals("catalog")
    watch_calls(till.database, signals)
    lines = (await Door({"catalog": signals}.copy).metrics()).body.decode().splitlines()
    return next(each for each in lines if each.startswith("boucle_stripe_calls_doubtful{"))


class TestPaid:
    async def test_by_card_it_is_confirmed_as_soon_as_stripe_says_so(
        self, buyer: httpx.AsyncClient, settlement: str, catalog_database: Isolated, till: Till
    ) -> None:
        assert "Payer en ligne" in await shown(buyer, settlement)
        await till.pay(buyer, settlement)
        (row,) = await settlements(catalog_database)
        assert (row.state, row.means, row.is_online) == ("confirmed", "card", True)
        assert await accounts(catalog_database) == PAID
        assert await till.effects() == [("payment", 100_000), ("transfer", 100_000)]
        assert "Payé" in await shown(buyer, settlement)
        heard = [(verb, event["is_online"]) for verb, event in await told(catalog_database)]
        assert heard[-3:] == [("declared", True), ("confirmed", True), ("confirmed", True)]
        again = await say(buyer, settlement, "declare", means="card", paid_on=TODAY)
        assert "Rien n'est à payer ici" in said(again)
        assert await sum_of_ledger(catalog_database) == 0

    async def test_pressed_twice_it_is_one_checkout_and_another_amount_another(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, till: Till
    ) -> None:
        first = await till.checkout(buyer, settlement)
        assert await till.checkout(buyer, settlement) == first
        await say(supplier, settlement, "bill", **BILLED)
        assert await till.checkout(buyer, settlement) != first

    async def test_by_debit_it_is_on_its_way_for_days_and_nobody_says_anything(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated,
        till: Till,
    ) -> None:  # fmt: skip
        intent = await till.pay(buyer, settlement, means="sepa_debit")
        assert await accounts(catalog_database) == {("underway", BUYER): -100_000, ("claimed", SUPPLIER): 100_000}
        assert "La banque n'a pas encore répondu" in await shown(buyer, settlement)
        for verb, facts in (("confirm", {}), ("dispute", {"reason": "not_arrived"})):
            assert "son état vient de Stripe" in said(await say(supplier, settlement, verb, **facts))
        await till.twin.do("bank", intent, agreed=True)
        await till.settle()
        assert await accounts(catalog_database) == PAID

    async def test_a_debit_that_the_bank_refuses_is_owed_as_before(
        self, buyer: httpx.AsyncClient, settlement: str, catalog_database: Isolated, till: Till
    ) -> None:
        intent = await till.pay(buyer, settlement, means="sepa_debit")
        await till.twin.do("bank", intent, agreed=False)
        await till.settle()
        (row,) = await settlements(catalog_database)
        assert (row.state, row.is_online, row.means) == ("due", False, None)
        assert row.remind_on is not None
        assert await accounts(catalog_database) == OWED
        assert (await told(catalog_database))[-1][0] == "failed"
        assert "n'a pas abouti" in await shown(buyer, settlement)
        await till.pay(buyer, settlement)
        assert await accounts(catalog_database) == PAID

    async def test_a_declined_card_moves_nothing_and_may_be_tried_again_there(
        self, buyer: httpx.AsyncClient, settlement: str, catalog_database: Isolated, till: Till
    ) -> None:
        checkout = await till.checkout(buyer, settlement)
        await till.twin.do("pay", checkout, means="card", outcome="declined")
        await till.settle()
        assert await accounts(catalog_database) == OWED
        assert await till.checkout(buyer, settlement) == checkout
        await till.twin.do("pay", checkout)
        await till.settle()
        assert await accounts(catalog_database) == PAID

    async def test_a_transfer_is_awaited_and_explained(
        self, buyer: httpx.AsyncClient, settlement: str, catalog_database: Isolated, till: Till
    ) -> None:
        intent = await till.pay(buyer, settlement, means="customer_balance")
        assert await accounts(catalog_database) == OWED
        assert "Votre virement est attendu" in await shown(buyer, settlement)
        await till.twin.do("bank", intent, agreed=True)
        await till.settle()
        (row,) = await settlements(catalog_database)
        assert (row.state, row.means) == ("confirmed", "transfer")

    async def test_of_milestones_the_platform_passes_each_on(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, till: Till
    ) -> None:
        await due(buyer, supplier, catalog_database, **STEP_BY_STEP)
        await till.enable(supplier)
        first, _ = await settlements(catalog_database)
        await till.pay(buyer, f"/payments/{first.id}")
        assert await till.effects() == [("payment", 40_000), ("transfer", 39_200)]
        assert await accounts(catalog_database) == {
            ("owed", BUYER): -60_000, ("claimed", SUPPLIER): 60_000, ("paid", BUYER): -40_000,
            ("received", SUPPLIER): 39_200, ("fees", ""): 800,
        }  # fmt: skip


class TestGoesBack:
    async def test_what_was_paid_twice(
        self, buyer: httpx.AsyncClient, settlement: str, catalog_database: Isolated, till: Till
    ) -> None:
        """Two windows, two amounts: the first that is paid counts, the other goes back by itself."""
        first = await till.checkout(buyer, settlement)
        # An old address that Stripe still keeps open.
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE stripe_calls SET ends_at = made_at WHERE what = 'checkout'"))
        await till.pay(buyer, settlement)
        await till.twin.do("pay", first)
        await till.settle()
        assert [kind for kind, _ in await till.effects()] == [
            "payment", "transfer", "payment", "transfer", "reversal", "fee_refund", "refund"
        ]  # fmt: skip
        assert await accounts(catalog_database) == PAID

    async def test_what_is_paid_after_the_agreement_was_cancelled(
        self, buyer: httpx.AsyncClient, settlement: str, catalog_database: Isolated, till: Till
    ) -> None:
        checkout = await till.checkout(buyer, settlement)
        (row,) = await settlements(catalog_database)
        assert (await cancelled(buyer, f"/agreements/{row.agreement_id}", seen=3)).status_code == 303
        await till.twin.do("pay", checkout)
        await till.settle()
        assert (await settlements(catalog_database))[0].state == "voided"
        assert await accounts(catalog_database) == {}

    async def test_some_of_it_then_the_rest(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated,
        till: Till,
    ) -> None:  # fmt: skip
        await till.pay(buyer, settlement)
        too_much = await say(supplier, settlement, "refund", back_euros="1000,01")
        assert "Vous avez reçu 1000,00 €" in said(too_much)
        assert 'value="1000,01"' in too_much.text
        assert (await say(supplier, settlement, "refund", back_euros="400")).status_code == 303
        assert "Remboursement en cours" in await shown(supplier, settlement)
        assert "C'est à la structure qui est payée" in said(await say(buyer, settlement, "refund", back_euros="1"))
        await till.settle()
        assert await accounts(catalog_database) == {
            ("paid", BUYER): -60_000, ("received", SUPPLIER): 58_800, ("fees", ""): 1_200
        }  # fmt: skip
        await say(supplier, settlement, "refund", back_euros="600")
        await till.settle()
        assert await accounts(catalog_database) == {}
        (row,) = await settlements(catalog_database)
        assert (row.state, row.returned_cents, row.returning_cents) == ("refunded", 100_000, 0)
        assert sum(cents for kind, cents in await till.effects() if kind == "refund") == 100_000

    async def test_of_a_milestone_the_payee_gives_it_first(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, till: Till
    ) -> None:
        await due(buyer, supplier, catalog_database, **STEP_BY_STEP)
        account = await till.enable(supplier)
        first, _ = await settlements(catalog_database)
        address = f"/payments/{first.id}"
        await till.pay(buyer, address)
        assert (await say(supplier, address, "refund", back_euros="100")).status_code == 303
        await till.settle()
        assert [each for each in await till.effects() if each[0] in ("reversal", "refund")] == [
            ("reversal", 9_800), ("refund", 10_000)
        ]  # fmt: skip
        balances = await accounts(catalog_database)
        assert balances["paid", BUYER] == -30_000
        assert balances["received", SUPPLIER] == 29_400 == (await till.twin.told("sums"))[account]
        assert balances["fees", ""] == 600

    async def test_what_stripe_refuses_to_send_back_is_kept(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, catalog_database: Isolated,
        till: Till,
    ) -> None:  # fmt: skip
        await till.pay(buyer, settlement)
        (payment,) = await till.rows("SELECT charge_id FROM online_payments")
        await till.twin.do("dispute", payment.charge_id)
        await say(supplier, settlement, "refund", back_euros="1000")
        assert await ask_next(till.gateway, catalog_database, FOLLOWS)
        (row,) = await settlements(catalog_database)
        assert (row.state, row.returning_cents) == ("confirmed", 0)
        assert await accounts(catalog_database) == PAID
        assert (await told(catalog_database))[-1][0] == "failed"


class TestDisputed:
    @pytest.fixture
    async def dispute(self, buyer: httpx.AsyncClient, settlement: str, till: Till) -> str:
        await till.pay(buyer, settlement)
        (payment,) = await till.rows("SELECT charge_id FROM online_payments")
        opened = await till.twin.do("dispute", payment.charge_id)
        await till.settle()
        return str(opened["id"])

    async def test_while_the_bank_decides_the_platform_is_without_the_money(
        self, supplier: httpx.AsyncClient, settlement: str, dispute: str, catalog_database: Isolated
    ) -> None:
        assert dispute
        assert (await settlements(catalog_database))[0].state == "contested"
        assert await accounts(catalog_database) == {
            ("contested", ""): -100_000, ("received", SUPPLIER): 98_000, ("fees", ""): 2_000
        }  # fmt: skip
        assert "Contesté à la banque" in await shown(supplier, settlement)

    async def test_won_it_is_as_before(self, dispute: str, catalog_database: Isolated, till: Till) -> None:
        await till.twin.do("dispute-end", dispute, won=True)
        await till.settle()
        assert (await settlements(catalog_database))[0].state == "confirmed"
        assert await accounts(catalog_database) == PAID

    async def test_lost_the_payee_gives_it(self, dispute: str, catalog_database: Isolated, till: Till) -> None:
        await till.twin.do("dispute-end", dispute, won=False)
        await till.settle()
        (row,) = await settlements(catalog_database)
        assert (row.state, row.returned_cents) == ("refunded", 100_000)
        assert await accounts(catalog_database) == {}
        assert ("reversal", 100_000) in await till.effects()


class TestRights:
    async def test_nobody_else_pays_or_reads_it(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, sign_up: SignUp, settlement: str, till: Till
    ) -> None:
        stranger = await sign_up(organisation_name="Passante")
        assert (
            await stranger.post(f"{settlement}/pay", data={"_csrf": await csrf_of(stranger, "/needs/new")})
        ).status_code == 404
        assert (await till.ask(supplier, settlement)).status_code == 403
        await till.pay(buyer, settlement)
        assert (await say(stranger, settlement, "refund", back_euros="1")).status_code == 404
        assert (await stranger.get("/api/v1/payment-account")).json() == {"standing": "none", "asked": []}
        assert (await supplier.get("/api/v1/payment-account")).json()["standing"] == "enabled"

    async def test_without_an_account_its_payer_pays_by_itself(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, till: Till
    ) -> None:
        found = await due(buyer, supplier, catalog_database)
        assert "ne reçoit pas encore de paiements en ligne" in await shown(buyer, found)
        assert "Recevoir des paiements en ligne" in await shown(supplier, found)
        refused = await till.ask(buyer, found)
        assert refused.status_code == 409
        assert f"{SUPPLIER} ne reçoit pas encore" in said(refused)
        assert await till.rows("SELECT id FROM stripe_calls") == []
        assert (await say(buyer, found, "declare", means="transfer", paid_on=TODAY)).status_code == 303

    async def test_an_account_that_stripe_restricts_is_not_paid(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, settlement: str, till: Till
    ) -> None:
        (row,) = await till.rows("SELECT account_id FROM payment_accounts")
        await till.twin.do("account", row.account_id, status="restricted")
        await till.settle()
        page = await shown(supplier, "/payments/account")
        assert "À compléter" in page
        assert "identity.business_details.registered_name" in page
        assert (await till.ask(buyer, settlement)).status_code == 409

    async def test_stripe_away_is_said_and_nothing_is_lost(
        self, buyer: httpx.AsyncClient, settlement: str, till: Till
    ) -> None:
        # Each of the four times that the library asks.
        await till.twin.order("faults", {"path": "/v1/checkout", "when": "before", "times": 4})
        assert (await till.ask(buyer, settlement)).status_code == 503
        assert (await till.ask(buyer, settlement)).status_code == 200
        assert len(await till.rows("SELECT id FROM stripe_calls WHERE what = 'checkout'")) == 1

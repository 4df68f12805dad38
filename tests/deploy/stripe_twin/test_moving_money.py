"""Transfers, reversals, refunds and disputes: who has how much afterwards."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from deploy.stripe_twin.call import DAY
from tests.deploy.stripe_twin.marketplace import Marketplace
from tests.deploy.stripe_twin.receiver import Receiver

FEE_OF_CARD = 205


async def destination(market: Marketplace) -> tuple[str, stripe.PaymentIntent]:
    supplier = await market.supplier()
    data = {"application_fee_amount": 600, "transfer_data": {"destination": supplier}}
    return supplier, await market.paid(payment_intent_data=data)


async def test_one_payment_goes_to_several_suppliers_and_no_further_than_it_reaches(
    market: Marketplace, client: stripe.StripeClient
) -> None:
    first, second = await market.supplier(), await market.supplier()
    intent = await market.paid(payment_intent_data={"transfer_group": "agreement-1"})
    charge = str(intent.latest_charge)
    for supplier, cents in ((first, 7_000), (second, 4_500)):
        made = await client.v1.transfers.create_async(
            {"amount": cents, "currency": "eur", "destination": supplier, "source_transaction": charge}
        )
        assert made.transfer_group == "agreement-1"
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.transfers.create_async(
            {"amount": 501, "currency": "eur", "destination": first, "source_transaction": charge}
        )
    assert await market.sums() == {"": 500 - FEE_OF_CARD, first: 7_000, second: 4_500}
    listed = await client.v1.transfers.list_async({"transfer_group": "agreement-1"})
    assert [each.amount for each in listed.data] == [4_500, 7_000]


async def test_without_a_charge_only_what_is_available_is_sent(
    market: Marketplace, client: stripe.StripeClient
) -> None:
    supplier = await market.supplier()
    await market.paid()
    asked: Any = {"amount": 5_000, "currency": "eur", "destination": supplier}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.transfers.create_async(asked)
    assert refused.value.code == "balance_insufficient"
    await market.twin.order("clock", {"seconds": 3 * DAY})
    assert (await client.v1.transfers.create_async(asked)).amount == 5_000


async def test_a_reversal_takes_back_no_more_than_was_sent(market: Marketplace, client: stripe.StripeClient) -> None:
    supplier, _ = await destination(market)
    transfer = (await client.v1.transfers.list_async()).data[0]
    await client.v1.transfers.reversals.create_async(transfer.id, {"amount": 5_000, "refund_application_fee": True})
    assert await market.sums() == {"": 600 - 250 - FEE_OF_CARD + 5_000, supplier: 11_400 - 5_000 + 250}
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.transfers.reversals.create_async(transfer.id, {"amount": 7_001})
    rest = await client.v1.transfers.reversals.create_async(transfer.id, {"refund_application_fee": True})
    assert rest.amount == 7_000
    assert (await client.v1.transfers.retrieve_async(transfer.id)).reversed
    assert await market.sums() == {"": 12_000 - FEE_OF_CARD, supplier: 0}


@pytest.mark.parametrize("parts", [[12_000], [1, 11_999], [4_001, 3_333, 4_666]])
async def test_refunds_in_parts_give_all_of_it_back(
    market: Marketplace, client: stripe.StripeClient, parts: list[int]
) -> None:
    supplier, intent = await destination(market)
    for cents in parts:
        await client.v1.refunds.create_async(
            {
                "payment_intent": intent.id,
                "amount": cents,
                "reverse_transfer": True,
                "refund_application_fee": True,
            }
        )
    assert await market.sums() == {"": -FEE_OF_CARD, supplier: 0}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"


async def test_a_refund_that_is_not_taken_from_the_supplier_is_the_platforms(
    market: Marketplace, client: stripe.StripeClient, receiver: Receiver
) -> None:
    supplier, intent = await destination(market)
    refund = await client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 1_000})
    assert await market.sums() == {"": 600 - FEE_OF_CARD - 1_000, supplier: 11_400}
    await market.twin.do("refund-fails", refund.id)
    assert await market.sums() == {"": 600 - FEE_OF_CARD, supplier: 11_400}
    await market.twin.settle()
    assert {"refund.created", "charge.refunded", "refund.failed"} <= set(receiver.types)


@pytest.mark.parametrize("won", [True, False])
async def test_a_dispute_takes_the_money_from_the_platform_until_it_is_won(
    market: Marketplace, client: stripe.StripeClient, receiver: Receiver, won: bool
) -> None:
    supplier, intent = await destination(market)
    dispute = await market.twin.do("dispute", str(intent.latest_charge))
    assert await market.sums() == {"": 600 - FEE_OF_CARD - 12_000 - 2_000, supplier: 11_400}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    handed = await client.v1.disputes.update_async(
        dispute["id"], {"evidence": {"uncategorized_text": "Signed on delivery."}, "submit": True}
    )
    assert handed.status == "under_review"
    await market.twin.do("dispute-end", dispute["id"], won=won)
    assert (await market.sums())[""] == 600 - FEE_OF_CARD - 2_000 - (0 if won else 12_000)
    assert (await client.v1.disputes.retrieve_async(dispute["id"])).status == ("won" if won else "lost")
    await market.twin.settle()
    assert ("charge.dispute.funds_reinstated" in receiver.types) is won


async def test_a_suppliers_account_shows_its_own_movements_only(
    market: Marketplace, client: stripe.StripeClient
) -> None:
    supplier, _ = await destination(market)
    other = await market.supplier()
    mine = await client.v1.balance_transactions.list_async(options={"stripe_account": supplier})
    assert [(each.type, each.amount, each.fee) for each in mine.data] == [("payment", 12_000, 600)]
    assert (await client.v1.balance_transactions.list_async(options={"stripe_account": other})).data == []
    assert {each.type for each in (await client.v1.balance_transactions.list_async()).data} == {
        "application_fee",
        "transfer",
        "charge",
    }


async def test_lists_turn_pages_and_know_when(market: Marketplace, client: stripe.StripeClient) -> None:
    made = [(await market.paid()).id for _ in range(5)]
    page = await client.v1.payment_intents.list_async({"limit": 2})
    assert ([each.id for each in page.data], page.has_more) == ([made[4], made[3]], True)
    assert [each.id async for each in page.auto_paging_iter()] == made[::-1]
    before = await client.v1.payment_intents.list_async({"limit": 2, "ending_before": made[1]})
    assert [each.id for each in before.data] == [made[3], made[2]]
    later: Any = {"created": {"gt": page.data[0].created}}
    assert (await client.v1.payment_intents.list_async(later)).data == []
    wanted = await client.v1.events.list_async({"types": ["charge.succeeded"], "limit": 100})
    assert len(wanted.data) == 5

"""Suppliers as Accounts v2: what is shown, onboarding, and the thin events that tell of it."""

from __future__ import annotations

import pytest
import stripe

from tests.deploy.stripe_twin.marketplace import RECIPIENT, Marketplace
from tests.deploy.stripe_twin.receiver import Receiver

CHANGED = "v2.core.account[configuration.recipient].capability_status_updated"


def transfers(account: stripe.v2.core.Account) -> str:
    assert account.configuration is not None
    assert account.configuration.recipient is not None
    capabilities = account.configuration.recipient.capabilities
    assert capabilities is not None
    assert capabilities.stripe_balance is not None
    assert capabilities.stripe_balance.stripe_transfers is not None
    return capabilities.stripe_balance.stripe_transfers.status


async def retrieved(client: stripe.StripeClient, account: str) -> stripe.v2.core.Account:
    return await client.v2.core.accounts.retrieve_async(
        account, {"include": ["configuration.recipient", "requirements"]}
    )


async def test_only_what_is_included_is_shown(client: stripe.StripeClient, market: Marketplace) -> None:
    account = await market.account()
    bare = await client.v2.core.accounts.retrieve_async(account)
    assert (bare.configuration, bare.requirements, bare.identity) == (None, None, None)
    whole = await retrieved(client, account)
    assert transfers(whole) == "restricted"
    assert whole.requirements is not None
    assert whole.requirements.entries


@pytest.mark.parametrize(
    ("choice", "status"), [("finished", "active"), ("left", "restricted"), ("rejected", "rejected")]
)
async def test_onboarding_ends_where_the_supplier_ended_it(
    client: stripe.StripeClient, market: Marketplace, receiver: Receiver, choice: str, status: str
) -> None:
    account = await market.account()
    address = await market.link(account)
    assert "Ressourcerie du Canal" in (await market.twin.door.get(address)).text
    answer = await market.twin.press(address, choice)
    assert (answer.status_code, answer.headers["location"]) == (303, "https://boucle.test/done")
    assert transfers(await retrieved(client, account)) == status
    await market.twin.settle()
    assert (CHANGED in receiver.types) is (choice != "left")


async def test_a_link_serves_once_and_not_for_long(market: Marketplace) -> None:
    account = await market.account()
    first, second = await market.link(account), await market.link(account)
    await market.twin.press(first, "left")
    assert "https://boucle.test/again" in (await market.twin.door.get(first)).text
    await market.twin.order("clock", {"seconds": 301})
    assert (await market.twin.door.get(second)).status_code == 410


async def test_a_thin_event_is_verified_then_asked_for_whole(
    client: stripe.StripeClient, market: Marketplace, receiver: Receiver
) -> None:
    account = await market.supplier()
    await market.twin.settle()
    body, header = next(each for each in receiver.came if CHANGED.encode() in each[0])
    notice = client.parse_event_notification(body, header, market.twin.secret)
    assert isinstance(
        notice, stripe.events.V2CoreAccountIncludingConfigurationRecipientCapabilityStatusUpdatedEventNotification
    )
    # `notice.fetch_event_async()` of 16.1 sends its own word `usage` along as a parameter, which the twin refuses.
    whole = await client.v2.core.events.retrieve_async(notice.id)
    assert isinstance(whole, stripe.events.V2CoreAccountIncludingConfigurationRecipientCapabilityStatusUpdatedEvent)
    assert whole.data.updated_capability == "stripe_balance.stripe_transfers"
    assert (await client.v2.core.accounts.retrieve_async(notice.related_object.id)).id == account
    listed = await client.v2.core.events.list_async({"object_id": account})
    assert notice.id in [event.id for event in listed.data]


async def test_a_recipient_is_asked_for_later_and_lost_later(client: stripe.StripeClient, market: Marketplace) -> None:
    made = await client.v2.core.accounts.create_async({"display_name": "Atelier"})
    changed = await client.v2.core.accounts.update_async(
        made.id,
        {"configuration": RECIPIENT, "metadata": {"organisation": "7"}, "include": ["configuration.recipient"]},
    )
    assert (transfers(changed), changed.applied_configurations) == ("restricted", ["recipient"])
    await market.twin.do("account", made.id, status="active")
    await market.twin.do("account", made.id, status="restricted")
    assert transfers(await retrieved(client, made.id)) == "restricted"


async def test_an_account_nobody_has_is_not_found(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v2.core.accounts.retrieve_async("acct_nobody")
    assert refused.value.code == "resource_missing"

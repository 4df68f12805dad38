"""Who hears of settlements: the side that has something to do or to know next; each thing once, in both languages."""

from uuid import UUID, uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from shared.contract.money import mandates_to_bill, settled_amounts
from shared.events.payments import SettlementBilled, SettlementDisputed, SettlementDue, SettlementEvent
from tests.services.notifications.actors import NOON, Actor, Stage, actor, contact, joined, registered


@pytest.fixture
def payer() -> Actor:
    return actor("Cidrerie des Coteaux")


@pytest.fixture
def payee() -> Actor:
    return actor("Table du Canal")


@pytest.fixture
async def told(stage: Stage, payer: Actor, payee: Actor) -> list[SettlementEvent]:
    """One of each kind, in the order in which they came, each of a settlement of its own."""
    for each, name in ((payer, "claire"), (payee, "karim")):
        await stage.tell(registered(each), joined(each), contact(each, email=f"{name}@exemple.test"))
    sides = {"payer": payer.organisation_id, "payee": payee.organisation_id}
    examples = settled_amounts(settlement_id=uuid4(), agreement_id=uuid4(), **sides, at=NOON)
    events = [each.model_copy(update={"settlement_id": uuid4()}) for each in examples]
    await stage.tell(*events)
    return events


async def notices(stage: Stage, language: str) -> list[tuple[UUID, str, str]]:
    rows = await stage.rows("SELECT organisation_id, params, about_kind, about_id::text FROM notices ORDER BY id")
    said = [{"about_kind": row["about_kind"], "about_id": row["about_id"], **row["params"]} for row in rows]
    messages = [message_of(Topic.SETTLEMENT, params, language) for params in said]
    plain = [
        (each.title.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'"), each.path) for each in messages
    ]
    return [(row["organisation_id"], *each) for row, each in zip(rows, plain, strict=True)]


async def test_each_step_is_told_to_who_has_to_know_it(
    stage: Stage, told: list[SettlementEvent], payer: Actor, payee: Actor
) -> None:
    pays, paid = payer.organisation_id, payee.organisation_id
    assert [(who, title) for who, title, _ in await notices(stage, "fr")] == [
        (pays, "1 100,00 € à payer à Table du Canal"),
        (pays, "Table du Canal a noté sa facture : 1 100,00 €"),
        (paid, "Cidrerie des Coteaux dit avoir payé 1 100,00 €"),
        (pays, "Table du Canal conteste votre paiement de 1 100,00 €"),
        (pays, "Table du Canal a reçu vos 1 100,00 €"),
        (pays, "Table du Canal dit vous avoir rendu 200,00 €"),
        (paid, "Cidrerie des Coteaux a reçu votre remboursement de 200,00 €"),
        (pays, "Table du Canal a noté un avoir"),
        (pays, "1 100,00 € ne sont plus dus avec Table du Canal"),
        (pays, "1 100,00 € à payer à Table du Canal : le jour est passé"),
        (pays, "Votre paiement de 1 100,00 € à Table du Canal n'a pas abouti"),
        (paid, "La banque de Cidrerie des Coteaux conteste un paiement de 1 100,00 €"),
    ]
    paths = [path for _, _, path in await notices(stage, "fr")]
    assert paths == [f"/payments/{each.settlement_id}" for each in told]
    assert "to be paid to Table du Canal" in (await notices(stage, "en"))[0][1]


async def test_told_again_it_is_one_notice_and_who_is_paid_hears_it_as_its_own(
    stage: Stage, told: list[SettlementEvent], payee: Actor
) -> None:
    await stage.tell(*told)
    assert len(await notices(stage, "fr")) == len(told)
    mine = {"organisation_id": payee.organisation_id, "partner_name": "Cidrerie des Coteaux"}
    due, disputed = (next(each for each in told if type(each) is kind) for kind in (SettlementDue, SettlementDisputed))
    await stage.tell(*(each.model_copy(update={**mine, "settlement_id": uuid4()}) for each in (due, disputed)))
    assert [title for _, title, _ in (await notices(stage, "fr"))[-2:]] == [
        "1 100,00 € à recevoir de Cidrerie des Coteaux",
        "Cidrerie des Coteaux n'a pas reçu votre remboursement",
    ]


@pytest.mark.usefixtures("told")
async def test_who_may_bill_hears_of_it_and_who_is_billed_for_hears_what_was_billed(
    stage: Stage, payer: Actor, payee: Actor
) -> None:
    sides = {"payer": payer.organisation_id, "payee": payee.organisation_id}
    given, ended = mandates_to_bill(mandate_id=uuid4(), **sides, at=NOON)
    mine = {"organisation_id": payee.organisation_id, "partner_name": "Cidrerie des Coteaux"}
    about = {"settlement_id": uuid4(), "agreement_id": uuid4()}
    billed = next(each for each in settled_amounts(**about, **sides, at=NOON) if isinstance(each, SettlementBilled))
    await stage.tell(given, billed.model_copy(update={**mine, "is_self_billed": True}), ended, ended)
    pays, paid = payer.organisation_id, payee.organisation_id
    assert (await notices(stage, "fr"))[-3:] == [
        (pays, "Table du Canal vous confie ses factures", "/payments/mandates"),
        (paid, "Cidrerie des Coteaux a noté votre facture : 1 100,00 €", f"/payments/{about['settlement_id']}"),
        (pays, "Le mandat de facturation avec Table du Canal a pris fin", "/payments/mandates"),
    ]

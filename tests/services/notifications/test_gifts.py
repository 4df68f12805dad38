"""Who hears of gifts and eligibilities: both of a promise, the other side of each step; each thing once, in words."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from shared.events.eligibility import EligibilityChecked, EligibilityDeclared, EligibilityRefused
from shared.events.gifts import (
    GiftDelivered,
    GiftEvent,
    GiftKind,
    GiftPromised,
    GiftReceiptCancelled,
    GiftReceipted,
    GiftReceiptVoided,
    GiftReturned,
    GiftSheetSigned,
    GiftValued,
    GiftWithdrawn,
    PaperKind,
)
from tests.services.notifications.actors import NOON, Actor, Stage, actor, contact, joined, registered

PAPER = {"paper_id": uuid4(), "paper": PaperKind.RECEIPT, "year": 2026, "number": 7}
STEPS: list[tuple[type[GiftEvent], dict[str, Any], str]] = [
    (GiftPromised, {}, "Votre don à Mobilier solidaire est promis"),
    (GiftDelivered, {"delivered_on": date(2026, 11, 2), "differs": False, "to_sign": False}, "a confirmé"),
    (GiftDelivered, {"delivered_on": date(2026, 11, 2), "differs": True, "to_sign": False}, "a confirmé"),
    (GiftDelivered, {"delivered_on": date(2026, 11, 2), "differs": False, "to_sign": True}, "feuille de présence"),
    (GiftReceipted, {**PAPER, "value_cents": 1, "document_sha256": "0" * 64}, "Reçu fiscal 2026-0007"),
    (GiftReceiptCancelled, {**PAPER, "replaced_in": 2026, "replaced_by": 8}, "a annulé un document"),
    (GiftReceiptVoided, PAPER, "a annulé un document"),
    (GiftReturned, {"cents": 1, "to_replace": True}, "a été rendue"),
    (GiftReturned, {"cents": 0, "to_replace": False}, "a été rendue"),
    (GiftValued, {"value_cents": 100}, "a dit ce que vaut son don"),
    (GiftSheetSigned, {}, "a signé la feuille"),
    (GiftWithdrawn, {}, "n’aura pas lieu"),
]


@pytest.fixture
def donor() -> Actor:
    return actor("Hexaplane")


async def notices(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    rows = await stage.rows("SELECT topic, params, about_kind, about_id::text FROM notices ORDER BY id")
    return [
        (row["topic"], {"about_kind": row["about_kind"], "about_id": row["about_id"], **row["params"]}) for row in rows
    ]


def an_event(donor: Actor, kind: type[GiftEvent], version: int = 1, **said: Any) -> GiftEvent:
    sides = {"donor_id": donor.organisation_id, "recipient_id": uuid4(), "organisation_id": donor.organisation_id}
    about = {"partner_name": "Mobilier solidaire", "title": "120 bureaux", "kind": GiftKind.GOODS, "at": NOON}
    return kind.model_validate({"gift_id": uuid4(), "version": version, **sides, **about, **said})


@pytest.mark.parametrize(("kind", "said", "title"), STEPS)
async def test_each_step_is_told_once_in_words(
    stage: Stage, donor: Actor, kind: type[GiftEvent], said: dict[str, Any], title: str
) -> None:
    await stage.tell(registered(donor), joined(donor), contact(donor, email="claire@exemple.test"))
    event = an_event(donor, kind, **said)
    await stage.tell(event, event)
    ((topic, params),) = await notices(stage)
    french = message_of(topic, params, "fr")
    assert (topic, french.path) == (Topic.GIFT, f"/gifts/{event.gift_id}")
    assert title in french.title
    assert message_of(topic, params, "en").title != french.title


async def test_who_issued_a_receipt_of_money_that_went_back_hears_that_it_is_to_be_replaced(
    stage: Stage, donor: Actor
) -> None:
    await stage.tell(registered(donor), joined(donor), contact(donor, email="claire@exemple.test"))
    returned = an_event(
        donor, GiftReturned, donor_id=uuid4(), recipient_id=donor.organisation_id, cents=1, to_replace=True
    )
    await stage.tell(returned)
    ((topic, params),) = await notices(stage)
    french = message_of(topic, params, "fr")
    assert "un document est à remplacer" in french.title
    assert "Annulez-le et remplacez-le" in french.text


@pytest.mark.parametrize(("kind", "title"), [(EligibilityChecked, "vérifiée"), (EligibilityRefused, "refusée")])
async def test_what_a_coordinator_found_is_told_and_what_one_declared_oneself_is_not(
    stage: Stage, donor: Actor, kind: type[EligibilityChecked], title: str
) -> None:
    await stage.tell(registered(donor), joined(donor), contact(donor, email="claire@exemple.test"))
    fact = {"legal_entity_id": uuid4(), "organisation_id": donor.organisation_id, "code": "tax_receipts"}
    rests = {**fact, "article": "public_utility", "at": NOON}
    await stage.tell(EligibilityDeclared.model_validate({**rests, "version": 1}))
    await stage.tell(kind.model_validate({**rests, "version": 2}))
    ((topic, params),) = await notices(stage)
    said = message_of(topic, params, "fr")
    assert (title in said.title, said.path) == (True, "/organisation/eligibility")

"""Who is written to when a team changes: nobody who left, nobody who only reads, and somebody who is invited."""

from typing import Any
from uuid import uuid4

import pytest

from shared.database import Database
from shared.events.catalog import MemberChanged, MemberJoined, MemberLeft
from shared.identity import LinkKeys
from tests.services.notifications.actors import (
    Actor,
    Clock,
    Stage,
    a_demand,
    actor,
    contact,
    joined,
    registered,
    solicited,
)
from tests.services.notifications.test_mail import Postbox, postbox
from tests.services.notifications.test_security_letters import LINK_ID, changed, channels, delivered, requested

__all__ = ["channels", "postbox"]


@pytest.fixture
def supplier() -> Actor:
    return actor("Traiteur solidaire")


@pytest.fixture
async def known(stage: Stage, supplier: Actor) -> None:
    await stage.tell(registered(supplier), joined(supplier), contact(supplier))


def state_of(who: Actor, version: int, role: str) -> dict[str, Any]:
    return {"version": version, "member_id": who.member_id, "organisation_id": who.organisation_id, "role": role}


async def test_who_became_a_viewer_is_not_asked_to_answer_not_even_by_what_was_due(
    known: None, stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(solicited(supplier, a_demand(actor("Ville"))))
    await stage.tell(MemberChanged(**state_of(supplier, 2, "viewer")))
    await stage.tell(solicited(supplier, a_demand(actor("Ville"))))
    await delivered(database, channels, clock)
    assert postbox.mails == []
    assert [row["state"] for row in await stage.rows("SELECT state FROM deliveries")] == ["failed"]


async def test_who_left_gets_no_letter_and_gets_them_again_once_back(
    known: None, stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(MemberLeft(**state_of(supplier, 2, "owner")), contact(supplier, version=2, email=None))
    await stage.tell(solicited(supplier, a_demand(actor("Ville"))))
    await delivered(database, channels, clock)
    assert postbox.mails == []
    assert await stage.rows("SELECT email, name FROM contacts") == [{"email": None, "name": None}]
    clock.wait(hours=2)
    await stage.tell(MemberJoined(**state_of(supplier, 3, "editor")), contact(supplier, version=3))
    await stage.tell(solicited(supplier, a_demand(actor("Ville"), title="Deux buffets")))
    await delivered(database, channels, clock)
    assert ["Deux buffets" in mail["subject"] for mail in postbox.mails] == [True]


async def test_whoever_is_invited_is_written_to_where_the_invitation_says(
    known: None, stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox,
    notifications_settings: Any,
) -> None:  # fmt: skip
    """The invitation's id stands for the person; the letter waits when its address comes after it."""
    guest = Actor(supplier.organisation_id, uuid4(), supplier.name)
    await stage.tell(requested(guest, clock, purpose="invitation"))
    await delivered(database, channels, clock)
    assert postbox.mails == []
    await stage.tell(contact(guest, email="noemie@exemple.fr"))
    clock.wait(seconds=30)
    await delivered(database, channels, clock)
    (mail,) = postbox.mails
    assert mail["subject"] == "Traiteur solidaire vous invite sur Boucle"
    assert LinkKeys(notifications_settings.link_keys_file).path(LINK_ID) in mail.get_content()


async def test_an_invitation_that_was_taken_back_is_not_sent(
    known: None, stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    guest = Actor(supplier.organisation_id, uuid4(), supplier.name)
    await stage.tell(contact(guest), requested(guest, clock, purpose="invitation"))
    await stage.tell(contact(guest, version=2, email=None))
    await delivered(database, channels, clock)
    assert postbox.mails == []


async def test_a_claim_s_letters_name_the_organisation_that_they_are_about(
    known: None, stage: Stage, supplier: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox,
    notifications_settings: Any,
) -> None:  # fmt: skip
    """The claim's id stands for whoever reads the organisation's mail."""
    there = Actor(supplier.organisation_id, uuid4(), supplier.name)
    await stage.tell(contact(there, email="direction@traiteur.example"), requested(there, clock, purpose="claim"))
    codes = ("join_asked", "join_still_asked", "claim_granted", "claim_refused")
    await stage.tell(*(changed(supplier, clock, code) for code in codes))
    await delivered(database, channels, clock)
    assert sorted(mail["subject"].replace("’", "'") for mail in postbox.mails) == [
        "Agir pour Traiteur solidaire sur Boucle",
        "Quelqu'un demande à agir pour Traiteur solidaire",
        "Une demande à agir pour Traiteur solidaire attend",
        "Votre demande pour Traiteur solidaire n'est pas accordée",
        "Vous agissez pour Traiteur solidaire sur Boucle",
    ]
    (letter,) = (mail for mail in postbox.mails if mail["subject"].startswith("Agir"))
    assert LinkKeys(notifications_settings.link_keys_file).path(LINK_ID) in letter.get_content()
    (asked,) = (mail for mail in postbox.mails if mail["subject"].startswith("Quelqu"))
    assert "/organisation/team" in asked.get_content()

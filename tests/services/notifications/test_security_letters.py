"""Letters about somebody's account: to them alone, at once, in no inbox, with a secret that is nowhere else."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.notifications.channels import channels_for
from services.notifications.deliveries.loop import deliver_next
from services.notifications.messages import message_of
from services.notifications.messages.security import TOPICS
from services.notifications.settings import Settings
from shared.database import Database
from shared.events.catalog import AccountChange, AccountChanged, LinkPurpose, LinkRequested, OrganisationSuspended
from shared.events.contacts import MemberContact
from shared.identity import LinkKeys
from tests.services.notifications.actors import Actor, Clock, Stage, actor, contact, joined, registered
from tests.services.notifications.test_mail import Postbox, postbox

__all__ = ["postbox"]

LINK_ID = UUID("0199d4a0-7c00-7000-8000-000000000033")


@pytest.fixture
def channels(notifications_settings: Settings, postbox: Postbox) -> dict[str, Any]:
    server = {"smtp_url": f"smtp://127.0.0.1:{postbox.port}", "mail_from": "Boucle <b@boucle.test>"}
    return channels_for(notifications_settings.model_copy(update=server))


@pytest.fixture
def person() -> Actor:
    return actor("Traiteur solidaire")


@pytest.fixture
async def known(stage: Stage, person: Actor) -> None:
    """Somebody whose address is known."""
    await stage.tell(registered(person), joined(person, role="viewer"), contact(person))


def requested(who: Actor | None, clock: Clock, *, purpose: str = "sign_in", language: str = "fr") -> LinkRequested:
    return LinkRequested(
        version=1, link_id=LINK_ID, member_id=who.member_id if who else None,
        organisation_id=who.organisation_id if who else None, purpose=purpose, language=language,
        expires_at=clock() + timedelta(minutes=10),
    )  # fmt: skip


def changed(who: Actor, clock: Clock, change: str) -> AccountChanged:
    return AccountChanged(
        version=1, change_id=uuid4(), member_id=who.member_id, organisation_id=who.organisation_id, change=change,
        changed_at=clock(),
    )  # fmt: skip


async def delivered(database: Database, channels: Any, clock: Clock) -> None:
    while await deliver_next(database, channels, clock):
        pass


async def test_a_link_leaves_at_once_with_its_secret_and_lies_in_no_inbox(
    known: None, stage: Stage, person: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox,
    notifications_settings: Settings,
) -> None:  # fmt: skip
    await stage.tell(requested(person, clock))
    await delivered(database, channels, clock)
    (mail,) = postbox.mails
    address = LinkKeys(notifications_settings.link_keys_file).path(LINK_ID)
    text_of_mail = mail.get_content()
    assert mail["to"] == "Claire Vidal <claire@palettes.test>"
    assert mail["subject"] == "Votre lien pour vous connecter à Boucle"
    assert f"{notifications_settings.public_url}{address}" in text_of_mail.splitlines()
    assert "/notifications/" not in text_of_mail
    assert await stage.rows("SELECT id FROM notices") == []
    assert await stage.recorded("notifications.notification.created.v1") == []
    secret = address.partition("key=")[2]
    async with database.sessions() as session:
        for table in ("security_letters", "deliveries", "inbox", "outbox"):
            assert secret not in str(await session.scalar(text(f"SELECT string_agg(t::text, '') FROM {table} t")))


async def test_it_speaks_the_language_it_was_asked_in(
    known: None, stage: Stage, person: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(requested(person, clock, language="en"))
    await delivered(database, channels, clock)
    assert postbox.mails[0]["subject"] == "Your link to sign in to Boucle"
    assert "/en/links/" in postbox.mails[0].get_content()


async def test_nobody_is_written_to_when_nobody_has_the_address(known: None, stage: Stage, clock: Clock) -> None:
    await stage.tell(requested(None, clock))
    assert await stage.rows("SELECT id FROM security_letters") == []


async def test_a_purpose_of_a_newer_catalog_is_passed_over(
    known: None, stage: Stage, person: Actor, clock: Clock
) -> None:
    await stage.tell(requested(person, clock, purpose="of_tomorrow"), changed(person, clock, "of_tomorrow"))
    assert await stage.rows("SELECT id FROM security_letters") == []
    assert await stage.rows("SELECT id FROM dead_letter") == []


async def test_a_link_that_is_not_good_any_more_is_not_sent(
    known: None, stage: Stage, person: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(requested(person, clock))
    clock.wait(minutes=10)
    await delivered(database, channels, clock)
    assert postbox.mails == []
    (row,) = await stage.rows("SELECT state, last_error FROM deliveries")
    assert row == {"state": "failed", "last_error": "its link is not good any more"}


async def test_the_new_address_gets_its_letter_and_the_old_one_is_told(
    known: None, stage: Stage, person: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    """The contact may come after the letter: it waits, instead of going to the old address."""
    await stage.tell(requested(person, clock, purpose="change_email"), changed(person, clock, "email_asked"))
    await delivered(database, channels, clock)
    assert [mail["to"] for mail in postbox.mails] == ["Claire Vidal <claire@palettes.test>"]
    await stage.tell(
        MemberContact(
            version=2, member_id=person.member_id, organisation_id=person.organisation_id, email="claire@palettes.test",
            name="Claire Vidal", email_asked="claire@nouvelle.test",
        )
    )  # fmt: skip
    clock.wait(seconds=30)
    await delivered(database, channels, clock)
    assert [mail["to"] for mail in postbox.mails[1:]] == ["Claire Vidal <claire@nouvelle.test>"]
    assert "/links/" in postbox.mails[1].get_content()
    assert "/links/" not in postbox.mails[0].get_content()


async def test_a_suspended_organisation_keeps_nobody_from_their_own_account(
    known: None, stage: Stage, person: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    facts = registered(person).model_dump() | {"version": 2}
    await stage.tell(OrganisationSuspended(**facts), changed(person, clock, "password"))
    await delivered(database, channels, clock)
    (mail,) = postbox.mails
    assert mail["subject"] == "Votre mot de passe sur Boucle a été changé"
    assert "24/11/2026, 10:00" in mail.get_content()
    assert "/sign-in/forgotten" in mail.get_content()


async def test_an_erased_person_gets_no_letter(
    known: None, stage: Stage, person: Actor, database: Database, channels: Any, clock: Clock, postbox: Postbox
) -> None:
    await stage.tell(contact(person, version=2, email=None), requested(person, clock))
    await delivered(database, channels, clock)
    assert postbox.mails == []
    assert [row["state"] for row in await stage.rows("SELECT state FROM deliveries")] == ["failed"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_there_is_a_letter_for_each_purpose_and_each_change(language: str) -> None:
    codes = {f"link-{each.value}" for each in LinkPurpose} | {f"changed-{each.value}" for each in AccountChange}
    assert set(TOPICS) == codes
    for topic in codes:
        params = {"link_id": str(LINK_ID)} if topic.startswith("link") else {
            "path": "/account", "changed_at": "2026-11-24T09:00:00+00:00",
        }  # fmt: skip
        message = message_of(topic, params, language)
        assert message.is_personal
        assert all((message.title, message.text, message.why, message.action))

"""The need's people hear who is interested; a letter that asks has links that answer, and no other letter has."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from services.notifications.rhythm import Rhythm
from services.notifications.settings import Settings
from shared.database import Database
from shared.events.answers import Answered, AnswerGiven, Declined
from shared.identity import LinkKeys
from tests.services.notifications.actors import (
    NOON,
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
from tests.services.notifications.test_digests import Deliver, asks, delivered, wants
from tests.services.notifications.test_mail import channels, postbox

__all__ = ["channels", "delivered", "postbox"]

ADDRESS = re.compile(r"https?://\S+?(/(?:en/)?answers/letters/\S+)")


@pytest.fixture
def buyer() -> Actor:
    return actor("Hexaplane")


@pytest.fixture
async def known(stage: Stage, buyer: Actor) -> None:
    await stage.tell(registered(buyer), joined(buyer), contact(buyer, email="claire@hexaplane.test"))


class Supplier:
    """One supplier's answers to one need of the buyer's."""

    def __init__(self, buyer: Actor, name: str = "Traiteur solidaire") -> None:
        self.answer_id, self.need_id, self.supplier_id = uuid4(), uuid4(), uuid4()
        self._buyer, self._name, self._said = buyer, name, list[Answered]()

    def says(self, answer: str) -> AnswerGiven:
        self._said.append(Answered(answer))
        return AnswerGiven(
            version=len(self._said),
            answer_id=self.answer_id,
            need_id=self.need_id,
            organisation_id=self._buyer.organisation_id,
            title="80 repas par mois",
            supplier_id=self.supplier_id,
            supplier_name=self._name,
            answer=self._said[-1],
            before=self._said[-2] if len(self._said) > 1 else None,
            reason=Declined.TOO_FAR if answer == "declined" else None,
            at=NOON,
        )


async def told(stage: Stage) -> list[dict[str, Any]]:
    return [dict(row) for row in await stage.rows("SELECT * FROM notices ORDER BY id")]


async def test_who_is_interested_is_told_once_with_a_letter_to_come(known: None, stage: Stage, buyer: Actor) -> None:
    supplier = Supplier(buyer)
    event = supplier.says("interested")
    await stage.tell(event, event)
    (notice,) = await told(stage)
    assert (notice["topic"], notice["organisation_id"]) == (Topic.INTERESTED, buyer.organisation_id)
    assert (notice["about_kind"], notice["about_id"]) == ("answers", supplier.need_id)
    assert [row["member_id"] for row in await stage.rows("SELECT member_id FROM deliveries")] == [buyer.member_id]
    live = await stage.rows("SELECT payload FROM live_events WHERE kind = 'notice'")
    assert [each["payload"]["say"] for each in live] == ["interested"]


async def test_a_no_is_told_to_nobody(known: None, stage: Stage, buyer: Actor) -> None:
    one, other = Supplier(buyer), Supplier(buyer)
    await stage.tell(one.says("declined"), one.says("withdrawn"), other.says("declined"), other.says("declined"))
    assert await told(stage) == []


@pytest.mark.parametrize("then", ["withdrawn", "declined"])
async def test_who_was_told_to_be_interested_and_is_not_any_more_is_told_too(
    known: None, stage: Stage, buyer: Actor, then: str
) -> None:
    supplier = Supplier(buyer)
    await stage.tell(supplier.says("interested"), supplier.says(then), supplier.says("interested"))
    assert [bool(each["params"].get("no_more")) for each in await told(stage)] == [False, True, False]


async def test_another_word_beside_the_same_answer_is_no_news(known: None, stage: Stage, buyer: Actor) -> None:
    supplier = Supplier(buyer)
    await stage.tell(supplier.says("interested"), supplier.says("interested"))
    assert len(await told(stage)) == 1


@pytest.mark.parametrize("said", [("interested", "declined"), ("interested", "withdrawn", "interested")])
async def test_an_older_answer_that_comes_late_is_told_to_nobody(
    known: None, stage: Stage, buyer: Actor, said: tuple[str, ...]
) -> None:
    """INVARIANT: what the author heard last is what the supplier said last, in whatever order events come."""
    supplier = Supplier(buyer)
    *older, newest = [supplier.says(each) for each in said]
    await stage.tell(newest)
    (notice,) = await told(stage)
    await stage.tell(*reversed(older), Supplier(buyer, "La Popote").says("interested"))
    assert [each["params"]["supplier"] for each in await told(stage)] == ["Traiteur solidaire", "La Popote"]
    assert bool(notice["params"].get("no_more")) is (newest.answer is not Answered.INTERESTED)
    live = await stage.rows("SELECT payload FROM live_events WHERE kind = 'notice'")
    assert len(live) == 2


async def test_a_letter_that_gathers_has_what_a_supplier_said_last(
    known: None, stage: Stage, buyer: Actor, delivered: Deliver, clock: Clock
) -> None:
    changing, steady = Supplier(buyer), Supplier(buyer, "La Popote")
    await stage.tell(changing.says("interested"), steady.says("interested"), changing.says("withdrawn"))
    clock.wait(hours=1)
    (letter,) = await delivered()
    text = letter.get_content().replace("’", "'")
    assert "Traiteur solidaire n'est plus intéressée" in text
    assert "Traiteur solidaire est intéressée" not in text
    assert "La Popote est intéressée" in text
    assert "et 1 autre nouvelle" in str(letter["Subject"]).replace("\xa0", " ")


async def test_letters_of_it_gather_by_the_hour(
    known: None, stage: Stage, buyer: Actor, delivered: Deliver, clock: Clock
) -> None:
    await stage.tell(*(Supplier(buyer, name).says("interested") for name in ("Traiteur solidaire", "La Popote")))
    assert await delivered() == []
    clock.wait(hours=1)
    (letter,) = await delivered()
    text = letter.get_content()
    assert "Traiteur solidaire est intéressée par votre besoin" in text
    assert "La Popote est intéressée" in text


@pytest.mark.parametrize(
    ("language", "no_more", "title"),
    [
        ("fr", False, "La Popote est intéressée par votre besoin"),
        ("fr", True, "La Popote n’est plus intéressée par votre besoin"),
        ("en", False, "La Popote is interested in your need"),
        ("en", True, "La Popote is not interested in your need any more"),
    ],
)
def test_it_says_who_and_leads_to_the_answers(language: str, no_more: bool, title: str) -> None:
    about = {"about_id": str(uuid4()), "about_kind": "answers", "title": "80 repas", "supplier": "La Popote"}
    message = message_of("interested", about | ({"no_more": True} if no_more else {}), language)
    assert message.title == title
    assert message.path == f"/needs/{about['about_id']}/answers"
    assert message.need_id is None


class TestLetterThatAsks:
    """The links in it, made with the letter's own key."""

    @pytest.fixture
    def supplier(self) -> Actor:
        return actor("Traiteur solidaire")

    @pytest.fixture
    def keys(self, notifications_settings: Settings) -> LinkKeys:
        return LinkKeys(notifications_settings.link_keys_file)

    async def asked(self, stage: Stage, supplier: Actor, *events: Any, language: str = "fr") -> None:
        await stage.tell(registered(supplier), joined(supplier), contact(supplier, language=language), *events)

    def opens(self, keys: LinkKeys, address: str, supplier: Actor, need_id: UUID) -> bool:
        parts = urlsplit(address)
        said = dict(parse_qsl(parts.query))
        assert (said["need"], said["reader"]) == (str(need_id), str(supplier.member_id))
        letter = UUID(parts.path.rsplit("/", 1)[-1])
        return keys.answers(letter, said["key"], need_id=need_id, member_id=supplier.member_id)

    @pytest.mark.parametrize(
        ("language", "words"),
        [("fr", ("Nous sommes intéressés", "Pas pour nous")), ("en", ("We are interested", "Not for us"))],
    )
    async def test_it_has_a_link_for_each_answer(
        self, stage: Stage, supplier: Actor, buyer: Actor, delivered: Deliver, keys: LinkKeys,
        language: str, words: tuple[str, str],
    ) -> None:  # fmt: skip
        demand = a_demand(buyer)
        await self.asked(stage, supplier, solicited(supplier, demand), language=language)
        (letter,) = await delivered()
        text = letter.get_content().replace("\xa0", " ")
        assert all(each in text for each in words)
        yes, no = ADDRESS.findall(text)
        assert no == f"{yes}&answer=declined"
        assert yes.startswith("/en/" if language == "en" else "/answers/")
        assert self.opens(keys, yes, supplier, demand.demand_id)
        (delivery,) = await stage.rows("SELECT id FROM deliveries")
        assert str(delivery["id"]) in yes

    async def test_a_flow_has_none(self, stage: Stage, supplier: Actor, buyer: Actor, delivered: Deliver) -> None:
        await self.asked(stage, supplier, solicited(supplier, a_demand(buyer, kind="flow")))
        (letter,) = await delivered()
        assert ADDRESS.findall(letter.get_content()) == []

    async def test_a_formal_tender_has_none(
        self, stage: Stage, supplier: Actor, buyer: Actor, delivered: Deliver
    ) -> None:
        """INVARIANT: a link of ours never leads to a refusal: a tender is answered on its buyer's platform."""
        tender = solicited(supplier, a_demand(buyer)).model_copy(update={"chosen": "everyone"})
        await self.asked(stage, supplier, tender)
        (letter,) = await delivered()
        assert ADDRESS.findall(letter.get_content()) == []
        assert f"/needs/{tender.demand.demand_id}" in letter.get_content()

    async def test_gathered_with_others_each_need_has_its_own(
        self, stage: Stage, supplier: Actor, delivered: Deliver, keys: LinkKeys, database: Database, clock: Clock
    ) -> None:
        await self.asked(stage, supplier)
        await wants(database, supplier, Rhythm.HOURLY)
        events = asks(supplier, "Pain", "Soupe")
        await stage.tell(*events)
        clock.wait(hours=1)
        (letter,) = await delivered()
        found = ADDRESS.findall(letter.get_content())
        assert len(found) == 4
        needs = {each.demand.demand_id for each in events}
        assert {UUID(dict(parse_qsl(urlsplit(each).query))["need"]) for each in found} == needs
        assert all(
            self.opens(keys, each, supplier, UUID(dict(parse_qsl(urlsplit(each).query))["need"])) for each in found
        )

    async def test_the_secret_is_in_no_table(
        self, stage: Stage, supplier: Actor, buyer: Actor, delivered: Deliver
    ) -> None:
        await self.asked(stage, supplier, solicited(supplier, a_demand(buyer)))
        (letter,) = await delivered()
        key = dict(parse_qsl(urlsplit(ADDRESS.findall(letter.get_content())[0]).query))["key"]
        for table in ("notices", "deliveries", "outbox", "live_events", "inbox"):
            rows = await stage.rows(f"SELECT t::text AS line FROM {table} t")
            assert not [row for row in rows if key in row["line"]], table

"""Who is asked hears of it, who asked reads the answer, who is interested hears of it by their rhythm; nobody else."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from shared.events.questions import HiddenFor, QuestionAnswered, QuestionAsked, QuestionHidden, QuestionWithdrawn
from tests.services.notifications.actors import NOON, Actor, Clock, Stage, actor, contact, joined, registered
from tests.services.notifications.test_digests import Deliver, delivered
from tests.services.notifications.test_mail import channels, postbox

__all__ = ["channels", "delivered", "postbox"]


@pytest.fixture
def buyer() -> Actor:
    return actor("Hexaplane")


@pytest.fixture
def asker() -> Actor:
    return actor("Traiteur solidaire")


@pytest.fixture
def rival() -> Actor:
    return actor("Cuisine de quartier")


@pytest.fixture
async def known(stage: Stage, buyer: Actor, asker: Actor, rival: Actor) -> None:
    for number, each in enumerate((buyer, asker, rival)):
        await stage.tell(registered(each), joined(each), contact(each, email=f"personne{number}@exemple.test"))


class Question:
    """One question about one need: what catalog tells of it."""

    def __init__(self, buyer: Actor, asker: Actor) -> None:
        self.question_id = uuid4()
        self._buyer, self._asker, self._version = buyer, asker, 0
        self._about: dict[str, Any] = {"about_kind": "need", "about_id": uuid4(), "title": "80 repas", "at": NOON}

    def _facts(self, organisation_id: UUID) -> dict[str, Any]:
        self._version += 1
        return {
            "version": self._version,
            "question_id": self.question_id,
            "organisation_id": organisation_id,
            **self._about,
        }

    def asked(self) -> QuestionAsked:
        return QuestionAsked(**self._facts(self._buyer.organisation_id))

    def withdrawn(self) -> QuestionWithdrawn:
        return QuestionWithdrawn(**self._facts(self._buyer.organisation_id))

    def hidden(self) -> QuestionHidden:
        return QuestionHidden(**self._facts(self._asker.organisation_id), reason=HiddenFor.ABUSIVE)

    def answered(self, *interested: Actor, corrected: bool = False) -> QuestionAnswered:
        others = tuple(each.organisation_id for each in interested)
        return QuestionAnswered(**self._facts(self._asker.organisation_id), interested=others, corrected=corrected)


async def told(stage: Stage) -> list[tuple[str, UUID]]:
    """Each notice's topic, and whose it is."""
    rows = await stage.rows("SELECT topic, organisation_id FROM notices ORDER BY id")
    return [(row["topic"], row["organisation_id"]) for row in rows]


async def test_each_hears_once_what_is_theirs_to_hear(
    known: None, stage: Stage, buyer: Actor, asker: Actor, rival: Actor
) -> None:
    question = Question(buyer, asker)
    asked, answered = question.asked(), question.answered(rival)
    await stage.tell(asked, asked, answered, answered)
    assert await told(stage) == [
        (Topic.QUESTIONED, buyer.organisation_id),
        (Topic.REPLIED, asker.organisation_id),
        (Topic.CLARIFIED, rival.organisation_id),
    ]
    for row in await stage.rows("SELECT about_kind, about_id FROM notices"):
        assert (row["about_kind"], row["about_id"]) == ("question", question.question_id)
    live = await stage.rows("SELECT payload FROM live_events WHERE kind = 'notice' ORDER BY id")
    assert [row["payload"]["say"] for row in live] == ["questioned", "replied", "clarified"]


async def test_no_notice_says_who_asks_to_whom_it_is_none_of(
    known: None, stage: Stage, buyer: Actor, asker: Actor, rival: Actor
) -> None:
    """INVARIANT: nobody but who asked finds who asked, and nobody finds whose the need is, in what is kept for them."""
    question = Question(buyer, asker)
    await stage.tell(question.asked(), question.answered(rival), question.hidden())
    for table in ("notices", "live_events"):
        for row in await stage.rows(f"SELECT organisation_id, t::text AS line FROM {table} t"):
            for side in (buyer, asker):
                if row["organisation_id"] != side.organisation_id:
                    assert str(side.organisation_id) not in row["line"]
                    assert side.name not in row["line"]


async def test_taken_back_it_is_told_to_nobody(known: None, stage: Stage, buyer: Actor, asker: Actor) -> None:
    question = Question(buyer, asker)
    await stage.tell(question.asked(), question.withdrawn())
    assert await told(stage) == [(Topic.QUESTIONED, buyer.organisation_id)]


async def test_an_older_answer_that_comes_late_is_told_to_nobody(
    known: None, stage: Stage, buyer: Actor, asker: Actor, rival: Actor
) -> None:
    """INVARIANT: what is heard last is what the author said last."""
    question = Question(buyer, asker)
    first, corrected = question.answered(rival), question.answered(rival, corrected=True)
    await stage.tell(corrected, first)
    rows = await stage.rows("SELECT params FROM notices ORDER BY id")
    assert [row["params"].get("corrected") for row in rows] == [True, True]


async def test_who_asked_is_written_at_once_who_is_asked_by_the_hour_and_who_is_interested_by_the_day(
    known: None, stage: Stage, buyer: Actor, asker: Actor, rival: Actor, delivered: Deliver, clock: Clock
) -> None:
    question = Question(buyer, asker)
    await stage.tell(question.asked(), question.answered(rival))
    subjects = [str(letter["Subject"]).replace("\xa0", " ") for letter in await delivered()]
    assert subjects == ["Réponse à votre question : 80 repas"]
    clock.wait(hours=1)
    (letter,) = await delivered()
    assert "Une question sur votre besoin : 80 repas" in letter.get_content().replace("\xa0", " ")
    corrected = question.answered(rival, corrected=True)
    await stage.tell(corrected)
    (letter,) = await delivered()
    assert "personne1@exemple.test" in str(letter["To"])
    clock.wait(days=4)
    (letter,) = await delivered()
    text = letter.get_content().replace("\xa0", " ").replace("’", "'")
    assert "L'auteur corrige une précision : 80 repas" in text
    assert "\nUne précision" not in text


@pytest.mark.parametrize(
    ("topic", "said", "language", "title"),
    [
        ("questioned", {}, "fr", "Une question sur votre besoin : 80 repas"),
        ("questioned", {"is_flow": True}, "en", "A question about your flow: 80 repas"),
        ("replied", {}, "fr", "Réponse à votre question : 80 repas"),
        ("replied", {"corrected": True}, "en", "Answer to your question, corrected: 80 repas"),
        ("replied", {"hidden_for": "abusive"}, "fr", "Votre question est masquée : 80 repas"),
        ("replied", {"hidden_for": "names_someone"}, "en", "Your question is hidden: 80 repas"),
        ("clarified", {}, "fr", "Une précision : 80 repas"),
        ("clarified", {"corrected": True}, "en", "The author corrects an answer: 80 repas"),
    ],
)
def test_it_says_what_and_leads_to_the_question(topic: str, said: dict[str, Any], language: str, title: str) -> None:
    about = {"about_id": str(uuid4()), "about_kind": "question", "title": "80 repas"}
    message = message_of(topic, about | said, language)
    assert message.title.replace("\xa0", " ").replace("\u202f", " ") == title
    assert message.path == f"/questions/{about['about_id']}"


def test_why_it_is_hidden_is_said_in_the_middle_of_a_sentence() -> None:
    params = {"about_id": str(uuid4()), "about_kind": "question", "title": "80 repas", "hidden_for": "names_someone"}
    french, english = [message_of("replied", params, each).text.replace("\xa0", " ") for each in ("fr", "en")]
    assert french.endswith("elle nomme une personne ou une structure.")
    assert english.endswith("it names a person or an organisation.")

"""Whatever is done to a question, in whatever order: its states, its words, its versions and its events agree."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.catalog.needs.models import Need, NeedState
from services.catalog.organisations.models import LegalEntity, Organisation
from services.catalog.questions.errors import (
    PostingOver,
    QuestionNamesAsker,
    QuestionOver,
    RepliedAlready,
    ReplyNamesAuthor,
)
from services.catalog.questions.models import OVER, Question, QuestionState
from shared.events.questions import HiddenFor, QuestionAnswered, QuestionEvent
from shared.refusal import Refusal

AUTHOR, ASKER = "Hexaplane Systèmes", "Traiteur solidaire"
WORDS = st.sampled_from(["À quelle heure ?", "Combien de marches ?", "Le samedi ?"])
REPLIES = st.sampled_from(["À midi.", "Aucune.", f"Chez  {AUTHOR.upper()}."])


class QuestionMachine(RuleBasedStateMachine):
    """One question about one need, which may close at any moment; `told` are the events that left."""

    def __init__(self) -> None:
        super().__init__()
        self.at = datetime(2026, 11, 27, 12, tzinfo=UTC)
        self.told: list[QuestionEvent] = []

    @initialize(words=WORDS, hidden=st.booleans())
    def begin(self, words: str, hidden: bool) -> None:
        self.need = Need(
            id=uuid4(),
            organisation_id=uuid4(),
            organisation=Organisation(name=AUTHOR, legal_entity=LegalEntity(name=AUTHOR)),
            title="80 repas",
            state=NeedState.PUBLISHED,
            author_hidden=hidden,
            public_tender=False,
        )
        self.question = Question(
            id=uuid4(), need=self.need, organisation_id=uuid4(), asked_of=self.need.organisation_id, version=0,
            words=words, reply="",
        )  # fmt: skip
        self.words = words
        self.told.append(self.question.ask(ASKER, self.at))

    def _try(self, done: str, *said: object) -> Refusal | None:
        """Do it a minute later; the refusal, which leaves everything as it was."""
        self.at += timedelta(minutes=1)
        before = self._facts()
        try:
            self.told.append(getattr(self.question, done)(*said, self.at))
        except Refusal as refusal:
            assert self._facts() == before, "what is refused changes nothing"
            return refusal
        return None

    def _facts(self) -> tuple[object, ...]:
        it = self.question
        return it.state, it.version, it.words, it.reply, it.replied_at, it.changed_at, it.hidden_for

    @rule(reply=REPLIES)
    def answer(self, reply: str) -> None:
        state, is_open = self.question.state, self.need.is_open
        refusal = self._try("answer", reply)
        if state in OVER:
            assert isinstance(refusal, QuestionOver)
        elif not is_open:
            assert isinstance(refusal, PostingOver)
        elif self.need.author_hidden and AUTHOR.upper() in reply:
            assert isinstance(refusal, ReplyNamesAuthor)
        else:
            assert refusal is None
            event = self.told[-1]
            assert isinstance(event, QuestionAnswered)
            assert event.corrected is (state is QuestionState.ANSWERED)

    @rule()
    def withdraw(self) -> None:
        state = self.question.state
        refusal = self._try("withdraw")
        wanted = QuestionOver if state in OVER else RepliedAlready if state is QuestionState.ANSWERED else type(None)
        assert isinstance(refusal, wanted)

    @rule(reason=st.sampled_from(HiddenFor))
    def hide(self, reason: HiddenFor) -> None:
        state = self.question.state
        assert isinstance(self._try("hide", reason), QuestionOver if state in OVER else type(None))

    @precondition(lambda self: self.need.is_open)
    @rule()
    def close(self) -> None:
        self.need.state = NeedState.CLOSED

    @invariant()
    def an_answer_is_there_once_it_was_given_and_its_words_stay_until_taken_back(self) -> None:
        it = self.question
        assert (it.reply != "") is (it.replied_at is not None)
        assert it.state is not QuestionState.ANSWERED or it.reply
        assert it.state not in (QuestionState.ASKED, QuestionState.WITHDRAWN) or not it.reply
        assert it.words == ("" if it.state is QuestionState.WITHDRAWN else self.words)
        assert (it.hidden_for is not None) is (it.state is QuestionState.HIDDEN)
        assert it.changed_at is None or (it.replied_at is not None and it.changed_at > it.replied_at)

    @invariant()
    def no_event_names_both_sides_and_versions_count_them(self) -> None:
        assert [event.version for event in self.told] == list(range(1, self.question.version + 1))
        for event in self.told:
            text = event.model_dump_json()
            sides = (str(self.question.organisation_id), str(self.question.asked_of))
            assert sum(side in text for side in sides) == 1
            assert not any(said in text for said in (AUTHOR, ASKER, self.words))

    @invariant()
    def a_hidden_author_is_never_in_the_answer(self) -> None:
        assert not (self.need.author_hidden and AUTHOR.casefold() in self.question.reply.casefold())


TestQuestion = QuestionMachine.TestCase
TestQuestion.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


def test_a_question_that_names_its_asker_is_not_asked() -> None:
    question = Question(words=f"« {ASKER.lower()} » peut-il venir ?", version=0)
    with pytest.raises(QuestionNamesAsker):
        question.ask(ASKER, datetime(2026, 11, 27, tzinfo=UTC))
    assert question.version == 0

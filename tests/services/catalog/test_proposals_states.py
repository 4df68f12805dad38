"""Whatever is done in whatever order, an answer and its proposal keep to their states, and to each other."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.answers.models import Answer, AnswerState
from services.catalog.needs.models import Need
from services.catalog.proposals.lines import Line, total_of
from services.catalog.proposals.models import Content, Proposal, ProposalState
from shared.events.answers import AnswerGiven, Declined
from shared.events.event import Event
from shared.events.proposals import Chosen, NotChosen
from shared.refusal import Refusal
from tests.services.catalog.test_offers_states import NOW, an_organisation, common

# The answer's state and the proposal's, what is done, and where both are then; whatever is not here is refused.
Both = tuple[str, str]
FREE = ("withdrawn", "interested", "declined")
STEPS: Mapping[tuple[Both, str], Both] = {
    **{((each, "withdrawn"), "interested"): ("interested", "withdrawn") for each in FREE},
    **{((each, "withdrawn"), "declined"): ("declined", "withdrawn") for each in FREE},
    **{((each, "withdrawn"), "withdraw"): ("withdrawn", "withdrawn") for each in FREE[1:]},
    **{((each, "withdrawn"), "propose"): ("proposed", "made") for each in FREE},
    (("proposed", "made"), "propose"): ("proposed", "made"),
    (("proposed", "made"), "take back"): ("interested", "withdrawn"),
    (("proposed", "made"), "accept"): ("accepted", "accepted"),
    (("proposed", "made"), "reject"): ("rejected", "rejected"),
}
VERBS = sorted({verb for _, verb in STEPS})
CONTENT = Content(
    [Line(what="Repas", quantity=Decimal(80), unit="repas", price_cents=1250)], None, None, NOW.date(), [], ""
)


class Story:
    """One supplier's answer to a need and its proposal; what is refused leaves both as a rollback does."""

    def __init__(self) -> None:
        self.need = Need(**common(an_organisation()), state="published", kind="procurement", author_hidden=True)
        supplier = an_organisation()
        both = {"need": self.need, "need_id": self.need.id, "organisation": supplier, "organisation_id": supplier.id}
        self.answer = Answer(
            id=uuid4(), **both, state=AnswerState.WITHDRAWN, version=0, note="", created_at=NOW, given_at=NOW
        )
        self.proposal = Proposal(
            id=uuid4(), **both, answer_id=self.answer.id, state=ProposalState.WITHDRAWN, version=0, revision=0,
            words="", made_at=NOW, participations=[],
        )  # fmt: skip
        self.now = NOW

    @property
    def states(self) -> Both:
        return self.answer.state.value, self.proposal.state.value

    def do(self, verb: str) -> Event | None:
        """The event it tells, None where it is refused."""
        # Clocks of several machines: the next moment may be an earlier one.
        self.now -= timedelta(microseconds=1)
        before = [{**row.__dict__} for row in (self.answer, self.proposal)]
        try:
            return self._steps[verb]()
        except Refusal:
            for row, values in zip((self.answer, self.proposal), before, strict=True):
                for name in ("state", "version", "given_at", "note", "reason"):
                    if name in values:
                        setattr(row, name, values[name])
            return None

    @property
    def _steps(self) -> Mapping[str, Callable[[], Event]]:
        answer, proposal, follow = self.answer, self.proposal, self.answer.follow
        return {
            "interested": lambda: answer.give(AnswerState.INTERESTED, None, "Un mot", self.now),
            "declined": lambda: answer.give(AnswerState.DECLINED, Declined.PRICE, "", self.now),
            "withdraw": lambda: answer.withdraw(self.now),
            "propose": lambda: proposal.write(CONTENT, follow(AnswerState.PROPOSED, self.now)),
            "take back": lambda: proposal.withdraw(follow(AnswerState.INTERESTED, self.now)),
            "accept": lambda: proposal.accept(Chosen.PRICE, "", follow(AnswerState.ACCEPTED, self.now)),
            "reject": lambda: proposal.reject(NotChosen.PRICE, "", follow(AnswerState.REJECTED, self.now)),
        }


@given(verbs=st.lists(st.sampled_from(VERBS), max_size=12))
def test_answer_and_proposal_follow_each_other(verbs: list[str]) -> None:
    """INVARIANT: an answer is proposed, accepted or rejected exactly while its proposal is; each step is told once,
    later than the one before, and never with an answer that yesterday's readers do not know.
    """
    story, told = Story(), list[Event]()
    for verb in verbs:
        states, at = story.states, story.answer.given_at
        versions = (story.answer.version, story.proposal.version)
        event, expected = story.do(verb), STEPS.get((states, verb))
        assert story.states == (expected or states), (states, verb)
        assert (event is None) is (expected is None), (states, verb)
        if event is None:
            assert (story.answer.version, story.proposal.version) == versions
            continue
        assert story.answer.version == versions[0] + 1
        assert story.answer.given_at > at or story.answer.version == 1
        assert event.at == story.answer.given_at  # type: ignore[attr-defined] # each of these has it
        assert story.proposal.version == versions[1] + (not isinstance(event, AnswerGiven))
        told.append(event)
    assert len({(type(each), each.version) for each in told}) == len(told)


def test_a_hidden_author_is_in_no_event_but_that_of_being_chosen() -> None:
    story = Story()
    hidden = str(story.need.organisation_id)
    for verb, tells in (("propose", True), ("take back", True), ("propose", True), ("reject", False)):
        event = story.do(verb)
        assert event is not None
        assert (hidden in event.model_dump_json()) is tells, verb
        # What tells of it is told to its own people alone.
        assert not tells or event.organisation_id == story.need.organisation_id  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("quantity", "price", "total"), [("1.5", 333, 500), ("0.5", 1, 1), ("3", -250, -750), ("7", 0, 0)]
)
def test_a_line_is_rounded_to_the_nearest_cent(quantity: str, price: int, total: int) -> None:
    line = Line(what="Repas", quantity=Decimal(quantity), unit="repas", price_cents=price)
    assert line.total_cents == total
    assert total_of([line, line]) == 2 * total

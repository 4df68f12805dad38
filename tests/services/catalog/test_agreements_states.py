"""Whatever either side does in whatever order, an agreement keeps to its states, and nobody completes it alone."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.agreements.content import Content, Milestone, Party
from services.catalog.agreements.errors import NatureUnfit
from services.catalog.agreements.models import Agreement, AgreementState, Signature
from services.catalog.agreements.natures import (
    HANDED_OVER,
    Circumstances,
    Side,
    Standing,
    is_public,
    refuse_unfit,
    usual_giver,
    usual_nature,
)
from services.catalog.proposals.lines import Line
from shared.events.agreements import AgreementEvent, CancelledFor, Nature
from shared.events.facts import NeedKind
from shared.refusal import Refusal
from tests.services.catalog.test_offers_states import NOW

VERBS = ("change", "sign", "tick", "untick", "finish", "cancel")


def a_party(name: str) -> Party:
    return Party(organisation_id=uuid4(), name=name, entity_name=name, siren=None, siret=None, address="Toulouse")


def a_content(nature: Nature = Nature.ORDER, **changes: object) -> Content:
    """80 meals at 12,50 €, with one milestone."""
    line = Line(what="Repas", quantity=Decimal(80), unit="repas", price_cents=1250)
    said = {
        "title": "80 repas par mois",
        "nature": nature,
        "buyer": a_party("Hexaplane"),
        "supplier": a_party("Traiteur solidaire"),
        "lines": (line,),
        "milestones": (Milestone(label="Essai"),),
        **changes,
    }
    return Content.model_validate(said)


def an_agreement(content: Content) -> tuple[Agreement, list[AgreementEvent]]:
    """One that was just concluded, and what was told of it."""
    agreement = Agreement(
        id=uuid4(), proposal_id=uuid4(), need_id=uuid4(), buyer_id=content.buyer.organisation_id,
        supplier_id=content.supplier.organisation_id, state=AgreementState.CONCLUDED, version=0, revision=0, ticks={},
        concluded_at=NOW, words="", signatures=[],
    )  # fmt: skip
    return agreement, agreement.write(content, NOW)


class Story:
    """One agreement and what its two sides do; what is refused leaves it as a rollback does."""

    def __init__(self) -> None:
        self.content = a_content()
        self.agreement, self.told = an_agreement(self.content)
        self.now, self.changes = NOW, 0

    def do(self, side: Side, verb: str) -> list[AgreementEvent] | None:
        """What it tells; None where it is refused."""
        self.now += timedelta(minutes=1)
        version = self.agreement.version
        try:
            events = self._steps(side)[verb]()
        except Refusal:
            assert self.agreement.version == version
            return None
        self.told += events
        return events

    def _steps(self, side: Side) -> Mapping[str, Callable[[], list[AgreementEvent]]]:
        agreement, now = self.agreement, self.now
        return {
            "change": lambda: agreement.write(self._another(), now),
            "sign": lambda: _some(agreement.sign(self._signature(side))),
            "tick": lambda: _some(agreement.tick(1, side, now, done=True)),
            "untick": lambda: _some(agreement.tick(1, side, now, done=False)),
            "finish": lambda: _some(agreement.finish(side, now)),
            "cancel": lambda: _some(agreement.cancel(side, CancelledFor.DELAY, "", now)),
        }

    def _another(self) -> Content:
        self.changes += 1
        return self.content.model_copy(update={"terms": str(self.changes)})

    def _signature(self, side: Side) -> Signature:
        return Signature(id=uuid4(), side=side, document_sha256="0" * 64, signed_at=self.now)


def _some(event: AgreementEvent | None) -> list[AgreementEvent]:
    return [event] if event else []


ACTS = st.lists(st.tuples(st.sampled_from(list(Side)), st.sampled_from(VERBS)), max_size=14)


@given(acts=ACTS)
def test_an_agreement_runs_once_both_signed_the_same_words_and_ends_once_both_say_so(
    acts: list[tuple[Side, str]],
) -> None:
    """INVARIANT: running means both signed what it says, completed that both said so; what ended stays; the other side
    hears of every step once, in an event of a version of its own.
    """
    story = Story()
    for side, verb in acts:
        agreement, before = story.agreement, story.agreement.state
        events = story.do(side, verb)
        signed = [each for each in Side if agreement.signature_of(each)]
        if before in (AgreementState.COMPLETED, AgreementState.CANCELLED):
            assert agreement.state is before
            assert not events
        if agreement.state in (AgreementState.RUNNING, AgreementState.COMPLETED):
            assert len(signed) == 2
        if agreement.state is AgreementState.CONCLUDED:
            assert len(signed) < 2
        if agreement.state is AgreementState.COMPLETED:
            assert all(agreement.done_at(each) for each in Side)
        if verb == "change" and events is not None:
            assert not signed
            assert before is AgreementState.CONCLUDED
            assert len(events) == 2
        elif events:
            assert [each.organisation_id for each in events] == [story.content.party(side.other).organisation_id]
    assert [each.version for each in story.told] == list(range(1, story.agreement.version + 1))
    assert len([each for each in story.told if each.type.endswith(("completed.v1", "cancelled.v1"))]) <= 1


def test_a_word_that_anybody_wrote_is_in_no_event() -> None:
    content = a_content(terms="Zénobie", place="Zénobie", provenance="Zénobie", purchase_order="Zénobie")
    agreement, told = an_agreement(content)
    agreement.sign(Signature(id=uuid4(), side=Side.BUYER, document_sha256="0" * 64, signed_at=NOW))
    told += agreement.write(a_content(terms="Zénobie encore"), NOW)
    told += _some(agreement.cancel(Side.BUYER, CancelledFor.OTHER, "Zénobie", NOW))
    assert len(told) == 4
    assert "Zénobie" not in "".join(each.model_dump_json() for each in told)


SIDES = st.booleans().map(lambda public: Standing("Quelqu'un", public, may_issue_receipts=not public))
CASES = st.builds(
    Circumstances,
    kind=st.sampled_from(list(NeedKind)),
    total_cents=st.sampled_from([-1000, 0, 1000]),
    receipt_wanted=st.booleans(),
    sides=st.fixed_dictionaries({Side.BUYER: SIDES, Side.SUPPLIER: SIDES}),
)


@given(of=CASES)
def test_what_is_offered_first_is_no_gift_of_what_is_paid(of: Circumstances) -> None:
    """INVARIANT: a purchase is never a gift, not even as a suggestion, nor does a public body do patronage."""
    nature, giver = usual_nature(of), usual_giver(of)
    if nature is Nature.GIFT:
        assert of.total_cents <= 0
        assert not of.sides[giver].is_public
    try:
        refuse_unfit(nature, giver if nature in HANDED_OVER else None, of)
    except NatureUnfit:
        # A receipt that the recipient cannot issue is said when it is sent: who may issue it changes.
        assert nature is Nature.GIFT
        assert of.receipt_wanted


@given(of=CASES, giver=st.sampled_from(list(Side)))
def test_no_circumstances_let_a_paid_thing_be_given_or_lent(of: Circumstances, giver: Side) -> None:
    paid = of._replace(total_cents=abs(of.total_cents) + 1)
    for nature in (Nature.GIFT, Nature.LOAN):
        with pytest.raises(NatureUnfit):
            refuse_unfit(nature, giver, paid)


@pytest.mark.parametrize(
    ("siren", "roles", "public"),
    [
        ("213105554", [], True),
        ("130025265", [], True),
        ("732829320", [], False),
        (None, ["territory"], True),
        (None, [], False),
    ],
)
def test_a_public_body_is_known_by_its_number(siren: str | None, roles: list[str], public: bool) -> None:
    assert is_public(siren, roles) is public

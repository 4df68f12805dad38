"""Whatever is done to a campaign and its pledges, in whatever order: states, sums, versions and days agree."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.catalog.campaigns.errors import (
    CampaignFrozen,
    CampaignOver,
    CampaignPublishedAlready,
    CounterpartTooLarge,
    DatesInDisorder,
    NothingPledged,
)
from services.catalog.campaigns.models import ENDED, LIVE, Campaign, Counterpart, State
from services.catalog.campaigns.pledge import Pledge, PledgeState
from services.catalog.organisations.models import LegalEntity, Organisation, OrganisationState
from shared.clock import day_of
from shared.contract.examples import TOULOUSE
from shared.events import Event
from shared.events.campaigns import CampaignClosed, Outcome, Rule
from shared.events.facts import Origin
from shared.refusal import Refusal

PERCENT = Decimal(25)
DAY = date(2026, 11, 27)
EUROS = st.integers(1, 600_000)


def an_organisation(name: str) -> Organisation:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    entity = LegalEntity(id=uuid4(), name=name, kinds=[], may_issue_receipts=False)
    organisation = Organisation(
        id=uuid4(), name=name, legal_entity=entity, legal_entity_id=entity.id, created_at=at, roles=["ess"],
        state=OrganisationState.VERIFIED,
    )  # fmt: skip
    organisation.place = TOULOUSE
    return organisation


def a_campaign(**changes: object) -> Campaign:
    owner = an_organisation("Atelier")
    values = {
        "title": "Un four", "description": "Pour cuire.", "categories": ["meal-trays"], "goal_cents": 800_000,
        "threshold_cents": 500_000, "rule": Rule.ALL_OR_NOTHING, "ends_on": DAY + timedelta(days=10),
        "pledged_cents": 0, "pledges": 0, "reason": "", "step_data": [], "counterpart_data": [], "version": 0,
        "state": State.DRAFT, "origin": Origin.MEMBER, "starts_on": None, **changes,
    }  # fmt: skip
    return Campaign(id=uuid4(), organisation=owner, organisation_id=owner.id, **values)


@pytest.mark.parametrize(
    ("from_cents", "value_cents", "is_gift"),
    [(10_000, 2_500, True), (10_000, 2_501, False), (0, 0, True), (0, 1, False)],
)
def test_a_counterpart_is_worth_a_quarter_of_its_pledge_at_most(
    from_cents: int, value_cents: int, is_gift: bool
) -> None:
    campaign = a_campaign()
    campaign.counterparts = [Counterpart(from_cents, "Un repas", value_cents)]
    if is_gift:
        campaign.check_complete(DAY, percent=PERCENT)
    else:
        with pytest.raises(CounterpartTooLarge):
            campaign.check_complete(DAY, percent=PERCENT)


def test_the_largest_counterpart_that_a_pledge_reaches_is_its_own() -> None:
    campaign = a_campaign()
    campaign.counterparts = [Counterpart(1_000, "Merci", 0), Counterpart(5_000, "Un repas", 100)]
    assert [each and each.words for each in map(campaign.counterpart_of, (999, 1_000, 4_999, 5_000))] == [
        None,
        "Merci",
        "Merci",
        "Un repas",
    ]


class CampaignMachine(RuleBasedStateMachine):
    """One campaign with three companies; days go by, and the timer comes by or not."""

    @initialize(rule=st.sampled_from(Rule), opens=st.integers(0, 3))
    def begin(self, rule: Rule, opens: int) -> None:
        self.at = datetime(2026, 11, 27, 12, tzinfo=UTC)
        self.campaign = a_campaign(rule=rule, starts_on=DAY + timedelta(days=opens))
        self.companies = [an_organisation(name) for name in "ABC"]
        self.pledges: dict[int, Pledge] = {}
        self.told: list[Event] = []

    @rule(days=st.integers(0, 4))
    def wait(self, days: int) -> None:
        self.at += timedelta(days=days, minutes=1)

    @rule()
    def publish(self) -> None:
        state = self.campaign.state
        wanted = CampaignOver if state in ENDED else CampaignPublishedAlready if state in LIVE else DatesInDisorder
        try:
            self.told.append(self.campaign.publish(self.at, percent=PERCENT))
        except wanted:
            assert self.campaign.state is state

    @rule(goal=EUROS)
    def move_the_goal(self, goal: int) -> None:
        state, before = self.campaign.state, self.campaign.goal_cents
        try:
            event = self.campaign.change({"goal_cents": goal + 500_000, "description": "Autre."}, self.at)
            assert state is State.DRAFT or (state not in ENDED and before == goal + 500_000)
            assert (event is None) == (state not in LIVE)
        except (CampaignFrozen, CampaignOver):
            assert state is not State.DRAFT

    @rule(who=st.integers(0, 2), cents=EUROS)
    def promise(self, who: int, cents: int) -> None:
        today = day_of(self.at)
        pledge = self.pledges.get(who) or Pledge(
            id=uuid4(), campaign_id=self.campaign.id, version=0, reminded=0, supporter=self.companies[who],
            supporter_id=self.companies[who].id,
        )  # fmt: skip
        try:
            self.campaign.refuse_unless_open(today)
        except Refusal:
            assert not self.campaign.takes_pledges(today)
            return
        before = pledge.standing_cents
        if pledge.say({"amount_cents": cents}, self.at):
            self.told.append(self.campaign.counts(before, pledge.standing_cents, self.at))
        else:
            assert before == cents
        self.pledges[who] = pledge

    @rule(who=st.integers(0, 2))
    def take_back(self, who: int) -> None:
        pledge = self.pledges.get(who)
        if pledge is None or not self.campaign.takes_pledges(day_of(self.at)):
            return
        before = pledge.standing_cents
        try:
            pledge.withdraw(self.at)
        except NothingPledged:
            assert before is None
            return
        self.told.append(self.campaign.counts(before, None, self.at))

    @rule()
    def cancel(self) -> None:
        state = self.campaign.state
        try:
            event = self.campaign.cancel("Vendu.", self.at)
        except CampaignOver:
            assert state in ENDED
            return
        assert (event is not None) is (state in LIVE)
        self.told += [event] if event else []
        self._settle()

    @rule()
    def timer(self) -> None:
        was_enough = self.campaign.is_enough
        for event in (self.campaign.open(self.at), self.campaign.close(self.at)):
            self.told += [event] if event else []
            if isinstance(event, CampaignClosed):
                assert event.outcome is (Outcome.SUCCEEDED if was_enough else Outcome.LAPSED)
        self._settle()

    def _settle(self) -> None:
        if self.campaign.state not in ENDED:
            return
        for pledge in self.pledges.values():
            if pledge.state is PledgeState.MADE:
                (pledge.confirm if self.campaign.state is State.SUCCEEDED else pledge.lapse)(self.at)

    @invariant()
    def the_sum_is_that_of_the_pledges_that_stand_or_stood_at_its_end(self) -> None:
        stood = [each for each in self.pledges.values() if each.state is not PledgeState.WITHDRAWN]
        assert self.campaign.pledged_cents == sum(each.amount_cents for each in stood)
        assert self.campaign.pledges == len(stood)

    @invariant()
    def only_a_success_confirms_and_an_end_leaves_nothing_open(self) -> None:
        states = {each.state for each in self.pledges.values()}
        if self.campaign.state in ENDED:
            assert PledgeState.MADE not in states
        assert PledgeState.CONFIRMED not in states or self.campaign.state is State.SUCCEEDED
        assert PledgeState.LAPSED not in states or self.campaign.state in (State.LAPSED, State.CANCELLED)

    @invariant()
    def it_is_looked_at_again_as_long_as_something_is_to_come(self) -> None:
        if self.campaign.state in LIVE:
            assert self.campaign.look_at is not None
            assert self.campaign.look_at > self.at - timedelta(days=30)

    @invariant()
    def versions_only_grow(self) -> None:
        versions = [event.version for event in self.told]
        assert versions == sorted(set(versions))
        assert not versions or versions[-1] <= self.campaign.version


TestCampaignMachine = CampaignMachine.TestCase
TestCampaignMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

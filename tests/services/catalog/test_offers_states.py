"""Whatever is done in whatever order, an offer, a flow and a need keep to their states and tell each step once."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.flows.models import Flow, FlowState
from services.catalog.needs.models import AmountShown, Need, NeedState
from services.catalog.offers.models import Offer, OfferState
from services.catalog.organisations.models import LegalEntity, Organisation, OrganisationState
from shared.events.catalog import Ending
from shared.events.event import Event
from shared.events.facts import LegalStatus, NeedKind, Origin, Period
from shared.refusal import Refusal
from shared.territory import gazetteer
from shared.territory.place import Place

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

# State, what is done, the state it leads to (None: refused) and the event it tells (None: silence).
Step = tuple[str | None, str | None]
OFFER: Mapping[tuple[str, str], Step] = {
    ("draft", "publish"): ("published", "OfferPublished"),
    ("draft", "updated"): ("draft", None),
    ("draft", "withdraw"): ("withdrawn", None),
    ("published", "updated"): ("published", "OfferUpdated"),
    ("published", "pause"): ("paused", "OfferPaused"),
    ("published", "withdraw"): ("withdrawn", "OfferWithdrawn"),
    ("paused", "updated"): ("paused", None),
    ("paused", "resume"): ("published", "OfferUpdated"),
    ("paused", "withdraw"): ("withdrawn", "OfferWithdrawn"),
}
FLOW: Mapping[tuple[str, str], Step] = {
    ("draft", "submit"): ("submitted", None),
    ("draft", "publish"): ("published", "FlowPublished"),
    ("draft", "updated"): ("draft", None),
    ("draft", "end"): ("ended", None),
    ("submitted", "submit"): ("submitted", None),
    ("submitted", "send_back"): ("draft", None),
    ("submitted", "publish"): ("published", "FlowPublished"),
    ("submitted", "updated"): ("submitted", None),
    ("submitted", "end"): ("ended", None),
    ("published", "updated"): ("published", "FlowUpdated"),
    ("published", "pause"): ("paused", "FlowPaused"),
    ("published", "end"): ("ended", "FlowWithdrawn"),
    ("paused", "updated"): ("paused", None),
    ("paused", "resume"): ("published", "FlowUpdated"),
    ("paused", "end"): ("ended", "FlowWithdrawn"),
}
NEED: Mapping[tuple[str, str], Step] = {
    ("draft", "submit"): ("submitted", None),
    ("draft", "publish"): ("published", "NeedPublished"),
    ("draft", "updated"): ("draft", None),
    ("draft", "withdraw"): ("withdrawn", None),
    ("submitted", "submit"): ("submitted", None),
    ("submitted", "send_back"): ("draft", None),
    ("submitted", "publish"): ("published", "NeedPublished"),
    ("submitted", "updated"): ("submitted", None),
    ("submitted", "withdraw"): ("withdrawn", None),
    ("published", "updated"): ("published", "NeedUpdated"),
    ("published", "withdraw"): ("withdrawn", "NeedWithdrawn"),
    ("published", "close"): ("closed", "NeedClosed"),
}
# What they are told beside the time.
SAID: Mapping[str, tuple[object, ...]] = {"send_back": ("Précisez le lieu.",), "close": (Ending.AGREED_HERE,)}


def an_organisation() -> Organisation:
    place = gazetteer.resolve("Launaguet")
    assert isinstance(place, Place)
    entity = LegalEntity(id=uuid4(), name="Palettes Garonne", kinds=["EI"], may_issue_receipts=False, version=1)
    organisation = Organisation(
        id=uuid4(),
        legal_entity_id=entity.id,
        legal_entity=entity,
        name="Palettes Garonne",
        roles=["ess"],
        permits=[],
        state=OrganisationState.VERIFIED,
        created_at=NOW,
    )
    organisation.place = place
    return organisation


def common(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "organisation": organisation,
        "organisation_id": organisation.id,
        "version": 0,
        "title": "Palettes",
        "description": "",
        "categories": ["wood"],
        "ewc": [],
        "origin": Origin.MEMBER,
        "quantity_value": Decimal(6),
        "quantity_unit": "t",
        "quantity_period": Period.WEEK,
    }


def an_offer(state: str = "draft") -> Offer:
    values = common(an_organisation())
    lists: dict[str, Any] = {name: [] for name in ("cpv", "naf", "zone_data", "service_types", "permit_data")}
    return Offer(**values, **lists, state=OfferState(state), need_kinds=["procurement"], takes_material=True)


def a_flow(state: str = "draft") -> Flow:
    values = common(an_organisation())
    flow = Flow(
        **values,
        state=FlowState(state),
        legal_status=LegalStatus.PRODUCT,
        levels=[],
        supplier_kinds=[],
        permits=[],
        receipt_wanted=False,
        currency="EUR",
        recurrence="FREQ=WEEKLY;BYDAY=TH",
    )
    flow.pickup_from, flow.pickup_until = datetime(2026, 1, 1, 7).time(), datetime(2026, 1, 1, 11).time()  # noqa: DTZ001
    flow.place = flow.organisation.place
    return flow


def a_need(state: str = "draft") -> Need:
    lists: dict[str, Any] = {name: [] for name in ("cpv", "supplier_kinds", "permits", "clause_publics")}
    need = Need(**common(an_organisation()), **lists, state=NeedState(state), kind=NeedKind.PROCUREMENT)
    need.amount_shown, need.receipt_wanted, need.public_tender, need.author_hidden = AmountShown.HIDDEN, *[False] * 3
    need.place = need.organisation.place
    return need


KINDS = [
    pytest.param(an_offer, OFFER, OfferState, id="offer"),
    pytest.param(a_flow, FLOW, FlowState, id="flow"),
    pytest.param(a_need, NEED, NeedState, id="need"),
]


@pytest.mark.parametrize(("make", "table", "states"), KINDS)
@given(data=st.data())
def test_every_step_is_the_table_s(
    make: Callable[[str], Any], table: Mapping[tuple[str, str], Step], states: type[StrEnum], data: st.DataObject
) -> None:
    verbs = sorted({verb for _, verb in table})
    posted = make(data.draw(st.sampled_from(sorted(states)), label="state"))
    now = NOW
    for verb in data.draw(st.lists(st.sampled_from(verbs), max_size=12), label="steps"):
        now += timedelta(minutes=1)
        state, version = posted.state.value, posted.version
        expected, told = table.get((state, verb), (None, None))
        if expected is None:
            with pytest.raises(Refusal):
                getattr(posted, verb)(*SAID.get(verb, ()), now)
            assert (posted.state.value, posted.version) == (state, version)
            continue
        event: Event | None = getattr(posted, verb)(*SAID.get(verb, ()), now)
        assert posted.state.value == expected
        assert (type(event).__name__ if event else None) == told
        if event is not None:
            assert event.version == posted.version == version + 1
            assert event.aggregate_id == posted.id


@pytest.mark.parametrize(("make", "table", "states"), KINDS)
def test_every_state_is_reached_and_is_left_unless_it_ends(
    make: Callable[[str], Any], table: Mapping[tuple[str, str], Step], states: type[StrEnum]
) -> None:
    """INVARIANT: no state is beyond reach of a draft, and only an end leads nowhere."""
    ways = {(before, after) for (before, _), (after, _) in table.items()}
    reached = {make("draft").state.value}
    for _ in states:
        reached |= {after for before, after in ways if before in reached and after is not None}
    assert reached == set(states)
    ends = set(states) - {before for before, _ in ways}
    assert ends <= {"withdrawn", "closed", "ended"}

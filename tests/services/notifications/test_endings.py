"""A status or a permit that ends: its holder is told where it is renewed, once for each threshold."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.messages import message_of
from shared.events.standing import EndingNoticed
from tests.services.notifications.actors import Actor, Stage, actor, joined, registered

LAST = date(2027, 1, 31)


@pytest.fixture
async def holder(stage: Stage) -> Actor:
    who = actor("Atelier")
    await stage.tell(registered(who), joined(who))
    return who


def noticed(who: Actor, days_before: int = 60, **changes: Any) -> EndingNoticed:
    facts: dict[str, Any] = {"what": "status", "code": "ACI", "expires_on": LAST, **changes}
    return EndingNoticed(
        version=1, ending_id=uuid4(), organisation_id=who.organisation_id, days_before=days_before, **facts
    )


async def told(stage: Stage) -> list[dict[str, Any]]:
    rows = await stage.rows(
        "SELECT params || jsonb_build_object('about_kind', about_kind, 'about_id', about_id) AS p "
        "FROM notices WHERE topic = 'ending' ORDER BY id"
    )
    return [row["p"] for row in rows]


async def test_the_holder_is_told_once_for_each_threshold(stage: Stage, holder: Actor) -> None:
    """INVARIANT: also when catalog was put back to before it had told, and tells it again as another fact."""
    await stage.tell(noticed(holder), noticed(holder), noticed(holder, 14), noticed(holder, -1))
    assert len(await told(stage)) == 3
    assert await stage.rows("SELECT member_id FROM deliveries") == [{"member_id": holder.member_id}] * 3
    assert await stage.rows("SELECT DISTINCT payload ->> 'say' AS say FROM live_events") == [{"say": "ending"}]


async def test_a_letter_does_not_wait_beyond_the_end(stage: Stage, holder: Actor) -> None:
    await stage.tell(noticed(holder), noticed(holder, -1))
    before, after = await told(stage)
    assert (before["deadline_on"], "deadline_on" in after) == ("2027-01-31", False)


async def test_it_says_which_one_and_when_in_both_languages(stage: Stage, holder: Actor) -> None:
    await stage.tell(noticed(holder), noticed(holder, -1))
    before, after = await told(stage)
    french, english = message_of("ending", before, "fr"), message_of("ending", before, "en")
    assert "ACI" in french.title
    assert french.title.endswith("prend fin le 31 janvier 2027")
    assert english.title.endswith("ends on 31 January 2027")
    assert message_of("ending", after, "en").title.endswith("ended on 31 January 2027")
    assert french.path == "/organisation/statuses"


async def test_a_permit_leads_to_its_site(stage: Stage, holder: Actor) -> None:
    site = uuid4()
    permit: dict[str, Any] = {"what": "permit", "code": "waste_treatment"}
    await stage.tell(noticed(holder, site_id=site, site_name="Quai 3", **permit), noticed(holder, **permit))
    of_site, without = await told(stage)
    said = message_of("ending", of_site, "fr")
    assert (said.path, "Quai 3" in said.text) == (f"/organisation/sites/{site}", True)
    assert message_of("ending", without, "fr").path == "/organisation"

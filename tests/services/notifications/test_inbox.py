"""The inbox: each member's own reading of what their organisation was told."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.inbox.queries import PAGE
from shared.events.reasons import Feature, Reason
from shared.identity import Identity
from tests.services.notifications.actors import (
    Actor,
    Clock,
    Stage,
    a_demand,
    a_match,
    actor,
    matched,
    solicited,
    unmatched,
)
from tests.support import an_identity

API = "/notifications/api/v1"


@pytest.fixture
def supplier() -> Identity:
    return an_identity(organisation_name="Traiteur solidaire")


@pytest.fixture
def colleague(supplier: Identity) -> Identity:
    return an_identity(organisation_id=supplier.organisation_id)


@pytest.fixture
def buyer() -> Actor:
    return actor("Ville de Blagnac")


def as_actor(identity: Identity) -> Actor:
    return Actor(identity.organisation_id, identity.member_id, identity.organisation_name)


def titles(html: str) -> Sequence[str]:
    return re.findall(r'<a class="ttl"[^>]*>([^<]*)</a>', html)


async def test_an_empty_inbox_says_what_to_do(visit: Any, supplier: Identity) -> None:
    answer = await visit(supplier).get("/notifications/")
    assert answer.status_code == 200
    assert "Rien pour l’instant." in answer.text
    assert 'href="/offers/new"' in answer.text


async def test_a_notice_says_what_why_and_what_to_do(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor
) -> None:
    await stage.tell(solicited(as_actor(supplier), demand := a_demand(buyer)))
    answer = await visit(supplier).get("/notifications/")
    assert titles(answer.text) == ["Un besoin pour vous\u00a0: 80\u00a0repas par mois, Montaudran"]
    assert "parce que votre activité correspond (note 91 sur 100)" in answer.text
    assert "À 9\u00a0km" in answer.text
    assert f'href="/needs/{demand.demand_id}"' in answer.text
    assert "Voir le besoin et répondre" in answer.text
    assert "Non lu<" in answer.text


async def test_a_weak_match_is_called_a_lead(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    weak = solicited(as_actor(supplier), a_demand(buyer)).model_copy(update={"score": 19})
    await stage.tell(weak)
    answer = await visit(supplier).get("/notifications/")
    assert "pourrait correspondre\u00a0: c’est une piste." in answer.text
    assert "sur 100" not in answer.text


async def test_every_sentence_has_its_english(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    me = as_actor(supplier)
    flow = a_demand(me, kind="flow", title="Palettes")
    await stage.tell(
        solicited(me, a_demand(buyer)), solicited(me, a_demand(buyer, kind="flow")), unmatched(a_demand(me)),
        matched(flow, [a_match(buyer)]), matched(a_demand(me), [a_match(buyer), a_match(actor("x"), rank=2)]),
    )  # fmt: skip
    answer = await visit(supplier).get("/en/notifications/")
    assert sorted(titles(answer.text)) == [
        "1 organisation fits your flow",
        "2 organisations fit your need",
        "A material flow for you: 80 repas par mois, Montaudran",
        "A need for you: 80 repas par mois, Montaudran",
        "Nobody yet for your need: 80 repas par mois, Montaudran",
    ]
    assert 'href="/en/needs/' in answer.text
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    assert not re.search(r"\b(le|la|votre|Voir|Marquer|structure)\b", re.sub(r"<[^>]+>", " ", main))


async def test_what_others_typed_is_shown_as_text(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer, title="<script>alert(1)</script>{x}%s")))
    answer = await visit(supplier).get("/notifications/")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{x}%s" in answer.text


async def test_a_reason_nobody_can_say_does_not_hide_the_notice(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor
) -> None:
    odd = Reason(feature=Feature.DISTANCE, points=Decimal(1), values={})
    fact = solicited(as_actor(supplier), a_demand(buyer)).model_copy(update={"reasons": (odd,)})
    await stage.tell(fact)
    assert len(titles((await visit(supplier).get("/notifications/")).text)) == 1


async def test_a_request_leads_to_the_whole_of_why(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    fact = solicited(as_actor(supplier), a_demand(buyer))
    await stage.tell(fact)
    path = f"/matching/demands/{fact.demand.demand_id}/history"
    assert f'href="{path}"' in (await visit(supplier).get("/notifications/")).text
    assert f'href="/en{path}"' in (await visit(supplier).get("/en/notifications/")).text
    (notice,) = (await visit(supplier).get(f"{API}/notices")).json()["items"]
    assert notice["history_url"] == path


async def test_each_member_reads_for_themselves(
    visit: Any, stage: Stage, supplier: Identity, colleague: Identity, buyer: Actor
) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    mine, theirs = visit(supplier), visit(colleague)
    (notice,) = (await mine.get(f"{API}/notices")).json()["items"]
    answer = await mine.post(f"/notifications/{notice['id']}/read")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications/")
    assert (await mine.get(f"{API}/unread")).json() == {"unread": 0}
    assert (await theirs.get(f"{API}/unread")).json() == {"unread": 1}
    assert "Non lu<" not in (await mine.get("/notifications/")).text


async def test_who_joins_later_finds_what_the_organisation_was_told(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor
) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    newcomer = an_identity(organisation_id=supplier.organisation_id)
    assert (await visit(newcomer).get(f"{API}/unread")).json() == {"unread": 1}


async def test_another_organisation_sees_nothing_and_cannot_mark_it(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor
) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    (notice,) = (await visit(supplier).get(f"{API}/notices")).json()["items"]
    stranger = visit(an_identity())
    assert (await stranger.get(f"{API}/notices")).json() == {"items": [], "next": None}
    for address in (f"{API}/notices/{notice['id']}/read", f"/notifications/{notice['id']}/open"):
        assert (await stranger.post(address)).status_code == 404
    assert (await visit(supplier).get(f"{API}/unread")).json() == {"unread": 1}


async def test_opening_marks_as_read_and_goes_to_the_action(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor
) -> None:
    await stage.tell(solicited(as_actor(supplier), demand := a_demand(buyer, kind="flow")))
    me = visit(supplier)
    (notice,) = (await me.get(f"{API}/notices")).json()["items"]
    answer = await me.post(f"/en/notifications/{notice['id']}/open")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/flows/{demand.demand_id}")
    assert (await me.get(f"{API}/unread")).json() == {"unread": 0}


async def test_marking_twice_changes_nothing_and_all_means_all(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor
) -> None:
    await stage.tell(*[solicited(as_actor(supplier), a_demand(buyer)) for _ in range(3)])
    me = visit(supplier)
    first = (await me.get(f"{API}/notices")).json()["items"][0]["id"]
    for _ in range(2):
        assert (await me.post(f"{API}/notices/{first}/read")).status_code == 204
    assert (await me.get(f"{API}/unread")).json() == {"unread": 2}
    unread = (await me.get("/notifications/?show=unread")).text
    assert len(titles(unread)) == 2
    assert f"notice-{first}" not in unread
    assert (await me.post("/notifications/read")).status_code == 303
    assert "Tout est lu." in (await me.get("/notifications/?show=unread")).text


async def test_the_list_can_be_narrowed_to_a_topic_and_to_what_is_read(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor
) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)), unmatched(a_demand(as_actor(supplier))))
    me = visit(supplier)
    newest = (await me.get(f"{API}/notices")).json()["items"][0]
    assert newest["topic"] == "unmatched"
    await me.post(f"{API}/notices/{newest['id']}/read")
    shown = {
        show: titles((await me.get(f"/notifications/?{show}")).text)
        for show in ("topic=solicited", "topic=unmatched", "show=read", "show=unread", "topic=matched", "topic=weather")
    }
    assert [len(each) for each in shown.values()] == [1, 1, 1, 1, 0, 2]
    assert shown["topic=solicited"] == shown["show=unread"] != shown["show=read"]
    assert "Rien à ce sujet." in (await me.get("/notifications/?topic=solicited&show=read")).text
    assert [each["topic"] for each in (await me.get(f"{API}/notices?topic=solicited")).json()["items"]] == ["solicited"]
    assert (await me.get(f"{API}/notices?topic=weather")).status_code in (400, 422)


async def test_a_narrowed_list_goes_on_narrowed(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    await stage.tell(*[solicited(as_actor(supplier), a_demand(buyer)) for _ in range(PAGE + 1)])
    answer = await visit(supplier).get("/notifications/?topic=solicited&show=unread")
    (following,) = re.findall(r'rel="next" href="([^"]+)"', answer.text)
    assert "show=unread&amp;topic=solicited&amp;before=" in following
    assert 'hx-get="/notifications/?show=unread&amp;topic=solicited"' in answer.text


async def test_a_topic_is_marked_as_read_without_the_others(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor
) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)), unmatched(a_demand(as_actor(supplier))))
    me = visit(supplier)
    assert "Marquer ce sujet comme lu" in (await me.get("/notifications/?topic=solicited")).text
    answer = await me.post("/notifications/read", data={"topic": "solicited"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications/?topic=solicited")
    left = (await me.get(f"{API}/notices?unread=true")).json()["items"]
    assert [each["topic"] for each in left] == ["unmatched"]


async def test_what_is_read_may_be_nothing_yet(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    assert "Rien n’est encore lu." in (await visit(supplier).get("/notifications/?show=read")).text


async def test_each_notice_says_how_to_have_fewer(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    assert 'href="/notifications/preferences#topic-solicited"' in (await visit(supplier).get("/notifications/")).text


async def test_pages_follow_each_other_without_hole_or_double(
    visit: Any, stage: Stage, supplier: Identity, buyer: Actor, clock: Clock
) -> None:
    for number in range(PAGE + 5):
        await stage.tell(solicited(as_actor(supplier), a_demand(buyer, title=f"Besoin n{number}")))
        clock.wait(hours=2)
    me = visit(supplier)
    first = (await me.get("/notifications/")).text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = (await me.get(following)).text
    assert 'rel="next"' not in second
    numbers = [int(re.findall(r"n(\d+),", title)[0]) for title in [*titles(first), *titles(second)]]
    assert len(numbers) == PAGE + 5
    assert set(numbers) == set(range(PAGE + 5))
    assert first.count("<h2") > 1


async def test_in_a_day_what_is_unread_comes_first(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    await stage.tell(*[solicited(as_actor(supplier), a_demand(buyer, title=title)) for title in ("vieux", "neuf")])
    me = visit(supplier)
    newest = (await me.get(f"{API}/notices")).json()["items"][0]
    await me.post(f"{API}/notices/{newest['id']}/read")
    assert ["vieux" in title for title in titles((await me.get("/notifications/")).text)] == [True, False]


async def test_htmx_gets_the_list_alone(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    answer = await visit(supplier).get("/notifications/", headers={"hx-request": "true"})
    assert answer.text.strip().startswith('<div id="inbox"')
    assert "<html" not in answer.text


async def test_the_bell_counts(visit: Any, client: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    answer = await visit(supplier).get("/notifications/bell")
    assert re.search(r'<span class="cnt"[^>]*>1</span>', answer.text)
    assert 'aria-label="Notifications, 1 nouvelles"' in answer.text
    assert (await client.get("/notifications/bell")).status_code == 204


async def test_a_write_without_its_token_is_refused(visit: Any, stage: Stage, supplier: Identity, buyer: Actor) -> None:
    await stage.tell(solicited(as_actor(supplier), a_demand(buyer)))
    me = visit(supplier)
    me.headers.pop("x-csrf-token")
    assert (await me.post("/notifications/read")).status_code == 403
    assert (await me.get(f"{API}/unread")).json() == {"unread": 1}


async def test_a_visitor_signs_in_first(client: Any) -> None:
    page = await client.get("/notifications/")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/notifications/")
    assert (await client.get(f"{API}/notices")).status_code == 401


async def test_an_unknown_notice_is_not_found(visit: Any, supplier: Identity) -> None:
    assert (await visit(supplier).post(f"/notifications/{uuid4()}/read")).status_code == 404


async def test_it_says_that_it_lives_and_is_ready(client: Any) -> None:
    assert (await client.get("/notifications/livez")).json() == {"status": "alive"}
    assert (await client.get("/notifications/readyz")).json() == {"status": "ready"}

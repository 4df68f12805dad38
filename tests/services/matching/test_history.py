"""Why did I get this? What became of a match, when it was asked and by which rule; for its organisation alone."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from services.matching.ranking.weights import weights
from shared.events.catalog import OfferPublished, OfferUpdated, OfferWithdrawn
from shared.events.matching import SupplierSolicited
from tests.services.matching.scenes import NOW, author, need, offer, supplier
from tests.services.matching.stage import Enter, Stage
from tests.services.matching.test_waves import closed, offers

API = "/matching/api/v1/demands/{}/history"
PAGE = "/matching/demands/{}/history"


async def test_a_score_that_changes_is_kept_beside_the_one_before(stage: Stage) -> None:
    asked, offered = need(), offer()
    other = OfferUpdated(**{**dict(offered), "version": 2, "title": "Collecte", "description": ""})
    same = OfferUpdated(**{**dict(offered), "version": 3, "title": "Collecte", "description": ""})
    await stage.tell(asked, offered, other, same)
    async with stage.database.sessions.begin() as session:
        rows = (
            await session.execute(
                text("SELECT change, score FROM match_history WHERE demand_id = :need ORDER BY id"),
                {"need": asked.need_id},
            )
        ).all()
    assert [row.change for row in rows] == ["entered", "changed"]
    assert rows[0].score > rows[1].score


async def test_a_supplier_reads_what_became_of_its_match(stage: Stage, enter: Enter) -> None:
    asked, offered = need(), offer()
    await stage.tell(asked, offered)
    await stage.ask()
    stage.wait(hours=1)
    await stage.tell(OfferUpdated(**{**dict(offered), "version": 2, "title": "Collecte", "description": ""}))
    stage.wait(hours=1)
    await stage.tell(OfferWithdrawn(version=3, offer_id=offered.offer_id, organisation_id=_whose(offered)))
    ours = enter(_whose(offered))
    told = (await ours.get(API.format(asked.need_id))).json()
    assert [each["change"] for each in told["entries"]] == ["left", "changed", "asked", "entered"]
    left, changed, solicited, entered = told["entries"]
    assert changed["before"] == entered["score"] > changed["score"] == left["score"]
    assert (solicited["wave"], solicited["rank"], solicited["chosen"]) == (1, 1, "turn")
    assert entered["weights"] == weights().version
    assert entered["chips"]
    page = (await ours.get(PAGE.format(asked.need_id))).text
    version = weights().version
    for words in ("Ne correspond plus", f"puis {changed['score']}", "Sollicitation, vague 1", "Rang 1", version):
        assert words in page
    assert "votre tour" in page


async def test_the_place_that_explores_says_its_chances(stage: Stage, enter: Enter) -> None:
    asked = need()
    await stage.tell(*offers(13), asked)
    await stage.ask()
    drawn = next(each for each in await stage.heard(SupplierSolicited) if each.chosen == "exploration")
    page = (await enter(drawn.organisation_id).get(PAGE.format(asked.need_id))).text
    assert "tirée au sort" in page
    assert "une chance sur 4" in page


async def test_who_waits_for_its_week_reads_when_it_is_looked_at(stage: Stage, enter: Enter) -> None:
    away = offer(supplier=supplier(asks_resume_on=date(2026, 12, 7)))
    asked = need()
    await stage.tell(away, asked)
    await stage.ask()
    told = (await enter(_whose(away)).get(API.format(asked.need_id))).json()
    assert told["entries"][0]["change"] == "waiting"
    assert told["entries"][0]["at"].startswith("2026-12-07T07:00")
    assert told["entries"][0]["chosen"] is None
    assert "En attente" in (await enter(_whose(away)).get(PAGE.format(asked.need_id))).text


async def test_it_is_told_long_after_the_demand_ended(stage: Stage, enter: Enter) -> None:
    asked, offered = need(), offer()
    await stage.tell(offered, asked)
    await stage.ask()
    await stage.tell(closed(asked))
    stage.wait(days=300)
    page = (await enter(_whose(offered)).get(PAGE.format(asked.need_id))).text
    assert "n’est plus ouvert" in page
    assert "Sollicitation, vague 1" in page


async def test_only_that_organisation_and_coordinators_read_it(stage: Stage, enter: Enter) -> None:
    """INVARIANT: neither the author, nor another supplier, nor who names the organisation in the address."""
    asked, ours, other = need(), offer(), offer(supplier=supplier(name="Autre"))
    await stage.tell(ours, other, asked)
    await stage.ask()
    named = f"?organisation={_whose(ours)}"
    stranger, rival, buyer = enter(uuid4()), enter(_whose(other)), enter(asked.author.organisation_id)
    for client in (stranger, rival, buyer):
        for address in (PAGE, API):
            assert (await client.get(address.format(asked.need_id) + named)).status_code == 404
    for client in (stranger, buyer):
        assert (await client.get(PAGE.format(asked.need_id))).status_code == 404
    assert (await enter().get(PAGE.format(asked.need_id))).status_code == 303
    coordinator = enter(uuid4(), roles=frozenset({"territory"}))
    assert (await coordinator.get(PAGE.format(asked.need_id))).status_code == 404
    found = await coordinator.get(PAGE.format(asked.need_id) + named)
    assert found.status_code == 200
    assert "Les Palettes du Nord" in found.text
    assert "C’était son tour" in found.text
    assert (await enter(_whose(ours)).get(PAGE.format(uuid4()))).status_code == 404


async def test_an_author_who_hides_stays_hidden_there(stage: Stage, enter: Enter) -> None:
    asked, offered = need(author=author(hidden=True)), offer()
    await stage.tell(offered, asked)
    for address in (PAGE, API):
        assert "Hexaplane" not in (await enter(_whose(offered)).get(address.format(asked.need_id))).text


async def test_the_author_reads_who_was_asked_when_also_who_left_since(stage: Stage, enter: Enter) -> None:
    asked, gone = need(), offer(supplier=supplier(name="Partie depuis"))
    await stage.tell(gone, *offers(2), asked)
    await stage.ask()
    stage.wait(hours=2)
    await stage.tell(OfferWithdrawn(version=2, offer_id=gone.offer_id, organisation_id=_whose(gone)))
    page = (await enter(asked.author.organisation_id).get(f"/matching/needs/{asked.need_id}")).text
    assert "Qui a été sollicité, et quand" in page
    assert "Partie depuis" in page
    assert "2026-11-23T10:00" in page
    assert "/history?organisation=" not in page
    coordinator = enter(uuid4(), roles=frozenset({"territory"}))
    assert "/history?organisation=" in (await coordinator.get(f"/matching/needs/{asked.need_id}")).text


async def test_for_you_leads_to_it(stage: Stage, enter: Enter) -> None:
    asked, offered = need(), offer()
    await stage.tell(offered, asked)
    for moved in (timedelta(0), timedelta(days=3)):
        stage.now = NOW + moved
        page = (await enter(_whose(offered)).get("/matching/for-you")).text
        assert PAGE.format(asked.need_id) in page
    assert (
        PAGE.format(asked.need_id) in (await enter(_whose(offered)).get(f"/matching/needs/{asked.need_id}/mine")).text
    )


def _whose(offered: OfferPublished) -> UUID:
    return offered.supplier.organisation_id

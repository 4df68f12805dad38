"""A need written step by step: nothing is lost, each step says what is wrong, and the last look leads everywhere."""

import re
from typing import Any

import httpx

from tests.services.catalog.conftest import SignUp, csrf_of, hidden_of
from tests.services.catalog.test_needs import events, post_need
from tests.support import Isolated


async def post(client: httpx.AsyncClient, address: str, **fields: Any) -> httpx.Response:
    return await client.post(address, data={"_csrf": await csrf_of(client, "/needs/new"), **fields})


async def begun(client: httpx.AsyncClient, **fields: Any) -> str:
    """The address of a draft whose first question is answered."""
    answer = await post(client, "/needs/begin", kind="procurement", title="80 repas par mois", **fields)
    assert answer.status_code == 303, answer.text
    address, _, step = answer.headers["location"].partition("/steps/")
    assert step == "description"
    return address


async def test_a_need_is_written_in_six_steps_and_published(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    steps: dict[str, dict[str, Any]] = {
        "description": {"description": "Livrés à Montaudran", "categories": ["catering"], "quantity_value": "80"}
        | {"quantity_unit": "meal", "quantity_period": "month"},
        "place": {"place": "Montaudran", "radius_km": "30"},
        "criteria": {"amount_shown": "exact", "amount_euros": "15 000,50", "clause_ground": "condition"}
        | {"clause_hours": "1200", "clause_publics": ["young"]},
        "contact": {"author_hidden": "true"},
    }
    onward = ["/steps/place", "/steps/criteria", "/steps/contact", "/review"]
    for (step, fields), following in zip(steps.items(), onward, strict=True):
        assert (await buyer.get(f"{address}/steps/{step}")).status_code == 200
        answer = await post(buyer, f"{address}/steps/{step}", **fields)
        assert answer.headers.get("location") == address + following, answer.text
    review = (await buyer.get(f"{address}/review")).text
    for words in ("Livrés à Montaudran", "15\u202f000,50\u00a0€", "1\u202f200 heures", "Caché jusqu", "Restauration"):
        assert words in review or words.replace("'", "’") in review, words
    assert (await post(buyer, f"{address}/review")).headers["location"] == address
    (event,) = await events(catalog_database, "catalog.need.published.v1")
    told = event["data"]
    clause = told["social_clause"]
    assert (clause["ground"], clause["hours"], clause["publics"]) == ("condition", 1200, ["young"])
    assert told["quantity"] == {"value": "80", "unit": "meal", "period": "month"}


async def test_a_refused_step_keeps_what_was_typed_and_changes_nothing(sign_up: SignUp) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    await post(buyer, f"{address}/steps/place", place="Montaudran")
    answer = await post(buyer, f"{address}/steps/place", place="Xyzzyville", radius_km="12")
    assert answer.status_code == 422
    assert 'href="#place"' in answer.text
    assert "Xyzzyville" in answer.text
    kept = (await buyer.get(f"{address}/steps/place")).text
    assert 'value="Montaudran"' in kept
    assert 'value="12"' not in kept


async def test_a_step_saved_while_typing_keeps_what_is_right(sign_up: SignUp) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    answer = await post(buyer, f"{address}/steps/place/keep", place="Xyzzyville", radius_km="12", deadline_on="demain")
    assert answer.status_code == 200
    assert "2 réponses" in answer.text.replace("\u00a0", " ")
    kept = (await buyer.get(f"{address}/steps/place")).text
    assert 'value="12"' in kept
    assert "Xyzzyville" not in kept


async def test_leaving_one_step_open_loses_nothing_of_the_others(sign_up: SignUp) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    await post(buyer, f"{address}/steps/description", description="Un texte long")
    answer = await post(buyer, f"{address}/steps/contact", author_hidden="true", then="later")
    assert answer.headers["location"].startswith("/dashboard")
    assert "Un texte long" in (await buyer.get(f"{address}/steps/description")).text


async def test_what_is_missing_leads_to_its_question(sign_up: SignUp) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    review = (await buyer.get(f"{address}/review")).text
    assert f"{address}/steps/place" in review
    answer = await post(buyer, f"{address}/review")
    assert answer.status_code == 422
    assert 'href="#place"' in answer.text


async def test_an_open_need_is_changed_step_by_step_too(sign_up: SignUp, catalog_database: Isolated) -> None:
    buyer = await sign_up()
    address = (await post_need(buyer)).headers["location"]
    step = f"{address}/steps/place"
    stale = await hidden_of(buyer, step)
    answer = await buyer.post(step, data={**stale, "place": "31700 Blagnac"})
    assert answer.headers["location"] == address
    (event,) = await events(catalog_database, "catalog.need.updated.v1")
    assert event["data"]["place"]["commune_name"] == "Blagnac"
    assert event["data"]["title"] == "80 repas par mois pour nos comités"
    # A colleague who opened the page before keeps what they typed, and overwrites nothing unseen.
    answer = await buyer.post(step, data={**stale, "place": "Muret"})
    assert answer.status_code == 422
    assert 'value="Muret"' in answer.text
    # Nobody types into what others read already.
    await post(buyer, f"{address}/steps/place/keep", place="Muret")
    assert len(await events(catalog_database, "catalog.need.updated.v1")) == 1


async def test_a_choice_goes_with_the_kind_it_belonged_to(sign_up: SignUp) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    await post(buyer, f"{address}/steps/kind", kind="patronage", means="skills", title="Vingt jours")
    await post(buyer, f"{address}/steps/kind", kind="support", means="skills", title="Vingt jours")
    page = (await buyer.get(f"{address}/steps/kind")).text
    assert not re.search(r'name="means"[^>]*checked', page)


async def test_a_stranger_finds_no_step_of_it(sign_up: SignUp) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address = await begun(buyer)
    for path in ("/steps/kind", "/steps/place", "/review"):
        assert (await stranger.get(address + path)).status_code == 404
        assert (await post(stranger, address + path, title="x")).status_code == 404
    assert (await buyer.get(f"{address}/steps/nothing")).status_code == 404


async def test_a_public_buyer_is_held_to_its_rules(sign_up: SignUp) -> None:
    buyer = await sign_up()
    address = (await post_need(buyer, then="draft")).headers["location"]

    async def refused(**fields: Any) -> str:
        saved = await post(buyer, f"{address}/steps/criteria", amount_shown="band", public_tender="true", **fields)
        assert saved.status_code == 303, saved.text
        return (await post(buyer, f"{address}/review")).text

    assert 'href="#tender_url"' in await refused()
    assert 'href="#clause_ground"' in await refused(tender_url="marches.exemple.fr/1", supplier_kinds=["ESAT"])
    await post(buyer, f"{address}/steps/contact", author_hidden="true")
    assert 'href="#author_hidden"' in await refused(tender_url="https://marches.exemple.fr/1")
    await post(buyer, f"{address}/steps/contact")
    saved = await post(buyer, f"{address}/steps/criteria", amount_shown="band", tender_url="javascript:alert(1)")
    assert 'href="#tender_url"' in saved.text
    done = await post(
        buyer,
        f"{address}/steps/criteria",
        amount_shown="band",
        public_tender="true",
        tender_url="https://marches.exemple.fr/1",
        clause_ground="reserved_adapted",
        supplier_kinds=["ESAT"],
    )
    assert done.status_code == 303
    assert (await post(buyer, f"{address}/review")).headers.get("location") == address


async def test_a_copy_says_the_same_without_its_days(sign_up: SignUp) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address = (await post_need(buyer, ends_on="2040-05-01")).headers["location"]
    answer = await post(buyer, f"{address}/copy")
    copy = answer.headers["location"].partition("/steps/")[0]
    assert copy != address
    assert "80 repas par mois pour nos comités" in (await buyer.get(copy)).text
    assert 'value="2040' not in (await buyer.get(f"{copy}/steps/place")).text
    assert (await post(stranger, f"{address}/copy")).status_code == 404


async def test_who_follows_a_need_is_one_of_ours(sign_up: SignUp) -> None:
    buyer, stranger = await sign_up(), await sign_up()
    address, other = await begun(buyer), await begun(stranger)
    found = re.search(r'<option value="([0-9a-f-]{36})"', (await stranger.get(f"{other}/steps/contact")).text)
    assert found is not None
    answer = await post(buyer, f"{address}/steps/contact", contact_id=found[1])
    assert answer.status_code == 422
    assert 'href="#contact_id"' in answer.text

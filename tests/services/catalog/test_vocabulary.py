"""The vocabulary on pages and as JSON, and the codes that are proposed where somebody types them."""

import html
import re
from typing import Any, get_args

import httpx
import pytest

from services.catalog.posting.codes import About, Proposed, last_typed, proposed_codes
from services.catalog.vocabulary.queries import found_categories, related_to
from shared.phrases.categories import CATEGORY_FAMILIES, CATEGORY_KINDS, CATEGORY_LEVELS, CATEGORY_SCHEMES
from shared.vocabulary import KINDS, SCHEMES, WASTE_LEVELS, CodeScheme, categories, children, descendants, roots
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.test_need_wizard import begun, post
from tests.services.catalog.test_offers import post_offer

JSON = "/api/v1/vocabulary"


def values(proposed: list[Proposed]) -> list[str]:
    return [each.value for each in proposed]


async def shown(client: httpx.AsyncClient, address: str, **asked: Any) -> str:
    answer = await client.get(address, params=asked or None)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text).replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")


# Codes proposed where they are typed


def test_a_proposed_code_takes_the_place_of_the_words_that_led_to_it() -> None:
    assert values(proposed_codes("palettes", "ewc", "fr", About()))[0] == "15 01 03"
    assert values(proposed_codes("20 01 38; palettes", "ewc", "fr", About()))[0] == "20 01 38; 15 01 03"
    assert values(proposed_codes("20 01 38, 15 01 0", "ewc", "fr", About()))[0].startswith("20 01 38; 15 01 0")


def test_after_a_whole_code_the_posting_itself_is_what_codes_are_proposed_for() -> None:
    about = About("Palettes en bois", ["wooden-pallets"])
    assert values(proposed_codes("", "ewc", "fr", about)) == ["15 01 03"]
    assert values(proposed_codes("20 01 38", "ewc", "fr", about)) == ["20 01 38; 15 01 03"]
    assert values(proposed_codes("", "cpv", "fr", About("nettoyage de bureaux"))) != []


@pytest.mark.parametrize(
    ("scheme", "typed", "there"),
    [
        ("ewc", "15 01 03", "15 01 03"),
        ("ewc", "150103;", "15 01 03"),
        ("cpv", "44143000", "44143000"),
        ("cpv", "44143000-5", "44143000"),
        ("naf", "16.24Z", "16.24"),
    ],
)
def test_a_code_that_is_there_or_goes_on_is_not_proposed_again(scheme: CodeScheme, typed: str, there: str) -> None:
    about = About("Palettes en bois", ["wooden-pallets", "pallet-repair", "wooden-crates"])
    assert there in [each.code for each in proposed_codes("", scheme, "fr", about)]
    assert there not in [each.code for each in proposed_codes(typed, scheme, "fr", about)]


def test_a_hazardous_code_says_so() -> None:
    proposed = {each.code: each.is_hazardous for each in proposed_codes("20 01 2", "ewc", "fr", About())}
    assert proposed["20 01 21*"] is True
    assert proposed["20 01 25"] is False


def test_what_is_being_typed_is_what_stands_after_the_last_code() -> None:
    assert last_typed("15 01 03; pal", "ewc") == "pal"
    assert last_typed("15 01 03", "ewc") == ""
    assert last_typed("1624", "naf") == "1624"


async def test_codes_are_proposed_in_the_visitors_language(visitor: httpx.AsyncClient) -> None:
    address = "/suggest/codes"
    assert "Palettes en bois" in await shown(visitor, address, scheme="ewc", ewc="20 01 38; paletes cassee")
    assert "Wooden pallets" in await shown(visitor, f"/en{address}", scheme="ewc", ewc="broken pallets")
    assert "Aucun code ne correspond" in await shown(visitor, address, scheme="naf", naf="zzzzzz")
    assert (await visitor.get(address, params={"scheme": "isbn"})).status_code == 422


async def test_a_step_proposes_codes_for_what_other_steps_said(sign_up: SignUp) -> None:
    """The flow's codes are asked two pages after its title: they are on the page, and the field carries both along."""
    ess = await sign_up(roles=["publisher"])
    answer = await post(ess, "/flows/begin", title="Palettes en bois", categories=["wooden-pallets"])
    address = answer.headers["location"].partition("/steps/")[0]
    page = await shown(ess, f"{address}/steps/law")
    assert 'data-into="ewc" value="15 01 03"' in page
    asked = re.search(r'hx-get="([^"]*scheme=ewc[^"]*)"', page)
    assert asked is not None
    assert 'value="15 01 03"' in await shown(ess, asked[1])


async def test_the_form_takes_every_code_that_is_proposed_for_it(sign_up: SignUp) -> None:
    buyer = await sign_up()
    address = await begun(buyer)
    codes = "; ".join(each.code for each in proposed_codes("7", "cpv", "fr", About()))
    assert (await post(buyer, f"{address}/steps/description", cpv=codes)).status_code == 303
    naf = "; ".join(each.code for each in proposed_codes("81", "naf", "fr", About()))
    assert "81.2; " in naf
    ess = await sign_up(roles=["ess"])
    answer = await post_offer(ess, naf=naf)
    assert answer.status_code == 303, answer.text


# Pages


async def test_every_family_leads_to_all_that_is_below_it(visitor: httpx.AsyncClient) -> None:
    page = await shown(visitor, "/vocabulary")
    for root in roots():
        assert f'href="/vocabulary/{root}"' in page, root
    below = await shown(visitor, "/vocabulary/packaging")
    for each in descendants("packaging"):
        assert f'href="/vocabulary/{each}"' in below, each


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("palette cassée", "wooden-pallets"),
        ("paletes", "wooden-pallets"),
        ("15 01 03", "euro-pallets"),
        ("44143000-5", "wooden-pallets"),
        ("16.24Z", "wooden-pallets"),
        ("8121", "office-cleaning"),
    ],
)
async def test_a_word_or_a_code_finds_categories(visitor: httpx.AsyncClient, asked: str, expected: str) -> None:
    page = await shown(visitor, "/vocabulary", q=asked)
    assert f'href="/vocabulary/{expected}"' in page
    assert len(re.findall(r'class="ttl', page)) < 45


async def test_typing_refreshes_what_is_found_and_going_back_brings_the_page(visitor: httpx.AsyncClient) -> None:
    typing = {"hx-request": "true"}
    part = (await visitor.get("/vocabulary?q=palettes", headers=typing)).text
    assert "wooden-pallets" in part
    assert "<html" not in part
    going_back = {**typing, "hx-history-restore-request": "true"}
    assert "<html" in (await visitor.get("/vocabulary?q=palettes", headers=going_back)).text


async def test_what_leads_nowhere_says_what_to_do(visitor: httpx.AsyncClient) -> None:
    page = await shown(visitor, "/vocabulary", q="<zzzzzz>")
    assert "Rien ne correspond à « <zzzzzz> »" in page
    assert "Voir toutes les catégories" in page


def test_a_code_finds_what_it_names_before_what_it_falls_under() -> None:
    found = [each.category.id for each in found_categories("90919200", "fr")]
    assert found[0] == "office-cleaning"
    assert "cleaning" in found
    assert len(found) == len(set(found))


def test_the_digits_of_a_waste_code_lead_to_no_purchase_and_no_trade() -> None:
    found = found_categories("15 01 03", "fr")
    assert {each.scheme for each in found} == {"ewc"}
    assert all("150103" in each.category.ewc for each in found)


async def test_a_category_tells_its_names_codes_and_neighbours(visitor: httpx.AsyncClient) -> None:
    entry = categories()["wooden-pallets"]
    page = await shown(visitor, f"/vocabulary/{entry.id}")
    for words in (
        entry.name_fr,
        entry.name_en,
        entry.synonyms[0],
        "15 01 03",
        "44143000",
        "16.24",
        "22 kg",
        "180 kg/m³",
    ):
        assert words in page, words
    for each in ("packaging", *children(entry.id), *related_to(entry.id)):
        assert f'href="/vocabulary/{each}"' in page, each
    assert 'href="/flows/new?title=Palettes%20en%20bois"' in page
    english = await shown(visitor, f"/en/vocabulary/{entry.id}")
    assert "<h1>Wooden pallets</h1>" in english
    assert '<p class="text-muted mt-1" lang="fr">Palettes en bois</p>' in english


async def test_a_hazardous_code_is_marked_in_words(visitor: httpx.AsyncClient) -> None:
    page = await shown(visitor, "/vocabulary/lamps")
    assert "20 01 21*" in page
    assert "dangereux" in page


async def test_every_category_has_its_page(visitor: httpx.AsyncClient) -> None:
    for each in categories().values():
        prefix = "/en" if each.level == 1 else ""
        assert (await visitor.get(f"{prefix}/vocabulary/{each.id}")).status_code == 200, each.id


async def test_no_such_category_is_not_found(visitor: httpx.AsyncClient) -> None:
    for address in ("/vocabulary/nothing-such", f"{JSON}/nothing-such"):
        assert (await visitor.get(address)).status_code == 404


def test_a_relation_is_told_on_both_sides() -> None:
    for entry in categories().values():
        for other in entry.related:
            assert other in related_to(entry.id)
            assert entry.id in related_to(other)


def test_every_kind_level_and_scheme_has_a_name() -> None:
    assert set(CATEGORY_KINDS) == set(CATEGORY_FAMILIES) == set(KINDS)
    assert set(WASTE_LEVELS) <= set(CATEGORY_LEVELS)
    assert set(SCHEMES) <= set(CATEGORY_SCHEMES)


# JSON


async def test_the_whole_vocabulary_is_read_page_by_page(visitor: httpx.AsyncClient) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        answer = (await visitor.get(JSON, params={"limit": 100, **({"cursor": cursor} if cursor else {})})).json()
        seen += [each["id"] for each in answer["items"]]
        if (cursor := answer["next"]) is None:
            break
    assert seen == list(categories())
    assert answer["total"] == len(seen)


async def test_a_list_is_narrowed_by_kind_and_by_parent(visitor: httpx.AsyncClient) -> None:
    items = (await visitor.get(JSON, params={"parent": "packaging"})).json()["items"]
    assert [each["id"] for each in items] == list(children("packaging"))
    kinds = {each["kind"] for each in (await visitor.get(JSON, params={"kind": "csr"})).json()["items"]}
    assert kinds == {"csr"}
    refused = await visitor.get(JSON, params={"cursor": "Im5vdGhpbmci"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")


async def test_a_category_as_json(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(f"{JSON}/lamps")
    told = answer.json()
    assert told["name"]["fr"] == categories()["lamps"].name_fr
    assert {"code": "200121", "printed": "20 01 21*", "is_hazardous": True} in told["ewc"]
    assert (await visitor.get(f"{JSON}/lamps", headers={"If-None-Match": answer.headers["etag"]})).status_code == 304


async def test_suggestions_as_json(visitor: httpx.AsyncClient) -> None:
    told = (await visitor.get(f"{JSON}/suggest", params={"q": "paletes cassee"})).json()["categories"]
    assert (told[0]["id"], told[0]["name"]["en"]) == ("wooden-pallets", "Wooden pallets")
    told = (await visitor.get(f"{JSON}/suggest", params={"q": "broken pallets", "language": "en"})).json()["categories"]
    assert told[0]["id"] == "wooden-pallets"
    told = (await visitor.get(f"{JSON}/codes", params={"q": "15 01", "scheme": "ewc"})).json()["codes"]
    assert "15 01 03" in [each["printed"] for each in told]
    assert (await visitor.get(f"{JSON}/suggest", params={"q": "a" * 201})).status_code == 422


def test_no_category_is_named_as_a_route_of_the_interface() -> None:
    assert not {"suggest", "codes"} & set(categories())
    assert get_args(CodeScheme) == ("ewc", "cpv", "naf")

"""The map of what is open: the same as the search finds, by commune, and never more than that of anybody."""

import gzip
import html
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import httpx
import pytest
from litestar import Litestar

from deploy.embedded.data_folder import PROJECT
from services.matching.app import create_app
from services.matching.search.asking import PAGE
from services.matching.settings import Settings
from shared.events.catalog import NeedWithdrawn
from shared.territory.outlines import centre_of, outlines
from shared.web.maps import outlines_url
from shared.web.picturing import PALETTES
from tests.services.matching.scenes import (
    BESSIERES,
    LAUNAGUET,
    MURET,
    TOULOUSE,
    author,
    flow,
    need,
    offer,
    organisation,
    supplier,
)
from tests.services.matching.stage import Stage

MAP = "/matching/map"


@pytest.fixture
def app(stage: Stage, matching_settings: Settings) -> Litestar:
    return create_app(matching_settings, databases=stage.database.both, clock=stage.clock)


@pytest.fixture
async def visitor(app: Litestar, client_for: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    client = client_for(app)
    yield client
    await client.aclose()


def rows(answer: httpx.Response) -> dict[str, str]:
    """The text of each place of the list, by name."""
    assert answer.status_code == 200
    found = re.findall(r'<li class="row.*?<h2[^>]*>(.*?)</h2>(.*?)</div></li>', answer.text, re.S)
    return {re.sub(r"<.*", "", name, flags=re.S).strip(): text for name, text in found}


async def test_what_is_open_is_listed_by_commune_newest_first(stage: Stage, visitor: httpx.AsyncClient) -> None:
    await stage.tell(need(), flow(place=MURET), offer(supplier=supplier(place=BESSIERES, name="La Marmite")))
    found = rows(await visitor.get(MAP))
    assert set(found) == {"Toulouse (31)", "Muret (31)", "Bessières (31)"}
    assert "Gisement" in found["Muret (31)"]
    assert "La Marmite" in found["Bessières (31)"]


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("need", {"Toulouse (31)"}),
        ("flow", {"Muret (31)"}),
        ("offer", {"Launaguet (31)"}),
        ("organisation", {"Launaguet (31)"}),
        ("nonsense", {"Toulouse (31)", "Muret (31)", "Launaguet (31)"}),
    ],
)
async def test_one_kind_at_a_time(stage: Stage, visitor: httpx.AsyncClient, kind: str, places: set[str]) -> None:
    """`kind` is what addresses of the map said before the search and the map were one page."""
    named = organisation(name="Les Palettes", place=LAUNAGUET)
    await stage.tell(need(), flow(place=MURET), offer(supplier=supplier(place=LAUNAGUET)), named)
    assert set(rows(await visitor.get(MAP, params={"kind": kind}))) == places
    assert set(rows(await visitor.get(MAP, params={"what": kind, "q": "palettes"}))) == places


async def test_an_organisation_stands_once_whatever_it_offers(stage: Stage, visitor: httpx.AsyncClient) -> None:
    one = supplier(name="Deux métiers")
    known = organisation(organisation_id=one.organisation_id, name=one.name)
    await stage.tell(known, offer(supplier=one), offer(supplier=one))
    answer = await visitor.get(MAP, params={"what": "organisation"})
    assert answer.text.count(f'href="/organisations/{one.organisation_id}"') == 1
    assert "1 résultat<" in answer.text


async def test_the_map_finds_what_the_search_finds(stage: Stage, visitor: httpx.AsyncClient) -> None:
    await stage.tell(need(), need(title="Un traiteur", categories=("catering",), place=MURET))
    assert set(rows(await visitor.get(MAP, params={"q": "palette"}))) == {"Toulouse (31)"}
    nothing = await visitor.get(MAP, params={"q": "hélicoptère"})
    assert "Rien ne correspond" in nothing.text
    searched = (await visitor.get("/matching/search?q=palettes")).text
    assert 'href="/matching/search?q=palettes&amp;view=map"' in searched
    assert 'href="/matching/search?q=palette"' in (await visitor.get(MAP, params={"q": "palette"})).text
    assert set(rows(await visitor.get("/matching/search?q=palette&view=map"))) == {"Toulouse (31)"}


async def test_who_hides_is_not_told_by_the_map(stage: Stage, visitor: httpx.AsyncClient) -> None:
    await stage.tell(need(author=author(hidden=True)), flow(author=author(hidden=True)))
    for address in (MAP, f"{MAP}?q=palettes", f"/en{MAP}", f"{MAP}?kind=organisation"):
        answer = await visitor.get(address)
        assert answer.status_code == 200
        assert "Hexaplane" not in answer.text
        assert "/organisations/" not in answer.text


async def test_an_exact_address_is_nowhere_on_the_page(stage: Stage, visitor: httpx.AsyncClient) -> None:
    """INVARIANT: a pin stands in the middle of its commune, however exactly the place is known."""
    home = TOULOUSE.model_copy(
        update={"latitude": 43.59871, "longitude": 1.40512, "exactness": "address", "label": "7 rue des Secrets"}
    )
    await stage.tell(need(place=home), offer(supplier=supplier(place=home)), organisation(place=home))
    for kind in ("", "need", "offer", "organisation"):
        text = (await visitor.get(MAP, params={"kind": kind})).text
        assert not [part for part in ("43.598", "1.405", "rue des Secrets") if part in text]
        middle = centre_of("31555")
        assert middle is not None
        assert f'data-spot="{middle.longitude},{middle.latitude}"' in text


async def test_a_withdrawn_thing_leaves_the_map(stage: Stage, visitor: httpx.AsyncClient) -> None:
    asked = need()
    await stage.tell(asked)
    assert rows(await visitor.get(MAP))
    await stage.tell(NeedWithdrawn(need_id=asked.need_id, version=2, organisation_id=asked.author.organisation_id))
    assert "Rien d’ouvert pour l’instant" in (await visitor.get(MAP)).text


async def test_a_place_off_our_maps_is_listed_all_the_same(stage: Stage, visitor: httpx.AsyncClient) -> None:
    island = TOULOUSE.model_copy(
        update={"commune_code": "97502", "commune_name": "Saint-Pierre", "department_code": "975", "region_code": "975"}
    )
    await stage.tell(need(place=island))
    answer = await visitor.get(MAP)
    assert set(rows(answer)) == {"Saint-Pierre (975)"}
    assert "hors de la carte" in answer.text
    assert "data-spot" not in answer.text


async def test_only_the_newest_are_shown_and_it_is_said(stage: Stage, visitor: httpx.AsyncClient) -> None:
    await stage.tell(*(need(author=author(organisation_id=uuid4())) for _ in range(PAGE + 2)))
    answer = await visitor.get(MAP)
    assert f"{PAGE + 2} résultats" in answer.text
    assert f"Les {PAGE} plus récents" in html.unescape(answer.text).replace("\u00a0", " ")
    assert answer.text.count('<a class="ttl font-semibold" href="/needs/') == PAGE


async def test_the_outlines_are_kept_for_ever_under_their_own_name(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(outlines_url(), headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(outlines().packed)
    assert answer.json()["type"] == "Topology"
    again = await visitor.get(outlines_url(), headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await visitor.get(outlines_url(), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert json.loads(plain.content) == json.loads(gzip.decompress(outlines().packed))


async def test_an_old_name_of_the_outlines_is_answered_but_not_kept(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(outlines_url().replace(outlines().version, "000000000000"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, no-cache"


async def test_tiles_of_elsewhere_are_allowed_only_when_configured(
    stage: Stage, matching_settings: Settings, client_for: Callable[..., Any], visitor: httpx.AsyncClient
) -> None:
    assert "data-style" not in (await visitor.get(MAP)).text
    named = matching_settings.model_copy(update={"map_style_url": "https://tiles.example.fr/styles/plan.json"})
    async with client_for(create_app(named, databases=stage.database.both, clock=stage.clock)) as client:
        answer = await client.get(MAP)
    assert 'data-style="https://tiles.example.fr/styles/plan.json"' in answer.text
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["connect-src"] == "'self' https://tiles.example.fr"
    assert policy["img-src"] == "'self' data: https://tiles.example.fr"
    assert policy["script-src"] == policy["worker-src"] == "'self'"


async def picture_on(client: httpx.AsyncClient, page: str) -> str:
    """The address of the first picture of a page."""
    found = re.search(r'<img src="([^"]+)"', (await client.get(page)).text)
    assert found is not None
    return html.unescape(found[1])


async def test_a_page_names_a_picture_that_draws_its_places(stage: Stage, visitor: httpx.AsyncClient) -> None:
    await stage.tell(need(), flow(place=MURET))
    address = await picture_on(visitor, MAP)
    answer = await visitor.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    drawn = ElementTree.fromstring(answer.text)  # noqa: S314 - we wrote it
    assert len(drawn.findall(".//{*}rect")) == 1 + 2
    assert "style" not in answer.text
    assert "<script" not in answer.text
    dark = await visitor.get(address.replace("theme=light", "theme=dark&narrow=1"))
    assert PALETTES["dark"]["land"] in dark.text
    assert PALETTES["light"]["land"] not in dark.text


@pytest.mark.parametrize(
    "asked",
    [
        "", "s=720x540", "s=720&k=24", "s=99999x540&k=24", "s=720x540&k=0", "s=720x540&k=24&z=planet,3",
        "s=720x540&k=24&z=radius,43,1", "s=720x540&k=24&z=radius,43,1,nan", "s=720x540&k=24&p=31555,<b>,need,1",
        "s=720x540&k=24&p=31555,1,gold,1", "s=720x540&k=24" + "&p=31555,1,need,1" * 81,
    ],
)  # fmt: skip
async def test_an_address_that_says_nothing_drawable_is_refused(visitor: httpx.AsyncClient, asked: str) -> None:
    assert (await visitor.get(f"/matching/map/picture.svg?{asked}")).status_code == 400


def test_pictures_have_the_colours_of_the_theme() -> None:
    tokens = (PROJECT / "shared" / "web" / "frontend" / "styles" / "tokens.css").read_text()
    for which, palette in enumerate(PALETTES.values()):
        for name, colour in palette.items():
            found = re.findall(r"light-dark\((#\w+), (#\w+)\)", tokens)
            assert colour in [pair[which] for pair in found], (name, colour)

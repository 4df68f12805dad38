"""Catalog's own pages: for whom they are, what they show, and how they are made."""

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from babel.support import NullTranslations
from litestar import Litestar
from sqlalchemy import select, update

from services.catalog.app import create_app
from services.catalog.home.wall import LONGEST, short_title
from services.catalog.needs.models import Need
from services.catalog.organisations.models import Organisation, OrganisationState
from services.catalog.settings import Host, Operator, Settings
from shared.contract import asyncapi
from shared.messaging.tables import outbox
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.test_needs import post_need
from tests.support import Isolated, client_for

PUBLIC = (
    "/", "/sign-in", "/sign-up", "/needs", "/flows", "/offers", "/organisations",
    "/legal", "/accessibility", "/developers", "/open-data",
)  # fmt: skip
MEMBERS = (
    "/dashboard", "/dashboard?show=drafts", "/dashboard?show=ended", "/account",
    "/needs/new", "/flows/new", "/offers/new",
)  # fmt: skip
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


class Page(HTMLParser):
    """What a page is made of, as far as these tests look."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]

    def unnamed_fields(self) -> list[dict[str, str]]:
        """Fields that neither a label nor an attribute names."""
        labelled = {label.get("for") for label in self.all("label")}
        inside = {"checkbox", "radio", "hidden", "submit"}
        fields = [each for tag in ("input", "select", "textarea") for each in self.all(tag)]
        return [
            f for f in fields if f.get("type") not in inside and f.get("id") not in labelled and "aria-label" not in f
        ]


def check_well_made(answer: httpx.Response, language: str) -> None:
    """What every page promises, whatever it is about."""
    where = f"{answer.request.url}"
    assert answer.status_code == 200, (where, answer.text[-2000:])
    page = Page(answer.text)
    assert page.all("html")[0]["lang"] == language, where
    assert len(page.all("h1")) == 1, where
    assert "main" in {tag for tag, _ in page.tags}, where
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert sorted(ids) == sorted(set(ids)), where
    assert page.unnamed_fields() == [], where
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], (where, tag)
        assert tag != "script" or attributes.get("src"), where
    # An empty name of an icon or a template's leftovers would show here.
    assert "{{" not in answer.text, where
    assert not re.search(r"#\"/?>", answer.text), where


@pytest.fixture
def untranslated(catalog_app: Litestar) -> list[str]:
    """The sentences that English pages ask for and do not find."""
    missed: list[str] = []

    class Recorder(NullTranslations):
        def gettext(self, message: str) -> str:
            missed.append(message)
            return message

        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            missed.append(msgid1)
            return msgid1 if n == 1 else msgid2

    english = catalog_app.state.templates._messages["en"]
    english.add_fallback(Recorder())
    return missed


@LANGUAGES
async def test_public_pages_answer_anybody(visitor: httpx.AsyncClient, language: str, untranslated: list[str]) -> None:
    for path in PUBLIC:
        check_well_made(await visitor.get(("/en" if language == "en" else "") + path), language)
    assert untranslated == []


@LANGUAGES
@pytest.mark.parametrize("role", ["buyer", "ess", "publisher"])
async def test_members_pages_answer_every_role(
    sign_up: SignUp, role: str, language: str, untranslated: list[str]
) -> None:
    member = await sign_up(roles=[role], kinds=["association"] if role == "ess" else [])
    for path in MEMBERS:
        check_well_made(await member.get(("/en" if language == "en" else "") + path), language)
    assert untranslated == []


async def test_a_page_that_is_not_there_comes_compressed_like_any_other(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/nowhere", headers={"accept-encoding": "gzip"})
    assert answer.status_code == 404
    assert answer.headers["content-encoding"] == "gzip"
    assert len(Page(answer.text).all("h1")) == 1
    plain = await visitor.get("/nowhere", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_members_pages_send_visitors_to_sign_in_and_back(visitor: httpx.AsyncClient) -> None:
    for path in ("/dashboard", "/account", "/needs/new"):
        answer = await visitor.get("/en" + path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/en/sign-in?next=/en{path}"


@LANGUAGES
async def test_an_unknown_page_is_told_in_the_visitors_language(visitor: httpx.AsyncClient, language: str) -> None:
    answer = await visitor.get(("/en" if language == "en" else "") + "/nowhere")
    assert answer.status_code == 404
    assert ("This page does not exist" if language == "en" else "Cette page n’existe pas") in answer.text


async def test_what_the_shell_and_footer_link_to_exists(visitor: httpx.AsyncClient) -> None:
    links = {a["href"] for a in Page((await visitor.get("/")).text).all("a") if a.get("href", "").startswith("/")}
    ours = {link for link in links if not link.startswith(("/matching", "/notifications", "/en"))}
    assert {"/legal", "/accessibility", "/developers", "/organisations"} <= ours
    for link in ours:
        assert (await visitor.get(link)).status_code in (200, 303), link


async def test_developers_find_the_description_of_the_interface(visitor: httpx.AsyncClient) -> None:
    assert "/api/v1/docs/openapi.json" in (await visitor.get("/developers")).text
    described = (await visitor.get("/api/v1/docs/openapi.json")).json()
    assert "/api/v1/organisations" in described["paths"]


@LANGUAGES
async def test_anybody_finds_the_contract_of_the_events(visitor: httpx.AsyncClient, language: str) -> None:
    page = (await visitor.get(("/en" if language == "en" else "") + "/developers")).text
    assert 'href="/api/asyncapi.json"' in page
    answer = await visitor.get("/api/asyncapi.json")
    assert answer.headers["content-type"].startswith("application/vnd.aai.asyncapi+json")
    assert answer.json() == asyncapi()


async def test_home_shows_what_is_open_and_counts_it(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    buyer = await sign_up()
    await post_need(buyer)
    await post_need(buyer, title="Un brouillon", then="draft")
    page = (await visitor.get("/")).text
    assert page.count("repas par mois pour nos comités") == 1
    assert "Un brouillon" not in page
    assert re.search(r"besoin publié</dt><dd>1<", page)


async def test_a_list_counts_what_it_lists_and_leads_back_from_beyond_its_end(
    sign_up: SignUp, visitor: httpx.AsyncClient
) -> None:
    await post_need(await sign_up(), kind="procurement", then="publish")
    assert "1 besoin ouvert" in (await visitor.get("/fr/needs?kind=procurement")).text
    assert "0 besoin ouvert" in (await visitor.get("/fr/needs?kind=material")).text
    beyond = (await visitor.get("/fr/needs?before=00000000-0000-0000-0000-000000000001")).text
    assert "Rien de plus ancien" in beyond
    assert "Soyez le premier" not in beyond


async def test_home_takes_members_to_their_dashboard(sign_up: SignUp) -> None:
    buyer = await sign_up()
    answer = await buyer.get("/en/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/dashboard")


@pytest.mark.parametrize(
    ("title", "brick"),
    [
        ("200 bureaux", "200 bureaux"),
        ("80 repas par mois pour nos comités", "80 repas par mois…"),
        ("Anticonstitutionnellement-et-plus", "Anticonstitutionnellement…"),
    ],
)
def test_a_bricks_title_is_never_cut_inside_a_word_that_fits(title: str, brick: str) -> None:
    assert short_title(title) == brick
    assert len(brick) <= LONGEST


async def test_a_new_member_is_told_what_to_do_first(sign_up: SignUp) -> None:
    for role, address in (("buyer", "/needs/new"), ("ess", "/offers/new"), ("publisher", "/flows/new")):
        page = (await (await sign_up(roles=[role])).get("/dashboard")).text
        steps = page[page.index("h-first-steps") : page.index("<aside")]
        assert f'href="{address}"' in steps, role
        assert steps.count("<li") == 1, role


async def test_the_dashboard_sorts_what_runs_from_drafts_and_what_ended(sign_up: SignUp) -> None:
    buyer = await sign_up()
    await post_need(buyer, title="Besoin qui court")
    await post_need(buyer, title="Besoin inachevé", then="draft")
    ended = (await post_need(buyer, title="Besoin retiré hier")).headers["location"]
    await buyer.post(f"{ended}/withdraw", data={"_csrf": await csrf_of(buyer, "/needs/new")})
    shown = {"": "Besoin qui court", "?show=drafts": "Besoin inachevé", "?show=ended": "Besoin retiré hier"}
    for query, title in shown.items():
        page = (await buyer.get(f"/dashboard{query}")).text
        assert title in page
        assert not [other for other in shown.values() if other != title and other in page], query


async def test_the_directory_finds_names_and_places_without_accents(
    sign_up: SignUp, visitor: httpx.AsyncClient
) -> None:
    await sign_up(organisation_name="Aérolys Structures", place="Blagnac")
    await sign_up(organisation_name="Azur Propreté", place="Muret", roles=["ess"])
    page = (await visitor.get("/organisations?q=aerolys")).text
    assert "Aérolys Structures" in page
    assert "Azur Propreté" not in page
    assert "Azur Propreté" in (await visitor.get("/organisations?q=PROPRETE muret")).text
    buyers = (await visitor.get("/organisations?role=buyer")).text
    assert "Aérolys Structures" in buyers
    assert "Azur Propreté" not in buyers
    found = (await visitor.get("/api/v1/organisations?role=ess")).json()
    assert [each["name"] for each in found["items"]] == ["Azur Propreté"]
    everybody = (await visitor.get("/organisations")).text
    assert everybody.index("Aérolys Structures") < everybody.index("Azur Propreté")


async def test_the_directory_goes_by_pages(sign_up: SignUp, catalog_database: Isolated) -> None:
    member = await sign_up(organisation_name="Zébu")
    async with catalog_database.sessions.begin() as session:
        first = await session.scalar(select(Organisation))
        assert first is not None
        for number in range(30):
            values = {
                c.key: getattr(first, c.key) for c in Organisation.__table__.columns if c.key not in ("id", "place")
            }
            copy = Organisation(**values | {"name": f"Atelier {number:02}", "siret": None, "external_id": f"a{number}"})
            copy.place = first.place
            session.add(copy)
    page = (await member.get("/organisations?q=e")).text
    assert "1 à 30 sur 31" in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    rest = (await member.get(following[1].replace("&amp;", "&"))).text
    assert "Zébu" in rest
    assert 'rel="prev"' in rest
    found = (await member.get("/api/v1/organisations?limit=20")).json()
    assert (len(found["items"]), found["total"]) == (20, 31)
    rest_of_it = (await member.get(f"/api/v1/organisations?limit=20&cursor={found['next']}")).json()
    assert (len(rest_of_it["items"]), rest_of_it["next"]) == (11, None)
    assert len({each["id"] for each in (*found["items"], *rest_of_it["items"])}) == 31


async def organisation_of(database: Isolated, name: str) -> Organisation:
    async with database.sessions() as session:
        found = await session.scalar(select(Organisation).where(Organisation.name == name))
        assert found is not None
        return found


async def test_an_organisations_page_does_not_betray_a_hidden_author(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    buyer = await sign_up(organisation_name="Hexaplane Systèmes")
    await post_need(buyer, title="Un besoin signé")
    await post_need(buyer, title="Un besoin caché", author_hidden="true")
    organisation = await organisation_of(catalog_database, "Hexaplane Systèmes")
    page = (await visitor.get(f"/organisations/{organisation.id}")).text
    assert "Un besoin signé" in page
    assert "Un besoin caché" not in page
    assert "1 besoin<" in (await visitor.get("/organisations")).text
    # The need is shown, its author is not: neither in the list nor on the home page.
    for path in ("/needs", "/"):
        row = re.search(r"Un besoin caché</a>.*?</li>", (await visitor.get(path)).text, re.S)
        assert row is not None
        assert "Hexaplane" not in row[0], path


async def test_a_suspended_organisation_is_there_for_its_own_members_only(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    member = await sign_up(organisation_name="Suspendue SARL")
    organisation = await organisation_of(catalog_database, "Suspendue SARL")
    async with catalog_database.sessions.begin() as session:
        await session.execute(update(Organisation).values(state=OrganisationState.SUSPENDED))
    assert (await visitor.get(f"/organisations/{organisation.id}")).status_code == 404
    assert (await visitor.get(f"/api/v1/organisations/{organisation.id}")).status_code == 404
    assert "Suspendue SARL" not in (await visitor.get("/organisations")).text
    assert (await member.get(f"/organisations/{organisation.id}")).status_code == 200


async def contacts(database: Isolated) -> list[Any]:
    async with database.sessions() as session:
        found = select(outbox.c.payload).where(outbox.c.type == "contacts.member.reached.v1").order_by(outbox.c.id)
        return list(await session.scalars(found))


async def test_a_changed_account_is_told_to_those_who_write_to_it(sign_up: SignUp, catalog_database: Isolated) -> None:
    member = await sign_up()
    token = await csrf_of(member, "/account")
    form = {"person_name": "Camille Roux", "language": "en", "_csrf": token}
    answer = await member.post("/account", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/account")
    page = (await member.get("/en/account")).text
    assert "Camille Roux" in page
    assert "Account saved." in page
    # The older contact is gone with its name: erasing is replacing.
    (last,) = await contacts(catalog_database)
    assert (last["data"]["name"], last["data"]["language"]) == ("Camille Roux", "en")
    assert last["sequence"] == 2


async def test_a_wrong_account_form_keeps_what_was_typed(sign_up: SignUp) -> None:
    member = await sign_up()
    token = await csrf_of(member, "/account")
    answer = await member.post("/account", data={"person_name": "C", "language": "xx", "_csrf": token})
    assert answer.status_code == 422
    assert 'href="#person_name"' in answer.text
    assert 'value="C"' in answer.text
    # An address is not changed by adding it to the form.
    smuggled = {"person_name": "Camille", "language": "fr", "email": "autre@exemple.fr", "_csrf": token}
    await member.post("/account", data=smuggled)
    assert "personne1@exemple.fr" in (await member.get("/account")).text


async def test_a_draft_and_an_ended_need_have_well_made_pages(sign_up: SignUp, untranslated: list[str]) -> None:
    buyer = await sign_up()
    address = (await post_need(buyer, then="draft", title="")).headers["location"]
    check_well_made(await buyer.get(f"/en{address}"), "en")
    check_well_made(await buyer.get(f"/en{address}/edit"), "en")
    ended = (await post_need(buyer)).headers["location"]
    check_well_made(await buyer.get(f"/en{ended}/close"), "en")
    await buyer.post(f"{ended}/close", data={"outcome": "price", "_csrf": await csrf_of(buyer, "/needs/new")})
    check_well_made(await buyer.get(f"/en{ended}"), "en")
    assert untranslated == []


async def test_nobody_is_left_named_in_a_need_that_hides_its_author(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    buyer = await sign_up(organisation_name="Hexaplane Systèmes")
    address = (await post_need(buyer, author_hidden="true")).headers["location"]
    async with catalog_database.sessions() as session:
        need = await session.scalar(select(Need))
        assert need is not None
    page = (await visitor.get(address)).text
    assert "Hexaplane" not in page
    assert str(need.organisation_id) not in page


async def test_the_accessibility_statement_has_every_part_that_the_law_asks_for(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/accessibility")).text
    for part in ("state", "tests", "not", "made", "contact", "remedies"):
        assert f'<h2 id="{part}">' in page
    assert "Défenseur des droits" in page
    assert "27 novembre 2026" in page
    assert "Accessibilité\u00a0: non conforme" in page


async def test_legal_particulars_come_from_the_settings_and_are_said_to_be_missing(
    visitor: httpx.AsyncClient, catalog_settings: Settings, catalog_database: Isolated
) -> None:
    assert (await visitor.get("/legal")).text.count("<strong>non renseigné</strong>") == 10
    host = Host(name="Hébergeur Canari", address="2 quai du Port", phone="05 00 00 00 02")
    told = {"number": "130005481", "address": "1 place Haute", "phone": "05 00 00 00 01", "email": "contact@canari.fr"}
    operator = Operator(name="Métropole Canari", director="La présidente", host=host, **told)
    settings = catalog_settings.model_copy(update={"operator": operator})
    async with client_for(create_app(settings, databases=catalog_database.both)) as client:
        page = (await client.get("/legal")).text
        assert "non renseigné" not in page
        assert all(text in page for text in (operator.name, operator.director, host.name, host.phone, *told.values()))
        assert "Des mentions que la loi demande manquent" not in page
        assert "contact@canari.fr" in (await client.get("/accessibility")).text
        assert "Métropole Canari" in (await client.get("/api/open-data.json")).text

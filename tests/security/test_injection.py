"""INVARIANT: what people type stays text: on pages, in queries, in subjects, in headers and in addresses."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from itertools import cycle, islice, product
from math import ceil
from typing import get_type_hints
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from services.notifications.channels.channel import DeliveryFailed, Letter
from services.notifications.channels.email import EmailChannel
from services.notifications.messages.message import Message
from shared.events.event import registry
from shared.messaging.topology import PUBLISHES
from tests.security.conftest import DRAFTS, OWNER
from tests.security.routes import FORM
from tests.security.scene import Scene
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.test_pages import Page
from tests.support import ORIGIN

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!--<script>alert(1)//-->",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u00bcscript\u00bealert(1)\u00bc/script\u00be",
    "{{77777*77777}} ${77777*77777} {% raw %} #{77777*77777}",
    "%(num)s {0.__class__} {name!r} %s %n",
    "<ScRiPt\x0bsrc=//evil.example/x.js>",
)
SQL = (
    "' OR '1'='1", "'; DROP TABLE needs; --", "\\'; SELECT 1; --", "%", "_", "\\", "$1", ":name", "::text",
    "a' || pg_sleep(9) || '", "\" OR \"\"=\"", "{}", "/* */", "x' UNION SELECT password_hash FROM accounts --",
)  # fmt: skip
TEXTS = (*MARKUP, *SQL)
ROUNDS = 5
WRITTEN = ("title", "description")
LINKS = ("href", "src", "action", "formaction", "hx-get", "hx-post")
# Everything that `str.splitlines` takes for the end of a line (bpo-46462).
BREAKS = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
TARGETS = (
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\t\\evil.example", " //evil.example", "http:evil.example",
    "javascript:alert(1)", "data:text/html,x", "/%09/evil.example", "/../..//evil.example", "evil.example",
    "/\r\nset-cookie: a=b",
    "/x\r\nlocation: https://evil.example", "?next=//evil.example", "//evil.example@boucle.test/", "",
)  # fmt: skip


def check_inert(answer: httpx.Response) -> None:
    """No element, handler or address on the page that our templates did not write."""
    assert answer.status_code in (200, 422), answer.request.url
    page = Page(answer.text)
    for tag, attributes in page.tags:
        assert tag != "script" or attributes.get("src", "").startswith("/static/"), answer.request.url
        assert not [name for name in attributes if name.startswith("on") or name == "autofocus"], (tag, attributes)
        assert tag != "img" or attributes["src"] != "x", attributes
        addresses = [attributes[name] for name in LINKS if name in attributes]
        assert not [each for each in addresses if not re.match(r"[/#?](?![/\\\\])|$", each)], attributes
    assert "6049261729" not in answer.text  # what 77777 * 77777 is


async def check_pages(client: httpx.AsyncClient, *paths: str) -> None:
    """Those pages, and those that list everything."""
    for path in (*paths, "/", "/needs", "/offers", "/flows", "/organisations", "/dashboard", "/dashboard?show=drafts"):
        answer = await client.get(path, follow_redirects=True)
        check_inert(answer)


@pytest.mark.promise(55)
@pytest.mark.parametrize("kind", DRAFTS)
async def test_a_posting_says_what_was_typed_and_does_nothing(catalog_scene: Scene, kind: str) -> None:
    """By JSON and by form; read back as it was written, published where everybody sees it."""
    owner = catalog_scene.people[OWNER]
    organisation = f"/organisations/{catalog_scene.ids['organisation_id'][0]}"
    for text in TEXTS:
        typed = dict.fromkeys(WRITTEN, text)
        async with catalog_scene.aside():
            made = await owner.post(f"/api/v1/{kind}", json={**DRAFTS[kind], **typed})
            assert made.status_code == 201, made.text
            assert [made.json()[name] for name in WRITTEN] == [text.strip()] * len(WRITTEN)
            assert (await owner.post(f"/api/v1/{kind}/{made.json()['id']}/publish")).status_code == 200
            by_form = await owner.post(f"/{kind}", data={**FORM, **typed})
            assert by_form.status_code == 303, by_form.text[-3000:]
            address = f"/{kind}/{made.json()['id']}"
            await check_pages(owner, address, f"{address}/edit", by_form.headers["location"], organisation)


def filled_in(names: list[str]) -> Iterator[dict[str, str]]:
    """The fields with the texts, as often as it takes until every text was sent."""
    rounds = max(ROUNDS, ceil(len(TEXTS) / len(names)))
    for turn in range(rounds):
        yield dict(zip(names, islice(cycle(TEXTS), turn * len(TEXTS) // rounds, None), strict=False))


def test_every_text_is_sent_however_few_fields_there_are() -> None:
    for count in (1, 2, 5, 6, 40):
        rounds = [*filled_in([f"field {number}" for number in range(count)])]
        assert {text for each in rounds for text in each.values()} == {*TEXTS}
        assert len({each["field 0"] for each in rounds}) >= ROUNDS


@pytest.mark.promise(55)
async def test_what_a_form_refuses_comes_back_as_text(catalog_scene: Scene) -> None:
    """Every field at once, of every form and of every JSON route, each with a text of its own: every route meets every
    text, and each of its fields `ROUNDS` of them or more.
    """
    owner = catalog_scene.people[OWNER]
    fields = {name for route in catalog_scene.routes for name in route.fields} | {*FORM, "next", "email", "siret"}
    unsafe = [route for route in catalog_scene.routes if route.is_unsafe]
    asked = [(route, sent) for route in unsafe for sent in filled_in(sorted(route.fields or fields))]
    for route, typed in asked:
        address = next(route.addresses(catalog_scene.ids))
        async with catalog_scene.aside():
            answer = await owner.request(route.method, address, **route.sent(**typed))
        assert answer.status_code < 500, (route, answer.text[-500:])
        if answer.headers.get("content-type", "").startswith("text/html") and answer.status_code == 422:
            check_inert(answer)


@pytest.mark.promise(55)
@pytest.mark.parametrize("text", TEXTS)
async def test_a_name_is_a_name(sign_up: SignUp, visitor: httpx.AsyncClient, text: str) -> None:
    named = f"Nom {text}"
    member = await sign_up(person_name=named, organisation_name=named)
    await member.post("/api/v1/needs", json={}, headers={"x-csrf-token": await csrf_of(member, "/account")})
    await check_pages(member, "/account", "/en/account")
    listed = (await visitor.get("/api/v1/organisations")).json()["items"]
    assert [each["name"] for each in listed] == [named.strip()]
    check_inert(await visitor.get(f"/organisations/{listed[0]['id']}"))


@pytest.mark.promise(55)
async def test_what_is_looked_for_is_only_looked_for(scene: Scene) -> None:
    """In every query of every page and of every JSON route."""
    asking = [(route, name) for route in scene.routes if not route.is_unsafe for name in route.query]
    for (route, name), text in product(asking, TEXTS):
        answer = await scene.people[OWNER].get(next(route.addresses(scene.ids)), params={name: text})
        assert answer.status_code < 500, (route, name)
        if answer.headers.get("content-type", "").startswith("text/html") and answer.status_code == 200:
            check_inert(answer)


@pytest.mark.parametrize("text", ["%", "_", "\\", "' OR '1'='1", "%%", "S_ructure"])
async def test_a_search_takes_no_sign_for_any_letter(sign_up: SignUp, visitor: httpx.AsyncClient, text: str) -> None:
    await sign_up()
    found = [(await visitor.get("/api/v1/organisations", params={"q": q})).json()["total"] for q in ("Structure", text)]
    assert found == [1, 0]


@pytest.mark.promise(55)
def test_a_subject_is_made_of_a_known_type_and_an_id() -> None:
    """INVARIANT: no token of a subject is anything a person wrote, so none has a dot, a star, a `>` or a space."""
    token = re.compile(r"[a-z][a-z0-9_]*")
    for kind, event in registry().items():
        assert all(token.fullmatch(each) for each in kind.split(".")), kind
        assert kind.partition(".")[0] in {each.partition(".")[0] for allowed in PUBLISHES.values() for each in allowed}
        assert get_type_hints(event)[event.aggregate] is UUID, kind


@pytest.mark.promise(55)
@pytest.mark.parametrize("cut", BREAKS, ids=ascii)
@pytest.mark.parametrize("field", ["name", "address", "title", "language"])
def test_no_kind_of_line_break_adds_a_header_to_a_letter(cut: str, field: str) -> None:
    """Refused, or written as one header: what the server is given has our headers and no other."""
    said = f"Un{cut}Bcc: all@palettes.test"
    title = said if field == "title" else "Un besoin"
    message = Message(title=title, text="", why="", action="", path="/needs/1")
    facts = {"address": "claire@palettes.test", "name": "Claire", "language": "fr"} | {field: said}
    facts.pop("title", None)
    channel = EmailChannel(None, sender="Boucle <b@boucle.test>", public_url=ORIGIN)
    try:
        mail = channel.compose(Letter(id=uuid4(), member_id=uuid4(), message=message, **facts))
    except DeliveryFailed:
        return
    read = message_from_bytes(mail.as_bytes(), policy=SMTP)
    assert "bcc" not in read
    assert {*read} == {*mail}
    assert b"\nbcc:" not in mail.as_bytes().lower().replace(b"\r", b"\n")


def leads_to(location: str) -> tuple[str, str]:
    """Where a browser goes: it drops tabs and line ends, and reads a backslash as a slash."""
    cleaned = re.sub(r"[\t\r\n]", "", location.strip()).replace("\\", "/")
    parts = urlsplit(urljoin(ORIGIN, cleaned))
    return parts.scheme, parts.netloc


@pytest.mark.promise(55)
@pytest.mark.parametrize("target", TARGETS)
async def test_no_redirect_leaves_the_site_or_adds_a_header(sign_up: SignUp, target: str) -> None:
    member = await sign_up()
    form = {"email": "personne1@exemple.fr", "password": "cheval agrafe pile", "next": target}
    answers = [
        await member.get("/session/renew", params={"next": target}),
        await member.post("/session/renew", params={"next": target}),
        await member.post("/sign-in", data={**form, "_csrf": await csrf_of(member, "/account")}),
    ]
    member.cookies.clear()
    answers.append(await member.get("/session/renew", params={"next": target}))
    for answer in answers:
        assert answer.status_code in (303, 307), answer.text[-2000:]
        location = answer.headers["location"]
        assert leads_to(location) == ("https", "boucle.test"), location
        assert not re.search(r"[\x00-\x20\x7f]", location), location
        assert "a=b" not in answer.headers.get("set-cookie", "")

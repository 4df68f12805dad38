"""Answering from the link of a letter: without an account, for one organisation, on one need, and nothing else."""

from html import escape
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from shared.identity import LinkKeys
from tests.services.catalog.conftest import csrf_of
from tests.services.catalog.pages import said, shown
from tests.services.catalog.proposing import made
from tests.services.catalog.suppliers import a_need, declined, ids_of, interested, kept, pass_its_deadline
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_needs import events
from tests.support import Isolated

LETTER = UUID("01a21e8c-0000-7000-8000-000000000007")
OTHER = UUID("01a21e8c-0000-7000-8000-000000000008")


async def letter_to(reader: httpx.AsyncClient, app: Litestar, need: str, *, letter: UUID = LETTER) -> str:
    """The address that a letter to this member has for this need."""
    member_id, _ = await ids_of(reader, app)
    keys: LinkKeys = app.state.link_keys
    return keys.path_to_answer(letter, need_id=UUID(need.rsplit("/", 1)[-1]), member_id=member_id)


@pytest.fixture
async def link(supplier: httpx.AsyncClient, catalog_app: Litestar, need: str) -> str:
    return await letter_to(supplier, catalog_app, need)


async def press(
    client: httpx.AsyncClient, link: str, answer: str, *, seen: int = 0, **fields: object
) -> httpx.Response:
    """Press a button of the page that the link shows."""
    parts = urlsplit(link)
    asked = dict(parse_qsl(parts.query))
    token = await csrf_of(client, "/sign-in")
    form = {**{name: asked[name] for name in ("need", "reader", "key")}, "_csrf": token, "_version": seen, **fields}
    return await client.post(f"{parts.path}/{answer}", data=form)


async def test_the_page_says_what_for_whom_and_does_nothing(
    visitor: httpx.AsyncClient, link: str, catalog_database: Isolated
) -> None:
    """INVARIANT: a GET never acts: scanners of mail servers follow links before their readers do."""
    for address in (link, f"{link}&answer=declined", f"{link}&answer=interested"):
        answer = await visitor.get(address)
        assert answer.status_code == 200
        for words in ("Répondre pour Traiteur solidaire", "80 repas par mois", "Hexaplane", "Nous sommes intéressés"):
            assert words in said(answer), words
        assert answer.headers["cache-control"] == "no-store"
    assert await kept(catalog_database) == []
    assert "<details open" not in said(await visitor.get(link))
    assert '<details class="mt-3" open' in said(await visitor.get(f"{link}&answer=declined"))


async def test_a_proposal_is_not_taken_back_by_a_letter(
    visitor: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, link: str, catalog_database: Isolated
) -> None:
    """Whoever holds a forwarded letter neither reads what was proposed nor undoes it."""
    await made(supplier, need, message="Appelez Zénobie")
    page = said(await visitor.get(link))
    assert "Votre proposition vaut réponse" in page
    assert "Nous sommes intéressés" not in page
    assert "Zénobie" not in page
    for answer, reason in (("interested", {}), ("declined", {"reason": "price"})):
        assert "Retirez-la d'abord" in said(await press(visitor, link, answer, seen=1, **reason))
    assert [row.state for row in await kept(catalog_database)] == ["proposed"]


async def test_a_button_answers_without_an_account(
    visitor: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_app: Litestar, link: str,
    catalog_database: Isolated,
) -> None:  # fmt: skip
    answer = await press(visitor, link, "interested", note="Dès lundi")
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    member_id, organisation_id = await ids_of(supplier, catalog_app)
    (row,) = await kept(catalog_database)
    assert (row.organisation_id, row.state, row.given_by, row.letter_id) == (
        organisation_id,
        "interested",
        None,
        LETTER,
    )
    (event,) = await events(catalog_database, "catalog.answer.given.v1")
    assert (event["data"]["supplier_id"], event["data"]["answer"]) == (str(organisation_id), "interested")
    async with catalog_database.sessions() as session:
        line = (await session.execute(text("SELECT * FROM audit WHERE action = 'answer.interested'"))).one()
    assert (line.member_id, line.organisation_id) == (member_id, organisation_id)
    assert line.details["letter"] == str(LETTER)
    again = await shown(visitor, link)
    assert "Dès lundi" in again
    assert "depuis un e-mail" in again


async def test_one_may_change_ones_mind_from_the_same_letter(
    visitor: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, link: str, catalog_database: Isolated
) -> None:
    await press(visitor, link, "interested")
    assert (await press(visitor, link, "declined", seen=1)).status_code == 422
    assert (await press(visitor, link, "declined", seen=1, reason="no_time")).status_code == 303
    (row,) = await kept(catalog_database)
    assert (row.state, row.reason, row.version) == ("declined", "no_time", 2)
    # Somebody signed in for the organisation changes it too, and is then who gave it.
    await interested(supplier, need, seen=2)
    (row,) = await kept(catalog_database)
    assert (row.state, row.letter_id, row.given_by is not None) == ("interested", None, True)


async def test_a_letter_does_not_write_over_what_a_colleague_said_meanwhile(
    visitor: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, link: str, catalog_database: Isolated
) -> None:
    await declined(supplier, need)
    refused = await press(visitor, link, "interested", seen=0)
    assert refused.status_code == 422
    assert [row.state for row in await kept(catalog_database)] == ["declined"]


async def test_a_letter_shows_no_words_that_it_did_not_bring(
    visitor: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, link: str
) -> None:
    """INVARIANT: a letter is forwarded: whoever holds it reads what was written with it, and no colleague's note."""
    await declined(supplier, need, note="Zénobie est en congé", reason="price")
    page = await shown(visitor, link)
    assert "Pas pour nous" in page
    assert "Zénobie" not in page
    assert "checked" not in page
    # Among the reasons to choose from, and nowhere else.
    assert page.count("Le budget ne suffit pas") == 1
    await press(visitor, link, "interested", seen=1, note="Dès lundi")
    assert "Dès lundi" in await shown(visitor, link)


async def test_the_same_answer_by_letter_takes_no_note_away(
    visitor: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str, link: str, catalog_database: Isolated
) -> None:
    """Its page did not show the note of a colleague: leaving its field empty says nothing of it."""
    await interested(supplier, need, note="Appelez Zénobie")
    assert (await press(visitor, link, "interested", seen=1)).status_code == 303
    (row,) = await kept(catalog_database)
    assert (row.note, row.version, row.letter_id) == ("Appelez Zénobie", 1, None)


@pytest.mark.parametrize("part", ["letter", "need", "reader", "key", "cut", "none"])
async def test_only_a_letters_own_address_opens_it(
    visitor: httpx.AsyncClient, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_app: Litestar,
    link: str, catalog_database: Isolated, part: str,
) -> None:  # fmt: skip
    """INVARIANT: the secret is of one letter, one need and one reader: with any of them changed, it opens nothing."""
    asked = dict(parse_qsl(urlsplit(link).query))
    another_need = (await a_need(buyer)).rsplit("/", 1)[-1]
    another_member = str((await ids_of(buyer, catalog_app))[0])
    wrong = {
        "letter": link.replace(str(LETTER), str(OTHER)),
        "need": link.replace(asked["need"], another_need),
        "reader": link.replace(asked["reader"], another_member),
        "key": link[:-1] + ("A" if link[-1] != "A" else "B"),
        "cut": link[:60],
        "none": link.partition("?")[0],
    }[part]
    answer = await visitor.get(wrong)
    assert answer.status_code == 404
    assert "80 repas" not in answer.text
    assert f'href="/needs/{asked["need"]}"' not in answer.text
    if part not in ("cut", "none"):
        assert (await press(visitor, wrong, "interested")).status_code == 404
    assert await kept(catalog_database) == []


async def test_it_opens_nothing_else(visitor: httpx.AsyncClient, link: str, need: str) -> None:
    await visitor.get(link)
    await press(visitor, link, "interested")
    for address in ("/answers", f"{need}/answer", "/dashboard", "/account"):
        answer = await visitor.get(address)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), address
    key = dict(parse_qsl(urlsplit(link).query))["key"]
    assert (await visitor.get(f"/links/{LETTER}?key={key}")).status_code == 404
    assert (await visitor.get(f"/notifications/unsubscribe/{LETTER}?key={key}")).status_code == 404


async def test_a_post_without_the_pages_token_is_refused(
    visitor: httpx.AsyncClient, link: str, catalog_database: Isolated
) -> None:
    await visitor.get(link)
    parts = urlsplit(link)
    refused = await visitor.post(f"{parts.path}/interested", data=dict(parse_qsl(parts.query)))
    assert refused.status_code == 403
    assert await kept(catalog_database) == []


@pytest.mark.parametrize("how", ["closed", "deadline"])
async def test_once_the_need_is_over_it_says_so_kindly(
    visitor: httpx.AsyncClient, buyer: httpx.AsyncClient, need: str, link: str, catalog_database: Isolated, how: str
) -> None:
    if how == "closed":
        await post(buyer, f"{need}/close", outcome="price")
    else:
        await pass_its_deadline(catalog_database, need)
    for answer in (await visitor.get(link), await press(visitor, link, "interested")):
        assert answer.status_code == 410
        assert "ne prend plus de réponse" in said(answer)
        assert 'href="/needs"' in answer.text
        assert f'href="{need}"' in answer.text
    assert await kept(catalog_database) == []


async def test_what_became_a_tender_leads_to_its_page(
    visitor: httpx.AsyncClient, need: str, link: str, catalog_database: Isolated
) -> None:
    async with catalog_database.sessions.begin() as session:
        await session.execute(text("UPDATE needs SET public_tender = true"))
    answer = await visitor.get(link)
    assert answer.status_code == 409
    assert "profil de l" in said(answer)
    assert f'href="{need}"' in answer.text


@pytest.mark.parametrize("change", ["left_at = now()", "role = 'viewer'"])
async def test_whose_reader_may_not_answer_any_more_opens_nothing(
    visitor: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_app: Litestar, link: str,
    catalog_database: Isolated, change: str,
) -> None:  # fmt: skip
    """INVARIANT: who leaves a team takes no letter's power along."""
    member_id, _ = await ids_of(supplier, catalog_app)
    async with catalog_database.sessions.begin() as session:
        await session.execute(text(f"UPDATE members SET {change} WHERE id = :id"), {"id": member_id})
    for answer in (await visitor.get(link), await press(visitor, link, "interested")):
        assert answer.status_code == 404
    assert await kept(catalog_database) == []


async def test_a_suspended_organisation_is_told_so(
    visitor: httpx.AsyncClient, link: str, catalog_database: Isolated
) -> None:
    async with catalog_database.sessions.begin() as session:
        await session.execute(text("UPDATE organisations SET state = 'suspended' WHERE name LIKE 'Traiteur%'"))
    answer = await visitor.get(link)
    assert (answer.status_code, "est suspendue" in said(answer)) == (403, True)


async def test_a_hidden_author_stays_hidden(
    visitor: httpx.AsyncClient, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_app: Litestar
) -> None:
    hidden = await letter_to(supplier, catalog_app, await a_need(buyer, author_hidden="on"))
    page = await shown(visitor, hidden)
    assert "dont le nom est caché" in page
    assert "Hexaplane" not in page


async def test_it_acts_for_the_letters_organisation_whoever_is_signed_in(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_app: Litestar, link: str,
    catalog_database: Isolated,
) -> None:  # fmt: skip
    answer = await press(buyer, link, "interested")
    assert answer.status_code == 303
    _, organisation_id = await ids_of(supplier, catalog_app)
    assert [row.organisation_id for row in await kept(catalog_database)] == [organisation_id]


async def test_it_speaks_the_letters_language(visitor: httpx.AsyncClient, link: str) -> None:
    page = await shown(visitor, f"/en{link}")
    assert "Answer for Traiteur solidaire" in page
    assert 'action="/en/answers/letters/' in page


async def test_the_other_language_keeps_the_link(visitor: httpx.AsyncClient, link: str) -> None:
    """The switch of languages leads to the same letter; what machines are told of the page has no secret in it."""
    for show, other in ((link, f"/en{link}"), (f"/en{link}&answer=declined", f"{link}&answer=declined")):
        page = (await visitor.get(show)).text
        assert f'href="{escape(other)}"' in page
        assert "key=" not in page.partition("</head>")[0]
    refused = await press(visitor, link, "declined", note="Trop loin")
    assert refused.status_code == 422
    assert f'href="{escape(f"/en{link}&answer=declined")}"' in refused.text
    shut = await visitor.get(f"{link}x")
    assert f'href="{escape(f"/en{link}x")}"' in shut.text


def test_an_older_key_still_opens_and_a_strange_one_never(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("keys")
    ids = {"need_id": uuid4(), "member_id": uuid4()}

    def keys(name: str, lines: str) -> LinkKeys:
        (folder / name).write_text(lines)
        return LinkKeys(folder / name)

    secret = keys("old", "ancienne\n").path_to_answer(LETTER, **ids).rpartition("key=")[2]
    assert keys("both", "neuve\nancienne\n").answers(LETTER, secret, **ids)
    assert not keys("new", "neuve\n").answers(LETTER, secret, **ids)

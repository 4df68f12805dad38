"""Public questions by programs: the same rules, and never who asks."""

from uuid import UUID, uuid4

import httpx
import pytest

from tests.services.catalog.asking import REPLY, WORDS, asked, reply
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.test_flows import post_flow
from tests.services.catalog.test_http_contract import signed


@pytest.fixture
async def program(supplier: httpx.AsyncClient, need: str) -> httpx.AsyncClient:
    return await signed(supplier)


@pytest.fixture
async def author(buyer: httpx.AsyncClient, need: str) -> httpx.AsyncClient:
    return await signed(buyer)


async def create(client: httpx.AsyncClient, *, words: str = WORDS, **about: str) -> httpx.Response:
    body = {"words": words, **about}
    return await client.post("/api/v1/questions", json=body, headers={"idempotency-key": uuid4().hex})


def id_in(address: str) -> str:
    return address.rsplit("/", 1)[-1]


async def test_it_is_asked_answered_corrected_and_read_by_all(
    program: httpx.AsyncClient, author: httpx.AsyncClient, need: str, visitor: httpx.AsyncClient
) -> None:
    made = await create(program, need_id=id_in(need))
    assert (made.status_code, made.json()["is_own"], made.json()["state"]) == (201, True, "asked")
    address = made.headers["location"]
    assert (await visitor.get(address)).status_code == 404
    waiting = (await author.get("/api/v1/questions")).json()["items"]
    assert [(each["words"], each["is_own"]) for each in waiting] == [(WORDS, False)]
    tag = (await author.get(address)).headers["etag"]
    answered = await author.post(f"{address}/reply", json={"reply": REPLY}, headers={"if-match": tag})
    assert (answered.status_code, answered.json()["version"]) == (200, 2)
    corrected = await author.post(
        f"{address}/reply", json={"reply": "Non."}, headers={"if-match": answered.headers["etag"]}
    )
    assert corrected.json()["changed_at"] is not None
    (public,) = (await visitor.get(f"/api/v1{need}/questions")).json()["items"]
    assert (public["reply"], public["author"], public["is_own"]) == ("Non.", "Hexaplane Systèmes", False)
    assert (await author.get("/api/v1/questions")).json()["items"] == []
    own = (await program.get("/api/v1/questions?asked=true")).json()["items"]
    assert [each["state"] for each in own] == ["answered"]


async def test_a_flow_is_asked_about_too_and_others_read_that_one_waits(
    buyer: httpx.AsyncClient, program: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    flow = str((await post_flow(buyer)).headers["location"])
    made = await create(program, flow_id=id_in(flow))
    assert (made.status_code, made.json()["flow_id"], made.json()["need_id"]) == (201, id_in(flow), None)
    assert (await visitor.get(f"/api/v1{flow}/questions")).json() == {"items": [], "next": None, "waiting": 1}


async def test_the_same_again_is_the_same_question(program: httpx.AsyncClient, need: str) -> None:
    first, again = [await create(program, need_id=id_in(need)) for _ in range(2)]
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])


async def test_what_is_changed_was_seen(program: httpx.AsyncClient, author: httpx.AsyncClient, need: str) -> None:
    address = (await create(program, need_id=id_in(need))).headers["location"]
    bodies = ((author, "reply", {"reply": REPLY}), (author, "hide", {"reason": "abusive"}), (program, "withdraw", None))
    for who, change, body in bodies:
        assert (await who.post(f"{address}/{change}", json=body)).status_code == 428, change
        stale = await who.post(f"{address}/{change}", json=body, headers={"if-match": '"9"'})
        assert stale.status_code == 412, change


async def test_it_is_hidden_or_taken_back(
    program: httpx.AsyncClient, author: httpx.AsyncClient, need: str, visitor: httpx.AsyncClient
) -> None:
    hidden, gone = [(await create(program, words=each, need_id=id_in(need))).headers["location"] for each in "ab"]
    answer = await author.post(f"{hidden}/hide", json={"reason": "names_someone"}, headers={"if-match": "*"})
    assert (answer.json()["state"], answer.json()["hidden_for"]) == ("hidden", "names_someone")
    assert (await program.post(f"{gone}/withdraw", headers={"if-match": "*"})).json()["words"] == ""
    assert (await visitor.get(f"/api/v1{need}/questions")).json() == {"items": [], "next": None, "waiting": 0}
    assert [(await program.get(each)).status_code for each in (hidden, gone)] == [200, 404]


async def test_what_is_refused_names_its_field(program: httpx.AsyncClient, need: str) -> None:
    nowhere = await create(program, need_id=str(UUID(int=1)))
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "need_id")
    nowhere = await create(program, flow_id=str(UUID(int=1)))
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "flow_id")
    assert (await create(program)).status_code == 422
    assert (await create(program, need_id=id_in(need), flow_id=id_in(need))).status_code == 422
    named = await create(program, words="Traiteur solidaire ?", need_id=id_in(need))
    assert (named.status_code, named.json()["errors"][0]["field"]) == (422, "words")


async def test_another_organisation_changes_nothing(
    program: httpx.AsyncClient, author: httpx.AsyncClient, need: str, sign_up: SignUp
) -> None:
    address = (await create(program, need_id=id_in(need))).headers["location"]
    stranger = await signed(await sign_up(roles=["ess"]))
    for change, body in (("reply", {"reply": REPLY}), ("hide", {"reason": "abusive"}), ("withdraw", None)):
        answer = await stranger.post(f"{address}/{change}", json=body, headers={"if-match": "*"})
        assert answer.status_code == 404, change
    for who in (stranger, author):
        assert (await who.get("/api/v1/questions?asked=true")).json()["items"] == []
    assert (await program.get("/api/v1/questions")).json()["items"] == []


async def test_a_page_and_a_program_read_the_same(
    supplier: httpx.AsyncClient, buyer: httpx.AsyncClient, need: str, visitor: httpx.AsyncClient
) -> None:
    question = await asked(supplier, need)
    await reply(buyer, question)
    told = (await visitor.get(f"/api/v1{question}")).json()
    assert {"asked_by", "organisation_id", "asker"} & {*told} == set()
    assert (told["words"], told["reply"]) == (WORDS, REPLY)

"""A question goes from a supplier to the author, and its answer to who asked and to who is interested."""

from tests.e2e.conftest import Town
from tests.e2e.test_a_need_travels import NEED, published, sign_up

TOLD = "SELECT count(*) FROM notices WHERE topic = :topic"


async def test_a_question_is_told_and_so_is_its_answer(town: Town) -> None:
    asker, buyer, rival = [
        await sign_up(town, number, role=role) for number, role in ((1, "ess"), (0, "buyer"), (2, "ess"))
    ]
    need = await published(buyer, "needs", **NEED)
    await rival.post("/api/v1/answers", json={"need_id": need, "answer": "interested", "note": ""})
    asked = await asker.post("/api/v1/questions", json={"need_id": need, "words": "À quelle heure ?"})
    assert asked.status_code == 201, asked.text
    await town.settle()
    topics = ("questioned", "replied", "clarified")
    assert [await town.scalar("notifications", TOLD, topic=each) for each in topics] == [1, 0, 0]
    address = f"/api/v1/questions/{asked.json()['id']}"
    replied = await buyer.post(f"{address}/reply", json={"reply": "À midi."}, headers={"if-match": "*"})
    assert replied.status_code == 200, replied.text
    await town.settle()
    assert [await town.scalar("notifications", TOLD, topic=each) for each in topics] == [1, 1, 1]
    (public,) = (await rival.get(f"/api/v1/needs/{need}/questions")).json()["items"]
    assert (public["words"], public["reply"]) == ("À quelle heure ?", "À midi.")

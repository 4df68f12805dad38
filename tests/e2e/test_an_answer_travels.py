"""An answer goes from a supplier's click to the waves that count it and the people who waited for it; and back."""

from tests.e2e.conftest import Town
from tests.e2e.test_a_need_travels import NEED, OFFER, published, sign_up

INTERESTED = "SELECT interested FROM demands WHERE id = :need"
TOLD = "SELECT count(*) FROM notices WHERE topic = 'interested' AND about_id = :need"


async def test_an_answer_is_counted_and_told_and_so_is_its_end(town: Town) -> None:
    supplier, buyer = await sign_up(town, 1, role="ess"), await sign_up(town, 0, role="buyer")
    await published(supplier, "offers", **OFFER)
    need = await published(buyer, "needs", **NEED)
    await town.settle()
    given = await supplier.post("/api/v1/answers", json={"need_id": need, "answer": "interested", "note": "Oui"})
    assert given.status_code == 201, given.text
    await town.settle()
    assert await town.scalar("matching", INTERESTED, need=need) == 1
    assert await town.scalar("notifications", TOLD, need=need) == 1
    received = (await buyer.get(f"/api/v1/needs/{need}/answers")).json()["items"]
    assert [(each["answer"], each["note"]) for each in received] == [("interested", "Oui")]
    assert (await supplier.post(f"/api/v1/answers/{given.json()['id']}/withdraw")).status_code == 200
    await town.settle()
    assert await town.scalar("matching", INTERESTED, need=need) == 0
    assert await town.scalar("notifications", TOLD, need=need) == 2

"""Proposals by programs: the same rules."""

from uuid import uuid4

import httpx

from tests.services.catalog.suppliers import interested
from tests.services.catalog.test_http_contract import signed


class TestAsJson:
    def body(self, need: str, **changes: object) -> dict[str, object]:
        line = {"what": "Repas", "quantity": "80", "unit": "repas", "price_cents": 1250}
        return {"need_id": need.rsplit("/", 1)[-1], "lines": [line], "valid_until": "2999-01-01", **changes}

    async def create(self, client: httpx.AsyncClient, need: str, **changes: object) -> httpx.Response:
        headers = {"idempotency-key": uuid4().hex}
        return await client.post("/api/v1/proposals", json=self.body(need, **changes), headers=headers)

    async def test_it_is_made_revised_chosen_and_listed(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, need: str
    ) -> None:
        program, theirs = await signed(supplier), await signed(buyer)
        first = await self.create(program, need)
        assert (first.status_code, first.json()["total_cents"]) == (201, 100_000), first.text
        assert (await self.create(program, need, message="Encore")).status_code == 409
        address = f"/api/v1/proposals/{first.json()['id']}"
        draft = {name: value for name, value in self.body(need, message="Mieux").items() if name != "need_id"}
        assert (await program.patch(address, json=draft)).status_code == 428
        revised = await program.patch(address, json=draft, headers={"if-match": first.headers["etag"]})
        assert (revised.status_code, revised.json()["revision"]) == (200, 2), revised.text
        stale = {"if-match": first.headers["etag"]}
        assert (await theirs.post(f"{address}/accept", json={"reason": "price"}, headers=stale)).status_code == 412
        fresh = {"if-match": revised.headers["etag"]}
        without = await theirs.post(f"{address}/accept", json={}, headers=fresh)
        assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "reason")
        chosen = await theirs.post(f"{address}/accept", json={"reason": "price"}, headers=fresh)
        assert (chosen.status_code, chosen.json()["state"]) == (200, "accepted")
        for reader, where in ((program, "/api/v1/proposals"), (theirs, f"/api/v1{need}/proposals")):
            assert [each["state"] for each in (await reader.get(where)).json()["items"]] == ["accepted"]

    async def test_a_wrong_line_names_its_field(self, supplier: httpx.AsyncClient, need: str) -> None:
        program = await signed(supplier)
        lines = [{"what": "Repas", "quantity": "80", "unit": "repas"}]
        refused = await self.create(program, need, lines=lines)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "lines.0.price_euros")
        nowhere = await self.create(program, f"/needs/{uuid4()}")
        assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "need_id")

    async def test_taking_it_back_leaves_the_interest(self, supplier: httpx.AsyncClient, need: str) -> None:
        program = await signed(supplier)
        await interested(supplier, need)
        first = await self.create(program, need)
        address = f"/api/v1/proposals/{first.json()['id']}"
        gone = await program.post(f"{address}/withdraw", headers={"if-match": first.headers["etag"]})
        assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
        assert [each["answer"] for each in (await program.get("/api/v1/answers")).json()["items"]] == ["interested"]

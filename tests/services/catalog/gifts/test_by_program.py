"""Gifts by programs: the same rules, each step once, each change on the version that was seen."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.services.catalog.giving import described, eligible, papers, promised, today
from tests.services.catalog.test_http_contract import signed
from tests.support import Isolated

VALUED = {"lines": [{"euros": "1200", "basis": "book"}, {"euros": "400.5"}], "alone": True}
ISSUED = {"kind": "receipt", "signatory": "Nadia Benali", "capacity": "présidente"}


async def sent(client: httpx.AsyncClient, path: str, body: Any, **headers: str) -> httpx.Response:
    return await client.post(path, json=body, headers={name.replace("_", "-"): each for name, each in headers.items()})


async def test_from_promise_to_a_replaced_receipt(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    gift = f"/api/v1{await promised(donor, recipient)}"
    await described(donor, recipient)
    await eligible(catalog_database, recipient)
    for each in (donor, recipient):
        await signed(each)
    (line,) = (await donor.get("/api/v1/gifts")).json()["items"]
    assert (line["gives"], line["state"], line["kind"]) == (True, "promised", "goods")
    tag = (await donor.get(gift)).headers["etag"]
    assert (await sent(donor, f"{gift}/value", VALUED)).status_code == 428
    valued = await sent(donor, f"{gift}/value", VALUED, if_match=tag)
    assert (valued.status_code, valued.json()["value_cents"]) == (200, 160_050), valued.text
    assert (await sent(donor, f"{gift}/value", {**VALUED, "words": "x"}, if_match=tag)).status_code == 412
    wrong = await sent(recipient, f"{gift}/value", VALUED, if_match="*")
    assert (wrong.status_code, wrong.json()["type"]) == (409, "urn:boucle:problem:DonorAloneValues")
    arrived = {"on": today().isoformat(), "received": ["120", "40"]}
    delivered = await sent(recipient, f"{gift}/deliver", arrived, if_match="*")
    assert (delivered.status_code, delivered.json()["state"]) == (200, "ready"), delivered.text
    key = str(uuid4())
    issuing = {**ISSUED, "gift_id": gift.rsplit("/", 1)[-1]}
    first = await sent(recipient, "/api/v1/gifts/papers", issuing, idempotency_key=key)
    again = await sent(recipient, "/api/v1/gifts/papers", issuing, idempotency_key=key)
    assert (first.status_code, again.json()) == (201, first.json()), first.text
    assert first.json()["mentions"]["letters"] == "mille six cents euros et cinquante centimes"
    other = {name: value for name, value in ISSUED.items() if name != "kind"}
    paper = first.json()["id"]
    replaced = await sent(
        recipient,
        "/api/v1/gifts/replacements",
        {**other, "paper_id": paper, "reason": "Faute"},
        idempotency_key=str(uuid4()),
    )
    assert (replaced.status_code, replaced.json()["number"]) == (200, 2), replaced.text
    items = (await donor.get("/api/v1/gifts/papers?limit=1")).json()
    assert (items["items"][0]["number"], items["next"] is not None) == (2, True)
    (void,) = (await donor.get(f"/api/v1/gifts/papers?limit=1&cursor={items['next']}")).json()["items"]
    assert void["replaced_by"] == replaced.json()["id"]
    assert len(await papers(catalog_database)) == 2
    assert (await donor.get(first.headers["location"])).json()["cancelled_at"]
    file = await donor.get(f"/api/v1/gifts/papers/{paper}/file")
    assert file.content.startswith(b"%PDF")


@pytest.mark.parametrize("path", ["gifts", "gifts/papers", "gifts/profile", "gifts/statement?year=2026", "eligibility"])
async def test_nobody_reads_without_a_session(visitor: httpx.AsyncClient, path: str) -> None:
    assert (await visitor.get(f"/api/v1/{path}")).status_code == 401

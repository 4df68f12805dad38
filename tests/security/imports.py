"""Files that a scene's owner imports."""

from uuid import UUID

import httpx
from sqlalchemy import text

from tests.security.scene import SECRET
from tests.support import Isolated

SHEET = f"{SECRET} besoins.csv"
ROWS = f"id;titre;type;lieu\nn1;{SECRET} rangee;Achat;Muret\n"
COLUMNS = {f"column_{at}": name for at, name in enumerate(("external_id", "title", "kind", "place"))}
A_TRIAL = "UPDATE imports SET state = 'checked' WHERE id = :id"
A_REFUSAL = """
    INSERT INTO import_refusals (import_id, line, field, organisation_id, why, written, is_remark)
    SELECT id, 2, 'title', organisation_id, 'trop long', 'rien', false FROM imports WHERE id = :id
"""


async def two_imports(database: Isolated, owner: httpx.AsyncClient) -> list[object]:
    """The ids of a file whose columns are to be said, and of one that was tried and refused something."""
    made: list[object] = []
    for _ in range(2):
        sent = await owner.post("/imports", data={"what": "needs"}, files={"file": (SHEET, ROWS.encode())})
        assert sent.status_code == 303, sent.text
        made.append(UUID(sent.headers["location"].split("/")[2]))
    assert (await owner.post(f"/imports/{made[1]}/columns", data=COLUMNS)).status_code == 303
    async with database.connection() as connection:
        for change in (A_TRIAL, A_REFUSAL):
            await connection.execute(text(change), {"id": made[1]})
    return made

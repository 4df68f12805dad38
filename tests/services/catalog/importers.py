"""Who imports files on the pages: sends one, says what its columns are, tries it and takes it."""

import re
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, text

from services.catalog.imports.models import Import
from services.catalog.imports.working import ImportWork
from tests.services.catalog.conftest import csrf_of
from tests.support import Isolated

NEEDS = (
    "Identifiant;Titre;Type de besoin;Lieu;Catégories;Date limite\n"
    "n1;80 repas par mois;Achat;Montaudran;catering;+21\n"
    "n2;Une journée nature;Action RSE;Toulouse;environment-actions;\n"
    "n3;=cmd;Achat;Nulle-Part-sur-Rien;catering;\n"
)
PUBLISHED = "catalog.need.published.v1"


async def send(client: httpx.AsyncClient, content: str | bytes, **fields: str) -> httpx.Response:
    """Send a file on the page of new imports."""
    data = content.encode() if isinstance(content, str) else content
    form = {"what": "needs", "_csrf": await csrf_of(client, "/imports/new"), **fields}
    return await client.post("/imports", data=form, files={"file": ("besoins.csv", data)})


async def press(client: httpx.AsyncClient, address: str, **fields: str) -> httpx.Response:
    return await client.post(address, data={"_csrf": await csrf_of(client, "/account"), **fields})


async def address_of(client: httpx.AsyncClient, content: str | bytes, **fields: str) -> str:
    """The address of the import of a file that was sent."""
    answer = await send(client, content, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removesuffix("/columns")


def columns_in(page: str) -> dict[str, str]:
    """What each column of a file is taken for, by its number."""
    found = re.findall(r'<select[^>]* name="column_(\d+)".*?</select>', page, re.DOTALL)
    parts = re.findall(r'<select[^>]* name="column_\d+".*?</select>', page, re.DOTALL)
    chosen = [re.search(r'<option value="([^"]*)" selected', part) for part in parts]
    return {f"column_{at}": match[1] if match else "" for at, match in zip(found, chosen, strict=True)}


async def work_off(database: Isolated, *, check_first: bool = False, batches: int = 1000) -> None:
    work = ImportWork(database, check_first)
    for _ in range(batches):
        if not await work.go_on():
            return


async def tried(client: httpx.AsyncClient, database: Isolated, content: str | bytes, **fields: str) -> str:
    """A file taken for what its columns seem to be, and tried."""
    address = await address_of(client, content, **fields)
    page = (await client.get(f"{address}/columns")).text
    answer = await press(client, f"{address}/columns", **columns_in(page))
    assert answer.status_code == 303, answer.text
    await work_off(database)
    return address


async def taken(client: httpx.AsyncClient, database: Isolated, content: str | bytes, **fields: str) -> str:
    """A file tried, then taken."""
    address = await tried(client, database, content, **fields)
    answer = await press(client, f"{address}/run")
    assert answer.status_code == 303, answer.text
    await work_off(database)
    return address


async def job_of(database: Isolated, address: str) -> Import:
    async with database.sessions() as session:
        found = await session.get(Import, UUID(address.rsplit("/", 1)[-1]))
        assert found is not None
        return found


async def counts(database: Isolated, address: str) -> tuple[str, int, int, int, int]:
    job = await job_of(database, address)
    return job.state.value, job.created, job.updated, job.unchanged, job.refused


async def rows(database: Isolated, model: Any) -> list[Any]:
    async with database.sessions() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


async def role(database: Isolated, role_name: str) -> None:
    async with database.sessions.begin() as session:
        await session.execute(text("UPDATE members SET role = :role"), {"role": role_name})


async def sign_in_again(client: httpx.AsyncClient, number: int = 1) -> httpx.AsyncClient:
    """What somebody may do is in their token: a new one says what changed."""
    await press(client, "/session/end")
    token = await csrf_of(client, "/sign-in")
    signed = {"email": f"personne{number}@exemple.fr", "password": "cheval agrafe pile", "_csrf": token}
    assert (await client.post("/sign-in", data=signed)).status_code == 303
    return client

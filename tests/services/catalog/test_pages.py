"""Catalog's pages answer everybody they are for, in both languages, well formed."""

from tests.services.catalog.conftest import SignUp
import httpx
import pytest

PUBLIC = ("/", "/sign-in", "/sign-up", "/needs", "/organisations", "/legal", "/accessibility", "/developers")
MEMBERS = ("/dashboard", "/dashboard?show=drafts", "/dashboard?show=ended", "/account", "/needs/new")


@pytest.mark.parametrize("language", ["", "/en"])
async def test_public_pages_answer_anybody(visitor: httpx.AsyncClient, language: str) -> None:
    for path in PUBLIC:
        answer = await visitor.get(language + path)
        assert answer.status_code == 200, (path, answer.text[-3000:])
async def test_members(sign_up: SignUp) -> None:
    buyer = await sign_up()
    for path in MEMBERS:
        answer = await buyer.get(path)
        assert answer.status_code == 200, (path, answer.text[-3000:])

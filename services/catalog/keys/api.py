"""A key becomes a token for the services that do not know keys."""

from litestar import post

from services.catalog.keys.errors import KeyNeeded
from services.catalog.keys.schemas import TokenOut
from shared.identity import TOKEN_LIFE, Signer
from shared.web.pages import Req
from shared.web.provided import Member
from shared.web.visit import visit_of


@post("/api/v1/token", status_code=200, any_scope=True)
async def exchange_token(request: Req, member: Member) -> TokenOut:
    """Exchange a key for a token that matching and notifications read, good for less than a minute.

    It carries what the key may do everywhere; one that writes some nouns only reads elsewhere.
    """
    if not visit_of(request).is_program:
        raise KeyNeeded
    signer: Signer = request.app.state.signer
    return TokenOut(signer.mint(member), "Bearer", int(TOKEN_LIFE.total_seconds()))


ROUTES = [exchange_token]

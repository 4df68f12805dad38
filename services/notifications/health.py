"""Whether the process lives, and whether it can answer."""

from litestar import MediaType, Response, get
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.database import Database
from shared.web.pages import Req


@get("/notifications/livez", media_type=MediaType.TEXT)
async def livez() -> str:
    """The event loop turns."""
    return "ok"


@get("/notifications/readyz")
async def readyz(request: Req) -> Response[str]:
    """The own database answers; nothing else is asked, so that a broken neighbour does not take us down."""
    database: Database = request.app.state.database
    try:
        async with database.sessions() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return Response("database", status_code=503, media_type=MediaType.TEXT)
    return Response("ok", media_type=MediaType.TEXT)


ROUTES = [livez, readyz]

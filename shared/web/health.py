"""Is the process alive, is it ready: asked by supervisors and gateways, never by people."""

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text

from shared.web.pages import Req


def health_routes(prefix: str) -> list[HTTPRouteHandler]:
    """`/livez` touches nothing outside the process; `/readyz` asks the own database only (NATS may be down)."""

    @get(f"{prefix}/livez", include_in_schema=False, sync_to_thread=False)
    def livez() -> dict[str, str]:
        return {"status": "alive"}

    @get(f"{prefix}/readyz", include_in_schema=False)
    async def readyz(request: Req) -> Response[dict[str, str]]:
        try:
            async with request.app.state.database.connection() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception as error:  # any reason at all means "not ready"
            return Response({"status": "not ready", "reason": type(error).__name__}, status_code=503)
        return Response({"status": "ready"})

    return [livez, readyz]

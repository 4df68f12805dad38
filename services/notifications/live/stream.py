"""The live stream: register first, read what came since, then follow, dropping what was already said."""

from collections.abc import AsyncIterator

from litestar import MediaType, Response, get
from litestar.params import FromQuery
from litestar.response import Stream as StreamingResponse

from services.notifications.live import queries, wire
from services.notifications.live.hub import Hub, Stream
from services.notifications.preferences.queries import muted_by
from shared.web.pages import Req
from shared.web.provided import Visitor
from shared.web.visit import acting_of

HEADERS = {
    "cache-control": "no-store",
    # nginx holds back what it thinks is a page
    "x-accel-buffering": "no",
}


# The stream is not compressed: gzip would keep messages back until its buffer is full.
@get("/notifications/stream", opt={"skip_compression": True}, status_code=200)
async def live_stream(
    request: Req, visitor: Visitor, last: FromQuery[int | None] = None
) -> StreamingResponse | Response[str]:
    """Server-sent events for one browser, resumable by `Last-Event-ID` or `?last=`.

    The header wins: a browser that reconnects by itself keeps the address it began with.
    """
    if visitor is None:
        return Response("", status_code=401, media_type=MediaType.TEXT)
    hub: Hub = request.app.state.hub
    language = str(request.scope.get("boucle.language", visitor.language))
    position = _position(request.headers.get("last-event-id"), last)
    messages = follow(hub, Stream(visitor, language), position)
    return StreamingResponse(messages, media_type="text/event-stream", headers=HEADERS)


def _position(header: str | None, query: int | None) -> int | None:
    return int(header) if header and header.isdecimal() else query


async def follow(hub: Hub, stream: Stream, last: int | None) -> AsyncIterator[bytes]:
    """Every message for the stream after `last` (or from now on), each once, until the stream ends."""
    hub.join(stream)
    try:
        yield wire.RETRY
        said, missed = await _catch_up(hub, stream, last)
        for message in missed:
            yield message
        while taken := await stream.take():
            for position, message in taken:
                if position == 0 or position > said:
                    said = max(said, position)
                    yield message
    finally:
        hub.leave(stream)


async def _catch_up(hub: Hub, stream: Stream, last: int | None) -> tuple[int, list[bytes]]:
    """The position reached, and what to say first: the unread count, then what was missed."""
    member, organisation = stream.identity.member_id, stream.identity.organisation_id
    await hub.started.wait()
    async with hub.opening:
        async with hub.database.connection() as connection:
            newest = await queries.newest_position(connection)
        # A position from the future is one of a database that was lost since: start from now.
        position = min(last, newest) if last is not None else newest
        async with hub.pages.acting(acting_of(stream.identity)) as session:
            stream.muted = await muted_by(session, member)
            missed = await queries.missed_by(session, organisation, position=position) if position < newest else []
            unread = (await queries.unread_of(session, [(member, organisation)])).get(member, 0)
    if len(missed) == queries.LIMIT:
        stream.end()  # it comes back and continues from there
    said = missed[-1].id if missed else position
    messages = (wire.whole(wire.head_of(told, stream.language, stream.muted), unread) for told in missed)
    return said, [wire.greeting(position, unread), *messages]

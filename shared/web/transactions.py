"""The transactions a route can run in; each commits before the answer leaves and is undone by any exception.

`session: Session` is a plain one. A route that makes something new says `dependencies=ONCE`, one that changes
something says `dependencies=SEEN`: their session is then one that happens once for each Idempotency-Key, or that only
changes what its caller has seen.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from litestar.di import Provide
from litestar.params import HeaderParameter
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.database.versions import expect
from shared.fault import failpoint
from shared.web import idempotency
from shared.web.conditions import IF_MATCH, versions_in
from shared.web.pages import Req
from shared.web.provided import Editor
from shared.web.visit import acting_of, visit_of

Key = Annotated[
    str | None,
    HeaderParameter(
        name=idempotency.HEADER,
        description="A text of your own for this one creation, for example a UUID. Asked again with the same key and "
        "the same body, the answer is the first one and nothing is made twice.",
    ),
]
Tags = Annotated[
    str | None,
    HeaderParameter(
        name=IF_MATCH, description="The ETag of the version that you change: that of your last reading or change of it."
    ),
]


@asynccontextmanager
async def begun(request: Req) -> AsyncIterator[AsyncSession]:
    """One transaction, committed at the block's end."""
    database: Database = request.app.state.database
    service: str = request.app.state.settings.service
    async with database.acting(acting_of(visit_of(request).identity)) as session:
        yield session
        await failpoint("http.before_commit", service)
    await failpoint("http.after_commit", service)


async def plain(request: Req) -> AsyncIterator[AsyncSession]:
    """A transaction; the same as `begun`, in one generator.

    When another dependency fails beside it, Litestar leaves it to the garbage collector, which would close the inner of
    two generators while the outer one closes it.
    """
    database: Database = request.app.state.database
    service: str = request.app.state.settings.service
    async with database.acting(acting_of(visit_of(request).identity)) as session:
        yield session
        await failpoint("http.before_commit", service)
    await failpoint("http.after_commit", service)


async def once(request: Req, editor: Editor, idempotency_key: Key = None) -> AsyncIterator[AsyncSession]:
    """A transaction that keeps its answer, so that the same request is answered again instead of done again."""
    async with begun(request) as session:
        asked = await idempotency.asked(request, editor, idempotency_key)
        await idempotency.claim(session, asked)
        yield session
        await idempotency.keep(session, asked, request)


async def seen(request: Req, editor: Editor, if_match: Tags = None) -> AsyncIterator[AsyncSession]:
    """A transaction that changes only what its caller has seen."""
    async with begun(request) as session:
        expect(session, None if if_match is None else versions_in(if_match))
        yield session


ONCE: Final = {"session": Provide(once)}
SEEN: Final = {"session": Provide(seen)}

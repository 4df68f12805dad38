"""Writing on one page: every question at once, of a new thing and of what its author changes later."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.posting.models import Posted
from services.catalog.posting.pages import asks_for_categories, pressed
from services.catalog.posting.queries import own_for_update
from services.catalog.posting.schemas import Posting
from services.catalog.posting.wizard import Writing
from shared.identity import Identity
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect

Row = TypeVar("Row", bound=Posted)
Draft = TypeVar("Draft", bound=Posting)


@dataclass(frozen=True)
class Whole(Generic[Row, Draft]):
    """What one kind of thing brings: what its template calls a row, and what is said once one is published."""

    writing: Writing[Row, Draft]
    name: str
    say: str
    read: Callable[[Req, type[Draft]], Awaitable[Form[Draft]]] = read_form

    async def asked(
        self, request: Req, session: AsyncSession, editor: Identity, form: Form[Draft], row: Row | None = None
    ) -> Html:
        """The form as it was typed, with what is wrong in it."""
        around = await self.writing.lists(request, session, editor, row, form)
        status = 422 if form.errors else 200
        template = f"{self.writing.feature}/form.html"
        return page(request, template, status=status, form=form, **{self.name: row}, **around)

    async def edited(self, request: Req, session: AsyncSession, editor: Identity, row_id: UUID) -> Html:
        """The form with what the row says now."""
        row = await self._own(session, editor, row_id)
        return await self.asked(request, session, editor, self._form_of(row), row)

    async def created(self, request: Req, session: AsyncSession, editor: Identity, now: datetime) -> Response[Any]:
        """Keep or publish; what is refused comes back with what was typed."""
        form, then = await self.read(request, self.writing.draft), await pressed(request)
        if await asks_for_categories(request, form) or then == "dates":
            return await self.asked(request, session, editor, form)
        publish = then == "publish"
        if form.data is not None:
            async with kept_when_refused(request, session, form):
                row = await self.writing.begin(session, editor, form.data, now)
                if publish:
                    await self.writing.publish(session, editor, row.id, now)
        if form.errors:
            return await self.asked(request, session, editor, form)
        return self._shown(request, row.id, say=self.say if publish else "Brouillon gardé.")

    async def changed(
        self, request: Req, session: AsyncSession, editor: Identity, row_id: UUID, now: datetime
    ) -> Response[Any]:
        """Save the changes; a draft may be published at the same time."""
        row = await self._own(session, editor, row_id)
        form, then = await self.read(request, self.writing.draft), await pressed(request)
        if await asks_for_categories(request, form) or then == "dates":
            return await self.asked(request, session, editor, form, row)
        publish = row.is_draft and then == "publish"
        if form.data is not None:
            async with kept_when_refused(request, session, form):
                form.refuse_when_changed(row.version)
                await self.writing.update(session, editor, form.data, row_id, now)
                if publish:
                    await self.writing.publish(session, editor, row_id, now)
        if form.errors:
            return await self.asked(request, session, editor, form, await self._own(session, editor, row_id))
        return self._shown(request, row_id, say=self.say if publish else "Changements enregistrés.")

    async def published(
        self, request: Req, session: AsyncSession, editor: Identity, row_id: UUID, now: datetime
    ) -> Response[Any]:
        """Open a draft; what is missing sends back to its form."""
        return await self.done(request, session, editor, row_id, self.writing.publish, now=now, say=self.say)

    async def done(
        self,
        request: Req,
        session: AsyncSession,
        editor: Identity,
        row_id: UUID,
        act: Callable[[AsyncSession, Identity, UUID, datetime], Awaitable[object]],
        *,
        now: datetime,
        say: str,
    ) -> Response[Any]:
        """What a button does; what the row lacks for it sends to its form."""
        form = self._form_of(await self._own(session, editor, row_id))
        async with kept_when_refused(request, session, form):
            await act(session, editor, row_id, now)
        if form.errors:
            return await self.asked(request, session, editor, form, await self._own(session, editor, row_id))
        return self._shown(request, row_id, say=say)

    async def _own(self, session: AsyncSession, editor: Identity, row_id: UUID) -> Row:
        owner, writing = editor.organisation_id, self.writing
        return await own_for_update(session, writing.model, row_id, organisation_id=owner, missing=writing.missing)

    def _form_of(self, row: Row) -> Form[Draft]:
        return Form(typed=self.writing.typed(row), version=row.version)

    def _shown(self, request: Req, row_id: UUID, *, say: str) -> Response[Any]:
        return redirect(request, f"{self.writing.path}/{row_id}", say=say)

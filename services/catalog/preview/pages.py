"""The wizard with its panel "who could answer": refreshed while one types, written into the last look, and widening."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.organisations.queries import organisation_by_id
from services.catalog.posting.models import Posted
from services.catalog.posting.schemas import Posting
from services.catalog.posting.steps import Step, step_of
from services.catalog.posting.wizard import Wizard
from services.catalog.preview.asking import Asking, asking_of
from services.catalog.preview.view import Panel, panel_of
from shared.identity import Identity
from shared.messaging.asking import Asker
from shared.questions.preview import Preview
from shared.web.forms import kept_when_refused
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Now, Session
from shared.web.transactions import begun

# What a button of the panel may set.
WIDENED = ("radius_km", "starts_on", "ends_on", "minimum_value", "supplier_kinds", "permits", "receipt_wanted")


class PreviewedWizard(Wizard):
    """A wizard whose kind of thing is matched; matching is asked outside every transaction, and may not answer."""

    of: ClassVar[Literal["need", "flow"]]

    @post("/preview", status_code=200)
    async def preview_first(self, request: Req, editor: Editor, now: Now) -> Html:
        """Who could answer what is typed on the first page, before anything is kept."""
        writing, first = self.writing, self.writing.steps[0]
        draft = await self._typed_so_far(request, first, writing.begun_with)
        async with begun(request) as session:
            asking = await self._asking(session, editor, draft)
        return await self._panel_page(request, asking, now, row=None, step=first)

    @post("/{row_id:uuid}/steps/{code:str}/preview", status_code=200)
    async def preview_step(
        self, request: Req, editor: Editor, *, now: Now, row_id: FromPath[UUID], code: FromPath[str]
    ) -> Html:
        """Who could answer what is kept, with what is typed on this page."""
        writing, step = self.writing, self._step(code)
        async with begun(request) as session:
            # Locked for a moment, as whoever may change it: so PostgreSQL itself refuses a foreign one.
            row = await self._own(session, editor, row_id)
            draft = await self._typed_so_far(request, step, writing.typed(row))
            asking = asking_of(draft, self.of, row.organisation)
        return await self._panel_page(request, asking, now, row=row, step=step)

    @post("/{row_id:uuid}/widen", status_code=303)
    async def widen(
        self, request: Req, session: Session, editor: Editor, *, now: Now, row_id: FromPath[UUID]
    ) -> Response[Any]:
        """Make a draft's condition wider by a button of the panel, where its field is on another page."""
        writing, row = self.writing, await self._own(session, editor, row_id)
        sent = await request.form()
        fields = [name for name in WIDENED if name in sent]
        form = await writing.read(request, writing.draft, fields, writing.typed(row))
        back = step_of(writing.steps, str(sent.get("back", "")))
        address = self._address(row, back)
        if not row.is_draft or form.data is None:
            return redirect(request, address)
        async with kept_when_refused(request, session, form):
            await writing.update(session, editor, form.data, row_id, now)
        return redirect(request, address, say=None if form.errors else "Condition élargie.")

    def preview_address(self, row: Posted | None, step: Step) -> str | None:
        """Where the panel of a step's page is asked for."""
        path = self.writing.path
        return f"{path}/{row.id}/steps/{step.code}/preview" if row else f"{path}/preview"

    async def beside_review(self, request: Req, row: Any, now: Now) -> dict[str, Any]:
        """The panel of the last look, also without scripts."""
        writing = self.writing
        draft = writing.draft.model_validate(_filled(writing.typed(row)))
        asking = asking_of(draft, self.of, row.organisation)
        return {"panel": await self._panel(request, asking, now), "widen_row": row, "widen_step": None}

    async def _panel_page(
        self, request: Req, asking: Asking | None, now: Now, *, row: Posted | None, step: Step
    ) -> Html:
        panel, path = await self._panel(request, asking, now), self.writing.path
        return page(request, "preview/panel.html", panel=panel, path_of=path, widen_row=row, widen_step=step)

    async def _panel(self, request: Req, asking: Asking | None, now: Now) -> Panel:
        asker: Asker = request.app.state.asker
        answer = await asker.ask(asking.question) if asking else None
        return panel_of(request, asking, answer if isinstance(answer, Preview) else None, now)

    async def _asking(self, session: AsyncSession, editor: Identity, draft: Posting) -> Asking | None:
        organisation = await organisation_by_id(session, editor.organisation_id)
        return asking_of(draft, self.of, organisation) if organisation else None

    async def _typed_so_far(self, request: Req, step: Step, rest: Mapping[str, Any]) -> Posting:
        """The draft as it reads now: what is wrong yet is left as it was."""
        writing, fields = self.writing, list(step.fields)
        form = await writing.read(request, writing.draft, fields, rest)
        while form.data is None and form.errors.keys() & set(fields):
            fields = [name for name in fields if name not in form.errors]
            form = await writing.read(request, writing.draft, fields, rest)
        draft: Posting = form.data if form.data is not None else writing.draft()
        return draft


def _filled(typed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if value not in ("", [])}

"""Writing step by step: every step saves itself, nothing is lost between two of them, and the last one looks back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.actor import Actor
from services.catalog.posting.models import Posted
from services.catalog.posting.pages import asks_for_categories, pressed
from services.catalog.posting.queries import own_for_update
from services.catalog.posting.schemas import Posting
from services.catalog.posting.steps import Step, after, step_of, step_with
from shared.identity import Identity
from shared.refusal import Refusal
from shared.web.errors import NotYours
from shared.web.forms import Form, kept_when_refused, read_part
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Now, Session
from shared.web.transactions import begun
from shared.web.visit import visit_of

Row = TypeVar("Row", bound=Posted)
Draft = TypeVar("Draft", bound=Posting)


class Said(NamedTuple):
    """One line of the last look: what was asked, and what was answered (empty when nothing was)."""

    name: str
    words: str


@dataclass(frozen=True)
class Writing(Generic[Row, Draft]):
    """What one kind of thing brings to the wizard; `lists` gives a step's page everything it offers to choose from."""

    path: str
    feature: str
    model: type[Row]
    missing: type[Refusal]
    draft: type[Draft]
    steps: Sequence[Step]
    begun_with: Mapping[str, Any]
    typed: Callable[[Row], dict[str, Any]]
    lists: Callable[[Req, AsyncSession, Identity, Row | None, Form[Draft]], Awaitable[dict[str, Any]]]
    said: Callable[[Req, Row], Mapping[str, Sequence[Said]]]
    check: Callable[[Row, datetime], None]
    begin: Callable[[AsyncSession, Actor, Draft, datetime], Awaitable[Row]]
    update: Callable[[AsyncSession, Actor, Draft, UUID, datetime], Awaitable[Row]]
    publish: Callable[[AsyncSession, Actor, UUID, datetime], Awaitable[Row]]
    read: Callable[..., Awaitable[Form[Draft]]] = read_part


class Wizard(Controller):
    """The pages in which one kind of thing is written; each kind is a subclass with its `path` and its `writing`."""

    writing: ClassVar[Writing[Any, Any]]

    @get("/new")
    async def begin_form(self, request: Req, session: Session, editor: Editor) -> Html:
        """The first question, with nothing written yet; an address may bring answers along."""
        first = self.writing.steps[0]
        given = {name: request.query_params[name] for name in first.fields if name in request.query_params}
        form: Form[Any] = Form(typed={**self.writing.begun_with, **given})
        return await self._asked(request, session, editor, form, row=None, step=first)

    @post("/begin", status_code=303)
    async def begin(self, request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
        """Keep the first answer as a draft, and ask the next question."""
        writing, first = self.writing, self.writing.steps[0]
        form = await writing.read(request, writing.draft, first.fields, writing.begun_with)
        if await asks_for_categories(request, form):
            return await self._asked(request, session, editor, form, row=None, step=first)
        if form.data is not None:
            async with kept_when_refused(request, session, form):
                row = await writing.begin(session, editor, form.data, now)
        if form.errors:
            return await self._asked(request, session, editor, form, row=None, step=first)
        return redirect(request, self._address(row, after(writing.steps, first)))

    @get("/{row_id:uuid}/steps/{code:str}")
    async def step_form(
        self, request: Req, session: Session, editor: Editor, row_id: FromPath[UUID], code: FromPath[str]
    ) -> Html:
        """One question with what was answered so far."""
        row = await self._own(session, editor, row_id)
        form: Form[Any] = Form(typed=self.writing.typed(row), version=row.version)
        return await self._asked(request, session, editor, form, row=row, step=self._step(code))

    @post("/{row_id:uuid}/steps/{code:str}", status_code=303)
    async def save_step(
        self, request: Req, session: Session, editor: Editor, *, now: Now, row_id: FromPath[UUID], code: FromPath[str]
    ) -> Response[Any]:
        """Save the answer and go on; what is refused is asked again with what was typed."""
        writing, step, row = self.writing, self._step(code), await self._own(session, editor, row_id)
        form = await writing.read(request, writing.draft, step.fields, writing.typed(row))
        if await asks_for_categories(request, form):
            return await self._asked(request, session, editor, form, row=row, step=step)
        if form.data is not None:
            async with kept_when_refused(request, session, form):
                # A draft saves itself all the time, and its page does not know how often.
                if not row.is_draft:
                    form.refuse_when_changed(row.version)
                await writing.update(session, editor, form.data, row_id, now)
        if form.errors:
            row = await self._own(session, editor, row_id)
            return await self._asked(request, session, editor, form, row=row, step=step)
        if not row.is_draft:
            return redirect(request, f"{writing.path}/{row_id}", say="Changements enregistrés.")
        if await pressed(request) == "later":
            return redirect(request, "/dashboard?show=drafts", say="Brouillon gardé.")
        return redirect(request, self._address(row, after(writing.steps, step)))

    @post("/{row_id:uuid}/steps/{code:str}/keep", status_code=200)
    async def keep_step(
        self, request: Req, session: Session, editor: Editor, *, now: Now, row_id: FromPath[UUID], code: FromPath[str]
    ) -> Html:
        """Save a draft while it is being typed: what is right is kept, what is not yet is left as it was."""
        writing, step, row = self.writing, self._step(code), await self._own(session, editor, row_id)
        wrong: set[str] = set()
        while row.is_draft:
            fields = [name for name in step.fields if name not in wrong]
            form = await writing.read(request, writing.draft, fields, writing.typed(row))
            if form.data is not None:
                async with kept_when_refused(request, session, form):
                    await writing.update(session, editor, form.data, row_id, now)
            if form.errors.keys() <= wrong:
                break
            wrong |= form.errors.keys()
            row = await self._own(session, editor, row_id)
        draft = f"{writing.feature}-{row_id}-{code}"
        return page(request, "posting/kept.html", at=now, wrong=len(wrong), draft=draft, just_kept=True)

    @get("/{row_id:uuid}/review")
    async def review(self, request: Req, editor: Editor, *, now: Now, row_id: FromPath[UUID]) -> Html:
        """The last look before publishing: every answer with its way back, and what is still missing."""
        async with begun(request) as session:
            row = await self._own(session, editor, row_id)
        # Whatever stands beside it may ask another service: no transaction waits meanwhile.
        around = {**self._surroundings(request, row), **await self.beside_review(request, row, now)}
        said, lack = self.writing.said(request, row), self._lack(row, now)
        return page(request, "posting/review.html", row=row, said=said, lack=lack, **around)

    @post("/{row_id:uuid}/review", status_code=303)
    async def publish(
        self, request: Req, session: Session, editor: Editor, *, now: Now, row_id: FromPath[UUID]
    ) -> Response[Any]:
        """Publish; what is missing leads back to its question."""
        writing, row = self.writing, await self._own(session, editor, row_id)
        form: Form[Any] = Form(typed=writing.typed(row))
        async with kept_when_refused(request, session, form):
            row = await writing.publish(session, editor, row_id, now)
        if form.errors:
            row, step = await self._own(session, editor, row_id), step_with(writing.steps, next(iter(form.errors)))
            return await self._asked(request, session, editor, form, row=row, step=step)
        waits = row.published_at is None
        return redirect(
            request,
            f"{writing.path}/{row_id}",
            say="Envoyé en vérification : vous serez prévenu de la suite." if waits else "C'est publié.",
        )

    def preview_address(self, row: Posted | None, step: Step) -> str | None:  # noqa: ARG002 - for those who have one
        """Where a step's page asks for what stands beside it; None where nothing does."""
        return None

    async def beside_review(self, request: Req, row: Any, now: Now) -> dict[str, Any]:  # noqa: ARG002 - the same
        """What stands beside the last look."""
        return {}

    def _step(self, code: str) -> Step:
        step = step_of(self.writing.steps, code)
        if step is None:
            raise NotYours
        return step

    async def _own(self, session: AsyncSession, editor: Identity, row_id: UUID) -> Any:
        owner, writing = editor.organisation_id, self.writing
        return await own_for_update(session, writing.model, row_id, organisation_id=owner, missing=writing.missing)

    async def _asked(
        self,
        request: Req,
        session: AsyncSession,
        editor: Identity,
        form: Form[Any],
        *,
        row: Posted | None,
        step: Step,
    ) -> Html:
        return page(
            request,
            "posting/step.html",
            status=422 if form.errors else 200,
            form=form,
            row=row,
            step=step,
            number=self.writing.steps.index(step) + 1,
            preview_at=self.preview_address(row, step),
            **self._surroundings(request, row),
            **await self.writing.lists(request, session, editor, row, form),
        )

    def _address(self, row: Posted, step: Step | None) -> str:
        own = f"{self.writing.path}/{row.id}"
        return f"{own}/steps/{step.code}" if step else f"{own}/review"

    def _surroundings(self, request: Req, row: Posted | None) -> dict[str, Any]:
        url = visit_of(request).url
        return {
            "feature": self.writing.feature,
            "path_of": self.writing.path,
            "steps": [(step, url(self._address(row, step)) if row else None) for step in self.writing.steps],
            "is_draft": row is None or row.is_draft,
        }

    def _lack(self, row: Posted, now: datetime) -> tuple[str, str] | None:
        """What keeps it from being published: the sentence, and the code of the step that asks for it."""
        try:
            self.writing.check(row, now)
        except Refusal as refusal:
            return refusal.sentence.format(**refusal.values), step_with(self.writing.steps, refusal.field).code
        return None

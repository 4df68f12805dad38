"""The pages of imports: the list with its templates, a new file, its columns, its trial, its run and its report."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.files.errors import FileMissing, ScanNeeded
from services.catalog.files.keeping import Sent, screened
from services.catalog.files.models import MEGABYTE, MOST_BYTES, Safety
from services.catalog.files.sending import MOST_SENT, keeper_of
from services.catalog.imports.errors import KindUnknown, SheetTooLarge
from services.catalog.imports.models import Import, ImportState
from services.catalog.imports.queries import headings_learned, import_of, imports_of, refusals_of
from services.catalog.imports.template import template_kinds, template_of
from services.catalog.imports.uploads import (
    SheetSent,
    begin_import,
    kind_of_import,
    map_columns,
    run_import,
    sheet_of_import,
)
from services.catalog.imports.view import (
    REFUSED_TABS,
    badge_of,
    column_lines,
    columns_told,
    field_options,
    line_of,
    refusal_lines,
    what_of,
    what_words,
    whats,
)
from shared.identity import Identity
from shared.refusal import Refusal
from shared.web.forms import Form, kept_when_refused
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Now, Session
from shared.web.tables import Form as Written
from shared.web.tables import download, written
from shared.web.visit import visit_of

SHOWN = 50


@get("/imports")
async def import_list(request: Req, session: Session, editor: Editor) -> Html:
    """One's organisation's imports, and templates to begin with."""
    jobs = await imports_of(session, editor.organisation_id)
    return page(
        request,
        "imports/list.html",
        lines=[line_of(request, job) for job in jobs],
        templates=[(code, words) for code, words, _ in whats(request, editor)],
    )


@get("/imports/new")
async def new_import(request: Req, editor: Editor, what: FromQuery[str] = "needs") -> Html:
    """A file to be sent."""
    return _new_page(request, editor, Form(typed={"what": what}))


@get("/imports/template")
async def template(
    request: Req, editor: Editor, what: FromQuery[str] = "needs", form: FromQuery[str] = Written.CSV
) -> Response[Any]:
    """A file to fill in: headings, what they hold, and one row as an example."""
    kind = template_kinds(editor).get(what)
    if kind is None or form not in list(Written):
        raise KindUnknown
    language = visit_of(request).language
    return await asyncio.to_thread(template_of, kind, Written(form), language, lambda text: gettext(request, text))


@post("/imports", status_code=303, request_max_body_size=MOST_SENT)
async def send_file(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Keep a file; nothing of it is taken yet."""
    sent = await request.form()
    form: Form[Any] = Form(typed={"what": str(sent.get("what") or "needs")})
    job: Import | None = None
    try:
        file = await _file_of(sent.get("file"))
        await _looked_at(request, session, editor, file)
        async with session.begin_nested():
            language = visit_of(request).language
            job = await begin_import(session, editor, file, what=form.typed["what"], language=language, now=now)
    except Refusal as refusal:
        form.refuse(request, refusal)
    if job is None:
        return _new_page(request, editor, form)
    return redirect(request, f"/imports/{job.id}/columns")


@get("/imports/{import_id:uuid}/columns")
async def columns(request: Req, session: Session, editor: Editor, import_id: FromPath[UUID]) -> Response[Any]:
    """What each column of the file is taken for."""
    job = await import_of(session, editor.organisation_id, import_id)
    if job.is_at_work or not job.is_trial:
        return redirect(request, f"/imports/{job.id}")
    return await _columns_page(request, session, job, job.fields)


@post("/imports/{import_id:uuid}/columns", status_code=303)
async def save_columns(
    request: Req, session: Session, editor: Editor, now: Now, import_id: FromPath[UUID]
) -> Response[Any]:
    """Say what each column is, and have the file tried."""
    sent = await request.form()
    job = await import_of(session, editor.organisation_id, import_id)
    fields = [str(sent.get(f"column_{at}") or "") for at in range(len(job.fields))]
    form: Form[Any] = Form(typed={"fields": fields}, data=True)
    async with kept_when_refused(request, session, form):
        await map_columns(session, editor, fields, import_id=import_id, now=now)
    if form.errors:
        return await _columns_page(request, session, job, fields, errors=form.errors)
    return redirect(request, f"/imports/{import_id}")


@get("/imports/{import_id:uuid}")
async def one_import(
    request: Req, session: Session, editor: Editor, import_id: FromPath[UUID], after: FromQuery[int] = 0
) -> Response[Any]:
    """How far it is, what it did or would do, and what was refused."""
    job = await import_of(session, editor.organisation_id, import_id)
    if job.state is ImportState.MAPPING:
        return redirect(request, f"/imports/{job.id}/columns")
    after = min(max(after, 0), 2**31 - 1)
    found = list(await refusals_of(session, job.id, after=after, limit=SHOWN + 1))
    # A page ends with a whole line.
    last = found[SHOWN].line if len(found) > SHOWN else None
    shown = [each for each in found if last is None or each.line < last] or found[:SHOWN]
    return page(
        request,
        "imports/one.html",
        job=job,
        what=what_words(request, what_of(job)),
        badge=badge_of(request, job),
        refusals=refusal_lines(request, job, shown),
        following=shown[-1].line if last is not None else None,
        after=after,
    )


@get("/imports/{import_id:uuid}/refused")
async def refused(request: Req, session: Session, editor: Editor, import_id: FromPath[UUID]) -> Response[Any]:
    """Everything that was refused, as CSV."""
    job = await import_of(session, editor.organisation_id, import_id)
    lines = refusal_lines(request, job, await refusals_of(session, job.id))
    headings = [gettext(request, each) for each in REFUSED_TABS.values()]
    rows = [(str(each.line), each.heading, each.written, each.why) for each in lines]
    name = gettext(request, "lignes refusées")
    content = await asyncio.to_thread(written, Written.CSV, name, headings, rows)
    return download(content, name, Written.CSV)


@post("/imports/{import_id:uuid}/run", status_code=303)
async def run(request: Req, session: Session, editor: Editor, now: Now, import_id: FromPath[UUID]) -> Response[Any]:
    """Have the rows taken; the worker does it."""
    await run_import(session, editor, import_id=import_id, now=now)
    return redirect(request, f"/imports/{import_id}", say="Import lancé : vous pouvez quitter cette page.")


async def _file_of(sent: Any) -> SheetSent:
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise FileMissing
    content = await sent.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise SheetTooLarge(limit=MOST_BYTES // MEGABYTE)
    return SheetSent(sent.filename, content)


async def _looked_at(request: Req, session: AsyncSession, editor: Identity, file: SheetSent) -> None:
    """A file to import is read at once, so it cannot wait for the scanner as others do."""
    sent = Sent(name=file.name, data=file.content)
    (looked_at,) = await screened(session, keeper_of(request), editor, [sent], about=None)
    if looked_at.safety is Safety.WAITING:
        raise ScanNeeded


def _new_page(request: Req, editor: Identity, form: Form[Any]) -> Html:
    kinds = template_kinds(editor)
    what = form.typed["what"] if form.typed["what"] in kinds else "needs"
    return page(
        request,
        "imports/new.html",
        status=422 if form.errors else 200,
        form=form,
        what=what,
        whats=whats(request, editor),
        columns=columns_told(request, kinds[what]),
    )


async def _columns_page(
    request: Req,
    session: AsyncSession,
    job: Import,
    fields: Sequence[str],
    *,
    errors: dict[str, str] | None = None,
) -> Html:
    sheet, kind = await sheet_of_import(session, job), kind_of_import(job)
    learned = await headings_learned(session, job.organisation_id, job.kind)
    return page(
        request,
        "imports/columns.html",
        status=422 if errors else 200,
        job=job,
        what=what_words(request, what_of(job)),
        lines=column_lines(job, sheet, fields, learned),
        options=field_options(request, kind),
        errors=errors or {},
    )


ROUTES = [import_list, new_import, template, send_file, columns, save_columns, one_import, refused, run]

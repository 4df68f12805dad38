"""The parameters by year: every figure with its source, and the form that adds a later one."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.parameters.commands import set_figure
from services.catalog.parameters.definitions import Definition
from services.catalog.parameters.queries import definition_of, figures_of
from services.catalog.parameters.schemas import NewFigure
from services.catalog.parameters.view import groups_of, history_of
from shared.clock import day_of
from shared.database import now_of
from shared.phrases.coordination import FIGURE_UNITS
from shared.phrases.names import named
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Coordinator, Now, Session
from shared.web.visit import visit_of

HOME = "/territory/parameters"


@get(HOME)
async def parameters_list(request: Req, session: Session, coordinator: Coordinator, now: Now) -> Html:
    """Every parameter with the value of today."""
    groups = groups_of(await figures_of(session), day_of(now), visit_of(request).language)
    return page(request, "parameters/list.html", groups=groups)


@get(f"{HOME}/{{parameter:str}}")
async def show_parameter(
    request: Req, session: Session, coordinator: Coordinator, now: Now, parameter: FromPath[str]
) -> Html:
    """One parameter: all its values, and the form of a new one."""
    definition = definition_of(parameter)
    form: Form[NewFigure] = Form(typed={"source_on": day_of(now).isoformat()})
    return await _parameter_page(request, session, definition, form)


@post(f"{HOME}/{{parameter:str}}", status_code=303)
async def add_figure(
    request: Req, session: Session, coordinator: Coordinator, *, now: Now, parameter: FromPath[str]
) -> Response[Any]:
    """Keep a new value beside those before it."""
    definition = definition_of(parameter)
    form = await read_form(request, NewFigure)
    if form.data is not None:
        async with kept_when_refused(request, session, form):
            await set_figure(session, coordinator, parameter, form.data, now=now)
    if form.errors:
        return await _parameter_page(request, session, definition, form)
    return redirect(request, f"{HOME}/{parameter}", say="Valeur enregistrée ; les précédentes restent lisibles.")


async def _parameter_page(request: Req, session: AsyncSession, definition: Definition, form: Form[NewFigure]) -> Html:
    language, today = visit_of(request).language, day_of(now_of(session))
    return page(
        request,
        "parameters/page.html",
        status=422 if form.errors else 200,
        form=form,
        definition=definition,
        name=definition.name(language),
        unit=named(FIGURE_UNITS, definition.unit, language),
        history=history_of(definition, await figures_of(session, definition.code), today, language),
    )


ROUTES = [parameters_list, show_parameter, add_figure]

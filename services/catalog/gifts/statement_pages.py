"""A donor's yearly statement on a page and as a file."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.gifts.queries import names_of
from services.catalog.gifts.schemas import TurnoverAsked
from services.catalog.gifts.stating import Statement, keeps_rate, say_turnover, statement_of
from services.catalog.parameters.definitions import definitions
from services.catalog.parameters.view import value_words
from shared.clock import day_of
from shared.database import now_of
from shared.identity import Identity, Role
from shared.web.forms import Form, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Editor, Member, Now, Session
from shared.web.tables import Form as FileForm
from shared.web.tables import download, written
from shared.web.visit import visit_of

FIRST, LAST = 2000, 2100


@get("/gifts/statement")
async def yearly(
    request: Req, session: Session, member: Member, now: Now, *, year: FromQuery[int | None] = None
) -> Html:
    """One year: gifts by receipt, rates, ceiling, and what is carried over."""
    return await _page(request, session, member, _year(year, now), Form())


@post("/gifts/statement", status_code=303)
async def say(request: Req, session: Session, editor: Editor, now: Now) -> Response[Any]:
    """Say a year's turnover."""
    form = await read_form(request, TurnoverAsked)
    typed = str(form.typed.get("year", ""))
    year = int(typed) if typed.isdecimal() and len(typed) == 4 else None
    if form.data is None:
        return await _page(request, session, editor, _year(year, now), form)
    await say_turnover(session, editor, form.data, now=now)
    return redirect(request, f"/gifts/statement?year={form.data.year}", say="Chiffre d'affaires enregistré.")


@get("/gifts/statement/file")
async def statement_file(
    request: Req,
    session: Session,
    member: Member,
    now: Now,
    *,
    year: FromQuery[int | None] = None,
    form: FromQuery[FileForm] = FileForm.CSV,
) -> Response[Any]:
    """The receipts of a year, one a row."""
    statement = await statement_of(session, member, _year(year, now))
    names = await names_of(session, [each.recipient_id for each in statement.receipts])
    translate = partial(gettext, request)
    headings = [
        *(translate("Reçu fiscal"), translate("Date du don"), translate("Bénéficiaire"), translate("Valeur en euros")),
        *(translate("Taux gardé"), "SHA-256", translate("Établissement donateur")),
    ]
    rows = [
        [
            each.reference,
            each.given_on.isoformat(),
            names.get(each.recipient_id, ""),
            f"{each.value_cents // 100},{each.value_cents % 100:02d}",
            translate("oui") if keeps_rate(each) else translate("non"),
            each.sha256,
            statement.company.covered[each.donor_id],
        ]
        for each in statement.receipts
    ]
    content = await asyncio.to_thread(written, form, "gifts", headings, rows)
    return download(content, f"boucle-gifts-{statement.number}", form)


async def _page(request: Req, session: AsyncSession, member: Identity, year: int, form: Form[TurnoverAsked]) -> Html:
    language, statement = visit_of(request).language, await statement_of(session, member, year)
    this_year = day_of(now_of(session)).year
    return page(
        request,
        "gifts/statement.html",
        status=422 if form.errors else 200,
        statement=statement,
        own_id=member.organisation_id,
        names=await names_of(session, [each.recipient_id for each in statement.receipts]),
        kept={each.id for each in statement.receipts if keeps_rate(each)},
        figures=_figure_lines(statement, language),
        form=form,
        may_act=member.may(Role.EDITOR),
        years=sorted({*statement.known_years, year, year - 1, min(year + 1, this_year)}, reverse=True),
    )


def _figure_lines(statement: Statement, language: str) -> list[tuple[str, str, str, Any]]:
    """Name, value, source and the day it was read, of each figure."""
    found = []
    for each in statement.figures:
        definition, figure = definitions()[each.code], each.figure
        value = value_words(figure.value, definition.unit, language) if figure else ""
        name = definition.name(language)
        found.append((name, value, figure.source if figure else "", figure.source_on if figure else None))
    return found


def _year(year: int | None, now: datetime) -> int:
    return year if year is not None and FIRST <= year <= LAST else day_of(now).year


ROUTES = [yearly, say, statement_file]

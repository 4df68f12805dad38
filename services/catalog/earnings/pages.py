"""A seller's year on a page and as a file."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

from litestar import Response, get
from litestar.params import FromQuery

from services.catalog.earnings.queries import Earnings, earnings_of
from services.catalog.earnings.table import cents_of, euros
from services.catalog.earnings.year import Totals
from shared.clock import day_of
from shared.web.pages import Html, Req, gettext, page
from shared.web.provided import Member, Now, Session
from shared.web.tables import Form as FileForm
from shared.web.tables import download, written

FIRST, LAST = 2000, 2100


@get("/payments/year")
async def show_year(
    request: Req, session: Session, member: Member, now: Now, *, year: FromQuery[int | None] = None
) -> Html:
    """What one's organisation was paid in a year, by quarter."""
    earnings = await earnings_of(session, member.organisation_id, year_of(year, now))
    this_year = day_of(now).year
    return page(
        request,
        "earnings/year.html",
        earnings=earnings,
        columns=_columns(request),
        lines=_lines(request, earnings),
        seller=_seller(request, earnings),
        years=sorted({earnings.year, *range(this_year - 2, this_year + 1)}, reverse=True),
    )


@get("/payments/year/file")
async def year_file(
    request: Req,
    session: Session,
    member: Member,
    now: Now,
    *,
    year: FromQuery[int | None] = None,
    form: FromQuery[FileForm] = FileForm.CSV,
) -> Response[Any]:
    """The same as a table, who was paid on every row."""
    earnings = await earnings_of(session, member.organisation_id, year_of(year, now))
    say = partial(gettext, request)
    amounts = _columns(request)
    headings = [say("Période"), amounts[0], *(f"{each} (EUR)" for each in amounts[1:])]
    about = _seller(request, earnings)
    rows = [
        [name, str(totals.payments), *(euros(each) for each in cents_of(totals)), *(value for _, value, _ in about)]
        for name, totals in _lines(request, earnings)
    ]
    heads = [*headings, *(name for name, _, _ in about)]
    content = await asyncio.to_thread(written, form, "encaissements", heads, rows)
    return download(content, f"boucle-encaissements-{earnings.year}", form)


def year_of(year: int | None, now: datetime) -> int:
    """A year that was asked for, or else this one."""
    return year if year is not None and FIRST <= year <= LAST else day_of(now).year


def _columns(request: Req) -> list[str]:
    say = partial(gettext, request)
    return [say("Paiements reçus"), say("Reçu, avant frais"), say("Frais"), say("Rendu"), say("Gardé")]


def _lines(request: Req, earnings: Earnings) -> list[tuple[str, Totals]]:
    say = partial(gettext, request)
    names = (say("1er trimestre"), say("2e trimestre"), say("3e trimestre"), say("4e trimestre"))
    return [*zip(names, earnings.quarters, strict=True), (say("Année"), earnings.whole)]


def _seller(request: Req, earnings: Earnings) -> list[tuple[str, str, None]]:
    say, seller = partial(gettext, request), earnings.seller
    names = (say("Raison sociale"), "SIREN", say("Numéro de TVA"), say("Adresse"), say("Pays"))
    return [(name, value or say("non connu"), None) for name, value in zip(names, seller, strict=True)]


ROUTES = [show_year, year_file]

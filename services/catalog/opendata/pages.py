"""The page of open data: what there is, under which licence, and what every column means."""

from litestar import get

from services.catalog.opendata.catalogue import LICENCE_NAME
from services.catalog.opendata.datasets import DATASETS
from services.catalog.opendata.queries import stamp_of
from shared.clock import day_of
from shared.web.pages import Html, Req, page
from shared.web.provided import Now, Session

LICENCE_PAGE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"


@get("/open-data")
async def open_data(request: Req, session: Session, now: Now) -> Html:
    """Files of everything public, and their dictionary."""
    stamps = {name: await stamp_of(session, name) for name in DATASETS}
    return page(
        request,
        "opendata/list.html",
        datasets=[(each, stamps[name]) for name, each in DATASETS.items()],
        licence=(LICENCE_NAME, LICENCE_PAGE),
        operator=request.app.state.settings.operator.name,
        today=day_of(now),
    )


ROUTES = [open_data]

"""The search as JSON: the same rows, the same counts."""

from collections.abc import Iterable
from typing import Annotated, Any

from litestar import get
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import FromQuery, QueryParameter

from services.matching.search.errors import ConditionUnknown
from services.matching.search.facets import KINDS, families
from services.matching.search.finding import search
from services.matching.search.queries import home_of
from services.matching.search.schemas import Results
from shared.questions.search import MOST, SearchAsked, Sort, What
from shared.territory.place import COMMUNE_CODE
from shared.web.pages import Req
from shared.web.provided import Session, Visitor

PAGE = 50


def one_of(codes: Iterable[str]) -> dict[str, Any]:
    """What the document says of a list of codes."""
    return {"items": Schema(type=OpenAPIType.STRING, enum=[*codes])}


Words = Annotated[str, QueryParameter(max_length=200, pattern=r"^[^\x00]*$")]
Commune = Annotated[str | None, QueryParameter(pattern=COMMUNE_CODE, description="INSEE code of a commune")]
Kilometres = Annotated[int | None, QueryParameter(ge=1, le=1000)]
Days = Annotated[int | None, QueryParameter(ge=1, le=366, description="The deadline is within so many days.")]
Families = Annotated[list[str] | None, QueryParameter(max_items=50, schema_extra=one_of(families()))]
Kinds = Annotated[list[str] | None, QueryParameter(max_items=50, schema_extra=one_of(KINDS))]
Start = Annotated[int, QueryParameter(ge=0, le=MOST)]
Many = Annotated[int, QueryParameter(ge=0, le=MOST)]


@get("/matching/api/v1/search")
async def search_json(
    request: Req,
    session: Session,
    visitor: Visitor,
    *,
    q: Words = "",
    what: FromQuery[list[What] | None] = None,
    family: Families = None,
    kind: Kinds = None,
    near: Commune = None,
    within: Kilometres = None,
    due: Days = None,
    sort: FromQuery[Sort | None] = None,
    start: Start = 0,
    most: Many = PAGE,
) -> Results:
    """Open needs, flows, offers and organisations by words and conditions, with counts for every condition.

    Values of one condition are alternatives. Distances are told from `near`, else from where the caller posted last.
    """
    for value, known in [*((each, families()) for each in family or ()), *((each, KINDS) for each in kind or ())]:
        if value not in known:
            raise ConditionUnknown(value=value)
    home = await home_of(session, visitor.organisation_id) if visitor and near is None else None
    asked = SearchAsked(
        text=q,
        what=tuple(what or ()),
        families=tuple(family or ()),
        kinds=tuple(kind or ()),
        near=near or (home.commune_code if home else None),
        within_km=within,
        due_days=due,
        sort=sort or ("best" if q.strip() else "newest"),
        start=start,
        most=most,
    )
    return await search(session, request.app.state.asker, asked)


ROUTES = [search_json]
